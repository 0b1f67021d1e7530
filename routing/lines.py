"""Lines of who waits, in order of arrival; what left the line dies in it lazily.

One entry, a tuple, is shared by all the lines a contact stands in: each costs it a pointer.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from routing.heaps import SLACK, in_order
from routing.roster import Agent
from routing.rules import Priority


class Waiter(Protocol):
    """What a line asks of those in it; the entry of a version that has passed is dead."""

    id: UUID
    version: int

    def excludes(self, agent: Agent) -> bool: ...


ORDER_BITS: Final = 32
"""An order is the arrival in microseconds above so many bits of the number of the arrival."""

C = TypeVar("C", bound=Waiter)
Entry = tuple[int, int, C]
"""(order, version, who): orders never tie between two contacts."""


class Line(Generic[C]):
    """Waiting contacts that age alike, so the head is the best of them at every time."""

    __slots__ = ("heap", "live", "priority")

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self.heap: list[Entry[C]] = []
        self.live = 0

    def add(self, entry: Entry[C]) -> None:
        self.live += 1
        heappush(self.heap, entry)

    def leave(self) -> None:
        """Count one less: its entry, dead since its version passed, is dropped later."""
        self.live -= 1
        if len(self.heap) > 2 * self.live + SLACK:
            self.heap = [entry for entry in self.heap if entry[1] == entry[2].version]
            heapify(self.heap)

    def head(self) -> C | None:
        """Return the first in order."""
        heap = self.heap
        while heap and heap[0][1] != heap[0][2].version:
            heappop(heap)
        return heap[0][2] if heap else None

    def first_for(self, agent: Agent) -> C | None:
        """Return the first that does not exclude the agent; costs one step per excluder."""
        heap = self.heap
        while heap and heap[0][1] != heap[0][2].version:
            heappop(heap)
        if not heap:
            return None
        if not heap[0][2].excludes(agent):
            return heap[0][2]
        return next((contact for contact in self if not contact.excludes(agent)), None)

    def anyhow(self) -> Iterator[C]:
        """Yield all in no order, which costs less."""
        return (entry[2] for entry in self.heap if entry[1] == entry[2].version)

    def __iter__(self) -> Iterator[C]:
        return (entry[2] for entry in in_order(self.heap) if entry[1] == entry[2].version)


class Threshold(Line[C]):
    """Those who have not yet waited so long; one timer for the head is enough for all."""

    __slots__ = ("after_us", "armed")

    def __init__(self, after_us: int) -> None:
        super().__init__(Priority())
        self.after_us = after_us
        self.armed: int | None = None
        """When the timer that counts is due."""

    def due(self) -> int | None:
        """Return when the first will have waited long enough."""
        head = self.head()
        return None if head is None else (self.heap[0][0] >> ORDER_BITS) + self.after_us

    def first_due(self, now: int) -> C | None:
        """Return the first if it has waited long enough."""
        due = self.due()
        return None if due is None or due > now else self.head()

    def pop_due(self, now: int) -> C | None:
        """Take the first out if it has waited long enough."""
        if self.first_due(now) is None:
            return None
        self.live -= 1
        return heappop(self.heap)[2]


def order_of(arrival_us: int, number: int) -> int:
    return arrival_us << ORDER_BITS | number


def arrival_of(order: int) -> int:
    return order >> ORDER_BITS


def number_of(order: int) -> int:
    return order & ((1 << ORDER_BITS) - 1)
