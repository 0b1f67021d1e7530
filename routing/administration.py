"""Skills, profiles, calendars and dispositions in the database, and how they hang together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.setting_changes import note
from routing import events
from routing.calendars import Calendar, check
from routing.settings import QueueSettings, queue_settings
from routing.tables import (
    AgentProfileRow,
    AgentSkillRow,
    CalendarRow,
    DispositionRow,
    ProfileRow,
    QueueRow,
    SkillRow,
)

Named = TypeVar("Named", SkillRow, ProfileRow, CalendarRow, DispositionRow)


async def listed(session: AsyncSession, table: type[Named]) -> list[Named]:
    return list(await session.scalars(select(table).order_by(table.name)))


async def found(session: AsyncSession, table: type[Named], row_id: UUID) -> Named:
    row = await session.get(table, row_id)
    if row is None:
        raise NotFoundError
    return row


async def create(
    session: AsyncSession, table: type[Named], values: Mapping[str, Any], now: datetime
) -> Named:
    """Add one; its name must be new."""
    await _refuse_name(session, table, values["name"])
    row = table(id=new_id(), created_at=now, version=1, **values)
    session.add(row)
    await session.flush()
    record(session, events.RoutingChanged())
    return row


async def change(
    session: AsyncSession, row: Named, changes: Mapping[str, Any], *, version: int
) -> None:
    """Change one; ConflictError if somebody did before."""
    if row.version != version:
        raise ConflictError
    if changes.get("name", row.name) != row.name:
        await _refuse_name(session, type(row), changes["name"])
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    record(session, events.RoutingChanged())


async def _refuse_name(session: AsyncSession, table: type[Named], name: str) -> None:
    if await session.scalar(select(table.id).where(table.name == name)):
        raise InvalidInputError("there is one of this name", field="name")


async def delete_skill(session: AsyncSession, skill: SkillRow) -> None:
    """Remove a skill that no queue asks for; agents lose it."""
    for queue in await session.scalars(select(QueueRow).order_by(QueueRow.name)):
        if skill.id in _skills_named(queue_settings(queue.rules)):
            raise ConflictError(f"the queue {queue.name} asks for it")
    await session.execute(delete(AgentSkillRow).where(AgentSkillRow.skill_id == skill.id))
    await session.delete(skill)
    record(session, events.RoutingChanged())


async def delete_profile(session: AsyncSession, profile: ProfileRow) -> None:
    """Remove a profile; its agents have none then."""
    await session.execute(delete(AgentProfileRow).where(AgentProfileRow.profile_id == profile.id))
    await session.delete(profile)
    record(session, events.RoutingChanged())


async def delete_calendar(session: AsyncSession, calendar: CalendarRow) -> None:
    queue = await session.scalar(
        select(QueueRow.name).where(QueueRow.calendar_id == calendar.id).limit(1)
    )
    if queue is not None:
        raise ConflictError(f"the queue {queue} is open by it")
    await session.delete(calendar)
    record(session, events.RoutingChanged())


def check_calendar(values: Mapping[str, Any]) -> None:
    """Refuse a calendar that cannot be meant."""
    check(msgspec.convert({k: values[k] for k in ("timezone", "week", "holidays")}, Calendar))


def calendar_of(row: CalendarRow) -> Calendar:
    kept = {"timezone": row.timezone, "week": row.week, "holidays": row.holidays}
    return msgspec.convert(kept, Calendar)


# Who can what


async def agent_skills(session: AsyncSession) -> dict[UUID, dict[UUID, int]]:
    """Return by agent the skills they have, with their levels."""
    told: dict[UUID, dict[UUID, int]] = {}
    for row in await session.scalars(select(AgentSkillRow).order_by(AgentSkillRow.skill_id)):
        told.setdefault(row.agent_id, {})[row.skill_id] = row.level
    return told


async def agent_profiles(session: AsyncSession) -> dict[UUID, UUID]:
    rows = await session.execute(select(AgentProfileRow.agent_id, AgentProfileRow.profile_id))
    return {row.agent_id: row.profile_id for row in rows}


async def set_agent(
    session: AsyncSession,
    agent_id: UUID,
    *,
    skills: Mapping[UUID, int] | None = None,
    profile_id: UUID | None = None,
    name: str = "",
) -> None:
    """Say what an agent can and by which profile it takes contacts; `skills` None: as before.

    The history of settings calls the agent `name`.
    """
    before = await _named(session, agent_id)
    if skills is not None:
        await _check_skills(session, list(skills), field="skills")
        await session.execute(delete(AgentSkillRow).where(AgentSkillRow.agent_id == agent_id))
        rows = [
            {"agent_id": agent_id, "skill_id": skill, "level": level}
            for skill, level in sorted(skills.items())
        ]
        if rows:
            await session.execute(insert(AgentSkillRow), rows)
    await session.execute(delete(AgentProfileRow).where(AgentProfileRow.agent_id == agent_id))
    if profile_id is not None:
        if await session.get(ProfileRow, profile_id) is None:
            raise InvalidInputError("no such profile", field="profile_id")
        session.add(AgentProfileRow(agent_id=agent_id, profile_id=profile_id))
    await session.flush()
    after = await _named(session, agent_id)
    pairs = {one: (before.get(one), after.get(one)) for one in sorted({*before, *after})}
    note(session, "agent", agent_id, name, pairs)
    record(session, events.RoutingChanged())


async def _named(session: AsyncSession, agent_id: UUID) -> dict[str, str | int]:
    """Return the agent's skills with their levels and the profile, by names that outlive them."""
    skills = await session.execute(
        select(SkillRow.name, AgentSkillRow.level)
        .join(SkillRow, SkillRow.id == AgentSkillRow.skill_id)
        .where(AgentSkillRow.agent_id == agent_id)
    )
    profile = await session.scalar(
        select(ProfileRow.name)
        .join(AgentProfileRow, AgentProfileRow.profile_id == ProfileRow.id)
        .where(AgentProfileRow.agent_id == agent_id)
    )
    told: dict[str, str | int] = {f"skills.{row.name}": row.level for row in skills}
    return told | ({"profile": profile} if profile is not None else {})


