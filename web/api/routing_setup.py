"""How contacts find agents, set up by administrators: skills, profiles, calendars, rules."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from desk import routing_facts
from desk.routing_preview import Preview, preview
from kernel.errors import InvalidInputError
from kernel.limits import PREVIEW_NAMED
from routing import administration, queries
from routing import service as routing
from routing.calendars import standing
from routing.settings import (
    AskedSkill,
    ProfileSettings,
    QueueSettings,
    profile_settings,
    queue_settings,
)
from routing.tables import CalendarRow, DispositionRow, ProfileRow, QueueRow, SkillRow
from staff.queries import find_agent
from web import views
from web.api.references import check_agents
from web.routes import Call, changes_of, delete, get, patch, post, put
from web.routing_shapes import (
    AgentRouting,
    AgentRoutingView,
    CalendarPatch,
    CalendarView,
    DispositionPatch,
    DispositionView,
    DoubtView,
    NewCalendar,
    NewDisposition,
    NewProfile,
    NewSkill,
    ProfilePatch,
    ProfileView,
    QueueRulesBody,
    QueueRulesView,
    RulesPreview,
    SkillPatch,
    SkillView,
)
from web.shapes import ContactView, Done

MANAGE = "queue.manage"


# --- Skills ---------------------------------------------------------------------------------


async def list_skills(call: Call) -> list[SkillView]:
    """All skills"""
    async with call.house.database.reading() as session:
        return [_skill(row) for row in await administration.listed(session, SkillRow)]


async def post_skill(call: Call, body: NewSkill) -> SkillView:
    """Name a skill"""
    async with call.house.database.transaction() as session:
        values = msgspec.structs.asdict(body)
        row = await administration.create(session, SkillRow, values, call.house.clock.now())
        return _skill(row)


async def patch_skill(call: Call, body: SkillPatch) -> SkillView:
    """Call a skill something else"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, SkillRow, call.id())
        await administration.change(session, row, changes_of(body), version=body.version)
        return _skill(row)


async def delete_skill(call: Call) -> Done:
    """Remove a skill that no queue asks for"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, SkillRow, call.id())
        await administration.delete_skill(session, row)
    return Done()


def _skill(row: SkillRow) -> SkillView:
    return SkillView(id=row.id, name=row.name, version=row.version)


# --- Calendars ------------------------------------------------------------------------------


async def list_calendars(call: Call) -> list[CalendarView]:
    """All calendars of opening hours"""
    async with call.house.database.reading() as session:
        rows = await administration.listed(session, CalendarRow)
    return [_calendar(row, call.house.clock.now()) for row in rows]


async def post_calendar(call: Call, body: NewCalendar) -> CalendarView:
    """Make a calendar"""
    values = msgspec.to_builtins(body)
    administration.check_calendar(values)
    async with call.house.database.transaction() as session:
        now = call.house.clock.now()
        return _calendar(await administration.create(session, CalendarRow, values, now), now)


async def patch_calendar(call: Call, body: CalendarPatch) -> CalendarView:
    """Change the hours or holidays of a calendar"""
    changes = msgspec.to_builtins(changes_of(body))
    async with call.house.database.transaction() as session:
        row = await administration.found(session, CalendarRow, call.id())
        kept = {"timezone": row.timezone, "week": row.week, "holidays": row.holidays}
        administration.check_calendar({**kept, **changes})
        await administration.change(session, row, changes, version=body.version)
        return _calendar(row, call.house.clock.now())


async def delete_calendar(call: Call) -> Done:
    """Remove a calendar that no queue is open by"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, CalendarRow, call.id())
        await administration.delete_calendar(session, row)
    return Done()


def _calendar(row: CalendarRow, now: datetime) -> CalendarView:
    hours = administration.calendar_of(row)
    open_now, changes_at = standing(hours, now)
    return CalendarView(
        id=row.id,
        name=row.name,
        timezone=hours.timezone,
        week=hours.week,
        holidays=hours.holidays,
        open_now=open_now,
        changes_at=changes_at,
        version=row.version,
    )


# --- Profiles -------------------------------------------------------------------------------


async def list_profiles(call: Call) -> list[ProfileView]:
    """All routing profiles"""
    async with call.house.database.reading() as session:
        return [_profile(row) for row in await administration.listed(session, ProfileRow)]


async def post_profile(call: Call, body: NewProfile) -> ProfileView:
    """Make a routing profile"""
    async with call.house.database.transaction() as session:
        await _check_profile(session, body.rules)
        values = msgspec.to_builtins(body)
        row = await administration.create(session, ProfileRow, values, call.house.clock.now())
        return _profile(row)


