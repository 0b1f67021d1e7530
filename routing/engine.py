"""Decides which agent is offered which contact: state, command and time in, effects out.

Pure and deterministic: no I/O, no wall clock, no randomness, no order taken from a set, no float in
a key. After every command no available agent and waiting contact that fit persist.
"""

from collections.abc import Callable, Iterator
from heapq import merge
from typing import Any
from uuid import UUID

from kernel.errors import NotFoundError
from routing import by_hand, commands, hours, reasons, shifts, visits
from routing.commands import Command
from routing.contacts import Contact, Keeping, Offer
from routing.effects import Effect
from routing.floor import Floor
from routing.lines import Threshold
from routing.matching import match
from routing.model import Ended, Presence, Rules, Trigger
from routing.queues import Queue
from routing.records import Estimate, QueueCounts, Standing
from routing.ringing import miss
from routing.timers import CoolDown, Event, WrapUp
from routing.waiting import overflow, wait_anew


class Engine:
    """The state of all queues, changed by one command at a time.

    Begun `suspended`, it takes in what was so before (queues, agents, contacts in the order of
    their arrival) and matches nothing until `Resume`. Time never runs back: an earlier `now_us` is
    read as the latest one seen.
    """

    def __init__(self, rules: Rules | None = None, *, suspended: bool = False) -> None:
        self._floor = Floor(rules or Rules())
        self._suspended = suspended
        self._verbs: dict[type[Command], Callable[[Floor, Any], None]] = {
            commands.QueueSet: hours.set_queue,
            commands.ContactQueued: self._queue,
            commands.ContactHeld: visits.restore_held,
            commands.ContactLeft: visits.leave,
            commands.ContactClosed: visits.close,
            commands.WrapUpBegun: visits.wrap_up,
            commands.CallbackAsked: visits.ask_for_callback,
            commands.CallbackDropped: visits.drop_callback,
            commands.MoveToQueue: visits.move,
            commands.QueueChosen: visits.choose,
            commands.PinToAgent: visits.pin,
            commands.WaitAnnounced: visits.announce,
            commands.AgentSet: shifts.set_agent,
            commands.AgentStateChanged: shifts.change_state,
            commands.AgentVanished: shifts.vanish,
            commands.OfferAccepted: by_hand.accept_offer,
            commands.OfferDeclined: by_hand.decline_offer,
            commands.TakeByHand: by_hand.take,
            commands.AssignByHand: by_hand.assign,
            commands.Tick: lambda _floor, _command: None,
            commands.Resume: self._resume,
        }

    def apply(self, command: Command, now_us: int) -> list[Effect]:
        """Change the state and return what follows from it, in order.

        Everything due by `now_us` happens first, so an accept at its offer's end is too late.
        """
        floor = self._floor
        floor.now = max(floor.now, now_us)
        floor.effects = []
        if isinstance(command, commands.Resume):
            self._suspended = False
        # While the engine is told what there is, nothing happens: nobody would store the effect.
        while not self._suspended and (event := floor.timers.pop_due(floor.now)) is not None:
            _happen(floor, event)
        self._verbs[type(command)](floor, command)
        if not self._suspended:
            match(floor)
        return floor.effects

    def next_due(self) -> int | None:
        """Return when a `Tick` is next needed, if nothing else happens."""
        return self._floor.timers.next_due()

    def why(self, contact: UUID, now_us: int) -> Standing:
        """Explain where a contact stands; raises NotFoundError for one that is not here."""
        found = self._find(contact)
        return reasons.standing(self._floor, found, max(now_us, self._floor.now))

    def estimate(self, contact: UUID) -> Estimate:
        """Say how long a waiting contact will probably wait still; NotFoundError if not here."""
        found = self._find(contact)
        route, roster = found.route, self._floor.roster
        route.visits.flow.pass_time(self._floor.now, waiting=route.visits.line.live)
        lane = route.lanes[max(found.ring, 1) - 1]
        servers = (lane.members & ~roster.present[Presence.OFFLINE]).bit_count()
        return route.visits.flow.estimate(_ahead_of(found), servers)

    def waiting(self, queue: UUID) -> Iterator[UUID]:
        """Yield the contacts waiting in a queue by arrival, offered ones left out.

        Costs grow with what is read, not with the queue. Apply no command while reading.
        """
        visits_of = self._floor.routes.queue(queue).visits.values()
        for contact in merge(*(v.line for v in visits_of), key=lambda contact: contact.order):
            yield contact.id

    def counts(self) -> list[QueueCounts]:
        """Count each queue and channel, in the order they were first heard of."""
        return [
            visits_of.counts(queue.id, channel)
            for queue in self._floor.routes.queues.values()
            for channel, visits_of in queue.visits.items()
        ]

    def _find(self, contact: UUID) -> Contact:
        found = self._floor.contacts.get(contact.int)
        if found is None:
            raise NotFoundError(f"contact {contact} is in no queue")
        return found

    def _queue(self, floor: Floor, command: commands.ContactQueued) -> None:
        visits.queue_contact(floor, command, restoring=self._suspended)

    def _resume(self, floor: Floor, _: commands.Resume) -> None:
        self._suspended = False
        for queue in list(floor.routes.queues.values()):
            hours.treat_all(floor, queue)
        for agent in floor.roster:
            floor.freed[agent] = Trigger.RESUMED


def _happen(floor: Floor, event: Event) -> None:
    """Let something happen whose time has come."""
    match event:
        case Offer():
            miss(floor, event)
        case CoolDown():
            shifts.end_cool_down(floor, event)
        case WrapUp():
            shifts.end_wrap_up(floor, event.contact)
        case Queue():
            hours.pass_boundary(floor, event)
        case Threshold():
            _pass_threshold(floor, event)


def _pass_threshold(floor: Floor, threshold: Threshold[Contact]) -> None:
    """Let all who have waited long enough overflow, or be asked of more agents."""
    while (contact := threshold.first_due(floor.now)) is not None:
        if threshold is contact.route.queue.overflowing:
            overflow(floor, contact, Ended.WAITED_TOO_LONG)
            continue
        threshold.pop_due(floor.now)
        floor.routes.pass_threshold(contact, floor.now)
        held_for = contact.route.queue.rules.hold_us
        if contact.keeping is Keeping.FOR_A_WHILE and floor.now - contact.arrival >= held_for:
            wait_anew(floor, contact, Trigger.WAITED_LONG_ENOUGH)
        floor.came[contact] = Trigger.WAITED_LONG_ENOUGH
    floor.timers.arm(threshold)


def _ahead_of(contact: Contact) -> int:
    """Count who would be taken before it, as far as bands and arrivals say."""
    band = contact.route.priority.band
    return sum(
        1
        for other in contact.route.visits.line.anyhow()
        if other.route.priority.band > band
        or (other.route.priority.band == band and other.order < contact.order)
    )
