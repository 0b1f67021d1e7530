"""Random tokens: made here, handed out once, kept only as a hash bound to their purpose."""

import hashlib
import secrets
from typing import Final

SESSION: Final = "session"
API_TOKEN: Final = "api-token"  # noqa: S105 - the name of a purpose

_BYTES = 32
_CHARS_MAX = 128


def new_token(purpose: str) -> tuple[str, bytes]:
    """Return 256 random bits as URL-safe text, and the hash to keep."""
    token = secrets.token_urlsafe(_BYTES)
    return token, token_hash(purpose, token)


def token_hash(purpose: str, token: str) -> bytes:
    """Return what a token is looked up by; one made for another purpose never matches.

    SHA-256 without salt suffices: the token has 256 bits of its own, and the comparison is the
    database's look-up of a hash, whose timing tells nothing about the token.
    """
    return hashlib.sha256(f"{purpose}:{token[:_CHARS_MAX]}".encode(errors="surrogatepass")).digest()
