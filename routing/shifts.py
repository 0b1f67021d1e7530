"""Agents: their profiles and presence, what becomes of their contacts when they go, wrap-up."""

from collections.abc import Mapping
from uuid import UUID

from routing import commands
from routing.contacts import Contact
from routing.effects import AgentNotReady, WrapUpEnded
from routing.floor import Floor, waiting_in
from routing.model import Ended, Presence, Trigger
from routing.ringing import withdraw_all
from routing.roster import Agent
from routing.rules import Terms
from routing.timers import CoolDown, WrapUp
from routing.waiting import empty_deserted, release_kept, wait_again, wait_anew


def set_agent(floor: Floor, command: commands.AgentSet) -> None:
    agent = floor.roster.at(command.agent)
    queues = command.queues
    terms = queues if isinstance(queues, Mapping) else dict.fromkeys(queues, Terms())
    _note_delays(floor, agent, terms)
    floor.roster.set_queues(agent, terms)
    floor.roster.set_skills(agent, command.skills or {})
    floor.roster.set_capacity(agent, command.capacity, command.blending)
    floor.routes.enrol(agent)
    set_state(floor, agent, command.state, missed=agent.missed)
    release_kept(floor, agent)
    if command.idle_since_us is not None:
        agent.idle_since = command.idle_since_us


def _note_delays(floor: Floor, agent: Agent, terms: Mapping[UUID, Terms]) -> None:
    """Keep by queue who takes its contacts late; a delay new to a queue is a new threshold."""
    for queue_id in agent.queues:
        for late in floor.routes.queue(queue_id).delays:
            floor.routes.queue(queue_id).delays[late] &= ~agent.bit
    for queue_id in sorted(terms):
        delay, queue = terms[queue_id].delay_us, floor.routes.queue(queue_id)
        if delay <= 0:
            continue
        is_new = delay not in queue.delays
        queue.delays[delay] = queue.delays.get(delay, 0) | agent.bit
        if is_new:
            floor.routes.outdate(queue)
            for contact in waiting_in(queue):
                wait_anew(floor, contact, Trigger.RULES_CHANGED)


def change_state(floor: Floor, command: commands.AgentStateChanged) -> None:
    set_state(floor, floor.roster.at(command.agent), command.state, missed=False)


def set_state(floor: Floor, agent: Agent, state: Presence, *, missed: bool) -> None:
    """Change presence; who leaves is offered nothing and keeps what it holds."""
    was_ready = agent.ready
    floor.roster.set_state(agent, state, missed=missed)
    if agent.ready and not was_ready:
        agent.idle_since = floor.now
    floor.free(agent, Trigger.AGENT_READY)
    if not agent.ready:
        withdraw_all(floor, agent, Ended.AGENT_LEFT)
        release_kept(floor, agent)
        empty_deserted(floor, agent)


def vanish(floor: Floor, command: commands.AgentVanished) -> None:
    """Put all an agent holds or is offered back at its place; what it wrapped up is done."""
    agent = floor.roster.at(command.agent)
    floor.roster.set_state(agent, Presence.OFFLINE, missed=False)
    withdraw_all(floor, agent, Ended.AGENT_VANISHED)
    for number in list(agent.contacts):
        contact = floor.contacts[number]
        if contact.wrapping:
            end_wrap_up(floor, contact)
            continue
        floor.let_go(contact)
        contact.route.visits.entered += 1
        wait_again(floor, contact, Ended.AGENT_VANISHED)
    floor.effects.append(AgentNotReady(agent.id, Ended.AGENT_VANISHED))
    release_kept(floor, agent)
    empty_deserted(floor, agent)


def begin_wrap_up(floor: Floor, contact: Contact, until: int | None) -> None:
    """Keep the place of a contact that is over until the agent is done, or time is up."""
    contact.wrapping = True
    if until is not None:
        contact.particulars.wrapping_until = until
        floor.timers.set(until, WrapUp(contact, until))


def resume(contact: Contact) -> None:
    """The conversation goes on after all: nothing ends by itself any more."""
    contact.wrapping = False
    if contact.more is not None:
        contact.more.wrapping_until = None


def end_wrap_up(floor: Floor, contact: Contact) -> None:
    """Close a contact whose time for wrap-up is up."""
    agent = contact.agent
    if agent is None:
        return
    floor.let_go(contact)
    floor.forget(contact)
    floor.effects.append(WrapUpEnded(contact.id, agent.id))


def end_cool_down(floor: Floor, cool_down: CoolDown) -> None:
    del cool_down.contact.particulars.excluded[cool_down.agent.index]
    floor.free(cool_down.agent, Trigger.COOL_DOWN_ENDED)
