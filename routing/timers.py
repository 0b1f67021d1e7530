"""What time alone will bring: offers that run out, waits that are long enough, queues that open."""

from heapq import heappop, heappush

from msgspec import Struct

from routing.contacts import Contact, Offer
from routing.lines import Threshold
from routing.queues import Queue
from routing.roster import Agent


class CoolDown(Struct, frozen=True):
    """An agent who declined may be offered the contact again from `until` on."""

    contact: Contact
    agent: Agent
    until: int


class WrapUp(Struct, frozen=True):
    """A contact in wrap-up is done at `until` if its agent does not say so before."""

    contact: Contact
    until: int


Event = Offer | CoolDown | WrapUp | Threshold[Contact] | Queue[Contact]


def is_live(event: Event, due: int) -> bool:
    """Tell whether the event still means anything; what was answered meanwhile does not."""
    match event:
        case Offer():
            return event in event.contact.offers
        case CoolDown():
            more = event.contact.more
            return more is not None and more.excluded.get(event.agent.index) == event.until
        case WrapUp():
            more = event.contact.more
            return more is not None and more.wrapping_until == event.until
        case Threshold():
            return event.armed == due and event.live > 0
        case Queue():
            return event.boundary == due


class Timers:
    """Due events in order of time, then of their making."""

    __slots__ = ("_heap", "_made")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Event]] = []
        self._made = 0

    def set(self, due: int, event: Event) -> None:
        self._made += 1
        heappush(self._heap, (due, self._made, event))

    def arm(self, threshold: Threshold[Contact]) -> None:
        """See that the threshold is looked at when its head will have waited long enough."""
        due = threshold.due()
        if due is not None and (threshold.armed is None or due < threshold.armed):
            threshold.armed = due
            self.set(due, threshold)

    def next_due(self) -> int | None:
        while self._heap and not is_live(self._heap[0][2], self._heap[0][0]):
            self._forget(*heappop(self._heap))
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: int) -> Event | None:
        """Take the first live event due by now, if there is one."""
        due = self.next_due()
        if due is None or due > now:
            return None
        entry = heappop(self._heap)
        self._forget(*entry)
        return entry[2]

    @staticmethod
    def _forget(due: int, _: int, event: Event) -> None:
        if isinstance(event, Threshold) and event.armed == due:
            event.armed = None
