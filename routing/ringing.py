"""The life of an offer: it rings, is accepted, declined, missed or withdrawn."""

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from routing.contacts import Contact, Offer
from routing.effects import AgentNotReady, ContactAssigned, OfferMade, OfferWithdrawn
from routing.floor import Floor
from routing.model import Ended, Trigger
from routing.records import Decision
from routing.roster import Agent
from routing.waiting import release_kept, wait_again


def offer_id(contact: UUID, now_us: int, version: int, turn: int) -> UUID:
    """Name an offer so that a replay names it the same: RFC 9562 version 8, led by milliseconds."""
    seed = b"".join(number.to_bytes(8, "big") for number in (now_us, version, turn))
    tail = int.from_bytes(blake2b(contact.bytes + seed, digest_size=10).digest(), "big")
    prefix = (now_us // 1000 & 0xFFFF_FFFF_FFFF) << 80 | 0x8 << 76 | (tail >> 64 & 0xFFF) << 64
    return UUID(int=prefix | 0b10 << 62 | tail & 0x3FFF_FFFF_FFFF_FFFF)


def ring(floor: Floor, contact: Contact, chosen: Sequence[tuple[Agent, Decision]]) -> None:
    """Offer a waiting contact to agents, the first of whom to accept has it."""
    floor.routes.leave(contact, floor.now)
    contact.route.visits.offered += 1
    timeout = contact.route.queue.rules.offer_timeout_us or floor.rules.offer_timeout_us
    expires = floor.now + timeout
    for agent, decision in chosen:
        floor.turn += 1
        name = offer_id(contact.id, floor.now, contact.version, floor.turn)
        offer = Offer(name, contact, agent, floor.now, expires)
        contact.offers = (*contact.offers, offer)
        floor.offers[name] = offer
        agent.offers[name] = None
        agent.turns[contact.route.queue.id] = floor.turn
        floor.load(contact, agent, ringing=1)
        floor.timers.set(expires, offer)
        floor.effects.append(
            OfferMade(
                offer=name,
                contact=contact.id,
                agent=agent.id,
                expires_at_us=expires,
                decision=decision,
            )
        )


def stop_ringing(floor: Floor, offer: Offer, reason: Ended) -> None:
    """Stop an offer that nobody accepts; with its last one a contact is nowhere."""
    _silence(floor, offer)
    if reason in {Ended.DECLINED, Ended.MISSED}:
        offer.contact.particulars.asked += 1
    floor.effects.append(OfferWithdrawn(offer.id, offer.contact.id, offer.agent.id, reason))
    floor.free(offer.agent, Trigger.CAPACITY_FREED)


def _silence(floor: Floor, offer: Offer) -> None:
    contact = offer.contact
    del floor.offers[offer.id]
    del offer.agent.offers[offer.id]
    contact.offers = tuple(other for other in contact.offers if other is not offer)
    contact.route.visits.offered -= not contact.offers
    floor.load(contact, offer.agent, ringing=-1)


def accept(floor: Floor, offer: Offer) -> None:
    """Make the ringing agent the holder; nobody else is asked any more."""
    contact, flow = offer.contact, offer.contact.route.visits.flow
    _silence(floor, offer)
    for other in contact.offers:
        stop_ringing(floor, other, Ended.ANSWERED_ELSEWHERE)
    if offer.made_at > contact.arrival:
        flow.served()
    flow.came_true(contact.id.int, floor.now)
    contact.route.visits.answered += 1
    floor.hold(contact, offer.agent)
    floor.effects.append(ContactAssigned(contact.id, offer.agent.id, offer=offer.id))


def decline(floor: Floor, offer: Offer) -> None:
    """Put the contact back at its place, out of this agent's reach for the cool-down."""
    stop_ringing(floor, offer, Ended.DECLINED)
    until = floor.now + floor.rules.decline_cool_down_us
    floor.exclude(offer.contact, offer.agent, until)
    if not offer.contact.offers:
        wait_again(floor, offer.contact, Ended.DECLINED)


def miss(floor: Floor, offer: Offer) -> None:
    """Take the agent out of the game until it acts, so that nothing bounces off it again."""
    agent = offer.agent
    floor.roster.set_state(agent, agent.state, missed=True)
    stop_ringing(floor, offer, Ended.MISSED)
    if not offer.contact.offers:
        wait_again(floor, offer.contact, Ended.MISSED)
    withdraw_all(floor, agent, Ended.MISSED_ANOTHER)
    floor.effects.append(AgentNotReady(agent.id, Ended.MISSED))
    release_kept(floor, agent)


def withdraw_all(floor: Floor, agent: Agent, reason: Ended) -> None:
    """Stop all that rings at an agent; the contacts keep their places."""
    for name in list(agent.offers):
        offer = floor.offers[name]
        stop_ringing(floor, offer, reason)
        if not offer.contact.offers:
            wait_again(floor, offer.contact, reason)


def take_out(floor: Floor, contact: Contact, reason: Ended) -> None:
    """Take a contact from where it is, so that it is nowhere; its offers are withdrawn."""
    for offer in contact.offers:
        stop_ringing(floor, offer, reason)
    if contact.agent is not None:
        floor.let_go(contact)
    elif contact.waits:
        floor.routes.leave(contact, floor.now)
