"""Agents: added, changed and let go, without anyone gaining more than they may give."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import CAPACITY_MAX
from staff.events import StaffChanged
from staff.names import clean_email, clean_name
from staff.permissions import ADMINISTRATOR, STAFF_MANAGE, require_cover, require_oneself
from staff.presence import OFFLINE, set_presence
from staff.queries import AgentCard, find_agent
from staff.roles import ensure_roles, find_role
from staff.sessions import end_everything
from staff.tables import AgentRow, RoleRow
from staff.teams import put_teams_of

USUAL_CAPACITY: Final = {"mail": 5, "webchat": 3}
"""What a new agent handles at once unless told otherwise."""
_CHANNELS_MAX = 20
_CHANNEL_CHARS = 40


class NewAgent(Struct, frozen=True, kw_only=True):
    """Who is to be added; the password is hashed before the transaction begins."""

    name: str
    email: str
    password_hash: str
    role_id: UUID
    locale: str = "en"
    team_ids: tuple[UUID, ...] = ()
    capacity: Mapping[str, int] = {}


class AgentChange(Struct, frozen=True, kw_only=True):
    """What is to change; `version` is that of the agent as the caller saw it."""

    version: int | None = None
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    password_hash: str | UnsetType = UNSET
    role_id: UUID | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    signature: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    team_ids: tuple[UUID, ...] | UnsetType = UNSET
    capacity: Mapping[str, int] | UnsetType = UNSET


async def needs_setup(session: AsyncSession) -> bool:
    """Say whether nobody works here yet."""
    return await session.scalar(select(AgentRow.id).limit(1)) is None


async def first_agent(
    session: AsyncSession,
    *,
    name: str,
    email: str,
    password_hash: str,
    locale: str,
    now: datetime,
) -> AgentCard:
    """Add the first administrator; there is no such step once somebody works here."""
    await ensure_roles(session)
    await _lock_administrators(session)
    if not await needs_setup(session):
        raise NotFoundError
    who = NewAgent(
        name=name,
        email=email,
        password_hash=password_hash,
        role_id=ADMINISTRATOR.id,
        locale=locale,
    )
    return await _add(session, who, now, by=None)


async def add_agent(session: AsyncSession, who: NewAgent, now: datetime) -> AgentCard:
    """Add an agent at the operator's word (the command line), who answers to no role."""
    await ensure_roles(session)
    return await _add(session, who, now, by=None)


async def create_agent(
    session: AsyncSession, actor: Actor, who: NewAgent, now: datetime
) -> AgentCard:
    """Add a colleague whose role allows at most what the actor may do."""
    actor.require(STAFF_MANAGE)
    require_cover(actor, (await find_role(session, who.role_id)).permissions)
    return await _add(session, who, now, by=actor.agent_id)


async def change_agent(
    session: AsyncSession, actor: Actor, agent_id: UUID, change: AgentChange, now: datetime
) -> AgentCard:
    """Change a colleague or oneself.

    A new password or a deactivation ends every session and token at once. Raises ConflictError
    when somebody changed the agent first, ForbiddenError when the agent may do more than the
    actor, and ConflictError again when nobody would be left to administer.
    """
    actor.require(STAFF_MANAGE)
    await _lock_administrators(session)
    agent = await _locked_agent(session, agent_id, change.version)
    require_cover(actor, (await find_role(session, agent.role_id)).permissions)
    if change.role_id is not UNSET:
        require_cover(actor, (await find_role(session, change.role_id)).permissions)
    await _apply(session, agent, change, now, by=actor.agent_id)
    await _refuse_without_administrator(session)
    return await find_agent(session, agent_id)


async def change_me(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str | UnsetType = UNSET,
    locale: str | UnsetType = UNSET,
    signature: str | UnsetType = UNSET,
    phone: str | UnsetType = UNSET,
    now: datetime,
) -> AgentCard:
    """Change what everyone may change about themselves."""
    require_oneself(actor)
    agent = await _locked_agent(session, actor.agent_id, None)
    change = AgentChange(name=name, locale=locale, signature=signature, phone=phone)
    await _apply(session, agent, change, now, by=actor.agent_id)
    return await find_agent(session, actor.agent_id)


