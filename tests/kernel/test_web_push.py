"""Push messages as browsers read them: the example of RFC 8291, and a proof anybody can check."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from kernel.errors import InvalidInputError
from kernel.web_push import (
    TEXT_BYTES_MAX,
    decode,
    encode,
    new_key,
    point_of,
    proof,
    read_key,
    read_recipient,
    seal,
    write_key,
)

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard_comes_out_byte_for_byte() -> None:
    body = seal(TEXT, read_recipient(THEIRS, AUTH), own=read_key(OWN), salt=decode(SALT, ""))

    assert encode(body) == BODY


def test_no_two_messages_are_alike() -> None:
    to = read_recipient(THEIRS, AUTH)

    assert seal(TEXT, to) != seal(TEXT, to)


def test_what_no_push_service_would_take_is_refused() -> None:
    to = read_recipient(THEIRS, AUTH)

    assert len(seal(b"x" * TEXT_BYTES_MAX, to)) == 4096
    with pytest.raises(ValueError, match="too long"):
        seal(b"x" * (TEXT_BYTES_MAX + 1), to)


def test_the_proof_is_signed_for_the_endpoints_origin_and_ends() -> None:
    key, now = new_key(), datetime(2030, 1, 7, 9, 0, tzinfo=UTC)

    said = proof(key, "https://push.example:8443/send/abc", "https://desk.example", now)

    token, _, public = said.removeprefix("vapid t=").partition(", k=")
    head, claims, signature = token.split(".")
    assert json.loads(decode(head, "")) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decode(claims, "")) == {
        "aud": "https://push.example:8443",
        "exp": int(now.timestamp()) + 12 * 3600,
        "sub": "https://desk.example",
    }
    assert public == encode(point_of(key.public_key()))
    raw = decode(signature, "")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, f"{head}.{claims}".encode(), ECDSA(SHA256()))


def test_a_key_is_the_same_after_it_was_stored() -> None:
    key = new_key()

    assert point_of(read_key(write_key(key)).public_key()) == point_of(key.public_key())


@pytest.mark.parametrize(
    ("p256dh", "auth", "field"),
    [
        ("", AUTH, "p256dh"),
        ("****", AUTH, "p256dh"),
        (encode(b"\x04" + bytes(64)), AUTH, "p256dh"),
        (THEIRS, encode(b"short"), "auth"),
        (THEIRS, "ü", "auth"),
    ],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_recipient(p256dh, auth)
    assert refused.value.field == field
