"""Queues: their rules, whether they are open, and the visits of contacts, counted by channel."""

from bisect import bisect_right
from typing import Generic
from uuid import UUID

from routing.estimate import Flow
from routing.lines import C, Line, Threshold, arrival_of
from routing.model import Leaving
from routing.records import QueueCounts
from routing.rules import Priority, QueueRules


class Visits(Generic[C]):
    """The contacts of one queue and channel: who waits, in order, and how visits ended."""

    __slots__ = ("abandoned", "answered", "entered", "flow", "flowed_out", "line", "offered")

    def __init__(self) -> None:
        self.line: Line[C] = Line(Priority())
        self.flow = Flow()
        self.offered = 0
        self.entered = self.answered = self.abandoned = self.flowed_out = 0

    def lose(self, reason: Leaving) -> None:
        """Count a visit that ended without an agent; a contact closed unheard flowed out."""
        if reason is Leaving.ABANDONED:
            self.abandoned += 1
        else:
            self.flowed_out += 1

    def counts(self, queue: UUID, channel: str) -> QueueCounts:
        head = self.line.head()
        oldest = None if head is None else arrival_of(self.line.heap[0][0])
        return QueueCounts(
            queue=queue,
            channel=channel,
            waiting=self.line.live,
            offered=self.offered,
            oldest_us=oldest,
            entered=self.entered,
            answered=self.answered,
            abandoned=self.abandoned,
            flowed_out=self.flowed_out,
            announced=self.flow.announced,
            error_us=self.flow.mean_error_us,
            bias_us=self.flow.bias_us,
        )


class Queue(Generic[C]):
    """One queue: its rules and what follows from them."""

    __slots__ = (
        "boundary",
        "delays",
        "id",
        "is_open",
        "lane_bits",
        "overflowing",
        "rules",
        "visits",
    )

    def __init__(self, queue_id: UUID) -> None:
        self.id = queue_id
        self.rules = QueueRules()
        self.is_open = True
        self.boundary: int | None = None
        """When it next opens or closes."""
        self.visits: dict[str, Visits[C]] = {}
        self.delays: dict[int, int] = {}
        """The agents who take its contacts only after a while, as bits, by how long."""
        self.overflowing: Threshold[C] | None = None
        self.lane_bits = 0

    def visits_on(self, channel: str) -> Visits[C]:
        visits = self.visits.get(channel)
        if visits is None:
            visits = self.visits[channel] = Visits()
        return visits

    def set_rules(self, rules: QueueRules) -> None:
        self.rules = rules
        after = rules.overflow.after_us if rules.overflow else None
        self.overflowing = None if after is None else Threshold(after)

    def look_at_the_clock(self, now: int) -> None:
        """Find out whether the queue is open, and until when."""
        hours = self.rules.hours
        if hours is None:
            self.is_open, self.boundary = True, None
            return
        at = bisect_right(hours, now, key=lambda interval: interval[0]) - 1
        self.is_open = at >= 0 and now < hours[at][1]
        if self.is_open:
            self.boundary = hours[at][1]
        else:
            self.boundary = hours[at + 1][0] if at + 1 < len(hours) else None
