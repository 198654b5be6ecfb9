"""The vault: what is sealed opens only as it was sealed, and the key file is private."""

import stat
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hongyan.kit.secrets import InvalidSeal, MasterKeyUnusable, Vault, new_secret_id, new_secret_key

KEY = bytes(range(32))


def test_what_is_sealed_opens_again() -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(b"secret", "key:1"), "key:1") == b"secret"
    assert vault.open(vault.seal(b"", "key:1"), "key:1") == b""


def test_the_same_secret_is_never_sealed_the_same_way_twice() -> None:
    vault = Vault(KEY)
    assert len({vault.seal(b"secret", "key:1") for _ in range(100)}) == 100


def test_a_seal_moved_to_another_context_does_not_open() -> None:
    vault = Vault(KEY)
    with pytest.raises(InvalidSeal):
        vault.open(vault.seal(b"secret", "key:1"), "key:2")


def test_another_master_key_does_not_open_it() -> None:
    with pytest.raises(InvalidSeal):
        Vault(bytes(32)).open(Vault(KEY).seal(b"secret", "key:1"), "key:1")


def test_a_seal_damaged_anywhere_does_not_open() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"secret", "key:1")
    for position in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1
        with pytest.raises(InvalidSeal):
            vault.open(bytes(damaged), "key:1")


@pytest.mark.parametrize("length", range(30))
def test_a_seal_cut_short_does_not_open(length: int) -> None:
    vault = Vault(KEY)
    with pytest.raises(InvalidSeal):
        vault.open(vault.seal(b"secret", "key:1")[:length], "key:1")


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    sealed = Vault.load_or_create(path).seal(b"secret", "key:1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.load_or_create(path).open(sealed, "key:1") == b"secret"
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]


def test_several_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.load_or_create(path), range(8)))
    sealed = vaults[0].seal(b"secret", "key:1")
    assert {vault.open(sealed, "key:1") for vault in vaults} == {b"secret"}


def test_a_key_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    Vault.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(MasterKeyUnusable, match="chmod 600"):
        Vault.load(path)


@pytest.mark.parametrize("text", ["", "hongyan-master-key-1:", "hongyan-master-key-1:AAAA", "not a key", "é"])
def test_a_damaged_key_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(MasterKeyUnusable):
        Vault.load_or_create(path)
    assert path.read_text() == text


def test_a_missing_key_is_told_when_none_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyUnusable, match="cannot read"):
        Vault.load(tmp_path / "master.key")


def test_fresh_ids_and_keys_have_their_form_and_differ() -> None:
    letters_and_digits = set(string.ascii_letters + string.digits)
    ids = {new_secret_id() for _ in range(200)}
    keys = {new_secret_key() for _ in range(200)}
    assert len(ids) == len(keys) == 200
    assert {(text[:4], len(text)) for text in ids} == {("AKID", 36)}
    assert {len(text) for text in keys} == {40}
    assert set("".join(ids | keys)) <= letters_and_digits
