"""What is counted while a day is rehearsed: visits to queues, and how busy agents were.

A visit belongs to the interval in which it began. Every visit ends answered, abandoned or flowed
out, or still waits: offered = answered + abandoned + flowed out + waiting, always.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from msgspec import Struct, field

from kernel.errors import CenterError


class MiscountError(CenterError):
    """The counts of a rehearsal do not add up: this is a fault of the program, please report it."""

    code = "internal"


Counts = tuple[int, int, int, int, int]
"""Offered, answered, abandoned, flowed out, waiting."""
NOTHING: Final[Counts] = (0, 0, 0, 0, 0)


class Tally(Struct, kw_only=True):
    """One queue in one interval; waits in microseconds, of those who were answered.

    `offered` holds every visit, redials and callbacks among them; `short` and `in_time` count first
    calls alone, and `waits` everybody but those who were called back.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short: int = 0
    flowed_out: int = 0
    waiting: int = 0
    in_time: int = 0
    waits: list[int] = field(default_factory=list)
    redials: int = 0
    redials_answered: int = 0
    callbacks: int = 0
    callback_waits: list[int] = field(default_factory=list)
    """From entering the queue, before they asked for it, to the call."""
    declined: int = 0
    missed: int = 0
    busy: int = 0
    staffed: int = 0

    @property
    def counts(self) -> Counts:
        return (self.offered, self.answered, self.abandoned, self.flowed_out, self.waiting)

    @property
    def first_calls(self) -> int:
        return self.offered - self.redials - self.callbacks

    def add(self, other: "Tally") -> None:
        self.offered += other.offered
        self.answered += other.answered
        self.abandoned += other.abandoned
        self.short += other.short
        self.flowed_out += other.flowed_out
        self.waiting += other.waiting
        self.in_time += other.in_time
        self.waits += other.waits
        self.redials += other.redials
        self.redials_answered += other.redials_answered
        self.callbacks += other.callbacks
        self.callback_waits += other.callback_waits
        self.declined += other.declined
        self.missed += other.missed
        self.busy += other.busy
        self.staffed += other.staffed

    def check(self) -> None:
        """Raise MiscountError unless every visit is accounted for."""
        ended = self.answered + self.abandoned + self.flowed_out
        waits = len(self.waits) + len(self.callback_waits)
        if self.offered != ended + self.waiting or self.answered != waits:
            raise MiscountError


class DayTally(Struct, kw_only=True):
    """A rehearsed day: a tally for each queue and interval, and all agents in each interval."""

    queues: list[list[Tally]]
    floor: list[Tally]
    contacts: int = 0

    def add(self, other: "DayTally") -> None:
        self.contacts += other.contacts
        for mine, theirs in zip(
            [*self.queues, self.floor], [*other.queues, other.floor], strict=True
        ):
            for one, more in zip(mine, theirs, strict=True):
                one.add(more)


def added(counts: Iterable[Counts]) -> Counts:
    total = NOTHING
    for one in counts:
        total = (
            total[0] + one[0],
            total[1] + one[1],
            total[2] + one[2],
            total[3] + one[3],
            total[4] + one[4],
        )
    return total


class Presence(Struct):
    """Adds up how long one agent was there, and how full, interval by interval."""

    edges: list[int]
    """Where the intervals of the day begin, and where the last ends, in microseconds."""
    busy: list[float]
    staffed: list[int]
    since: int = 0
    there: bool = False
    load: float = 0.0
    """How full the agent is: 0 free, 1 with no place left."""

    def until(self, now: int) -> None:
        """Note that nothing changed from the last time until now; overtime counts as well."""
        counts = self.there or self.load > 0
        start, self.since = self.since, now
        if not counts or now <= start:
            return
        place = max(bisect_right(self.edges, start) - 1, 0)
        for here, (begins, ends) in enumerate(pairwise(self.edges[place:]), place):
            span = min(now, ends) - max(start, begins)
            if span <= 0:
                break
            self.staffed[here] += span
            self.busy[here] += span * min(self.load, 1.0)
