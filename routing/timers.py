"""What time alone will bring: offers that run out and cool-downs that end, in one heap."""

from dataclasses import dataclass
from heapq import heappop, heappush

from routing.lanes import Contact, Offer
from routing.roster import Agent


@dataclass(frozen=True, slots=True)
class CoolDown:
    """An agent who declined may be offered the contact again from `until` on."""

    contact: Contact
    agent: Agent
    until: int


def is_live(event: Offer | CoolDown) -> bool:
    """Tell whether the event still means anything; what was answered meanwhile does not."""
    if isinstance(event, Offer):
        return event.contact.offer is event
    excluded = event.contact.excluded
    return excluded is not None and excluded.get(event.agent.index) == event.until


class Timers:
    """Due events in order of time, then of their making."""

    __slots__ = ("_heap", "_made")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Offer | CoolDown]] = []
        self._made = 0

    def set(self, due: int, event: Offer | CoolDown) -> None:
        self._made += 1
        heappush(self._heap, (due, self._made, event))

    def next_due(self) -> int | None:
        while self._heap and not is_live(self._heap[0][2]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: int) -> Offer | CoolDown | None:
        """Take the first live event due by now, if there is one."""
        due = self.next_due()
        return heappop(self._heap)[2] if due is not None and due <= now else None