async def patch_profile(call: Call, body: ProfilePatch) -> ProfileView:
    """Change a routing profile and so how its agents take contacts"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, ProfileRow, call.id())
        if isinstance(body.rules, ProfileSettings):
            await _check_profile(session, body.rules)
        changes = msgspec.to_builtins(changes_of(body))
        await administration.change(session, row, changes, version=body.version)
        return _profile(row)


async def delete_profile(call: Call) -> Done:
    """Remove a routing profile; its agents have none then"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, ProfileRow, call.id())
        await administration.delete_profile(session, row)
    return Done()


async def _check_profile(session: AsyncSession, rules: ProfileSettings) -> None:
    known = {queue.id for queue in await routing.list_queues(session)}
    if not {one.queue_id for one in rules.queues} <= known:
        raise InvalidInputError("there is no such queue", field="rules.queues")


def _profile(row: ProfileRow) -> ProfileView:
    return ProfileView(
        id=row.id, name=row.name, rules=profile_settings(row.rules), version=row.version
    )


# --- Dispositions ---------------------------------------------------------------------------


async def list_dispositions(call: Call) -> list[DispositionView]:
    """How contacts can end, as agents say in wrap-up"""
    async with call.house.database.reading() as session:
        return [_disposition(row) for row in await administration.listed(session, DispositionRow)]


async def post_disposition(call: Call, body: NewDisposition) -> DispositionView:
    """Name a way in which contacts end"""
    values = {**msgspec.structs.asdict(body), "active": True}
    async with call.house.database.transaction() as session:
        await _check_queue(session, body.queue_id)
        row = await administration.create(session, DispositionRow, values, call.house.clock.now())
        return _disposition(row)


async def patch_disposition(call: Call, body: DispositionPatch) -> DispositionView:
    """Change a disposition, or let agents choose it no more"""
    async with call.house.database.transaction() as session:
        row = await administration.found(session, DispositionRow, call.id())
        if isinstance(body.queue_id, UUID):
            await _check_queue(session, body.queue_id)
        await administration.change(session, row, changes_of(body), version=body.version)
        return _disposition(row)


async def _check_queue(session: AsyncSession, queue_id: UUID | None) -> None:
    if queue_id is not None and await session.get(QueueRow, queue_id) is None:
        raise InvalidInputError("there is no such queue", field="queue_id")


def _disposition(row: DispositionRow) -> DispositionView:
    return DispositionView(
        id=row.id,
        name=row.name,
        queue_id=row.queue_id,
        needs_note=row.needs_note,
        active=row.active,
        version=row.version,
    )


# --- Queue rules ----------------------------------------------------------------------------


async def get_rules(call: Call) -> QueueRulesView:
    """The rules of a queue, and whether anybody can serve those who wait"""
    async with call.house.database.reading() as session:
        queue = await routing.find_queue(session, call.id())
        settings = queue_settings(queue.rules)
        found = await _try_out(call, session, queue, settings, queue.calendar_id)
    return _rules_view(queue, settings, found)


async def preview_rules(call: Call, body: QueueRulesBody) -> RulesPreview:
    """What these rules would do to the contacts that wait, changing nothing"""
    async with call.house.database.reading() as session:
        queue = await routing.find_queue(session, call.id())
        await _check_rules(session, queue, body)
        return await _try_out(call, session, queue, body.rules, body.calendar_id)


async def put_rules(call: Call, body: QueueRulesBody) -> QueueRulesView:
    """Set the rules of a queue; contacts that wait in it wait by them from now on"""
    async with call.house.database.reading() as session:
        queue = await routing.find_queue(session, call.id())
        await _check_rules(session, queue, body)
        found = await _try_out(call, session, queue, body.rules, body.calendar_id)
    async with call.house.database.transaction() as session:
        queue = await routing.find_queue(session, call.id())
        await _check_rules(session, queue, body)
        changes: dict[str, Any] = {
            "rules": msgspec.to_builtins(body.rules),
            "calendar_id": body.calendar_id,
        }
        await routing.change_queue(session, queue, changes, version=body.version)
        return _rules_view(queue, body.rules, found)


async def _check_rules(session: AsyncSession, queue: QueueRow, body: QueueRulesBody) -> None:
    await administration.check_queue_rules(session, queue.id, body.rules)
    if body.calendar_id is not None and await session.get(CalendarRow, body.calendar_id) is None:
        raise InvalidInputError("there is no such calendar", field="calendar_id")


