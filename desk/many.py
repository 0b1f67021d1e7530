"""The same change to many tickets: each as if it were made alone, and told what it replaced."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from desk.openings import change_ticket
from desk.snoozing import put_aside
from kernel.actor import Actor
from kernel.errors import CenterError, ConflictError, InvalidInputError
from tickets import service as tickets
from tickets import snoozing
from tickets.snoozing import Wake
from tickets.tables import TicketRow

TAGS_MOST: Final = 30
FIELDS: Final[tuple[str, ...]] = ("status", "priority", "assignee_id", "team_id")


class Change(Struct, frozen=True, kw_only=True):
    """What shall become of one ticket. `snooze` is a rule, None to wake it, absent to leave it."""

    id: UUID
    version: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    tags: Sequence[str] | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    snooze: Wake | None = None
    touches_snooze: bool = False


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of it: the new version and what was before, or why nothing was done."""

    id: UUID
    version: int = 0
    before: dict[str, Any] = field(default_factory=dict)
    refused: CenterError | None = None


async def change_many(
    session: AsyncSession, changes: Sequence[Change], *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Make every change that can be made, in one transaction; the others say why not."""
    done = {
        one.id: await _change_one(session, one, actor, now)
        for one in sorted(changes, key=lambda one: one.id)
    }
    return [done[one.id] for one in changes]


async def _change_one(
    session: AsyncSession, change: Change, actor: Actor, now: datetime
) -> Outcome:
    try:
        ticket = await tickets.find_ticket(session, change.id, seen_by=actor, lock=True)
        wanted, before = await _prepared(session, ticket, change, now)
    except CenterError as refused:
        return Outcome(id=change.id, refused=refused)
    await _apply(session, ticket, change, wanted, actor, now)
    await session.flush()
    return Outcome(id=ticket.id, version=ticket.version, before=before)


async def _prepared(
    session: AsyncSession, ticket: TicketRow, change: Change, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields to set and what they are now; everything that refuses does so here."""
    if change.version is not None and change.version != ticket.version:
        raise ConflictError("this ticket was changed meanwhile; look at it again")
    wanted = dict(change.fields)
    before = {name: getattr(ticket, name) for name in FIELDS if name in wanted}
    if change.tags is not None or change.add_tags or change.remove_tags:
        old = (await tickets.tags_of(session, [ticket.id])).get(ticket.id, [])
        kept = set(old if change.tags is None else change.tags) | set(change.add_tags)
        wanted["tags"] = sorted(kept - set(change.remove_tags))
        before["tags"] = old
        if len(wanted["tags"]) > TAGS_MOST:
            raise InvalidInputError(f"a ticket has up to {TAGS_MOST} tags", field="tags")
    if change.touches_snooze:
        before |= await _snoozed(session, ticket)
        if change.snooze is not None:
            snoozing.check(change.snooze, now)
    return wanted, before


async def _snoozed(session: AsyncSession, ticket: TicketRow) -> dict[str, Any]:
    """The rule it sleeps by, and its status, which falling asleep changes."""
    row = (await snoozing.snoozes_of(session, [ticket.id])).get(ticket.id)
    rule = None if row is None else Wake(until=row.until, on_reply=row.on_reply)
    return {"snooze": rule, "status": ticket.status}


async def _apply(
    session: AsyncSession,
    ticket: TicketRow,
    change: Change,
    wanted: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    if change.touches_snooze and change.snooze is None:
        await snoozing.wake(session, ticket, reason=snoozing.AGENT, actor_id=actor.agent_id)
    if wanted:
        await change_ticket(session, ticket, wanted, actor=actor, version=ticket.version, now=now)
    if change.snooze is not None:
        await put_aside(
            session, ticket, change.snooze, actor=actor, version=ticket.version, now=now
        )
