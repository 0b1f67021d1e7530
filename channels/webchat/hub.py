"""The open pages of visitors in this process, and how they are told something."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from channels.webchat.visitors import Visitor
from kernel.errors import OverloadedError, TooManyTriesError
from kernel.frames import BoundedSeat
from kernel.limits import CHAT_SEAT_FRAMES, CHAT_SEATS, CHAT_SEATS_PER_VISITOR

TOKEN_UNKNOWN = 4001
TOO_SLOW = 4008
GOING_AWAY = 1001


class VisitorSeat(BoundedSeat):
    """One open page; nothing is lost when it is cut off, it reads on from its cursor."""

    __slots__ = ("ticket_id", "visitor")

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(CHAT_SEAT_FRAMES, TOO_SLOW)
        self.visitor = visitor
        self.ticket_id: UUID | None = None
        """Where this visitor's last word went, once somebody needed to know."""


class VisitorHub:
    """Seats by handle: a signed-in user's tabs and devices hear the same conversation."""

    def __init__(self) -> None:
        self._seats: dict[str, set[VisitorSeat]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def seat(self, visitor: Visitor) -> Iterator[VisitorSeat]:
        """Take a seat for as long as the block lasts; refuse one too many."""
        mine = self._seats.get(visitor.handle, set())
        if len(mine) >= CHAT_SEATS_PER_VISITOR:
            raise TooManyTriesError("this conversation is open in too many windows")
        if self._count >= CHAT_SEATS:
            raise OverloadedError
        seat = VisitorSeat(visitor)
        self._seats.setdefault(visitor.handle, set()).add(seat)
        self._count += 1
        try:
            yield seat
        finally:
            self._leave(seat)

    def present(self, handle: str) -> bool:
        return handle in self._seats

    def others(self, handle: str, seat: VisitorSeat | None) -> bool:
        """Say whether the conversation is open anywhere but at `seat`."""
        seats = self._seats.get(handle)
        return seats is not None and (seat not in seats or len(seats) > 1)

    def tell(self, handle: str, frame: bytes, *, but: VisitorSeat | None = None) -> None:
        for seat in self._seats.get(handle, ()):
            if seat is not but:
                seat.put(frame)

    def tell_all(self, frame: bytes) -> None:
        for seats in self._seats.values():
            for seat in seats:
                seat.put(frame)

    def change(self, visitor: Visitor) -> None:
        """A visitor said who they are: their open pages write under that name from now on."""
        for seat in self._seats.get(visitor.handle, ()):
            if seat.visitor.id == visitor.id:
                seat.visitor = visitor

    def hang_up(self, visitor_id: UUID, handle: str) -> None:
        """This browser signed out: its pages hear nothing more."""
        for seat in list(self._seats.get(handle, ())):
            if seat.visitor.id == visitor_id:
                seat.end(TOKEN_UNKNOWN)

    def seated(self) -> Iterator[Visitor]:
        for seats in self._seats.values():
            for seat in seats:
                yield seat.visitor

    def hang_up_all(self, code: int) -> None:
        """Ask every page to come back and to read on from its cursor."""
        for seats in list(self._seats.values()):
            for seat in list(seats):
                seat.end(code)

    def close(self) -> None:
        """The server stops."""
        self.hang_up_all(GOING_AWAY)

    def _leave(self, seat: VisitorSeat) -> None:
        mine = self._seats[seat.visitor.handle]
        mine.discard(seat)
        self._count -= 1
        if not mine:
            del self._seats[seat.visitor.handle]
