"""The chat's deliveries, from what a visitor said to an envelope."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from channels.envelope import Inbound, Report, Status
from channels.errors import UnreadableDeliveryError
from channels.webchat.parse import (
    Marked,
    client_id_of,
    external_id,
    read_raw,
    said_by,
    to_raw,
)
from channels.webchat.visitors import Upload, Visitor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MESSAGE = UUID("0190b2a0-0000-4000-8000-000000000001")
PICTURE = Upload(id=MESSAGE, blob="ab" * 32, name="a.png", media_type="image/png", size=9)
OLENA = Visitor(
    id=UUID(int=7),
    account_id=UUID(int=8),
    handle="key:visitor:7",
    name="Olena",
    email="olena@shop.example",
    verified=False,
    locale="uk",
    page="https://shop.example/cart",
)


def test_what_a_visitor_says_becomes_an_envelope() -> None:
    told = said_by(OLENA, MESSAGE, "Hello", (PICTURE,), NOW)

    (inbound,) = read_raw(to_raw(told))

    assert isinstance(inbound, Inbound)
    assert (inbound.sender.handle, inbound.sender.name) == ("key:visitor:7", "Olena")
    assert (inbound.text, inbound.sent_at, inbound.sender_proven) == ("Hello", NOW, False)
    assert inbound.attributes == {
        "name": "Olena",
        "email": "olena@shop.example",
        "locale": "uk",
        "page": "https://shop.example/cart",
    }
    assert [(file.name, file.blob, file.size) for file in inbound.files] == [
        ("a.png", "ab" * 32, 9)
    ]


def test_the_same_message_again_is_the_same_delivery() -> None:
    first = said_by(OLENA, MESSAGE, "Hello", (), NOW)
    again = said_by(OLENA, MESSAGE, "Hello?", (), NOW.replace(hour=13))

    assert external_id(first) == external_id(again)
    assert client_id_of(external_id(first)) == str(MESSAGE)


def test_marks_become_reports() -> None:
    ids = (UUID(int=1), UUID(int=2))
    told = Marked(visitor_id=OLENA.id, status=Status.READ, message_ids=ids)

    reports = read_raw(to_raw(told))

    assert all(isinstance(report, Report) for report in reports)
    assert [(one.message_id, one.status) for one in reports if isinstance(one, Report)] == [
        (ids[0], Status.READ),
        (ids[1], Status.READ),
    ]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"type":"said"}', b"\xff"])
def test_what_is_none_of_ours_is_a_dead_letter(raw: bytes) -> None:
    with pytest.raises(UnreadableDeliveryError):
        read_raw(raw)
