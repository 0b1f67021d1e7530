"""The visits of a rehearsed day: who is in which queue since when, and what became of it."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain
from typing import Final
from uuid import UUID

from msgspec import Struct

from kernel.limits import ABANDONED_EARLY
from routing.forecast.clients import SECOND, Client
from routing.forecast.scenario import QueueOfDay
from routing.forecast.tallies import NOTHING, Counts, MiscountError, Tally, added
from routing.model import MICROSECOND, Ended
from routing.records import QueueCounts

_SHORT: Final = ABANDONED_EARLY // MICROSECOND


class Visit(Struct):
    """A client in a queue: when it entered, and who answered."""

    client: Client
    channel: str
    queue: int
    entered: int
    tally: Tally
    is_callback: bool = False
    agent: UUID | None = None

    @property
    def is_first_call(self) -> bool:
        return not self.is_callback and self.client.redials == 0


class Visits:
    """Counts each visit in the interval in which it began; times are microseconds of the day."""

    def __init__(self, queues: list[QueueOfDay], ids: list[UUID], starts: list[int]) -> None:
        self._ids = ids
        self._starts = starts
        self._places = {queue: place for place, queue in enumerate(ids)}
        self._targets = [queue.target_seconds * SECOND for queue in queues]
        self._visits: dict[UUID, Visit] = {}
        self.tallies = [[Tally() for _ in starts] for _ in queues]

    def begin(self, contact: UUID, client: Client, channel: str, queue: UUID, now: int) -> None:
        place = self._places[queue]
        visit = Visit(client, channel, place, now, self._tally(place, now))
        self._visits[contact] = visit
        self._count_entry(visit)

    def _tally(self, place: int, now: int) -> Tally:
        return self.tallies[place][bisect_right(self._starts, now) - 1]

    @staticmethod
    def _count_entry(visit: Visit) -> None:
        visit.tally.offered += 1
        visit.tally.callbacks += visit.is_callback
        visit.tally.redials += not visit.is_callback and visit.client.redials > 0

    def give_up(self, contact: UUID, now: int) -> Client | None:
        """Return the client who leaves now; None when it has no need to, or was answered."""
        visit = self._visits.get(contact)
        if visit is None or visit.agent is not None or visit.is_callback:
            return None
        visit.tally.abandoned += 1
        visit.tally.short += visit.is_first_call and now - visit.entered < _SHORT
        return self._visits.pop(contact).client

    def hang_up(self, contact: UUID, now: int) -> bool:
        """Let a client who waits be called back: its visit flows out, another keeps its place."""
        visit = self._visits.get(contact)
        if visit is None or visit.agent is not None or visit.is_callback:
            return False
        visit.tally.flowed_out += 1
        visit.tally, visit.is_callback = self._tally(visit.queue, now), True
        self._count_entry(visit)
        return True

    def answer(self, contact: UUID, agent: UUID, now: int) -> Visit:
        visit = self._visits[contact]
        tally, waited = visit.tally, now - visit.entered
        visit.agent = agent
        tally.answered += 1
        tally.redials_answered += not visit.is_callback and visit.client.redials > 0
        tally.in_time += visit.is_first_call and waited <= self._targets[visit.queue]
        (tally.callback_waits if visit.is_callback else tally.waits).append(waited)
        return visit

    def refuse(self, contact: UUID, reason: Ended) -> None:
        """Count an offer that an agent did not take."""
        tally = self._visits[contact].tally
        tally.declined += reason is Ended.DECLINED
        tally.missed += reason is Ended.MISSED

    def move_on(self, contact: UUID, queue: UUID, now: int) -> None:
        """The contact waits again: in another queue it is another visit."""
        visit, place = self._visits[contact], self._places[queue]
        if place == visit.queue:
            return
        visit.tally.flowed_out += 1
        visit.queue, visit.entered, visit.tally = place, now, self._tally(place, now)
        self._count_entry(visit)

    def turn_away(self, contact: UUID) -> None:
        self._visits.pop(contact).tally.flowed_out += 1

    def finish(self, contact: UUID) -> Visit:
        return self._visits.pop(contact)

    def close(self, theirs: Iterable[QueueCounts]) -> None:
        """Count who still waits; MiscountError unless the engine counted the same."""
        for visit in self._visits.values():
            visit.tally.waiting += visit.agent is None
        ours = {
            queue: added(tally.counts for tally in tallies)
            for queue, tallies in zip(self._ids, self.tallies, strict=True)
        }
        counted: dict[UUID, Counts] = dict.fromkeys(self._ids, NOTHING)
        for one in theirs:
            ended = (one.answered, one.abandoned, one.flowed_out)
            here = (one.entered, *ended, one.waiting + one.offered)
            counted[one.queue] = added((counted[one.queue], here))
        for tally in chain.from_iterable(self.tallies):
            tally.check()
        if ours != counted:
            raise MiscountError
