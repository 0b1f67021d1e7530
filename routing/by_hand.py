"""What people decide themselves: answers to offers, contacts taken and given past capacity."""

from uuid import UUID

from routing import commands, reasons
from routing.contacts import Contact, Offer
from routing.effects import ContactAssigned, Refused
from routing.floor import Floor
from routing.model import Ended, Refusal, Trigger
from routing.ringing import accept, decline, take_out
from routing.roster import Agent


def accept_offer(floor: Floor, command: commands.OfferAccepted) -> None:
    if (offer := _ringing(floor, command)) is not None:
        accept(floor, offer)


def decline_offer(floor: Floor, command: commands.OfferDeclined) -> None:
    if (offer := _ringing(floor, command)) is not None:
        decline(floor, offer)


def _ringing(
    floor: Floor, command: commands.OfferAccepted | commands.OfferDeclined
) -> Offer | None:
    """Return the offer if exactly it still rings at this agent; otherwise refuse."""
    offer = floor.offers.get(command.offer)
    if offer is not None and offer.agent.id == command.agent:
        return offer
    refusal = Refusal.OFFER_GONE
    if command.contact.int not in floor.contacts:
        refusal = Refusal.UNKNOWN_CONTACT
    _refuse(floor, refusal, command.contact, command.agent, offer=command.offer)
    return None


def take(floor: Floor, command: commands.TakeByHand) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is not None and contact.agent is not None and contact.agent.id != command.agent:
        _refuse(floor, Refusal.OWNED, command.contact, command.agent)
        return
    _give(floor, command.contact, command.agent, Trigger.TAKEN_BY_HAND, by=command.agent)


def assign(floor: Floor, command: commands.AssignByHand) -> None:
    _give(floor, command.contact, command.agent, Trigger.ASSIGNED_BY_HAND, by=command.by)


def _give(floor: Floor, contact_id: UUID, agent_id: UUID, trigger: Trigger, *, by: UUID) -> None:
    contact, agent = floor.contacts.get(contact_id.int), floor.roster.at(agent_id)
    if contact is None:
        _refuse(floor, Refusal.UNKNOWN_CONTACT, contact_id, agent_id)
    elif contact.agent is agent:
        _refuse(floor, Refusal.ALREADY_YOURS, contact_id, agent_id)
    elif (offer := contact.offer_to(agent_id)) is not None:
        accept(floor, offer)
    else:
        _hand_over(floor, contact, agent, trigger, by=by)


def _hand_over(floor: Floor, contact: Contact, agent: Agent, trigger: Trigger, *, by: UUID) -> None:
    previous = contact.agent.id if contact.agent is not None else None
    if not contact.held:
        contact.route.visits.answered += 1
        contact.route.visits.flow.came_true(contact.id.int, floor.now)
    decision = reasons.decision(floor, contact, agent, trigger=trigger, by=by)
    take_out(floor, contact, Ended.TAKEN)
    floor.hold(contact, agent)
    floor.effects.append(
        ContactAssigned(contact.id, agent.id, decision=decision, previous=previous)
    )


def _refuse(
    floor: Floor, refusal: Refusal, contact_id: UUID, agent_id: UUID, *, offer: UUID | None = None
) -> None:
    floor.effects.append(Refused(refusal, contact_id, agent_id, _owner(floor, contact_id), offer))


def _owner(floor: Floor, contact_id: UUID) -> UUID | None:
    """Return who holds the contact, or at whom it rings first."""
    contact = floor.contacts.get(contact_id.int)
    if contact is None:
        return None
    if contact.agent is not None:
        return contact.agent.id
    return contact.offers[0].agent.id if contact.offers else None
