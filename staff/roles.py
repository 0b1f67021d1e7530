"""Roles: sets of permissions under a name; three come ready-made and follow the program."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.upsert import put_row
from staff.events import StaffChanged
from staff.names import clean_name
from staff.permissions import READY_ROLES, STAFF_MANAGE, known, require_cover
from staff.queries import RoleCard, role_card
from staff.tables import AgentRow, RoleRow


async def ensure_roles(session: AsyncSession) -> None:
    """Make the ready-made roles what this version of the program says; run at every start."""
    for role in READY_ROLES:
        row = {
            "id": role.id,
            "name": role.name,
            "permissions": sorted(role.permissions),
            "builtin": True,
        }
        await put_row(session, RoleRow, row, key=["id"])


async def create_role(
    session: AsyncSession, actor: Actor, *, name: str, permissions: list[str]
) -> RoleCard:
    """Add a role that allows at most what its maker may do."""
    actor.require(STAFF_MANAGE)
    asked = known(permissions)
    require_cover(actor, asked)
    await _refuse_taken(session, clean_name(name))
    row = RoleRow(id=new_id(), name=clean_name(name), permissions=sorted(asked), builtin=False)
    session.add(row)
    await session.flush()
    _note(session, actor, row.id)
    return role_card(row)


async def change_role(
    session: AsyncSession,
    actor: Actor,
    role_id: UUID,
    *,
    name: str | None = None,
    permissions: list[str] | None = None,
) -> RoleCard:
    """Rename a role or change what it allows; it counts for its agents from the commit on."""
    actor.require(STAFF_MANAGE)
    row = await _own_role(session, role_id)
    require_cover(actor, row.permissions)
    if name is not None and clean_name(name) != row.name:
        await _refuse_taken(session, clean_name(name))
        row.name = clean_name(name)
    if permissions is not None:
        asked = known(permissions)
        require_cover(actor, asked)
        row.permissions = sorted(asked)
    await session.flush()
    _note(session, actor, row.id)
    return role_card(row)


async def remove_role(session: AsyncSession, actor: Actor, role_id: UUID) -> None:
    """Remove a role that nobody has."""
    actor.require(STAFF_MANAGE)
    row = await _own_role(session, role_id)
    require_cover(actor, row.permissions)
    holder = await session.scalar(select(AgentRow.name).where(AgentRow.role_id == role_id).limit(1))
    if holder is not None:
        raise ConflictError(f"{holder} has this role; give them another one first")
    await session.delete(row)
    await session.flush()
    _note(session, actor, role_id)


async def find_role(session: AsyncSession, role_id: UUID) -> RoleRow:
    row = await session.get(RoleRow, role_id)
    if row is None:
        raise InvalidInputError("there is no such role", field="role_id")
    return row


async def _own_role(session: AsyncSession, role_id: UUID) -> RoleRow:
    row = await session.get(RoleRow, role_id, with_for_update=True)
    if row is None:
        raise NotFoundError("no such role")
    if row.builtin:
        raise ForbiddenError("the ready-made roles cannot be changed; make a role of your own")
    return row


async def _refuse_taken(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(RoleRow.id).where(RoleRow.name == name)) is not None:
        raise InvalidInputError(f"there is a role “{name}” already", field="name")


def _note(session: AsyncSession, actor: Actor, role_id: UUID) -> None:
    record(session, StaffChanged(actor_id=actor.agent_id, what="role", subject_id=role_id))
