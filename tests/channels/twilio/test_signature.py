"""A call proves itself over our public address or is refused, whatever it says."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.errors import UnsignedCallError
from channels.twilio.signature import both_forms, read_form, refuse_unsigned, signed

URL = "https://desk.example/hooks/sms/key?message=1"
TOKEN = "12345"
FIELDS = [("To", "+18005551212"), ("Body", "Привіт & co"), ("From", "+14158675309"), ("Empty", "")]


def proves(headers: Mapping[str, str], url: str = URL, **keys: str) -> bool:
    try:
        refuse_unsigned(url, FIELDS, headers, token=TOKEN, **keys)
    except UnsignedCallError:
        return False
    return True


def test_the_published_example_is_signed_as_published() -> None:
    """From Twilio's “Webhooks Security”."""
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"

    assert signed(url, form, TOKEN, "sha1") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signed(url, form, TOKEN, "sha256") == "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="


@pytest.mark.parametrize(
    "url",
    [
        "https://desk.example/a",
        "https://desk.example:443/a?b=c%20d",
        "http://desk.example:8080/a",
        "http://desk.example",
    ],
)
def test_both_forms_of_an_address_are_those_of_the_library(url: str) -> None:
    theirs = RequestValidator(TOKEN)
    fields = dict(FIELDS)

    assert all(
        theirs.validate(url, fields, signed(form, FIELDS, TOKEN, "sha1"))
        for form in both_forms(url)
    )


def test_a_call_is_believed_with_the_port_and_without() -> None:
    without, with_port = both_forms(URL)
    ipv6 = "https://[2001:db8::1]:8443/hooks"

    assert [
        proves({"x-twilio-signature": signed(one, FIELDS, TOKEN, "sha1")})
        for one in (without, with_port)
    ] == [True, True]
    assert proves({"x-twilio-signature": signed(ipv6, FIELDS, TOKEN, "sha1")}, ipv6)


def test_a_call_signed_with_a_webhook_key_is_believed_where_one_is_set() -> None:
    settings = {"x-twilio-webhooks-signature-settings": "key=abc,algorithm=HMAC_SHA256"}
    strong = {"x-twilio-signature": signed(URL, FIELDS, "another", "sha256"), **settings}
    weak = {"x-twilio-signature": signed(URL, FIELDS, TOKEN, "sha1"), **settings}
    empty = {"x-twilio-signature": signed(URL, FIELDS, "", "sha256"), **settings}

    assert proves(strong, webhook_key="another")
    assert not proves(strong)
    assert not proves(weak, webhook_key="another")
    assert not proves(empty)


GOOD = signed(URL, FIELDS, TOKEN, "sha1")
FORGED = {
    "none": {},
    "empty": {"x-twilio-signature": ""},
    "cut": {"x-twilio-signature": GOOD[:-2]},
    "longer": {"x-twilio-signature": GOOD + "A"},
    "not ascii": {"x-twilio-signature": "é" * 28},
    "another key": {"x-twilio-signature": signed(URL, FIELDS, "54321", "sha1")},
    "another address": {
        "x-twilio-signature": signed(URL.replace("sms", "whatsapp"), FIELDS, TOKEN, "sha1")
    },
    "another query": {"x-twilio-signature": signed(URL + "2", FIELDS, TOKEN, "sha1")},
    "another field": {"x-twilio-signature": signed(URL, [*FIELDS, ("X", "")], TOKEN, "sha1")},
    "an unknown algorithm": {
        "x-twilio-signature": GOOD,
        "x-twilio-webhooks-signature-settings": "key=a,algorithm=NONE",
    },
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_call_that_does_not_prove_itself_is_refused(headers: dict[str, str]) -> None:
    assert proves({"x-twilio-signature": GOOD})
    assert not proves(headers)


def test_what_is_no_form_of_twilios_is_refused_before_it_is_looked_at() -> None:
    for body in (b"\xff", b"a=%ff", b"nothing", b"&".join([b"a=1"] * 2_000)):
        with pytest.raises(UnsignedCallError):
            read_form(body)

    assert read_form(urlencode(FIELDS).encode()) == parse_qsl(urlencode(FIELDS), True)
    assert read_form(b"") == []