async def _check_skills(session: AsyncSession, ids: Sequence[UUID], *, field: str) -> None:
    known = set(await session.scalars(select(SkillRow.id).where(SkillRow.id.in_(ids))))
    if not known.issuperset(ids):
        raise InvalidInputError("no such skill", field=field)


# What a queue may say


async def check_queue_rules(
    session: AsyncSession, queue_id: UUID | None, settings: QueueSettings
) -> None:
    """Refuse rules that name what is not there, or that would send contacts in a circle."""
    await _check_skills(session, sorted(_skills_named(settings)), field="rules.skills")
    queues = {row.id: row for row in await session.scalars(select(QueueRow))}
    lent = {lender for ring in settings.rings for lender in ring.queue_ids}
    if not lent <= queues.keys():
        raise InvalidInputError("a ring names a queue that is not there", field="rules.rings")
    if len({ring.after_seconds for ring in settings.rings}) < len(settings.rings):
        raise InvalidInputError("two rings open at the same moment", field="rules.rings")
    if settings.when_closed == "overflow" and settings.overflow is None:
        raise InvalidInputError(
            "say where it overflows to when it is closed", field="rules.when_closed"
        )
    _check_overflow(queue_id, settings, queues)


def _check_overflow(
    queue_id: UUID | None, settings: QueueSettings, queues: Mapping[UUID, QueueRow]
) -> None:
    """Follow where contacts would go on to: they must come to rest."""
    target = settings.overflow.queue_id if settings.overflow else None
    passed = [] if queue_id is None else [queue_id]
    while target is not None:
        row = queues.get(target)
        if row is None:
            raise InvalidInputError(
                "it overflows to a queue that is not there", field="rules.overflow"
            )
        if target in passed:
            names = " -> ".join(queues[one].name for one in [*passed, target])
            raise InvalidInputError(
                f"contacts would go in a circle: {names}", field="rules.overflow"
            )
        passed.append(target)
        following = queue_settings(row.rules).overflow
        target = following.queue_id if following else None


def _skills_named(settings: QueueSettings) -> set[UUID]:
    asked = {one.skill_id for one in settings.skills}
    return asked | {one.skill_id for ring in settings.rings for one in ring.skills}
