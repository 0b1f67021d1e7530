"""What happens to contacts: they arrive, move, are pinned, called back, leave and are closed."""

from uuid import UUID

from routing import commands
from routing.contacts import Contact, Keeping, Needs
from routing.effects import CallbackCancelled, ContactRequeued, Refused
from routing.floor import Floor
from routing.lines import number_of, order_of
from routing.model import Ended, Leaving, Refusal, Trigger
from routing.ringing import take_out
from routing.shifts import begin_wrap_up, resume
from routing.waiting import arrive, wait


def queue_contact(floor: Floor, command: commands.ContactQueued, *, restoring: bool) -> None:
    """Let a contact wait; while `restoring` it is where it is, whatever its queue says."""
    if command.contact.int in floor.contacts:
        return
    contact = _met(floor, command)
    _note_particulars(floor, contact, command)
    if command.client is not None:
        _cancel_callback(floor, contact, command.client)
    contact.route.visits.entered += 1
    for exclusion in command.excluded:
        floor.exclude(contact, floor.roster.at(exclusion.agent), exclusion.until_us)
    if restoring:
        wait(floor, contact, Trigger.CONTACT_QUEUED)
    else:
        arrive(floor, contact, Trigger.CONTACT_QUEUED)


def _note_particulars(floor: Floor, contact: Contact, command: commands.ContactQueued) -> None:
    if command.preferred_agent is not None:
        contact.particulars.preferred = command.preferred_agent
        contact.particulars.keeping = Keeping.PINNED if command.pinned else Keeping.NO
    if command.entered_us not in {None, command.virtual_arrival_us}:
        contact.particulars.entered_us = command.entered_us
    if command.hops:
        contact.particulars.hops = command.hops
    if command.callback_of is not None:
        contact.particulars.callback_of = command.callback_of
        floor.callbacks[command.callback_of] = contact


def _cancel_callback(floor: Floor, contact: Contact, client: UUID) -> None:
    """The client who waits to be called back is here again: one of the two is enough."""
    callback = floor.callbacks.get(client)
    if callback is None or callback.held:
        return
    take_out(floor, callback, Ended.CONTACT_LEFT)
    callback.route.visits.lose(Leaving.FLOWED_OUT)
    floor.forget(callback)
    if callback.arrival < contact.arrival:
        contact.particulars.entered_us = contact.entered
        contact.order = order_of(callback.arrival, number_of(contact.order))
    floor.effects.append(CallbackCancelled(callback.id, contact.id, contact.arrival))


def restore_held(floor: Floor, command: commands.ContactHeld) -> None:
    known = floor.contacts.get(command.contact.int)
    if known is not None:
        if not command.wrap_up:
            resume(known)
        return
    agent = floor.roster.at(command.agent)
    idle_since = agent.idle_since
    contact = _met(floor, command)
    if command.preferred_agent is not None:
        contact.particulars.preferred = command.preferred_agent
    floor.hold(contact, agent)
    if command.wrap_up:
        begin_wrap_up(floor, contact, command.wrap_up_until_us)
    agent.idle_since = idle_since


def _met(floor: Floor, command: commands.ContactQueued | commands.ContactHeld) -> Contact:
    floor.arrivals += 1
    needs = Needs(command.channel, command.skills, command.priority)
    order = order_of(command.virtual_arrival_us, floor.arrivals)
    contact = Contact(command.contact, floor.routes.at(command.queue, needs), order)
    floor.contacts[contact.id.int] = contact
    return contact


def leave(floor: Floor, command: commands.ContactLeft) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is None:
        return
    is_callback = contact.more is not None and contact.more.callback_of is not None
    if is_callback and not contact.held and command.reason is Leaving.ABANDONED:
        return
    if not contact.held:
        contact.route.visits.lose(command.reason)
        if command.reason is Leaving.ABANDONED:
            contact.route.visits.flow.gave_up()
    take_out(floor, contact, Ended.CONTACT_LEFT)
    floor.forget(contact)


def close(floor: Floor, command: commands.ContactClosed) -> None:
    leave(floor, commands.ContactLeft(command.contact, Leaving.CLOSED))


def wrap_up(floor: Floor, command: commands.WrapUpBegun) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is not None and contact.held:
        begin_wrap_up(floor, contact, command.until_us)


def ask_for_callback(floor: Floor, command: commands.CallbackAsked) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is None or contact.held:
        _refuse(floor, contact, command.contact)
        return
    if contact.particulars.callback_of is None:
        contact.particulars.callback_of = command.client
        floor.callbacks[command.client] = contact
        contact.route.visits.flowed_out += 1
        contact.route.visits.entered += 1


def drop_callback(floor: Floor, command: commands.CallbackDropped) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is None or contact.more is None or contact.more.callback_of is None:
        return
    floor.callbacks.pop(contact.more.callback_of, None)
    contact.more.callback_of = None


def move(floor: Floor, command: commands.MoveToQueue) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is None or (contact.held and command.only_waiting):
        _refuse(floor, contact, command.contact)
        return
    old, was_held = contact.route, contact.held
    take_out(floor, contact, Ended.MOVED)
    new = floor.routes.at(command.queue, _needs(old.needs, command))
    if was_held or new.visits is not old.visits:
        old.visits.flowed_out += not was_held
        new.visits.entered += 1
    if new.visits is not old.visits:
        old.visits.flow.expected.pop(contact.id.int, None)
        contact.particulars.entered_us = floor.now
        contact.particulars.hops = 0
    contact.route = new
    if command.virtual_arrival_us is not None:
        contact.order = order_of(command.virtual_arrival_us, number_of(contact.order))
    _wait_where_moved(floor, contact, command.virtual_arrival_us)


def choose(floor: Floor, command: commands.QueueChosen) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is not None and contact.held:
        contact.route = floor.routes.at(command.queue, contact.route.needs)
        return
    move(floor, commands.MoveToQueue(command.contact, command.queue))


def _wait_where_moved(floor: Floor, contact: Contact, virtual_arrival_us: int | None) -> None:
    contact.particulars.asked = 0
    wait(floor, contact, Trigger.CONTACT_REQUEUED)
    pinned_to = contact.preferred if contact.keeping is Keeping.PINNED else None
    queue = contact.route.queue.id
    floor.effects.append(
        ContactRequeued(contact.id, queue, Ended.MOVED, virtual_arrival_us, pinned_to)
    )


def _needs(old: Needs, command: commands.MoveToQueue) -> Needs:
    skills = old.skills if command.skills is None else command.skills
    return Needs(old.channel, skills, command.priority or old.priority)


def pin(floor: Floor, command: commands.PinToAgent) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is None or contact.held:
        _refuse(floor, contact, command.contact)
        return
    take_out(floor, contact, Ended.MOVED)
    more = contact.particulars
    if command.agent is None:
        more.keeping = Keeping.NO
    else:
        more.preferred, more.keeping = command.agent, Keeping.PINNED
    _wait_where_moved(floor, contact, None)


def announce(floor: Floor, command: commands.WaitAnnounced) -> None:
    contact = floor.contacts.get(command.contact.int)
    if contact is not None and contact.waits:
        flow = contact.route.visits.flow
        flow.announce(contact.id.int, floor.now + command.wait_us)


def _refuse(floor: Floor, contact: Contact | None, name: UUID) -> None:
    refusal = Refusal.UNKNOWN_CONTACT if contact is None else Refusal.NOT_WAITING
    owner = contact.agent.id if contact is not None and contact.agent is not None else None
    floor.effects.append(Refused(refusal, name, None, owner))
