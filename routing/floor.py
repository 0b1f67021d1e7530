"""The state of routing: who waits, rings and is held, who may take more, what is to be told."""

from uuid import UUID

from routing.contacts import Contact, Keeping, Offer
from routing.effects import Effect
from routing.model import Presence, Rules, Trigger
from routing.queues import Queue
from routing.roster import Agent, Roster
from routing.routes import Routes
from routing.timers import CoolDown, Timers


class Floor:
    """Contacts, agents and offers; each move keeps the counts and notes who is to be matched."""

    __slots__ = (
        "arrivals",
        "callbacks",
        "came",
        "contacts",
        "effects",
        "freed",
        "now",
        "offers",
        "roster",
        "routes",
        "rules",
        "timers",
        "turn",
    )

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = 0
        self.arrivals = 0
        self.turn = 0
        """How many offers were made."""
        self.timers = Timers()
        self.roster = Roster(rules)
        self.routes = Routes(self.roster, self.timers)
        self.contacts: dict[int, Contact] = {}
        self.offers: dict[UUID, Offer] = {}
        self.callbacks: dict[UUID, Contact] = {}
        """By client, the contact that waits for a callback."""
        self.effects: list[Effect] = []
        self.freed: dict[Agent, Trigger] = {}
        """Agents who may take more than before the command, and why."""
        self.came: dict[Contact, Trigger] = {}
        """Contacts that may be offered and could not be before the command, and why."""

    def forget(self, contact: Contact) -> None:
        """Drop a contact that is nowhere any more."""
        del self.contacts[contact.id.int]
        contact.route.visits.flow.expected.pop(contact.id.int, None)
        if contact.more is not None:
            contact.more.excluded.clear()
            if contact.more.callback_of is not None:
                self.callbacks.pop(contact.more.callback_of, None)

    def nobody_is_there(self, queue: Queue[Contact]) -> bool:
        """Say whether no agent of the queue is signed in."""
        members = self.roster.in_queue.get(queue.id, 0)
        return not members & ~self.roster.present[Presence.OFFLINE]

    def hold(self, contact: Contact, agent: Agent) -> None:
        """Make an agent the holder of a contact that is nowhere; the agent is idle from now on."""
        contact.agent = agent
        agent.contacts[contact.id.int] = self.now
        agent.idle_since = self.now
        if contact.more is not None:
            contact.more.keeping = Keeping.NO
            contact.more.asked = 0
        self.load(contact, agent, active=1)
        self.free(agent, Trigger.CAPACITY_FREED)

    def let_go(self, contact: Contact) -> None:
        """Take a contact from its holder."""
        agent, contact.agent = contact.agent, None
        if agent is None:
            return
        contact.wrapping = False
        if contact.more is not None:
            contact.more.wrapping_until = None
        contact.route.visits.flow.handled(self.now - agent.contacts.pop(contact.id.int))
        agent.idle_since = self.now
        self.load(contact, agent, active=-1)
        self.free(agent, Trigger.CAPACITY_FREED)

    def free(self, agent: Agent, trigger: Trigger) -> None:
        """Look for work for an agent after this command, under its present key."""
        agent.version += 1
        self.freed.setdefault(agent, trigger)

    def exclude(self, contact: Contact, agent: Agent, until: int | None) -> None:
        """Offer the contact to this agent no more, until a time or for good."""
        if until is not None and until <= self.now:
            return
        contact.particulars.excluded[agent.index] = until
        if until is not None:
            self.timers.set(until, CoolDown(contact, agent, until))

    def load(self, contact: Contact, agent: Agent, *, active: int = 0, ringing: int = 0) -> None:
        """Change how much the agent has on the contact's channel."""
        seat = agent.seat(contact.route.channel)
        seat.active += active
        seat.ringing += ringing
        self.roster.recount(agent)


def waiting_in(queue: Queue[Contact]) -> list[Contact]:
    """Return who waits in a queue, in the order of arrival."""
    waiting = [contact for visits in queue.visits.values() for contact in visits.line]
    return sorted(waiting, key=lambda contact: contact.order)
