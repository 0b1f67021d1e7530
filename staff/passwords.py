"""Passwords: Argon2id in threads, few at a time, with the same work for an unknown account."""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from kernel.errors import InvalidInputError, OverloadedError
from kernel.limits import HASH_WAITING, HASH_WORKERS, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN

# RFC 9106, section 4: the second recommended choice (64 MiB, three passes, four lanes).
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 4

P = ParamSpec("P")
T = TypeVar("T")

_SALT_BYTES = 16
_HASH_BYTES = 32
_DISTINCT_CHARS_MIN = 4


class Verdict(Struct, frozen=True):
    right: bool
    outdated: bool = False
    """Right, but hashed with parameters that are no longer ours: hash it anew."""


class Passwords:
    """Hashes and verifies; at most `HASH_WORKERS` at once, so memory stays bounded."""

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, lanes: int = LANES
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self._decoy = _decoy(memory_kib, passes, lanes)
        self._room = asyncio.Semaphore(HASH_WORKERS)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the hash to store, parameters and salt within."""
        return await self._in_thread(self._hash, password)

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare; for an account that does not exist (`None`) do the same work and say no."""
        return await self._in_thread(self._verify, password, stored)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_bytes(password))

    def _verify(self, password: str, stored: str | None) -> Verdict:
        try:
            self._hasher.verify(stored or self._decoy, _bytes(password))
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if stored is None or len(password) > PASSWORD_CHARS_MAX:
            return Verdict(right=False)
        return Verdict(right=True, outdated=self._hasher.check_needs_rehash(stored))

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= HASH_WAITING:
            raise OverloadedError
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(work, *args, **kwargs)
        finally:
            self._waiting -= 1


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Refuse what would be guessed first (NIST SP 800-63B, 5.1.1.2: length and context words)."""
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise InvalidInputError(
            f"the password needs {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters",
            field=field,
        )
    folded = password.casefold()
    if len(set(folded)) < _DISTINCT_CHARS_MIN or folded in {email.casefold(), name.casefold()}:
        raise InvalidInputError(
            "this password is guessed at once; take several unrelated words", field=field
        )


def _bytes(password: str) -> bytes:
    """Cut first, so that nobody makes us hash a novel; one form for keyboards that differ."""
    return unicodedata.normalize("NFKC", password[:PASSWORD_CHARS_MAX]).encode(
        errors="surrogatepass"
    )


def _decoy(memory_kib: int, passes: int, lanes: int) -> str:
    """A well-formed hash of nothing: verifying against it takes as long as against a real one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (_SALT_BYTES, _HASH_BYTES)
    )
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"
