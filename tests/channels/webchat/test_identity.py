"""Who a site vouches for, and everything that is not such a word."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from channels.webchat.identity import IdentityRefusedError, verify_identity
from tests.channels.webchat.signing import SECRET, sign

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_signed_user_is_who_the_site_says() -> None:
    user = verify_identity(sign(NOW, name="Olena", email="olena@shop.example"), SECRET, NOW)

    assert (user.subject, user.name, user.email, user.jti) == (
        "4711",
        "Olena",
        "olena@shop.example",
        "one",
    )


@pytest.mark.parametrize(
    "token",
    [
        sign(NOW, secret="another secret of the right length, 40 chars"),
        sign(NOW, life=timedelta(minutes=-2)),
        sign(NOW, life=timedelta(hours=2)),
        sign(NOW, jti=None),
        sign(NOW, jti=""),
        sign(NOW, sub=None),
        sign(NOW, sub=""),
        sign(NOW, sub=" 4711"),
        sign(NOW, sub="47\n11"),
        sign(NOW, sub=4711),
        sign(NOW, sub="x" * 201),
        sign(NOW, exp=None),
        sign(NOW, exp=True),
        sign(NOW, nbf=int((NOW + timedelta(minutes=5)).timestamp())),
        sign(NOW, header={"alg": "HS256"})[:-2],
        "",
        "not.a.token",
        "x" * 5_000,
    ],
    ids=lambda token: token[-12:],
)
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(IdentityRefusedError):
        verify_identity(token, SECRET, NOW)


def test_a_token_without_a_signature_is_refused() -> None:
    claims = {"sub": "4711", "jti": "one", "exp": int((NOW + timedelta(minutes=5)).timestamp())}
    parts = [{"alg": "none"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    token = ".".join(part.rstrip("=") for part in encoded) + "."

    with pytest.raises(IdentityRefusedError):
        verify_identity(token, SECRET, NOW)


def test_without_a_secret_nobody_is_believed() -> None:
    with pytest.raises(IdentityRefusedError):
        verify_identity(sign(NOW), "", NOW)


def test_a_name_that_deceives_the_eye_arrives_without_its_tricks() -> None:
    user = verify_identity(
        sign(NOW, name="Support \u2714\u202e Agent", email="nonsense"), SECRET, NOW
    )

    assert (user.name, user.email) == ("Support Agent", "")
