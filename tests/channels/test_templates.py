"""An approved text is sent whole or not at all, and reads as its provider will show it."""

from typing import Any

import msgspec
import pytest

from channels.templates import Template, use_of
from channels.twilio.approved import Content, content_server
from channels.twilio.approved import template_of as twilio_template
from channels.whatsapp.listing import TemplatePage, template_of
from kernel.errors import InvalidInputError
from kernel.limits import TEMPLATE_VALUE_CHARS
from tests.simulators.twilio import content
from tests.simulators.whatsapp import template

READY = Template(
    external_id="7",
    name="order_ready",
    language="en",
    category="utility",
    status="approved",
    header="No. {{header.1}}",
    body="Hello {{body.1}}, {{body.2}} is ready.",
    footer="Shop",
    buttons=("Where → https://shop.example/{{button.0.1}}", "Thanks"),
)
VALUES = {"header.1": "42", "body.1": "Ann", "body.2": "it", "button.0.1": "x"}


def listed(**more: Any) -> Template:
    page = msgspec.json.decode(
        msgspec.json.encode({"data": [template(**more)], "paging": {"cursors": {"after": "x"}}}),
        type=TemplatePage,
    )
    assert page.after == ""
    return template_of(page.data[0])


def test_it_reads_as_it_will_be_shown() -> None:
    assert READY.variables == ["header.1", "body.1", "body.2", "button.0.1"]
    assert READY.rendered(VALUES) == (
        "No. 42\n\nHello Ann, it is ready.\n\nShop\n\n[Where → https://shop.example/x] [Thanks]"
    )


def test_what_is_complete_is_sent_with_its_values_alone() -> None:
    use = use_of(READY, {**VALUES, "body.1": " Ann "})

    assert (use.name, use.language, use.values) == ("order_ready", "en", VALUES)


@pytest.mark.parametrize(
    ("changes", "values", "words"),
    [
        ({"status": "paused"}, VALUES, "not approved"),
        ({"unusable": "its header is a location"}, VALUES, "header"),
        ({}, {**VALUES, "body.2": " "}, "missing: body.2"),
        ({}, {**VALUES, "body.3": "x"}, "no variable body.3"),
        ({}, {**VALUES, "body.1": "x" * (TEMPLATE_VALUE_CHARS + 1)}, "more than"),
        ({}, {**VALUES, "body.1": "a\nb"}, "new line"),
        ({}, {**VALUES, "body.1": "a     b"}, "row of spaces"),
        (
            {"links": ("header.image",), "header": ""},
            {**VALUES, "header.image": "no", "header.1": ""},
            "header",
        ),
    ],
    ids=["paused", "unusable", "missing", "unknown", "long", "line", "spaces", "link"],
)
def test_what_its_provider_would_refuse_is_refused_in_words(
    changes: dict[str, Any], values: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as refusal:
        use_of(msgspec.structs.replace(READY, **changes), values)

    assert refusal.value.field == "template"


def test_what_meta_lists_is_taken_apart_by_component() -> None:
    button = {"type": "URL", "text": "Де", "url": "https://shop.example/{{1}}"}
    more = [
        {"type": "HEADER", "format": "TEXT", "text": "№ {{1}}"},
        {"type": "FOOTER", "text": "Shop"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Так"}, button]},
    ]

    found = listed(more=more)

    assert found.variables == ["header.1", "body.1", "body.2", "button.1.1"]
    assert (found.status, found.category, found.unusable) == ("approved", "utility", "")
    assert found.buttons == ("Так", "Де → https://shop.example/{{button.1.1}}")


@pytest.mark.parametrize(
    ("given", "status", "unusable"),
    [
        ({"status": "REJECTED"}, "rejected", False),
        ({"category": "AUTHENTICATION"}, "approved", True),
        ({"more": [{"type": "HEADER", "format": "LOCATION"}]}, "approved", True),
        ({"more": [{"type": "CAROUSEL"}]}, "approved", True),
        (
            {"more": [{"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "x"}]}]},
            "approved",
            True,
        ),
        ({"more": [{"type": "HEADER", "format": "IMAGE"}]}, "approved", False),
    ],
    ids=["rejected", "code", "place", "carousel", "form", "picture"],
)
def test_what_cannot_be_filled_in_by_hand_says_so(
    given: dict[str, Any], status: str, unusable: bool
) -> None:
    found = listed(**given)

    assert (found.status, bool(found.unusable)) == (status, unusable)


@pytest.mark.parametrize("several", [False, True])
def test_what_twilio_lists_says_what_whatsapp_thinks_of_it(several: bool) -> None:
    told = content(actions=[{"title": "Where", "url": "https://shop.example"}])
    if several:
        told["approval_requests"] = [told["approval_requests"]]
    fields = {name: told[name] for name in Content.__struct_fields__}

    found = twilio_template(Content(**fields))

    assert found is not None
    assert (found.name, found.status, found.category) == ("order_ready", "approved", "utility")
    assert (found.variables, found.examples) == (["1", "2"], {"1": "Ann", "2": "42"})
    assert found.buttons == ("Where → https://shop.example",)


def test_a_content_that_nobody_submitted_is_not_approved() -> None:
    found = twilio_template(Content(sid="HX1", types={"twilio/text": {"body": "Hi"}}))

    assert found is not None
    assert found.status == "not submitted"
    assert twilio_template(Content(sid="HX1", types={"twilio/flows": {}})) is None


@pytest.mark.parametrize(
    ("api", "contents"),
    [
        ("https://api.twilio.com", "https://content.twilio.com"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
    ],
)
def test_the_content_api_stands_beside_the_main_one(api: str, contents: str) -> None:
    assert content_server(api) == contents
