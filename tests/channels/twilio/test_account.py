"""Settings that cannot work are refused with the field and the cure."""

from typing import Any

import pytest

from channels.errors import MisconfiguredError
from channels.twilio.account import read_settings, read_token, secrets_bound_elsewhere

GOOD = {"account_sid": "AC" + "a" * 32, "number": "+1 (500) 555-0006"}


def test_a_number_is_kept_in_one_form_and_has_the_rate_of_its_kind() -> None:
    sms = read_settings("sms", GOOD)
    short = read_settings("sms", {**GOOD, "number": "77777", "per_second": 100})
    sender = read_settings("whatsapp", {**GOOD, "number": "whatsapp:+15005550006"})

    assert (sms.number, sms.per_second) == ("+15005550006", 1.0)
    assert (short.number, short.per_second) == ("77777", 100.0)
    assert (sender.number, sender.per_second) == ("+15005550006", 80.0)


BAD: dict[str, tuple[Any, dict[str, Any]]] = {
    "account_sid": ("sms", {"account_sid": "SK" + "a" * 32}),
    "number": ("sms", {"number": "SHOP"}),
    "messaging_service": ("sms", {"messaging_service": "AC" + "a" * 32}),
    "api_url": ("sms", {"api_url": "http://api.twilio.com"}),
    "per_second": ("sms", {"per_second": 0}),
    "nothing_known": ("sms", {"nothing_known": 1}),
}


@pytest.mark.parametrize("field", BAD)
def test_a_setting_that_cannot_work_is_named(field: str) -> None:
    kind, wrong = BAD[field]

    with pytest.raises(MisconfiguredError, match=field):
        read_settings(kind, {**GOOD, **wrong})


def test_a_short_code_has_no_whatsapp() -> None:
    with pytest.raises(MisconfiguredError, match="number"):
        read_settings("whatsapp", {**GOOD, "number": "77777"})


@pytest.mark.parametrize("token", ["", "short", "with space" + "x" * 30, "x" * 300])
def test_what_is_no_token_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(MisconfiguredError, match="auth_token") as refused:
        read_token({"auth_token": token})

    assert not token or token not in str(refused.value)


def test_the_token_is_entered_anew_when_it_would_go_elsewhere() -> None:
    moved = secrets_bound_elsewhere(GOOD, {**GOOD, "api_url": "https://api.ie1.twilio.com"})
    another = secrets_bound_elsewhere(GOOD, {**GOOD, "account_sid": "AC" + "b" * 32})

    assert moved == {"auth_token": "api_url"}
    assert another == {"auth_token": "account_sid"}
    assert secrets_bound_elsewhere(GOOD, {**GOOD, "number": "+15005550001"}) == {}
