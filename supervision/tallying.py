"""Counts the journal into the tables of the floor, exactly once: the bookmark moves with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy
from msgspec.structs import asdict
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.bookmarks import BookmarkRow
from kernel.entries import Noted
from kernel.prepared import LINE, Lookup, Prepared
from kernel.tables import Table
from kernel.upsert import insert_new, insert_of
from supervision.counts import (
    AgentClock,
    AgentCounts,
    QueueCounts,
    Visit,
    quarter_of,
    share_of,
)
from supervision.ledger import Ledger
from supervision.tables import AgentClockRow, AgentIntervalRow, QueueIntervalRow, VisitRow

BOOKMARK: Final = "floor figures"
_VISIT: Final = cast("sqlalchemy.Table", VisitRow.__table__)
_CHANGING: Final = (
    "callback_since",
    "outcome",
    "left_at",
    "within_target",
    "agent_id",
    "held_since",
    "handle_ms",
    "done_at",
)
_BEGIN: Final = Prepared(insert(_VISIT))
_CHANGE: Final = Prepared(
    update(_VISIT)
    .where(_VISIT.c.seq == bindparam("which"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_FIELDS: Final = Visit.__struct_fields__
_OF_CONTACTS: Final = Lookup(
    select(*(getattr(VisitRow, name) for name in _FIELDS))
    .where(VisitRow.contact_id.in_(bindparam("contacts", expanding=True)))
    .order_by(VisitRow.seq)
)
_CLOCKS: Final = Lookup(
    select(
        AgentClockRow.agent_id, AgentClockRow.state, AgentClockRow.held, AgentClockRow.counted_to
    ).where(AgentClockRow.agent_id.in_(bindparam("agents", expanding=True)))
)


async def counted(
    session: AsyncSession, entries: Sequence[Noted], targets: Mapping[UUID, int]
) -> Ledger:
    """Return what the entries change; nothing is stored yet."""
    contacts = {one.contact_id for one in entries if one.contact_id is not None}
    rows = await _OF_CONTACTS.rows(session, contacts=sorted(contacts))
    visits = [Visit(**dict(zip(_FIELDS, row, strict=True))) for row in rows]
    agents = {visit.agent_id for visit in visits if visit.agent_id is not None}
    agents |= {UUID(one.data["agent_id"]) for one in entries if one.data.get("agent_id")}
    clocks = await _CLOCKS.rows(session, agents=sorted(agents))
    ledger = Ledger(visits, [_clock(*row) for row in clocks], targets)
    for entry in entries:
        ledger.take(entry)
    return ledger


async def read_clocks(session: AsyncSession) -> list[AgentClock]:
    """Return the clock of everybody whose time was ever counted."""
    rows = await session.execute(
        select(
            AgentClockRow.agent_id,
            AgentClockRow.state,
            AgentClockRow.held,
            AgentClockRow.counted_to,
        )
    )
    return [_clock(*row) for row in rows]


async def begin(session: AsyncSession) -> None:
    """Make the bookmark, so that it can be compared and moved."""
    await insert_new(session, BookmarkRow, [{"name": BOOKMARK, "seq": 0}], BookmarkRow.name)


async def move_bookmark(session: AsyncSession, stood: int, to: int) -> bool:
    """Move the bookmark from where we saw it; False when another node counted meanwhile.

    It stays locked until the commit, so nobody else counts at the same time.
    """
    moved = await session.scalar(
        update(BookmarkRow)
        .where(BookmarkRow.name == BOOKMARK, BookmarkRow.seq == stood)
        .values(seq=to)
        .returning(BookmarkRow.seq)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


async def store(session: AsyncSession, ledger: Ledger) -> None:
    """Write what the ledger holds: a few statements, whatever their number of rows."""
    if ledger.new:
        await _BEGIN.run(session, [asdict(one) for one in ledger.new.values()])
    if ledger.changed:
        rows = [
            {"which": one.seq} | {f"new_{name}": getattr(one, name) for name in _CHANGING}
            for one in ledger.changed.values()
        ]
        await _CHANGE.run(session, rows)
    await _add_to_queues(session, ledger)
    await _add_to_agents(session, ledger)
    await _put_clocks(session, [ledger.clocks[one] for one in sorted(ledger.touched)])


async def forget_contacts(session: AsyncSession, contact_ids: Sequence[UUID]) -> None:
    """Take the visits of these contacts, and what they added, out of the figures of queues."""
    ledger = Ledger((), (), {})
    found = await session.scalars(select(VisitRow).where(VisitRow.contact_id.in_(contact_ids)))
    for row in found.all():
        visit = _visit(row)
        key = (quarter_of(visit.entered_at), visit.queue_id, visit.channel)
        ledger.of_queues[key] = ledger.of_queues.get(key, QueueCounts()) - share_of(visit)
    await _add_to_queues(session, ledger)
    await session.execute(
        delete(VisitRow)
        .where(VisitRow.contact_id.in_(contact_ids))
        .execution_options(synchronize_session=False)
    )


async def counted_to(session: AsyncSession) -> int:
    """Return the journal entry up to which everything is counted."""
    found: int | None = await session.scalar(
        select(func.max(BookmarkRow.seq)).where(BookmarkRow.name == BOOKMARK)
    )
    return found or 0


async def _add_to_queues(session: AsyncSession, ledger: Ledger) -> None:
    await _add(
        session,
        QueueIntervalRow,
        ("quarter", "queue_id", "channel"),
        [
            {"quarter": quarter, "queue_id": queue_id, "channel": channel} | asdict(counts)
            for (quarter, queue_id, channel), counts in sorted(
                ledger.of_queues.items(), key=lambda item: item[0]
            )
            if counts
        ],
        QueueCounts.__struct_fields__,
    )


async def _add_to_agents(session: AsyncSession, ledger: Ledger) -> None:
    await _add(
        session,
        AgentIntervalRow,
        ("quarter", "agent_id"),
        [
            {"quarter": quarter, "agent_id": agent_id} | asdict(counts)
            for (quarter, agent_id), counts in sorted(
                ledger.of_agents.items(), key=lambda item: item[0]
            )
            if counts
        ],
        AgentCounts.__struct_fields__,
    )


async def _add(
    session: AsyncSession,
    table: type[QueueIntervalRow | AgentIntervalRow],
    key: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
    sums: tuple[str, ...],
) -> None:
    """Add the numbers to the rows that are there, and begin the others."""
    await _put(session, table, key, rows, sums, added=True)


async def _put_clocks(session: AsyncSession, clocks: Sequence[AgentClock]) -> None:
    rows = [asdict(one) for one in clocks]
    names = ("state", "held", "counted_to")
    await _put(session, AgentClockRow, ("agent_id",), rows, names, added=False)


async def _put(
    session: AsyncSession,
    table: type[Table],
    key: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
    names: tuple[str, ...],
    *,
    added: bool,
) -> None:
    if not rows:
        return
    core = cast("sqlalchemy.Table", table.__table__)
    if LINE in session.info:
        await _upsert(core, key, names, added=added).run(session, rows)
        return
    connection = await session.connection()
    statement = _or_change(insert_of(session)(core), core, key, names, added=added)
    await connection.execute(statement, list(rows))


@cache
def _upsert(
    table: sqlalchemy.Table, key: tuple[str, ...], names: tuple[str, ...], *, added: bool
) -> Prepared:
    return Prepared(_or_change(sqlite.insert(table), table, key, names, added=added))


def _or_change(
    statement: Any,
    table: sqlalchemy.Table,
    key: tuple[str, ...],
    names: tuple[str, ...],
    *,
    added: bool,
) -> Any:
    """Let a row that is there take the new values, or add them to its own."""
    new = statement.excluded
    values = {name: table.c[name] + new[name] if added else new[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(key), set_=values)


def _visit(row: VisitRow) -> Visit:
    return Visit(**{name: getattr(row, name) for name in _FIELDS})


def _clock(agent_id: UUID, state: str, held: int, counted_to: datetime) -> AgentClock:
    return AgentClock(agent_id=agent_id, state=state, held=held, counted_to=counted_to)
