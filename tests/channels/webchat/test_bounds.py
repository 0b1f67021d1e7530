"""What stays bounded: pages open at once, words per minute, visitors remembered."""

from itertools import count
from uuid import UUID

import pytest

from channels.webchat.challenge import Flood, zero_bits
from channels.webchat.guestbook import Guestbook
from channels.webchat.hub import TOO_SLOW, VisitorHub
from channels.webchat.pace import Pace
from channels.webchat.visitors import Visitor
from kernel.errors import TooManyTriesError
from kernel.ids import new_id
from kernel.limits import (
    CHAT_CHALLENGE_SECONDS,
    CHAT_FLOOD_LASTS_SECONDS,
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


def test_a_flood_is_noticed_per_widget_and_forgotten_after_a_while(clock: ManualClock) -> None:
    flood, shop, other = Flood(clock), new_id(), new_id()
    for _ in range(4):
        flood.came(shop, most=3)
    flood.came(other, most=3)

    assert (flood.is_on(shop), flood.is_on(other)) == (True, False)
    clock.advance(seconds=CHAT_FLOOD_LASTS_SECONDS + 1)
    flood.came(shop, most=3)
    assert not flood.is_on(shop)


def test_work_counts_once_here_and_soon(clock: ManualClock) -> None:
    flood, shop = Flood(clock), new_id()

    def solved(challenge: str) -> str:
        return str(next(n for n in count() if zero_bits(f"{challenge}:{n}") >= 6))

    easy = [flood.make(shop, "192.0.2.1", bits=6) for _ in range(3)]
    first, second, third = [(one, solved(one)) for one in easy]

    assert not flood.accepts(new_id(), "192.0.2.1", *first)
    assert not flood.accepts(shop, "192.0.2.2", *first)
    assert not flood.accepts(shop, "192.0.2.1", "1" + first[0], first[1])
    assert not flood.accepts(shop, "192.0.2.1", "", "")
    assert flood.accepts(shop, "192.0.2.1", *first)
    assert not flood.accepts(shop, "192.0.2.1", *first)
    assert flood.accepts(shop, "192.0.2.1", *second)
    clock.advance(seconds=CHAT_CHALLENGE_SECONDS + 1)
    assert not flood.accepts(shop, "192.0.2.1", *third)


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
