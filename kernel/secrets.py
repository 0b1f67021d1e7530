"""Secrets as a type, sealed at rest with a key of their own per purpose."""  # noqa: A005 - imported absolutely

import base64
import binascii
import hmac
import secrets
from pathlib import Path
from typing import Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.disk import sync_directory, write_synced
from kernel.errors import CenterError, SettingsError

MASTER_BYTES = 32
_DISTINCT_BYTES_MIN = 16  # 32 random bytes have fewer once in 10^14 tries; a made-up key has


class SealError(CenterError):
    """This secret was sealed with another master key; restore that key or enter it again."""

    code = "misconfigured"


class Secret:
    """A text that shows itself only to who asks by name; everywhere else it is `***`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled or copied; reveal it where it is used")


def decode_secret(kind: type, value: Any) -> Any:
    """`dec_hook` of msgspec: a text on the wire becomes a `Secret`."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError(f"cannot read a {kind.__name__}")


def encode_secret(value: Any) -> str:
    """`enc_hook` of msgspec: a `Secret` leaves as `***`, whoever encodes it."""
    if isinstance(value, Secret):
        return str(value)
    raise NotImplementedError(f"cannot write a {type(value).__name__}")


class Sealer:
    """Seals texts and derives keys, one per purpose, from one or several master keys.

    The first master seals and proves; the older ones still open what they sealed, so a key is
    replaced by putting the new one in front and sealing anew at leisure (`reseal`). Keys come
    from the master by HKDF-SHA256 (RFC 5869): what is sealed for one purpose cannot be opened
    for another.
    """

    def __init__(self, master: bytes, *older: bytes) -> None:
        self._masters = (master, *older)
        for each in self._masters:
            _refuse_weak(each, "the master key")
        self._boxes: dict[str, MultiFernet] = {}

    def seal(self, purpose: str, text: str) -> str:
        """Return `text` encrypted and authenticated, as printable ASCII."""
        return self._box(purpose).encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str:
        """Return what was sealed for `purpose`; `SealError` when it was not sealed by us so."""
        try:
            return self._box(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealError from error

    def reseal(self, purpose: str, sealed: str) -> str:
        """Seal anew with the first master key what any of the keys can open."""
        try:
            return self._box(purpose).rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealError from error

    def proof_key(self, purpose: str) -> bytes:
        """Return 32 bytes for an HMAC that proves something was said by us."""
        return _derive(self._masters[0], f"proof/{purpose}")

    def proof_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Return the proof keys of every master, newest first: sign with the first, accept all."""
        return tuple(_derive(master, f"proof/{purpose}") for master in self._masters)

    def _box(self, purpose: str) -> MultiFernet:
        if purpose not in self._boxes:
            keys = [_derive(master, f"seal/{purpose}") for master in self._masters]
            self._boxes[purpose] = MultiFernet(
                [Fernet(base64.urlsafe_b64encode(key)) for key in keys]
            )
        return self._boxes[purpose]


def load_master(path: Path) -> tuple[bytes, ...]:
    """Return the master keys in `path`, newest first; SettingsError when there is no such file.

    The file has one key a line: 32 random bytes in URL-safe base64; `#` begins a comment. It is
    refused when others may read it and when a key is short or made up.
    """
    if not path.exists():
        raise SettingsError(f"the master key {path} is not there; restore it from your backup")
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path} can be read by others; run: chmod 600 {path}")
    lines = [line.strip() for line in path.read_text().splitlines()]
    keys = tuple(_decode(line, path) for line in lines if line and not line.startswith("#"))
    if not keys:
        raise SettingsError(f"{path} holds no key; restore it from your backup")
    return keys


def make_master(path: Path) -> tuple[bytes, ...]:
    """Return the master keys in `path`, making the file when there is none.

    Only for who knows that nothing was sealed yet: what another key sealed stays closed.
    """
    if not path.exists():
        _create(path)
    return load_master(path)


def _decode(line: str, path: Path) -> bytes:
    try:
        key = base64.b64decode(line, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(f"{path} holds a line that is not a key; {_CURE}") from error
    _refuse_weak(key, str(path))
    return key


_CURE = "restore it from your backup"


def _refuse_weak(key: bytes, where: str) -> None:
    if len(key) < MASTER_BYTES:
        raise SettingsError(f"{where} is shorter than {MASTER_BYTES} random bytes; {_CURE}")
    if len(set(key[:MASTER_BYTES])) < _DISTINCT_BYTES_MIN:
        raise SettingsError(f"{where} is not random; {_CURE}")
    if key[:MASTER_BYTES].isascii() and key[:MASTER_BYTES].decode().isprintable():
        raise SettingsError(f"{where} is a sample or a pass phrase, not random bytes; {_CURE}")


def _create(path: Path) -> None:
    """Write a new key so that a crash leaves all of it or nothing, and the first maker wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    line = base64.urlsafe_b64encode(secrets.token_bytes(MASTER_BYTES)).decode()
    write_synced(draft, f"# Opens every stored password: keep a copy apart.\n{line}\n".encode())
    try:
        # A hard link, unlike a rename, does not replace the key that another process just made.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_directory(path.parent)


def _derive(master: bytes, info: str) -> bytes:
    key: bytes = HKDF(
        SHA256(), length=32, salt=None, info=f"contact-center/{info}".encode()
    ).derive(master)
    return key
