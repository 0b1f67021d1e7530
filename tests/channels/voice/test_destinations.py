"""Toll fraud: premium, satellite and unlisted destinations are never called."""

import pytest

from channels.voice.destinations import (
    COUNTRIES,
    Refusal,
    country_of,
    is_phone_of_ours,
    plain,
    refused,
)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+380441234567", "UA"),
        ("+15005550006", "US"),
        ("+14165551234", "CA"),
        ("+18765551234", "JM"),
        ("+18095551234", "DO"),
        ("+77011234567", "KZ"),
        ("+79031234567", "RU"),
        ("+442071234567", "GB"),
        ("+37061234567", "LT"),
        ("+99999999999", None),
    ],
)
def test_a_number_is_of_the_country_that_its_code_says(number: str, country: str | None) -> None:
    assert country_of(number) == country


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+881612345678", Refusal.PREMIUM),
        ("+882161234567", Refusal.PREMIUM),
        ("+870773112345", Refusal.PREMIUM),
        ("+979123456789", Refusal.PREMIUM),
        ("+19005551234", Refusal.PREMIUM),
        ("+449091234567", Refusal.PREMIUM),
        ("+380900123456", Refusal.PREMIUM),
        ("+4990012345678", Refusal.PREMIUM),
        ("+18765551234", Refusal.COUNTRY),
        ("+252612345678", Refusal.COUNTRY),
        ("+99999999999", Refusal.COUNTRY),
        ("+10", Refusal.NO_NUMBER),
        ("112", Refusal.NO_NUMBER),
        ("380441234567", Refusal.NO_NUMBER),
        ("sip:eve@evil.example", Refusal.NO_NUMBER),
        ("+38044123456７", Refusal.NO_NUMBER),
    ],
)
def test_what_is_not_called_is_refused_with_the_reason(number: str, why: Refusal) -> None:
    assert refused(number, {"US", "UA", "GB", "DE"}) is why


def test_a_listed_country_is_called() -> None:
    assert refused("+380441234567", {"UA"}) is None
    assert refused("+14155550123", {"US"}) is None


def test_even_where_every_country_is_allowed_premium_numbers_are_not() -> None:
    assert refused("+19005551234", COUNTRIES) is Refusal.PREMIUM


def test_numbers_are_compared_in_one_form() -> None:
    assert plain(" +380 (44) 123-45-67 ") == "+380441234567"
    assert plain("00380441234567") == "+380441234567"
    assert plain("sip:ann@desk.example") == "sip:ann@desk.example"


@pytest.mark.parametrize(
    "address", ["+380501112233", "sip:ann@desk.example", "sip:ann@10.0.0.5:5061", "client:ann"]
)
def test_an_agent_may_be_reached_there(address: str) -> None:
    assert is_phone_of_ours(address)


@pytest.mark.parametrize("address", ["", "ann", "sip:", "sip:a b@c.d", "sip:a@b?x=1", "tel:1"])
def test_an_agent_cannot_be_reached_there(address: str) -> None:
    assert not is_phone_of_ours(address)
