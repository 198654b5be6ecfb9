"""Secrets at rest and fresh ones: the vault that seals, and the makers of ids and keys.

What must be read again (an API secret, to check an HMAC; a channel's password, to log in) is sealed
with AES-GCM under the platform's master key. The context, such as `api_key:AKID…`, is authenticated
with it, so that a sealed value moved to another row does not open.
"""

import base64
import binascii
import os
import secrets
import stat
import string
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Error, ErrorKind

_KEY_FILE_MARK = "hongyan-master-key-1:"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEAL_VERSION = b"\x01"
_ALPHABET = string.ascii_letters + string.digits
_ID_MARK = "AKID"


class InvalidSeal(Error):
    """A sealed value does not open: another master key, another context, or damaged."""

    code = "secret.seal_invalid"
    kind = ErrorKind.CONFLICT


class MasterKeyUnusable(Error):
    """The master key file cannot be used."""

    code = "secret.master_key_unusable"
    kind = ErrorKind.CONFLICT


class Vault:
    """Seals and opens secrets under one master key of 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != _KEY_BYTES:
            raise ValueError(f"a master key has {_KEY_BYTES} bytes, not {len(master_key)}")
        self._cipher = AESGCM(master_key)

    @classmethod
    def load(cls, path: Path) -> "Vault":
        """Read the master key file; MasterKeyUnusable says what is wrong with it."""
        return cls(_read_key(path))

    @classmethod
    def load_or_create(cls, path: Path) -> "Vault":
        """Read the master key file, made with a fresh key when there is none; safe for several at once."""
        if not path.exists():
            _create_key_file(path)
        return cls.load(path)

    def seal(self, secret: bytes, context: str) -> bytes:
        """Return the secret, encrypted and bound to its context."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _SEAL_VERSION + nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the secret; InvalidSeal when the key, the context or the bytes differ."""
        if sealed[:1] != _SEAL_VERSION or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise InvalidSeal
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, context.encode())
        except InvalidTag:
            raise InvalidSeal from None


def new_secret_id() -> str:
    """Return a fresh public half of an API key: `AKID` and 32 letters or digits."""
    return _ID_MARK + _random_text(32)


def new_secret_key() -> str:
    """Return a fresh secret half of an API key: 40 letters or digits."""
    return _random_text(40)


def new_password(length: int) -> str:
    """Return a fresh password of letters and digits, for people to pass on."""
    return _random_text(length)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _create_key_file(path: Path) -> None:
    """Write a fresh key and link it into place, so that no reader sees half a file and the first of two wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    text = _KEY_FILE_MARK + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() + "\n"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise MasterKeyUnusable(f"cannot write the master key {path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _read_key(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyUnusable(f"cannot read the master key {path}: {error}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MasterKeyUnusable(f"the master key {path} is open to other users; run: chmod 600 '{path}'")
    try:
        key = base64.b64decode(text.removeprefix(_KEY_FILE_MARK), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(_KEY_FILE_MARK) or len(key) != _KEY_BYTES:
        raise MasterKeyUnusable(f"{path} is not a master key; restore it from your backup")
    return key
