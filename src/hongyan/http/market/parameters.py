"""What a request says: parameters from the query, and from a form for what the query lacks."""

import hmac
from collections.abc import Mapping
from hashlib import md5
from typing import Final

import msgspec
from falcon.uri import parse_query_string

from .authorization import Authorized
from .codes import RequestRefused, Status

_VERSIONS: Final = frozenset(("1", "1.0", "v1"))
_REPLACEMENT: Final = "\ufffd"
_FORM: Final = b"application/x-www-form-urlencoded"

_NOT_UTF8: Final = "消息包格式错误,参数须为 UTF-8 编码 / the parameters are not UTF-8"
_NOT_A_FORM: Final = "消息包格式错误,请求体须为 application/x-www-form-urlencoded / the body must be a urlencoded form"
_NUL: Final = "消息包格式错误,参数不能含空字符 / a parameter holds a NUL character"
_REPEATED: Final = "消息包格式错误,参数 {} 重复 / the parameter {} is given twice"
_VERSION: Final = "版本号错误,只支持版本 1 / the version is not supported: leave it out or give 1"
_CREDENTIALS: Final = (
    "账号密码不正确,account 须为 SecretId,password 须为 SecretKey 或其 MD5 签名,也可不填"
    " / account and password do not fit the key that signed the request: leave them out"
)
_EXTENSION: Final = "接入码错误,此账户没有扩展码,请去掉 extno / extno is not available to this account: leave it out"


class Parameters(msgspec.Struct, frozen=True):
    """A request to send."""

    content: str
    mobiles: list[str]
    """As given, without blanks around them; empty places between commas are no numbers."""


def read_parameters(query: bytes, form: bytes, content_type: bytes, *, authorized: Authorized) -> Parameters:
    """Read and check what was asked; RequestRefused where it cannot be.

    A parameter that is empty counts as not given. Those that this API does not know are ignored: the native
    interface of the family has some that mean nothing here (`action`, `rt`).
    """
    given = _parse(query)
    if form:
        if content_type and content_type.partition(b";")[0].strip().lower() != _FORM:
            raise RequestRefused(Status.MALFORMED, _NOT_A_FORM)
        given = {**_parse(form), **given}
    content = _single(given, "content")
    mobile = _single(given, "mobile")
    if len(given) > 2:
        _check_others(given, content=content, mobile=mobile, authorized=authorized)
    if "," not in mobile:
        mobile = mobile.strip()
        return Parameters(content, [mobile] if mobile else [])
    return Parameters(content, [one for one in map(str.strip, mobile.split(",")) if one])


def _parse(encoded: bytes) -> dict[str, str | list[str]]:
    """Decode `name=value&…`; broken percent sequences stay as they are."""
    try:
        text = encoded.decode()
    except UnicodeDecodeError:
        raise RequestRefused(Status.MALFORMED, _NOT_UTF8) from None
    parameters: dict[str, str | list[str]] = parse_query_string(text, keep_blank=False, csv=False)
    return parameters


def _single(given: Mapping[str, str | list[str]], name: str) -> str:
    value = given.get(name, "")
    if isinstance(value, list):
        raise RequestRefused(Status.MALFORMED, _REPEATED.replace("{}", name))
    if _REPLACEMENT in value:  # what the parser puts in place of percent-encoded octets that are no UTF-8
        raise RequestRefused(Status.MALFORMED, _NOT_UTF8)
    if "\0" in value:
        raise RequestRefused(Status.MALFORMED, _NUL)
    return value


def _check_others(given: Mapping[str, str | list[str]], *, content: str, mobile: str, authorized: Authorized) -> None:
    """Refuse what the client's other parameters ask for and this API does not do."""
    version = _single(given, "version") or _single(given, "v")
    if version and version.lower() not in _VERSIONS:
        raise RequestRefused(Status.VERSION_UNSUPPORTED, _VERSION)
    extension = _single(given, "extno")
    account, password = _single(given, "account"), _single(given, "password")
    if account and not _same(account, authorized.secret_id):
        raise RequestRefused(Status.CREDENTIALS_WRONG, _CREDENTIALS)
    if password:
        secret = authorized.key.secret
        signed = md5(secret + f"{extension}{content}{mobile}".encode(), usedforsecurity=False).hexdigest()
        if not (_same(password, secret.decode("utf-8", "replace")) or _same(password.lower(), signed)):
            raise RequestRefused(Status.CREDENTIALS_WRONG, _CREDENTIALS)
    if extension:
        raise RequestRefused(Status.EXTENSION_WRONG, _EXTENSION)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
