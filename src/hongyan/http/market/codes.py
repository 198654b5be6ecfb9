"""The code tables of the market family: the status of a request, the result of a number, and what to do about each.

Only codes that can occur here are listed; the numbers are the family's own.
"""

from enum import IntEnum, StrEnum
from typing import Final

from hongyan.kit.errors import Error, ErrorKind
from hongyan.pipeline.submission import (
    AccountSuspended,
    AddressNotAllowed,
    BalanceInsufficient,
    ContentMissing,
    ContentTooLong,
    ContentUnregistered,
    IntakeOverloaded,
    Outcome,
    RecipientsMissing,
    RecipientsTooMany,
    SignatureMissing,
    StoreUnavailable,
    SubmissionRefused,
    TryLater,
)


class Status(StrEnum):
    """STATUS: the outcome of the whole request; a string on the wire."""

    OK = "0"
    MALFORMED = "1"
    ADDRESS_NOT_ALLOWED = "2"
    CREDENTIALS_WRONG = "3"
    VERSION_UNSUPPORTED = "4"
    OTHER = "5"
    ACCOUNT_SUSPENDED = "7"
    RECIPIENTS_MISSING = "8"
    CONTENT_MISSING = "9"
    EXTENSION_WRONG = "10"
    UNAVAILABLE = "11"
    BALANCE_INSUFFICIENT = "15"
    SIGNATURE_MISSING = "17"
    RECIPIENTS_TOO_MANY = "102"


class Result(IntEnum):
    """RESULT: the outcome for one number; a number on the wire."""

    OK = 0
    NUMBER_INVALID = 12
    SIGNATURE_UNREGISTERED = 17
    OPTED_OUT = 23
    """The family's table has none; 15 and 17 are the numbers of its reports MA:0015 and MA:0017, so this is MA:0023's."""
    INTERNAL = 100


RESULTS: Final[dict[Outcome, int]] = {
    Outcome.ACCEPTED: Result.OK.value,
    Outcome.NUMBER_INVALID: Result.NUMBER_INVALID.value,
    Outcome.NUMBER_UNROUTABLE: Result.INTERNAL.value,
    Outcome.SIGNATURE_UNREGISTERED: Result.SIGNATURE_UNREGISTERED.value,
    Outcome.NUMBER_OPTED_OUT: Result.OPTED_OUT.value,
}


class RequestRefused(Error):
    """The request itself is not one that this API can read."""

    code = "market.request_refused"

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


INTERNAL_ERROR: Final = "系统内部错误,短信未受理,请稍后重试 / internal error, nothing was accepted, try again later"

_REMEDIES: Final[dict[type[SubmissionRefused], tuple[Status, str]]] = {
    SubmissionRefused: (Status.OTHER, "短信未受理,请检查参数 / the request was refused, check its parameters"),
    RecipientsMissing: (
        Status.RECIPIENTS_MISSING,
        "号码不能为空,请在 mobile 参数里填手机号,多个用英文逗号隔开 / mobile is empty: give numbers separated by commas",
    ),
    RecipientsTooMany: (
        Status.RECIPIENTS_TOO_MANY,
        "单次提交的号码数过多,一次最多 200 个,请分批提交 / more than 200 numbers: send them in several requests",
    ),
    ContentMissing: (
        Status.CONTENT_MISSING,
        "内容不能为空,请在 content 参数里填短信内容 / content is empty: give the text, with its 【signature】",
    ),
    ContentTooLong: (Status.OTHER, "内容过长,请缩短后再提交 / the text is too long: make it shorter"),
    ContentUnregistered: (
        Status.MALFORMED,
        "内容未报备,请先报备模板,调试请用调试短信内容 / the text is not registered: register a template first",
    ),
    SignatureMissing: (
        Status.SIGNATURE_MISSING,
        "签名错误,内容开头须带已报备的【签名】 / the text must begin with a registered 【signature】",
    ),
    AddressNotAllowed: (
        Status.ADDRESS_NOT_ALLOWED,
        "IP 鉴权错误,请把服务器 IP 加入密钥的白名单 / this IP address is not in the allow list of the API key",
    ),
    AccountSuspended: (
        Status.ACCOUNT_SUSPENDED,
        "账号状态异常(已停用),请联系客服 / the account is suspended: contact support",
    ),
    BalanceInsufficient: (Status.BALANCE_INSUFFICIENT, "余额不足,请充值 / the balance is insufficient: recharge"),
    TryLater: (
        Status.UNAVAILABLE,
        "系统暂时不可用,短信未受理,请稍后重试 / temporarily unavailable, nothing was accepted, try again later",
    ),
    StoreUnavailable: (
        Status.UNAVAILABLE,
        "系统暂时不可用,提交未得到确认,请稍后重试 / temporarily unavailable, the request was not confirmed, try again later",
    ),
    IntakeOverloaded: (
        Status.UNAVAILABLE,
        "系统繁忙,短信未受理,请稍后重试 / too busy, nothing was accepted, try again later",
    ),
}


def remedy(error: SubmissionRefused) -> tuple[Status, str]:
    """Return the status of a refused batch and the message that says what to do."""
    for kind in type(error).__mro__:
        if kind in _REMEDIES:
            return _REMEDIES[kind]
    raise AssertionError("every refusal is a SubmissionRefused")


def http_status(error: SubmissionRefused) -> int:
    """Return the HTTP status: 200 for business failures, since several clients throw an answer away on any other."""
    if not isinstance(error, TryLater):
        return 200
    return 429 if error.kind is ErrorKind.EXHAUSTED else 503
