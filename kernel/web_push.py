"""Web Push: messages that only the browser can read (RFC 8291), sent in our own name (RFC 8292).

The whole message is one record of `aes128gcm` (RFC 8188): salt, record size, our one-time public
key, then the text sealed with keys that both sides derive from their key pairs and the browser's
secret.
"""

import base64
import binascii
import json
import os
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from kernel.errors import InvalidInputError

CURVE: Final = SECP256R1()
TEXT_BYTES_MAX: Final = 3_993
"""So that the record fits into the 4096 bytes every push service takes (RFC 8291, section 4)."""
PROOF_LIFE: Final = timedelta(hours=12)
"""RFC 8292 allows at most 24 hours."""
_RECORD_BYTES: Final = 4_096
_SALT_BYTES: Final = 16
_AUTH_BYTES: Final = 16
_SCALAR_BYTES: Final = 32
_END: Final = b"\x02"  # the delimiter of the last record, without padding


class Recipient(Struct, frozen=True):
    """A browser's public key and its secret, as it subscribed."""

    public: EllipticCurvePublicKey
    auth: bytes


def read_recipient(p256dh: str, auth: str) -> Recipient:
    """Return the keys of a subscription; InvalidInputError when they are none."""
    point, secret = decode(p256dh, "p256dh"), decode(auth, "auth")
    if len(secret) != _AUTH_BYTES:
        raise InvalidInputError("this is not the secret of a subscription", field="auth")
    try:
        return Recipient(EllipticCurvePublicKey.from_encoded_point(CURVE, point), secret)
    except ValueError as error:
        raise InvalidInputError("this is not the key of a subscription", field="p256dh") from error


def seal(
    text: bytes,
    to: Recipient,
    *,
    own: EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a push message; own key and salt are made anew unless a test gives them.

    Raises ValueError when the text is longer than `TEXT_BYTES_MAX`.
    """
    if len(text) > TEXT_BYTES_MAX:
        raise ValueError("too long for one push message")
    own = own or generate_private_key(CURVE)
    salt = salt or os.urandom(_SALT_BYTES)
    ours, theirs = point_of(own.public_key()), point_of(to.public)
    info = b"WebPush: info\x00" + theirs + ours
    shared = _hkdf(to.auth, own.exchange(ECDH(), to.public), info, 32)
    key = _hkdf(salt, shared, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _hkdf(salt, shared, b"Content-Encoding: nonce\x00", 12)
    head = salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, text + _END, None)


def proof(key: EllipticCurvePrivateKey, endpoint: str, subject: str, now: datetime) -> str:
    """Return the `Authorization` that says who sends this: a JWT for the endpoint's origin."""
    site = urlsplit(endpoint)
    claims = {
        "aud": f"{site.scheme}://{site.netloc}",
        "exp": int((now + PROOF_LIFE).timestamp()),
        "sub": subject,
    }
    said = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(said.encode(), ECDSA(SHA256())))
    signature = encode(r.to_bytes(_SCALAR_BYTES, "big") + s.to_bytes(_SCALAR_BYTES, "big"))
    return f"vapid t={said}.{signature}, k={encode(point_of(key.public_key()))}"


def new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(CURVE)


def write_key(key: EllipticCurvePrivateKey) -> str:
    """Return the private number as text, to be sealed."""
    return encode(key.private_numbers().private_value.to_bytes(_SCALAR_BYTES, "big"))


def read_key(text: str) -> EllipticCurvePrivateKey:
    return derive_private_key(int.from_bytes(decode(text, "key"), "big"), CURVE)


def point_of(public: EllipticCurvePublicKey) -> bytes:
    """Return the public key as browsers write it: an uncompressed point of 65 bytes."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(raw: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("this is not URL-safe base64", field=field) from error


def _part(facts: dict[str, object]) -> str:
    return encode(json.dumps(facts, separators=(",", ":")).encode())


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    key: bytes = HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)
    return key
