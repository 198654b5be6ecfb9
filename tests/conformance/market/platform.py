"""The least platform behind the surface: a few keys, and an intake that keeps what it is given."""

from ipaddress import ip_network

import msgspec

from hongyan.pipeline.submission import (
    AddressNotAllowed,
    ContentMissing,
    Entry,
    Outcome,
    Receipt,
    RecipientsMissing,
    RecipientsTooMany,
    Submission,
    SubmissionRefused,
)

SECRET_ID = "AKIDtestid00000000000000000000000001"
SECRET_KEY = "testkey0001"
BALANCE = -153278040
FIRST_MID = 0x4C2CA88382720003
DEBUG_TEXT = "【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。"


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key."""

    secret_id: str
    secret: bytes
    account_id: int = 7
    api_key_id: int = 70
    is_active: bool = True


KEY = StoredKey(secret_id=SECRET_ID, secret=SECRET_KEY.encode())
DISABLED_KEY = StoredKey(secret_id="AKIDdisabled", secret=SECRET_KEY.encode(), api_key_id=71, is_active=False)
FAR_KEY = StoredKey(secret_id="AKIDfar", secret=SECRET_KEY.encode(), api_key_id=72)
"""For requests from 203.0.113.0/24 only."""
ODD_KEY = StoredKey(secret_id="AKIDodd", secret=b"p%q&r'$ \"s", api_key_id=73)


class Keys:
    """Finds keys."""

    def __init__(self, *keys: StoredKey) -> None:
        self._keys = {key.secret_id: key for key in keys or (KEY, DISABLED_KEY, FAR_KEY, ODD_KEY)}

    def key(self, secret_id: str) -> StoredKey | None:
        return self._keys.get(secret_id)


class IntakeRecorder:
    """Accepts every number that looks like a mobile one, and remembers what it was asked."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.outcomes: dict[str, Outcome] = {}
        """What to answer for a number, where it is not what the number looks like."""
        self.error: Exception | None = None
        """What to raise instead of answering."""

    def reset(self) -> None:
        self.submissions.clear()
        self.outcomes.clear()
        self.error = None

    @property
    def last(self) -> Submission:
        return self.submissions[-1]

    async def submit(self, submission: Submission) -> Receipt:
        self.submissions.append(submission)
        if self.error is not None:
            raise self.error
        refusal = self._refusal(submission)
        if refusal is not None:
            refusal.balance = BALANCE
            raise refusal
        entries = [
            Entry(mobile, self._outcome(mobile), FIRST_MID + number) for number, mobile in enumerate(submission.mobiles)
        ]
        return Receipt(BALANCE, entries)

    def _outcome(self, mobile: str) -> Outcome:
        looks_good = mobile.isascii() and mobile.isdecimal() and len(mobile) == 11
        return self.outcomes.get(mobile, Outcome.ACCEPTED if looks_good else Outcome.NUMBER_INVALID)

    def _refusal(self, submission: Submission) -> SubmissionRefused | None:
        if submission.api_key_id == FAR_KEY.api_key_id and submission.address not in ip_network("203.0.113.0/24"):
            return AddressNotAllowed()
        if not submission.mobiles:
            return RecipientsMissing()
        if len(submission.mobiles) > 200:
            return RecipientsTooMany()
        return None if submission.content else ContentMissing()


class Balances:
    """Tells the same balance for every account."""

    async def balance(self, account_id: int) -> int:
        return BALANCE
