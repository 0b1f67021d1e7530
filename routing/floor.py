"""The state of routing and its few moves: wait, ring, stop ringing, hold, let go."""

from hashlib import blake2b
from uuid import UUID

from routing.effects import (
    AgentNotReady,
    ContactAssigned,
    ContactRequeued,
    Effect,
    OfferMade,
    OfferWithdrawn,
)
from routing.lanes import Contact, Lanes, Offer
from routing.model import Decision, Ended, Presence, Rules, Trigger
from routing.roster import Agent, Roster
from routing.timers import CoolDown, Timers


def offer_id(contact: UUID, now_us: int, version: int) -> UUID:
    """Name an offer so that a replay names it the same: RFC 9562 version 8, led by milliseconds."""
    seed = contact.bytes + now_us.to_bytes(8, "big") + version.to_bytes(8, "big")
    tail = int.from_bytes(blake2b(seed, digest_size=10).digest(), "big")
    prefix = (now_us // 1000 & 0xFFFF_FFFF_FFFF) << 80 | 0x8 << 76 | (tail >> 64 & 0xFFF) << 64
    return UUID(int=prefix | 0b10 << 62 | tail & 0x3FFF_FFFF_FFFF_FFFF)


class Floor:
    """Contacts, agents and offers; each move keeps the counts and notes who is to be matched."""

    __slots__ = (
        "came",
        "contacts",
        "effects",
        "freed",
        "lanes",
        "now",
        "offer_timeouts",
        "offers",
        "roster",
        "rules",
        "timers",
    )

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = 0
        self.lanes = Lanes()
        self.roster = Roster(rules.ringing_at_once)
        self.timers = Timers()
        self.contacts: dict[UUID, Contact] = {}
        self.offers: dict[UUID, Offer] = {}
        self.offer_timeouts: dict[UUID, int] = {}
        self.effects: list[Effect] = []
        self.freed: dict[Agent, Trigger] = {}
        """Agents who may take more than before the command, and why."""
        self.came: dict[Contact, Trigger] = {}
        """Contacts that wait and did not before the command, and why."""

    def wait(self, contact: Contact, trigger: Trigger) -> None:
        """Put a contact that is nowhere at its place in its lane."""
        self.lanes.enter(contact)
        self.came[contact] = trigger

    def wait_again(self, contact: Contact, reason: Ended) -> None:
        """Put a contact that left an agent back at its place."""
        self.wait(contact, Trigger.CONTACT_REQUEUED)
        queue = contact.lane.requirement.queue
        self.effects.append(ContactRequeued(contact.id, queue, reason))

    def take_out(self, contact: Contact, reason: Ended) -> None:
        """Take a contact from where it is, so that it is nowhere; an offer of it is withdrawn."""
        if contact.offer is not None:
            self.end_offer(contact.offer, reason)
        elif contact.agent is not None:
            self.let_go(contact)
        else:
            self.lanes.leave(contact)

    def ring(self, contact: Contact, agent: Agent, decision: Decision) -> None:
        """Offer a waiting contact to an agent."""
        self.lanes.leave(contact)
        queue = contact.lane.requirement.queue
        expires = self.now + self.offer_timeouts.get(queue, self.rules.offer_timeout_us)
        name = offer_id(contact.id, self.now, contact.version)
        offer = Offer(name, contact, agent, expires)
        contact.agent, contact.offer = agent, offer
        contact.lane.offered += 1
        self.offers[name] = offer
        agent.offers[name] = None
        self._load(contact, agent, ringing=1)
        self.timers.set(expires, offer)
        self.effects.append(
            OfferMade(
                offer=name,
                contact=contact.id,
                agent=agent.id,
                expires_at_us=expires,
                decision=decision,
            )
        )

    def end_offer(self, offer: Offer, reason: Ended) -> None:
        """Stop an offer; its contact is then nowhere."""
        self._stop_ringing(offer)
        offer.contact.agent = None
        self.effects.append(OfferWithdrawn(offer.id, offer.contact.id, offer.agent.id, reason))
        self.free(offer.agent, Trigger.CAPACITY_FREED)

    def accept(self, offer: Offer) -> None:
        """Make the ringing agent the holder."""
        self._stop_ringing(offer)
        offer.contact.lane.answered += 1
        self.hold(offer.contact, offer.agent)
        self.effects.append(ContactAssigned(offer.contact.id, offer.agent.id, offer=offer.id))

    def decline(self, offer: Offer) -> None:
        """Put the contact back at its place, out of this agent's reach for the cool-down."""
        self.end_offer(offer, Ended.DECLINED)
        until = self.now + self.rules.decline_cool_down_us
        self.exclude(offer.contact, offer.agent, until)
        self.wait_again(offer.contact, Ended.DECLINED)

    def miss(self, offer: Offer) -> None:
        """Take the agent out of the game until it acts, so that nothing bounces off it again."""
        agent = offer.agent
        self.roster.set_state(agent, agent.state, missed=True)
        self.end_offer(offer, Ended.MISSED)
        self.wait_again(offer.contact, Ended.MISSED)
        self.withdraw_all(agent, Ended.MISSED_ANOTHER)
        self.effects.append(AgentNotReady(agent.id, Ended.MISSED))

    def set_state(self, agent: Agent, state: Presence, *, missed: bool) -> None:
        """Change presence; who leaves is offered nothing and keeps what it holds."""
        was_ready = agent.ready
        self.roster.set_state(agent, state, missed=missed)
        if agent.ready and not was_ready:
            agent.idle_since = self.now
        self.free(agent, Trigger.AGENT_READY)
        if not agent.ready:
            self.withdraw_all(agent, Ended.AGENT_LEFT)

    def vanish(self, agent: Agent) -> None:
        """Put all an agent holds or is offered back at its place."""
        self.roster.set_state(agent, Presence.OFFLINE, missed=False)
        self.withdraw_all(agent, Ended.AGENT_VANISHED)
        for contact_id in list(agent.contacts):
            contact = self.contacts[contact_id]
            self.let_go(contact)
            contact.lane.entered += 1
            self.wait_again(contact, Ended.AGENT_VANISHED)
        self.roster.end_wrap_up(agent)
        self.effects.append(AgentNotReady(agent.id, Ended.AGENT_VANISHED))

    def hold(self, contact: Contact, agent: Agent) -> None:
        """Make an agent the holder of a contact that is nowhere; the agent is idle from now on."""
        contact.agent = agent
        agent.contacts[contact.id] = None
        agent.idle_since = self.now
        self._load(contact, agent, active=1)
        self.free(agent, Trigger.CAPACITY_FREED)

    def let_go(self, contact: Contact, *, wrap_up: bool = False) -> None:
        """Take a contact from its holder, whose place stays taken during wrap-up."""
        agent, contact.agent = contact.agent, None
        if agent is None:
            return
        del agent.contacts[contact.id]
        agent.idle_since = self.now
        self._load(contact, agent, active=-1, held=int(wrap_up))
        self.free(agent, Trigger.CAPACITY_FREED)

    def free(self, agent: Agent, trigger: Trigger) -> None:
        """Look for work for an agent after this command, under its present key."""
        agent.version += 1
        self.freed.setdefault(agent, trigger)

    def exclude(self, contact: Contact, agent: Agent, until: int | None) -> None:
        """Offer the contact to this agent no more, until a time or for good."""
        if until is not None and until <= self.now:
            return
        excluded = contact.excluded = {} if contact.excluded is None else contact.excluded
        excluded[agent.index] = until
        if until is not None:
            self.timers.set(until, CoolDown(contact, agent, until))

    def end_cool_down(self, cool_down: CoolDown) -> None:
        excluded = cool_down.contact.excluded or {}
        del excluded[cool_down.agent.index]
        cool_down.contact.excluded = excluded or None
        self.free(cool_down.agent, Trigger.COOL_DOWN_ENDED)

    def withdraw_all(self, agent: Agent, reason: Ended) -> None:
        """Stop all that rings at an agent; the contacts keep their places."""
        for name in list(agent.offers):
            offer = self.offers[name]
            self.end_offer(offer, reason)
            self.wait_again(offer.contact, reason)

    def _stop_ringing(self, offer: Offer) -> None:
        del self.offers[offer.id]
        del offer.agent.offers[offer.id]
        offer.contact.offer = None
        offer.contact.lane.offered -= 1
        self._load(offer.contact, offer.agent, ringing=-1)

    def _load(
        self, contact: Contact, agent: Agent, *, active: int = 0, ringing: int = 0, held: int = 0
    ) -> None:
        channel = contact.lane.channel
        seat = agent.seat(channel)
        seat.active += active
        seat.ringing += ringing
        seat.held += held
        self.roster.recount(agent, channel)
