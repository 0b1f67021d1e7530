"""How contacts wait: at their place, kept for somebody, sent on where a queue overflows."""

from routing.contacts import Contact, Keeping, Route
from routing.effects import ContactRequeued, ContactTurnedAway
from routing.floor import Floor, waiting_in
from routing.model import Ended, Leaving, Trigger
from routing.roster import Agent
from routing.rules import WhenClosed


def wait(floor: Floor, contact: Contact, trigger: Trigger) -> None:
    """Put a contact that is nowhere at its place in the lines of its route."""
    if not contact.route.current:
        contact.route = floor.routes.at(contact.route.queue.id, contact.route.needs)
    _decide_keeping(floor, contact)
    floor.routes.enter(contact, floor.now)
    floor.came[contact] = trigger


def _decide_keeping(floor: Floor, contact: Contact) -> None:
    """Keep it for its preferred agent, who is there but busy, unless that takes too long."""
    more = contact.more
    if more is None or more.preferred is None or more.keeping is Keeping.PINNED:
        return
    left = contact.route.queue.rules.hold_us - max(floor.now - contact.arrival, 0)
    agent = floor.roster.find(more.preferred)
    worth_it = left > 0 and agent is not None and _is_worth_waiting_for(floor, agent, contact)
    more.keeping = Keeping.FOR_A_WHILE if worth_it else Keeping.NO


def _is_worth_waiting_for(floor: Floor, agent: Agent, contact: Contact) -> bool:
    route = contact.route
    if not agent.ready or contact.excludes(agent) or not route.lanes[0].admits(agent):
        return False
    if agent.has_room(route.channel):
        return True
    places = max(agent.seat(route.channel).load, 1)
    return route.visits.flow.handle_us // places <= route.queue.rules.hold_us


def wait_anew(floor: Floor, contact: Contact, trigger: Trigger) -> None:
    """Let a waiting contact find its lines once more, because what decides them changed."""
    floor.routes.leave(contact, floor.now)
    wait(floor, contact, trigger)


def wait_again(floor: Floor, contact: Contact, reason: Ended) -> None:
    """Put a contact that left an agent back at its place, or on, if that was once too often."""
    most = contact.route.queue.rules.offers_most
    asked = 0 if contact.more is None else contact.more.asked
    if most is not None and asked >= most and overflow(floor, contact, Ended.OFFERED_TOO_OFTEN):
        return
    wait(floor, contact, Trigger.CONTACT_REQUEUED)
    floor.effects.append(ContactRequeued(contact.id, contact.route.queue.id, reason))


def arrive(floor: Floor, contact: Contact, trigger: Trigger) -> None:
    """Let a contact enter its queue, unless the queue sends it on or away at once."""
    if not contact.route.queue.is_open and treat_closed(floor, contact):
        return
    reason = _reason_to_go_on(floor, contact)
    if reason is None or not overflow(floor, contact, reason):
        wait(floor, contact, trigger)


def _reason_to_go_on(floor: Floor, contact: Contact) -> Ended | None:
    queue, waiting = contact.route.queue, contact.route.visits.line.live
    rules = queue.rules.overflow
    if rules is None:
        return None
    if rules.nobody_there and floor.nobody_is_there(queue):
        return Ended.NOBODY_THERE
    if rules.longer_than is not None and waiting >= rules.longer_than:
        return Ended.QUEUE_TOO_LONG
    return None


def overflow(floor: Floor, contact: Contact, reason: Ended) -> bool:
    """Send a contact on to where its queue overflows; False when it does not."""
    rules = contact.route.queue.rules.overflow
    if rules is None or not contact.may_overflow or rules.to == contact.route.queue.id:
        return False
    if contact.waits:
        floor.routes.leave(contact, floor.now)
    contact.particulars.hops += 1
    contact.particulars.asked = 0
    left = contact.route.queue.id
    change_route(floor, contact, floor.routes.at(rules.to, contact.route.needs))
    floor.effects.append(ContactRequeued(contact.id, rules.to, reason, left=left))
    arrive(floor, contact, Trigger.CONTACT_REQUEUED)
    return True


def change_route(floor: Floor, contact: Contact, route: Route) -> None:
    """Count a visit that flowed out and one that begins; the contact is nowhere."""
    contact.route.visits.flowed_out += 1
    contact.route.visits.flow.expected.pop(contact.id.int, None)
    route.visits.entered += 1
    contact.route = route
    contact.particulars.entered_us = floor.now


def treat_closed(floor: Floor, contact: Contact) -> bool:
    """Send a contact on or away because its queue is closed; False when it may wait."""
    match contact.route.queue.rules.when_closed:
        case WhenClosed.WAIT:
            return False
        case WhenClosed.OVERFLOW:
            return overflow(floor, contact, Ended.QUEUE_CLOSED)
        case WhenClosed.TURN_AWAY:
            _turn_away(floor, contact)
            return True


def _turn_away(floor: Floor, contact: Contact) -> None:
    if contact.waits:
        floor.routes.leave(contact, floor.now)
    contact.route.visits.lose(Leaving.FLOWED_OUT)
    floor.forget(contact)
    queue = contact.route.queue.id
    floor.effects.append(ContactTurnedAway(contact.id, queue, Ended.QUEUE_CLOSED))


def release_kept(floor: Floor, agent: Agent) -> None:
    """Let contacts that were kept for this agent for a while find somebody else, if need be."""
    for contact in list(floor.routes.kept_for(agent.id)):
        if contact.keeping is Keeping.FOR_A_WHILE:
            wait_anew(floor, contact, Trigger.CONTACT_REQUEUED)


def empty_deserted(floor: Floor, agent: Agent) -> None:
    """Send on who waits in queues of this agent where nobody is left, if they say so."""
    for queue_id in agent.queues:
        queue = floor.routes.queues.get(queue_id.int)
        rules = None if queue is None else queue.rules.overflow
        if queue is None or rules is None or not rules.nobody_there:
            continue
        if floor.nobody_is_there(queue):
            for contact in waiting_in(queue):
                overflow(floor, contact, Ended.NOBODY_THERE)
