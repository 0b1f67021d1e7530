"""Signs identities as the server of a site would."""

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

SECRET = "b3f1c2d4e5a697887766554433221100aabbccdd"


def sign(
    now: datetime,
    *,
    sub: object = "4711",
    secret: str = SECRET,
    life: timedelta = timedelta(minutes=30),
    header: dict[str, Any] | None = None,
    **claims: object,
) -> str:
    payload = {"sub": sub, "jti": "one", "exp": int((now + life).timestamp()), **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(header or {"alg": "HS256"}, payload, OctKey.import_key(secret.encode()))
