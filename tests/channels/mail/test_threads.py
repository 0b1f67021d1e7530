"""Only a name that we made proves a ticket; nothing guessed, counted or edited does."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.threads import (
    claimed_message,
    claimed_ticket,
    message_id,
    plus_address,
    without_plus,
)

KEY = b"k" * 32
TICKET, MESSAGE = UUID(int=7 << 70 | 5), UUID(int=9 << 70 | 3)
OURS = message_id(KEY, TICKET, MESSAGE, "desk.example")
PLUS = plus_address(KEY, TICKET, "support@desk.example") or ""


@pytest.mark.parametrize(
    ("references", "recipients", "ticket"),
    [
        ([OURS], [], TICKET),
        ([OURS.strip("<>")], [], TICKET),
        ([OURS.upper()], [], TICKET),
        (["<x@y>", OURS], [], TICKET),
        ([OURS.replace("desk.example", "other.example")], [], TICKET),
        ([], [PLUS], TICKET),
        ([], [PLUS.upper()], TICKET),
        ([], ["a@b.example", PLUS], TICKET),
        ([], [], None),
        (["<x@y>"], ["support@desk.example"], None),
        ([message_id(b"other", TICKET, MESSAGE, "desk.example")], [], None),
        ([], [plus_address(b"other", TICKET, "support@desk.example") or ""], None),
        ([OURS[:-30] + "@desk.example>"], [], None),
        ([f"x{OURS}"], [], None),
        (["<cc.1.2.3@desk.example>"], ["support+1@desk.example"], None),
        ([], [PLUS.replace("+", "+x")], None),
        (["<cc.ы.ы.ы@desk.example>"], ["support+ы@desk.example"], None),
    ],
)
def test_a_ticket_is_claimed_only_with_its_proof(
    references: list[str], recipients: list[str], ticket: UUID | None
) -> None:
    assert claimed_ticket(KEY, references, recipients) == ticket


def test_the_nearest_reference_decides() -> None:
    other = uuid4()
    newer = message_id(KEY, other, uuid4(), "desk.example")

    assert claimed_ticket(KEY, [newer, OURS], [PLUS]) == other


@pytest.mark.parametrize("place", range(4, len(OURS) - len("@desk.example>")))
def test_no_letter_of_a_message_id_can_be_changed(place: int) -> None:
    for letter in "a7.":
        edited = OURS[:place] + letter + OURS[place + 1 :]
        assert edited == OURS or claimed_ticket(KEY, [edited]) in {None, TICKET}
        assert edited == OURS or claimed_message(KEY, [edited]) in {None, MESSAGE}


def test_a_proof_of_one_kind_is_none_of_another() -> None:
    tag = PLUS.partition("+")[2].partition("@")[0]
    forged = f"<cc.{tag[:26]}.{tag[:26]}.{tag[26:]}{'a' * 10}@desk.example>"

    assert claimed_ticket(KEY, [forged]) is None


@given(st.integers(1, 10_000))
def test_counting_finds_nothing(number: int) -> None:
    guess = UUID(int=number)
    references = [message_id(b"guess", guess, guess, "desk.example"), f"<cc.{number}@desk.example>"]

    assert claimed_ticket(KEY, references, [f"support+{number}@desk.example"]) is None


@given(st.uuids(), st.uuids())
def test_what_we_made_comes_back(ticket: UUID, message: UUID) -> None:
    name = message_id(KEY, ticket, message, "desk.example")

    assert claimed_ticket(KEY, [name]) == ticket
    assert claimed_message(KEY, [name]) == message


def test_a_long_address_gets_no_plus() -> None:
    assert plus_address(KEY, TICKET, "a" * 30 + "@desk.example") is None
    assert without_plus(PLUS) == "support@desk.example"
    assert without_plus("ann+list@client.example") == "ann+list@client.example"
