"""What stays bounded: pages open at once, words per minute, visitors remembered."""

from uuid import UUID

import pytest

from channels.webchat.guestbook import Guestbook
from channels.webchat.hub import TOO_SLOW, VisitorHub
from channels.webchat.pace import Pace
from channels.webchat.visitors import Visitor
from kernel.errors import TooManyTriesError
from kernel.limits import (
    CHAT_SEAT_FRAMES,
    CHAT_SEATS_PER_VISITOR,
    CHAT_VISITOR_CACHED_SECONDS,
)
from tests.clock import ManualClock


def visitor(number: int, handle: str = "") -> Visitor:
    return Visitor(
        id=UUID(int=number),
        account_id=UUID(int=0),
        handle=handle or f"key:visitor:{number}",
        name="",
        email="",
        verified=False,
        locale="en",
        page="",
    )


def test_words_flow_at_their_pace_and_bursts_are_allowed(clock: ManualClock) -> None:
    pace = Pace(clock)
    for _ in range(5):
        pace.take(("a",), per_second=1, burst=5)
    with pytest.raises(TooManyTriesError):
        pace.take(("a",), per_second=1, burst=5)
    pace.take(("b",), per_second=1, burst=5)

    clock.advance(seconds=2)

    pace.take(("a",), per_second=1, burst=5, amount=2)
    with pytest.raises(TooManyTriesError):
        pace.take(("a",), per_second=1, burst=5)


def test_a_flood_of_addresses_costs_bounded_memory(clock: ManualClock) -> None:
    pace = Pace(clock, keys=100)

    for number in range(1_000):
        pace.take((number,), per_second=1, burst=5)

    assert len(pace) == 100


def test_a_visitor_is_remembered_for_a_while_and_forgotten_at_once(clock: ManualClock) -> None:
    book = Guestbook(clock, size=2)
    for number in (1, 2, 3):
        book.keep(f"hash {number}", visitor(number))
    assert (book.get("hash 1"), len(book)) == (None, 2)
    assert book.get("hash 3") == visitor(3)

    book.forget(UUID(int=3))
    clock.advance(seconds=CHAT_VISITOR_CACHED_SECONDS + 1)

    assert (book.get("hash 3"), book.get("hash 2"), len(book)) == (None, None, 0)


def test_a_page_that_never_reads_is_hung_up_on() -> None:
    hub = VisitorHub()
    with hub.seat(visitor(1)) as slow, hub.seat(visitor(1)) as quick:
        for number in range(CHAT_SEAT_FRAMES + 1):
            hub.tell("key:visitor:1", b"%d" % number, but=quick)

        assert slow.ended
        assert slow.frames.get_nowait() == TOO_SLOW
        assert not quick.ended


def test_a_conversation_is_open_in_a_bounded_number_of_windows() -> None:
    hub = VisitorHub()
    seats = [hub.seat(visitor(1)) for _ in range(CHAT_SEATS_PER_VISITOR)]
    for seat in seats:
        seat.__enter__()

    with pytest.raises(TooManyTriesError), hub.seat(visitor(1)):
        pass

    for seat in seats:
        seat.__exit__(None, None, None)
    assert (len(hub), hub.present("key:visitor:1")) == (0, False)


def test_a_user_hears_in_every_browser_and_nobody_else_does() -> None:
    hub = VisitorHub()
    with (
        hub.seat(visitor(1, "key:user:7")) as phone,
        hub.seat(visitor(2, "key:user:7")) as desk,
        hub.seat(visitor(3)) as stranger,
    ):
        hub.tell("key:user:7", b"hello")

        assert phone.frames.get_nowait() == desk.frames.get_nowait() == b"hello"
        assert stranger.frames.empty()
