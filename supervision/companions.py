"""Who is beside an agent at a running contact: comes, changes what they do there, and leaves."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.journal import record
from kernel.prepared import Lookup
from kernel.upsert import insert_new
from supervision.events import CompanionCame, CompanionLeft
from supervision.tables import CompanionRow

Mode = Literal["reading", "joined"]
READING: Final[Mode] = "reading"
JOINED: Final[Mode] = "joined"


class Companion(Struct, frozen=True):
    """Who is at a contact beside its agent, and since when."""

    contact_id: UUID
    agent_id: UUID
    mode: Mode
    told: bool
    since: datetime


_THERE: Final = Lookup(
    select(*(getattr(CompanionRow, name) for name in Companion.__struct_fields__))
    .where(CompanionRow.contact_id.in_(bindparam("ids", expanding=True)))
    .order_by(CompanionRow.since, CompanionRow.agent_id)
)


async def come(
    session: AsyncSession,
    agent_id: UUID,
    mode: Mode,
    *,
    about: Mapping[str, UUID],
    told: bool,
    now: datetime,
) -> None:
    """Note that the agent is there; `about` names the contact, its ticket, client and queue.

    The same again changes and tells nothing. Who takes part is always told of.
    """
    told = told or mode == JOINED
    row = {**about, "agent_id": agent_id, "mode": mode, "told": told, "since": now}
    if not await insert_new(session, CompanionRow, [row], CompanionRow.agent_id):
        key = about["contact_id"], agent_id
        known = await session.get_one(CompanionRow, key, with_for_update=True)
        if known.mode == mode:
            return
        known.mode, known.told, known.since = mode, told, now
    record(
        session,
        CompanionCame(
            actor_id=agent_id,
            agent_id=agent_id,
            mode=mode,
            only_agent_id=None if told else agent_id,
            **about,
        ),
    )


async def leave(
    session: AsyncSession, contact_id: UUID, agent_id: UUID, *, by: UUID | None
) -> bool:
    """Note that the agent is there no more; False when they were not."""
    key = CompanionRow.contact_id == contact_id, CompanionRow.agent_id == agent_id
    row = await session.scalar(
        delete(CompanionRow)
        .where(*key)
        .returning(CompanionRow)
        .execution_options(synchronize_session=False)
    )
    if row is None:
        return False
    record(
        session,
        CompanionLeft(
            actor_id=by,
            agent_id=agent_id,
            mode=row.mode,
            only_agent_id=None if row.told else agent_id,
            contact_id=contact_id,
            ticket_id=row.ticket_id,
            client_id=row.client_id,
            queue_id=row.queue_id,
        ),
    )
    return True


async def takes_part(session: AsyncSession, contact_id: UUID, agent_id: UUID) -> bool:
    row = await session.get(CompanionRow, (contact_id, agent_id))
    return row is not None and row.mode == JOINED


async def is_there(session: AsyncSession, contact_id: UUID, agent_id: UUID) -> bool:
    return await session.get(CompanionRow, (contact_id, agent_id)) is not None


async def companions_of(
    session: AsyncSession, contact_ids: Collection[UUID]
) -> dict[UUID, list[Companion]]:
    """Return who is at each of the contacts, the first who came first."""
    found: dict[UUID, list[Companion]] = {}
    for row in await _THERE.rows(session, ids=sorted(contact_ids)):
        one = Companion(*row)
        found.setdefault(one.contact_id, []).append(one)
    return found


async def everybody(session: AsyncSession) -> list[CompanionRow]:
    """Return who is at any contact now."""
    rows = await session.scalars(
        select(CompanionRow).order_by(CompanionRow.contact_id, CompanionRow.agent_id)
    )
    return list(rows)