async def _try_out(
    call: Call,
    session: AsyncSession,
    queue: QueueRow,
    settings: QueueSettings,
    calendar_id: UUID | None,
) -> RulesPreview:
    now = call.house.clock.now()
    rules = await routing_facts.rules_with(session, queue, settings, calendar_id, now)
    found = await preview(session, queue.id, rules, now)
    named = await queries.by_ids(session, found.unserved[:PREVIEW_NAMED])
    concerned = [named[one] for one in found.unserved[:PREVIEW_NAMED] if one in named]
    shown = _shown(found, await views.contact_views(session, concerned, reader=call.actor))
    if settings.needs_disposition and not await _has_disposition(session, queue.id):
        shown.doubts.append(DoubtView(code="no_disposition"))
    return shown


async def _has_disposition(session: AsyncSession, queue_id: UUID) -> bool:
    """Tell whether an agent could say how a contact of the queue ended."""
    rows = await administration.listed(session, DispositionRow)
    return any(row.active and row.queue_id in {None, queue_id} for row in rows)


def _rules_view(queue: QueueRow, settings: QueueSettings, found: RulesPreview) -> QueueRulesView:
    return QueueRulesView(
        queue_id=queue.id,
        rules=settings,
        calendar_id=queue.calendar_id,
        version=queue.version,
        waiting=found,
    )


def _shown(found: Preview, concerned: list[ContactView]) -> RulesPreview:
    return RulesPreview(
        waiting=found.waiting,
        offered=found.offered,
        moved_on=found.moved_on,
        turned_away=found.turned_away,
        fewer=found.fewer,
        more=found.more,
        unserved=list(found.unserved),
        concerned=concerned,
        doubts=[
            DoubtView(
                code=cast("Any", one.code),
                skill_id=one.skill,
                level=one.level,
                seconds=one.seconds,
            )
            for one in found.doubts
        ],
        agents=found.agents,
    )


# --- Agents ---------------------------------------------------------------------------------


async def list_agent_routing(call: Call) -> list[AgentRoutingView]:
    """What agents can, and by which profile they take contacts; those without either left out"""
    async with call.house.database.reading() as session:
        skills = await administration.agent_skills(session)
        profiles = await administration.agent_profiles(session)
    return [
        AgentRoutingView(
            agent_id=agent,
            skills=[AskedSkill(skill, level) for skill, level in skills.get(agent, {}).items()],
            profile_id=profiles.get(agent),
        )
        for agent in sorted({*skills, *profiles})
    ]


async def put_agent_routing(call: Call, body: AgentRouting) -> AgentRoutingView:
    """Say what an agent can, and by which profile they take contacts"""
    async with call.house.database.transaction() as session:
        await check_agents(session, [call.id()], field="agent_id")
        skills = {one.skill_id: one.level for one in body.skills}
        name = (await find_agent(session, call.id())).name
        await administration.set_agent(
            session, call.id(), skills=skills, profile_id=body.profile_id, name=name
        )
    return AgentRoutingView(
        agent_id=call.id(),
        skills=body.skills,
        profile_id=body.profile_id,
    )


ROUTES = [
    get("/skills", list_skills),
    post("/skills", post_skill, MANAGE, status=201),
    patch("/skills/{id}", patch_skill, MANAGE),
    delete("/skills/{id}", delete_skill, MANAGE),
    get("/calendars", list_calendars),
    post("/calendars", post_calendar, MANAGE, status=201),
    patch("/calendars/{id}", patch_calendar, MANAGE),
    delete("/calendars/{id}", delete_calendar, MANAGE),
    get("/routing-profiles", list_profiles, MANAGE),
    post("/routing-profiles", post_profile, MANAGE, status=201),
    patch("/routing-profiles/{id}", patch_profile, MANAGE),
    delete("/routing-profiles/{id}", delete_profile, MANAGE),
    get("/dispositions", list_dispositions),
    post("/dispositions", post_disposition, MANAGE, status=201),
    patch("/dispositions/{id}", patch_disposition, MANAGE),
    get("/queues/{id}/rules", get_rules, MANAGE),
    put("/queues/{id}/rules", put_rules, MANAGE),
    post("/queues/{id}/rules/preview", preview_rules, MANAGE),
    get("/agent-routing", list_agent_routing, MANAGE),
    put("/agents/{id}/routing", put_agent_routing, MANAGE),
]