async def change_my_password(
    session: AsyncSession, actor: Actor, *, old_hash: str, new_hash: str, now: datetime
) -> None:
    """Replace the password that was verified as `old_hash`; every session and token ends.

    Only a signed-in browser may: a token must not turn into a password.
    """
    if actor.session_id is None:
        raise ForbiddenError("sign in with a browser to change the password")
    agent = await _locked_agent(session, actor.agent_id, None)
    if agent.password_hash != old_hash:
        raise ConflictError
    change = AgentChange(password_hash=new_hash)
    await _apply(session, agent, change, now, by=actor.agent_id)


async def password_hash_of(session: AsyncSession, agent_id: UUID) -> str | None:
    return await session.scalar(select(AgentRow.password_hash).where(AgentRow.id == agent_id))


async def _add(
    session: AsyncSession, who: NewAgent, now: datetime, *, by: UUID | None
) -> AgentCard:
    await find_role(session, who.role_id)
    agent = AgentRow(
        id=new_id(),
        email=await _free_email(session, who.email),
        name=clean_name(who.name),
        role_id=who.role_id,
        password_hash=who.password_hash,
        active=True,
        locale=who.locale,
        signature="",
        phone="",
        capacity=_capacity(who.capacity),
        created_at=now,
        version=1,
    )
    session.add(agent)
    await session.flush()
    await put_teams_of(session, agent.id, who.team_ids)
    record(session, StaffChanged(actor_id=by, what="agent", subject_id=agent.id))
    return await find_agent(session, agent.id)


async def _apply(
    session: AsyncSession, agent: AgentRow, change: AgentChange, now: datetime, *, by: UUID
) -> None:
    """Write the change to the locked row and end what it makes invalid."""
    if change.email is not UNSET and clean_email(change.email) != agent.email:
        agent.email = await _free_email(session, change.email)
    if change.name is not UNSET:
        agent.name = clean_name(change.name)
    if change.capacity is not UNSET:
        agent.capacity = _capacity(change.capacity)
    for plain in ("password_hash", "role_id", "active", "locale", "signature", "phone"):
        if (value := getattr(change, plain)) is not UNSET:
            setattr(agent, plain, value)
    agent.version += 1
    await session.flush()
    if change.team_ids is not UNSET:
        await put_teams_of(session, agent.id, change.team_ids)
    if change.password_hash is not UNSET or change.active is False:
        await end_everything(session, agent.id, by=by)
    if change.active is False:
        await set_presence(session, agent.id, OFFLINE, "", now, by=by)
    record(session, StaffChanged(actor_id=by, what="agent", subject_id=agent.id))


async def _locked_agent(session: AsyncSession, agent_id: UUID, version: int | None) -> AgentRow:
    agent = await session.get(AgentRow, agent_id, with_for_update=True, populate_existing=True)
    if agent is None:
        raise NotFoundError("no such agent")
    if version is not None and agent.version != version:
        raise ConflictError(f"{agent.name} was changed meanwhile; reload and try again")
    return agent


async def _lock_administrators(session: AsyncSession) -> None:
    """Let changes of staff happen one after another, or two could each remove the other."""
    await session.execute(
        select(RoleRow.id).where(RoleRow.id == ADMINISTRATOR.id).with_for_update()
    )


async def _refuse_without_administrator(session: AsyncSession) -> None:
    left = await session.scalar(
        select(func.count())
        .select_from(AgentRow)
        .where(AgentRow.active, AgentRow.role_id == ADMINISTRATOR.id)
    )
    if not left:
        raise ConflictError("nobody would be left to administer; make somebody else one first")


async def _free_email(session: AsyncSession, email: str) -> str:
    clean = clean_email(email)
    if await session.scalar(select(AgentRow.id).where(AgentRow.email == clean)) is not None:
        raise InvalidInputError("a colleague has this e-mail address", field="email")
    return clean


def _capacity(asked: Mapping[str, int]) -> dict[str, int]:
    if len(asked) > _CHANNELS_MAX or any(len(channel) > _CHANNEL_CHARS for channel in asked):
        raise InvalidInputError("name at most 20 channels", field="capacity")
    if any(not 0 <= most <= CAPACITY_MAX for most in asked.values()):
        raise InvalidInputError(f"0 to {CAPACITY_MAX} contacts at once", field="capacity")
    return dict(asked) or dict(USUAL_CAPACITY)
