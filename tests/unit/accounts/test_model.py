"""Keys: their state, and what they do not show."""

from datetime import UTC, datetime

import msgspec

from hongyan.accounts.model import ApiKey, ApiKeyInfo, KeyState, NewApiKey

KEY = ApiKey(
    api_key_id=1,
    account_id=10,
    secret_id="AKIDone",
    label="",
    state=KeyState.ACTIVE,
    ip_allow=(),
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    last_used_at=None,
    secret=b"very-secret",
)


def test_a_disabled_key_is_not_active() -> None:
    assert KEY.is_active
    assert not msgspec.structs.replace(KEY, state=KeyState.DISABLED).is_active


def test_a_secret_is_not_shown_by_accident() -> None:
    info = ApiKeyInfo(**{name: value for name, value in msgspec.structs.asdict(KEY).items() if name != "secret"})
    new = NewApiKey(info=info, secret_key="very-secret")

    assert "very-secret" not in f"{KEY!r} {KEY} {[KEY]} {new!r} {new}"
