"""Signed identities: what a site's own server says about the user it has signed in.

A JSON Web Token (RFC 7519) signed with HMAC-SHA256 (RFC 7515, HS256) over `sub`, `exp`, `jti`
and optionally `name` and `email`. Nothing else the browser says about itself is believed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from channels.webchat.names import clean_email, clean_name
from kernel.errors import CenterError
from kernel.limits import CHAT_IDENTITY_CHARS, CHAT_IDENTITY_LIFE

_LEEWAY: Final = timedelta(seconds=60)
_SUBJECT_CHARS: Final = 200
_JTI_CHARS: Final = 200


class IdentityRefusedError(CenterError):
    """This identity is not signed by the site, or its time is over; sign in again."""

    code = "sign_in_required"


class SignedUser(Struct, frozen=True, kw_only=True):
    """Who the site vouches for. `subject` is the key; name and address may change."""

    subject: str
    name: str
    email: str
    jti: str


def verify_identity(token: str, secret: str, now: datetime) -> SignedUser:
    """Return whom the token names, or raise IdentityRefusedError; the reason is not told."""
    if not secret or len(token) > CHAT_IDENTITY_CHARS:
        raise IdentityRefusedError
    # It brings every algorithm there is, a twentieth of the whole start: only who signs needs it.
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import OctKey  # noqa: PLC0415

    try:
        key = OctKey.import_key(secret.encode())
        decoded = jwt.decode(token, key, algorithms=["HS256"])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise IdentityRefusedError from error
    return _user(decoded.claims, now)


def _user(claims: dict[str, Any], now: datetime) -> SignedUser:
    subject, jti, expires = claims.get("sub"), claims.get("jti"), claims.get("exp")
    if not _word(subject, _SUBJECT_CHARS) or not _word(jti, _JTI_CHARS):
        raise IdentityRefusedError
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise IdentityRefusedError
    _check_time(expires, claims.get("nbf"), now)
    name, email = claims.get("name", ""), claims.get("email", "")
    return SignedUser(
        subject=str(subject),
        name=clean_name(name) if isinstance(name, str) else "",
        email=clean_email(email) if isinstance(email, str) else "",
        jti=str(jti),
    )


def _check_time(expires: float, not_before: object, now: datetime) -> None:
    try:
        until = datetime.fromtimestamp(expires, UTC)
        since = datetime.fromtimestamp(not_before, UTC) if _number(not_before) else None  # type: ignore[arg-type]
    except (OverflowError, ValueError, OSError) as error:
        raise IdentityRefusedError from error
    if until < now - _LEEWAY or until > now + CHAT_IDENTITY_LIFE + _LEEWAY:
        raise IdentityRefusedError
    if since is not None and since > now + _LEEWAY:
        raise IdentityRefusedError


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: object, limit: int) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= limit
        and value.isprintable()
        and value == value.strip()
    )
