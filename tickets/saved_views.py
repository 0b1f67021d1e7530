"""Views that agents keep: conditions with a name, for oneself, for a team or for everybody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.actor import Actor
from kernel.errors import ConflictError, InvalidInputError, NotFoundError
from kernel.ids import new_id
from kernel.journal import record
from kernel.limits import VIEWS_PER_AGENT
from tickets.conditions import Group, check
from tickets.events import SavedViewChanged
from tickets.tables import SavedViewRow

SHARE: Final = "view.share"
ME, TEAM, EVERYBODY = "me", "team", "everybody"


async def views_for(session: AsyncSession, actor: Actor) -> list[SavedViewRow]:
    """Return the actor's own views and those shared with them, by name."""
    rows = await session.scalars(
        select(SavedViewRow).where(_seen_by(actor)).order_by(SavedViewRow.name, SavedViewRow.id)
    )
    return list(rows)


async def find_view(session: AsyncSession, view_id: UUID, *, seen_by: Actor) -> SavedViewRow:
    """One view; what is not shared with the actor does not exist for them."""
    found = await session.scalar(
        select(SavedViewRow).where(SavedViewRow.id == view_id, _seen_by(seen_by))
    )
    if found is None:
        raise NotFoundError
    return found


async def create_view(
    session: AsyncSession, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> SavedViewRow:
    """Keep a new view of the actor. Raises InvalidInputError, ForbiddenError when it is shared."""
    have = await session.scalar(
        select(func.count())
        .select_from(SavedViewRow)
        .where(SavedViewRow.owner_id == actor.agent_id)
    )
    if (have or 0) >= VIEWS_PER_AGENT:
        raise InvalidInputError(f"one keeps up to {VIEWS_PER_AGENT} views; remove one first")
    row = SavedViewRow(id=new_id(), owner_id=actor.agent_id, updated_at=now, **_kept(values))
    _check(row, actor)
    session.add(row)
    await session.flush()
    _note(session, row, row.audience)
    return row


async def change_view(
    session: AsyncSession,
    view_id: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    version: int,
    now: datetime,
) -> SavedViewRow:
    row = await find_view(session, view_id, seen_by=actor)
    _require_hand(row, actor)
    if row.version != version:
        raise ConflictError
    before = row.audience
    for name, value in _kept(changes).items():
        setattr(row, name, value)
    _check(row, actor)
    row.version += 1
    row.updated_at = now
    _note(session, row, before)
    return row


async def remove_view(session: AsyncSession, view_id: UUID, *, actor: Actor) -> None:
    row = await find_view(session, view_id, seen_by=actor)
    _require_hand(row, actor)
    await session.delete(row)
    _note(session, row, row.audience)


def conditions_of(row: SavedViewRow) -> Group:
    return msgspec.convert(row.conditions, Group)


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(values)
    if "conditions" in kept:
        check(kept["conditions"])
        kept["conditions"] = msgspec.to_builtins(kept["conditions"])
    return kept


def _check(row: SavedViewRow, actor: Actor) -> None:
    """A shared view needs the right to share, and one for a team says which."""
    if (row.audience == TEAM) != (row.team_id is not None):
        raise InvalidInputError("a view for a team names the team, others do not", field="team_id")
    if row.audience != ME:
        actor.require(SHARE)


def _require_hand(row: SavedViewRow, actor: Actor) -> None:
    """One changes one's own; what is shared, also whoever may share."""
    if row.owner_id != actor.agent_id:
        actor.require(SHARE)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    return or_(
        SavedViewRow.owner_id == actor.agent_id,
        SavedViewRow.audience == EVERYBODY,
        and_(SavedViewRow.audience == TEAM, SavedViewRow.team_id.in_(sorted(actor.team_ids))),
    )


def _note(session: AsyncSession, row: SavedViewRow, before: str) -> None:
    """Whoever may see it hears of it; of a private one, its owner alone."""
    private = {row.audience, before} == {ME}
    record(
        session,
        SavedViewChanged(view_id=row.id, only_agent_id=row.owner_id if private else None),
    )
