"""Queues as time and administrators change them: rules set anew, queues that open and close."""

from routing import commands
from routing.contacts import Contact
from routing.floor import Floor, waiting_in
from routing.model import Ended, Trigger
from routing.queues import Queue
from routing.waiting import overflow, treat_closed, wait


def set_queue(floor: Floor, command: commands.QueueSet) -> None:
    """Let everybody in the queue wait by its new rules; what rings goes on ringing."""
    queue = floor.routes.queue(command.queue)
    if queue.rules == command.rules:
        return
    waiting = waiting_in(queue)
    for contact in waiting:
        floor.routes.leave(contact, floor.now)
    queue.set_rules(command.rules)
    floor.routes.outdate(queue)
    _reseat(floor, queue)
    _look(floor, queue)
    for contact in waiting:
        wait(floor, contact, Trigger.RULES_CHANGED)
    treat_all(floor, queue)


def _reseat(floor: Floor, queue: Queue[Contact]) -> None:
    """Note those who are free by the key of the strategy that now counts."""
    floor.routes.note_strategy(queue.rules.strategy)
    members = 0
    for lane in floor.routes.with_bits(queue.lane_bits):
        lane.strategy = queue.rules.strategy
        lane.pools.clear()
        members |= lane.members
    for agent in floor.roster.with_bits(members):
        floor.free(agent, Trigger.RULES_CHANGED)


def pass_boundary(floor: Floor, queue: Queue[Contact]) -> None:
    """A queue opens or closes now."""
    _look(floor, queue)
    if queue.is_open:
        for lane in floor.routes.with_bits(queue.lane_bits):
            for agent in floor.roster.with_bits(lane.members):
                floor.free(agent, Trigger.QUEUE_OPENED)
        for contact in waiting_in(queue):
            if contact.preferred is not None:
                floor.came[contact] = Trigger.QUEUE_OPENED
    else:
        treat_all(floor, queue)


def treat_all(floor: Floor, queue: Queue[Contact]) -> None:
    """Send on or away who waits in a queue that is closed, or where nobody is, if it says so."""
    if not queue.is_open:
        for contact in waiting_in(queue):
            treat_closed(floor, contact)
    rules = queue.rules.overflow
    if rules is not None and rules.nobody_there and floor.nobody_is_there(queue):
        for contact in waiting_in(queue):
            overflow(floor, contact, Ended.NOBODY_THERE)


def _look(floor: Floor, queue: Queue[Contact]) -> None:
    queue.look_at_the_clock(floor.now)
    if queue.is_open:
        floor.routes.closed &= ~queue.lane_bits
    else:
        floor.routes.closed |= queue.lane_bits
    if queue.boundary is not None:
        floor.timers.set(queue.boundary, queue)
