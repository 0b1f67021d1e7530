"""Decides which agent is offered which contact: state, command and time in, effects out.

Pure and deterministic: no I/O, no wall clock, no randomness, no order taken from a set. The oldest
contact goes to the longest-idle available agent of its queue with a free place on its channel, a
preferred agent first. After every command no available agent and waiting contact that fit persist.
"""

from collections.abc import Callable, Iterator
from heapq import merge
from typing import Any
from uuid import UUID

from kernel.errors import NotFoundError
from routing import commands, reasons
from routing.commands import Command
from routing.effects import ContactAssigned, Effect, Refused
from routing.floor import Floor
from routing.lanes import Contact, Offer
from routing.matching import match
from routing.model import (
    Ended,
    Leaving,
    QueueCounts,
    Refusal,
    Rules,
    Standing,
    Trigger,
)
from routing.roster import Agent


class Engine:
    """The state of all queues, changed by one command at a time.

    Begun `suspended`, it takes in what was so before (queues, agents, contacts in the order of
    their arrival) and matches nothing until `Resume`. Time never runs back: an earlier `now_us` is
    read as the latest one seen.
    """

    def __init__(self, rules: Rules | None = None, *, suspended: bool = False) -> None:
        self._floor = Floor(rules or Rules())
        self._suspended = suspended
        self._arrivals = 0
        self._verbs: dict[type[Command], Callable[[Any], None]] = {
            commands.QueueSet: self._set_queue,
            commands.ContactQueued: self._queue,
            commands.ContactHeld: self._restore_held,
            commands.ContactLeft: self._leave,
            commands.ContactClosed: self._close,
            commands.MoveToQueue: self._move,
            commands.AgentSet: self._set_agent,
            commands.AgentStateChanged: self._change_state,
            commands.AgentVanished: self._vanish,
            commands.CapacityFreed: self._end_wrap_up,
            commands.OfferAccepted: self._accept,
            commands.OfferDeclined: self._decline,
            commands.TakeByHand: self._take,
            commands.AssignByHand: self._assign,
            commands.Tick: lambda _: None,
            commands.Resume: self._resume,
        }

    def apply(self, command: Command, now_us: int) -> list[Effect]:
        """Change the state and return what follows from it, in order.

        Everything due by `now_us` happens first, so an accept at its offer's end is too late.
        """
        floor = self._floor
        floor.now = max(floor.now, now_us)
        floor.effects = []
        while (event := floor.timers.pop_due(floor.now)) is not None:
            if isinstance(event, Offer):
                floor.miss(event)
            else:
                floor.end_cool_down(event)
        self._verbs[type(command)](command)
        if not self._suspended:
            match(floor)
        return floor.effects

    def next_due(self) -> int | None:
        """Return when a `Tick` is next needed, if nothing else happens."""
        return self._floor.timers.next_due()

    def why(self, contact: UUID, now_us: int) -> Standing:
        """Explain where a contact stands; raises NotFoundError for one that is not here."""
        found = self._floor.contacts.get(contact)
        if found is None:
            raise NotFoundError(f"contact {contact} is in no queue")
        return reasons.standing(self._floor.roster, found, max(now_us, self._floor.now))

    def waiting(self, queue: UUID) -> Iterator[UUID]:
        """Yield the contacts waiting in a queue in order, offered ones left out.

        Costs grow with what is read, not with the queue. Apply no command while reading.
        """
        lines = [lane.line for lane in self._floor.lanes if lane.requirement.queue == queue]
        for contact in merge(*lines, key=lambda contact: contact.order):
            yield contact.id

    def counts(self) -> list[QueueCounts]:
        """Count each queue and channel, in the order they were first heard of."""
        return [lane.counts() for lane in self._floor.lanes]

    # Contacts

    def _set_queue(self, command: commands.QueueSet) -> None:
        self._floor.offer_timeouts[command.queue] = command.offer_timeout_us

    def _queue(self, command: commands.ContactQueued) -> None:
        if command.contact in self._floor.contacts:
            return
        contact = self._met(command)
        contact.lane.entered += 1
        for exclusion in command.excluded:
            agent = self._floor.roster.at(exclusion.agent)
            self._floor.exclude(contact, agent, exclusion.until_us)
        self._floor.wait(contact, Trigger.CONTACT_QUEUED)

    def _restore_held(self, command: commands.ContactHeld) -> None:
        if command.contact in self._floor.contacts:
            return
        agent = self._floor.roster.at(command.agent)
        idle_since = agent.idle_since
        self._floor.hold(self._met(command), agent)
        agent.idle_since = idle_since

    def _met(self, command: commands.ContactQueued | commands.ContactHeld) -> Contact:
        self._arrivals += 1
        contact = Contact(
            command.contact,
            self._floor.lanes.at(command.queue, command.channel),
            command.virtual_arrival_us,
            self._arrivals,
            command.preferred_agent,
        )
        self._floor.contacts[contact.id] = contact
        return contact

    def _leave(self, command: commands.ContactLeft) -> None:
        contact = self._floor.contacts.pop(command.contact, None)
        if contact is None:
            return
        if not contact.held:
            contact.lane.lose(command.reason)
        self._floor.take_out(contact, Ended.CONTACT_LEFT)
        contact.excluded = None

    def _close(self, command: commands.ContactClosed) -> None:
        contact = self._floor.contacts.get(command.contact)
        if contact is None or not contact.held:
            self._leave(commands.ContactLeft(command.contact, Leaving.CLOSED))
            return
        del self._floor.contacts[contact.id]
        contact.excluded = None
        self._floor.let_go(contact, wrap_up=command.wrap_up)

    def _move(self, command: commands.MoveToQueue) -> None:
        contact = self._floor.contacts.get(command.contact)
        if contact is None:
            return
        old, new = contact.lane, self._floor.lanes.at(command.queue, contact.lane.channel)
        was_held = contact.held
        self._floor.take_out(contact, Ended.MOVED)
        if was_held or new is not old:
            old.flowed_out += not was_held
            new.entered += 1
        contact.lane = new
        if command.virtual_arrival_us is not None:
            contact.arrival = command.virtual_arrival_us
        self._floor.wait_again(contact, Ended.MOVED)

    # Agents

    def _set_agent(self, command: commands.AgentSet) -> None:
        floor = self._floor
        agent = floor.roster.at(command.agent)
        floor.roster.set_queues(agent, command.queues)
        floor.roster.set_capacity(agent, command.capacity, command.held)
        floor.lanes.enrol(agent)
        floor.set_state(agent, command.state, missed=agent.missed)
        if command.idle_since_us is not None:
            agent.idle_since = command.idle_since_us

    def _change_state(self, command: commands.AgentStateChanged) -> None:
        self._floor.set_state(self._floor.roster.at(command.agent), command.state, missed=False)

    def _vanish(self, command: commands.AgentVanished) -> None:
        self._floor.vanish(self._floor.roster.at(command.agent))

    def _end_wrap_up(self, command: commands.CapacityFreed) -> None:
        agent = self._floor.roster.at(command.agent)
        if self._floor.roster.end_wrap_up(agent, command.channel):
            agent.idle_since = self._floor.now
            self._floor.free(agent, Trigger.CAPACITY_FREED)

    def _resume(self, _: commands.Resume) -> None:
        self._suspended = False
        for agent in self._floor.roster:
            self._floor.freed[agent] = Trigger.RESUMED

    # Offers

    def _accept(self, command: commands.OfferAccepted) -> None:
        if (offer := self._ringing(command)) is not None:
            self._floor.accept(offer)

    def _decline(self, command: commands.OfferDeclined) -> None:
        if (offer := self._ringing(command)) is not None:
            self._floor.decline(offer)

    def _ringing(self, command: commands.OfferAccepted | commands.OfferDeclined) -> Offer | None:
        """Return the offer if exactly it still rings at this agent; otherwise refuse."""
        offer = self._floor.offers.get(command.offer)
        if offer is not None and offer.agent.id == command.agent:
            return offer
        refusal = Refusal.OFFER_GONE
        if command.contact not in self._floor.contacts:
            refusal = Refusal.UNKNOWN_CONTACT
        self._refuse(refusal, command.contact, command.agent, offer=command.offer)
        return None

    # By hand

    def _take(self, command: commands.TakeByHand) -> None:
        contact = self._floor.contacts.get(command.contact)
        if contact is not None and contact.held and not contact.is_with(command.agent):
            self._refuse(Refusal.OWNED, command.contact, command.agent)
            return
        self._give(command.contact, command.agent, Trigger.TAKEN_BY_HAND, by=command.agent)

    def _assign(self, command: commands.AssignByHand) -> None:
        self._give(command.contact, command.agent, Trigger.ASSIGNED_BY_HAND, by=command.by)

    def _give(self, contact_id: UUID, agent_id: UUID, trigger: Trigger, *, by: UUID) -> None:
        floor = self._floor
        contact, agent = floor.contacts.get(contact_id), floor.roster.at(agent_id)
        if contact is None:
            self._refuse(Refusal.UNKNOWN_CONTACT, contact_id, agent_id)
        elif contact.is_with(agent_id) and contact.held:
            self._refuse(Refusal.ALREADY_YOURS, contact_id, agent_id)
        elif contact.is_with(agent_id) and contact.offer is not None:
            floor.accept(contact.offer)
        else:
            self._hand_over(contact, agent, trigger, by=by)

    def _hand_over(self, contact: Contact, agent: Agent, trigger: Trigger, *, by: UUID) -> None:
        floor = self._floor
        previous = contact.agent.id if contact.agent is not None and contact.held else None
        contact.lane.answered += not contact.held
        decision = reasons.decision(
            floor.roster, contact, agent, trigger=trigger, now=floor.now, by=by
        )
        floor.take_out(contact, Ended.TAKEN)
        floor.hold(contact, agent)
        floor.effects.append(
            ContactAssigned(contact.id, agent.id, decision=decision, previous=previous)
        )

    def _refuse(
        self, refusal: Refusal, contact_id: UUID, agent_id: UUID, *, offer: UUID | None = None
    ) -> None:
        contact = self._floor.contacts.get(contact_id)
        owner = contact.agent.id if contact is not None and contact.agent is not None else None
        self._floor.effects.append(Refused(refusal, contact_id, agent_id, owner, offer))
