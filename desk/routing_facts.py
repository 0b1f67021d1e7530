"""What the router must know, read from the database and said as commands to its engine."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct, field, structs
from sqlalchemy.ext.asyncio import AsyncSession

from channels.catalogue import CHANNELS
from kernel.entries import Noted
from kernel.limits import CALENDAR_DAYS_AHEAD, DECLINE_COOL_DOWN
from routing import administration, commands, queries
from routing import service as routing
from routing.calendars import Calendar, Intervals, openings
from routing.commands import Command
from routing.model import Leaving, Presence
from routing.rules import NO_TERMS, QueueRules, Skills
from routing.settings import (
    ProfileSettings,
    QueueSettings,
    profile_settings,
    queue_settings,
    rules_of,
)
from routing.tables import CalendarRow, ProfileRow, QueueRow, SkillRow
from staff import presence, roster
from staff.roster import Seat

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNLESS_NAMED: Final = {kind: one.capacity for kind, one in CHANNELS.items() if one.capacity}
"""What agents handle at once of a channel that neither they nor their profile name."""
_SPOKEN: Final = tuple(sorted(kind for kind, one in CHANNELS.items() if one.speaks))
_PATIENT: Final = tuple(sorted(kind for kind, one in CHANNELS.items() if not one.live))
RUNG_TOGETHER: Final = dict.fromkeys(_PATIENT, _PATIENT)
"""Letters and messages ring in turn; who is there now, in a chat or a call, rings beside them."""
CONTACT_KINDS: Final = frozenset(
    {
        "ContactQueued",
        "ContactReopened",
        "ContactEnded",
        "QueueChosen",
        "WrapUpBegun",
        "CallbackAsked",
        "CallbackCancelled",
    }
)
ROSTER_KINDS: Final = frozenset({"QueueChanged", "StaffChanged", "RoutingChanged"})


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


class Facts(Struct):
    """What things are called, the targets of queues, and the commands that say the rest."""

    names: dict[UUID, str] = field(default_factory=dict)
    targets: dict[UUID, int] = field(default_factory=dict)
    told: list[Command] = field(default_factory=list)
    left: dict[UUID, datetime] = field(default_factory=dict)
    """Who is offline, and since when."""


async def setup(session: AsyncSession, now: datetime, *, with_idle: bool) -> Facts:
    """Return everything about queues and agents; `with_idle` as they were before a restart."""
    facts = Facts()
    rows = await administration.listed(session, CalendarRow)
    calendars = {row.id: administration.calendar_of(row) for row in rows}
    facts.names |= {row.id: row.name for row in await administration.listed(session, SkillRow)}
    for queue in await routing.list_queues(session):
        facts.names[queue.id] = queue.name
        facts.targets[queue.id] = queue.service_target_seconds * 1_000_000
        facts.told.append(_queue_command(queue, calendars, now))
    facts.told += await _agent_commands(session, facts, with_idle=with_idle)
    return facts


def _queue_command(
    queue: QueueRow, calendars: Mapping[UUID, Calendar], now: datetime
) -> commands.QueueSet:
    calendar = None if queue.calendar_id is None else calendars[queue.calendar_id]
    rules = _rules(queue, queue_settings(queue.rules), calendar, now)
    return commands.QueueSet(queue=queue.id, rules=rules)


def _rules(
    queue: QueueRow, settings: QueueSettings, calendar: Calendar | None, now: datetime
) -> QueueRules:
    hours: Intervals | None = None
    if calendar is not None:
        # From yesterday on: it may be open over midnight.
        hours = openings(calendar, now - timedelta(days=1), CALENDAR_DAYS_AHEAD + 1)
    return rules_of(
        settings,
        target_seconds=queue.service_target_seconds,
        offer_seconds=queue.offer_seconds,
        hours=hours,
    )


async def rules_with(
    session: AsyncSession,
    queue: QueueRow,
    settings: QueueSettings,
    calendar_id: UUID | None,
    now: datetime,
) -> QueueRules:
    """Return the rules the engine would be told if the queue were set up like this."""
    if calendar_id is None:
        return _rules(queue, settings, None, now)
    row = await administration.found(session, CalendarRow, calendar_id)
    return _rules(queue, settings, administration.calendar_of(row), now)


async def _agent_commands(session: AsyncSession, facts: Facts, *, with_idle: bool) -> list[Command]:
    profiles = {
        row.id: profile_settings(row.rules)
        for row in await administration.listed(session, ProfileRow)
    }
    profile_of = await administration.agent_profiles(session)
    skills = await administration.agent_skills(session)
    queues_of: dict[UUID, list[UUID]] = {}
    for queue_id, agent_ids in sorted((await routing.members(session)).items()):
        for agent_id in agent_ids:
            queues_of.setdefault(agent_id, []).append(queue_id)
    told: list[Command] = []
    for seat in await roster.seats(session):
        facts.names[seat.agent_id] = seat.name
        if seat.state == presence.OFFLINE and seat.since is not None:
            facts.left[seat.agent_id] = seat.since
        profile = profiles.get(profile_of.get(seat.agent_id, seat.agent_id))
        queues = queues_of.get(seat.agent_id, [])
        idle = seat.idle_since if with_idle else None
        told.append(
            _agent_command(
                seat, profile or ProfileSettings(), queues, skills.get(seat.agent_id, {}), idle
            )
        )
    return told


def _agent_command(
    seat: Seat,
    profile: ProfileSettings,
    queues: list[UUID],
    skills: Mapping[UUID, int],
    idle: datetime | None,
) -> commands.AgentSet:
    terms = profile.terms
    blending = profile.blending
    if not profile.exclusive and not profile.interrupts:
        # Who speaks does nothing else; a call comes past what can wait, not past a live chat.
        blending = structs.replace(
            blending, exclusive=_SPOKEN, interrupts=dict.fromkeys(_SPOKEN, _PATIENT)
        )
    return commands.AgentSet(
        agent=seat.agent_id,
        queues={queue: terms.get(queue, NO_TERMS) for queue in queues},
        capacity={**_UNLESS_NAMED, **seat.capacity, **profile.capacity},
        state=Presence(seat.state),
        skills=skills,
        blending=blending,
        idle_since_us=micros(idle) if idle else None,
    )


async def open_contacts(
    session: AsyncSession, left: Mapping[UUID, datetime], now: datetime
) -> tuple[list[Command], set[UUID]]:
    """Return who waits and who is served, in the order of their arrival, as before a restart;
    and who `left` since they answered somebody and still holds them: nobody was told of that."""
    declined = await queries.declined_since(session, now - DECLINE_COOL_DOWN)
    contacts = await queries.open_contacts(session)
    deserters = {
        one.agent_id
        for one in contacts
        if one.agent_id and one.answered_at and one.answered_at <= left.get(one.agent_id, _EPOCH)
    }
    return [_contact_command(one, declined.get(one.id, [])) for one in contacts], deserters


def _contact_command(
    contact: queries.OpenContact, declined: list[tuple[UUID, datetime]]
) -> Command:
    if contact.agent_id is not None and contact.state in {"active", "wrap_up"}:
        until = contact.wrap_up_until
        return commands.ContactHeld(
            contact=contact.id,
            queue=contact.queue_id,
            channel=contact.channel,
            virtual_arrival_us=micros(contact.virtual_arrival),
            agent=contact.agent_id,
            preferred_agent=contact.preferred_agent_id,
            skills=_asked(contact.skills),
            wrap_up=contact.state == "wrap_up",
            wrap_up_until_us=micros(until) if until else None,
        )
    entered = contact.entered_queue_at
    return commands.ContactQueued(
        contact=contact.id,
        queue=contact.queue_id,
        channel=contact.channel,
        virtual_arrival_us=micros(contact.virtual_arrival),
        preferred_agent=contact.preferred_agent_id,
        excluded=tuple(
            commands.Exclusion(agent, micros(at + DECLINE_COOL_DOWN)) for agent, at in declined
        ),
        skills=_asked(contact.skills),
        entered_us=micros(entered) if entered else None,
        hops=contact.hops or 0,
        pinned=bool(contact.pinned),
        callback_of=contact.client_id if contact.callback else None,
    )


def _asked(skills: Mapping[str, int] | None) -> Skills:
    return tuple(sorted((UUID(skill), level) for skill, level in (skills or {}).items()))


def heard(entry: Noted) -> Command | None:
    """Return what a journal entry tells the engine, if it tells it anything by itself."""
    if entry.kind == "PresenceChanged":
        return _presence_command(UUID(entry.data["agent_id"]), Presence(entry.data["state"]))
    if entry.contact_id is None or entry.kind not in CONTACT_KINDS:
        return None
    if entry.kind == "ContactEnded":
        leaving = Leaving(entry.data["state"])
        return commands.ContactLeft(contact=entry.contact_id, reason=leaving)
    if entry.kind == "WrapUpBegun":
        until = entry.data["until"]
        until_us = micros(datetime.fromisoformat(until)) if until else None
        return commands.WrapUpBegun(entry.contact_id, until_us)
    if entry.kind == "CallbackCancelled":
        return commands.CallbackDropped(entry.contact_id)
    if entry.kind == "CallbackAsked":
        # At a wished time there is no contact until then.
        now = entry.data["due_at"] is None and entry.client_id is not None
        return commands.CallbackAsked(entry.contact_id, entry.client_id) if now else None  # type: ignore[arg-type]
    return None if entry.queue_id is None else _waits(entry, entry.contact_id, entry.queue_id)


def _waits(entry: Noted, contact_id: UUID, queue_id: UUID) -> Command:
    """A contact that waits, elsewhere than before, or again with its agent."""
    if entry.kind == "QueueChosen":
        return commands.QueueChosen(contact_id, queue_id)
    return _arrival(entry, contact_id, queue_id)


def _arrival(entry: Noted, contact_id: UUID, queue_id: UUID) -> Command:
    """A contact that waits, or one that an agent has back after taking an answer back."""
    arrival_us = micros(datetime.fromisoformat(entry.data["virtual_arrival"]))
    if entry.kind == "ContactReopened":
        return commands.ContactHeld(
            contact=contact_id,
            queue=queue_id,
            channel=entry.data["channel"],
            virtual_arrival_us=arrival_us,
            agent=UUID(entry.data["agent_id"]),
        )
    preferred = entry.data.get("preferred_agent_id")
    # Who is to be called back has not come again, which would end the callback that waits.
    callback = entry.data.get("callback", False)
    return commands.ContactQueued(
        contact=contact_id,
        queue=queue_id,
        channel=entry.data["channel"],
        virtual_arrival_us=arrival_us,
        preferred_agent=UUID(preferred) if preferred else None,
        client=None if callback else entry.client_id,
        callback_of=entry.client_id if callback else None,
    )


def _presence_command(agent_id: UUID, state: Presence) -> Command:
    """Who goes offline leaves the desk: what they held waits again, at its old place."""
    if state is Presence.OFFLINE:
        return commands.AgentVanished(agent=agent_id)
    return commands.AgentStateChanged(agent=agent_id, state=state)
