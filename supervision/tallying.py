"""Counts the journal into the tables of the floor, exactly once: the bookmark moves with them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.bookmarks import BookmarkRow
from kernel.journal import JournalRow
from kernel.prepared import Lookup
from kernel.upsert import insert_new, insert_of
from supervision.counts import AgentClock, AgentCounts, QueueCounts, Visit, quarter_of, share_of
from supervision.ledger import KINDS, Heard, Ledger
from supervision.tables import AgentClockRow, AgentIntervalRow, QueueIntervalRow, VisitRow

BOOKMARK: Final = "floor figures"
_VISIT: Final = cast("sqlalchemy.Table", VisitRow.__table__)
_CHANGING: Final = (
    "outcome",
    "left_at",
    "within_target",
    "agent_id",
    "held_since",
    "handle_ms",
    "done_at",
)
_CHANGE: Final = (
    update(_VISIT)
    .where(_VISIT.c.seq == bindparam("which"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_HEARD: Final = Lookup(
    select(
        JournalRow.seq,
        JournalRow.at,
        JournalRow.kind,
        JournalRow.contact_id,
        JournalRow.ticket_id,
        JournalRow.client_id,
        JournalRow.queue_id,
        JournalRow.data,
    )
    .where(
        JournalRow.seq > bindparam("seq"), JournalRow.kind.in_(bindparam("kinds", expanding=True))
    )
    .order_by(JournalRow.seq)
    .limit(bindparam("limit"))
)


async def heard_after(session: AsyncSession, seq: int, *, limit: int) -> list[Heard]:
    """Return up to `limit` journal entries that are counted, in order."""
    rows = await _HEARD.rows(session, seq=seq, kinds=sorted(KINDS), limit=limit)
    return [Heard(*row) for row in rows]


async def counted(
    session: AsyncSession, entries: Sequence[Heard], targets: Mapping[UUID, int]
) -> Ledger:
    """Return what the entries change; nothing is stored yet."""
    contacts = {one.contact_id for one in entries if one.contact_id is not None}
    rows = await session.scalars(
        select(VisitRow).where(VisitRow.contact_id.in_(sorted(contacts))).order_by(VisitRow.seq)
    )
    ledger = Ledger([_visit(row) for row in rows], await read_clocks(session), targets)
    for entry in entries:
        ledger.take(entry)
    return ledger


async def read_clocks(session: AsyncSession) -> list[AgentClock]:
    return [
        AgentClock(agent_id=row.agent_id, state=row.state, held=row.held, counted_to=row.counted_to)
        for row in await session.scalars(select(AgentClockRow))
    ]


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
        await session.execute(insert(_VISIT), [asdict(one) for one in ledger.new.values()])
    if ledger.changed:
        rows = [
            {"which": one.seq} | {f"new_{name}": getattr(one, name) for name in _CHANGING}
            for one in ledger.changed.values()
        ]
        connection = await session.connection()
        await connection.execute(_CHANGE, rows)
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
        [one.name for one in fields(QueueCounts)],
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
        [one.name for one in fields(AgentCounts)],
    )


async def _add(
    session: AsyncSession,
    table: type[QueueIntervalRow | AgentIntervalRow],
    key: Sequence[str],
    rows: Sequence[dict[str, Any]],
    sums: Sequence[str],
) -> None:
    """Add the numbers to the rows that are there, and begin the others."""
    if not rows:
        return
    plain = cast("sqlalchemy.Table", table.__table__)
    statement = insert_of(session)(plain)
    statement = statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: plain.c[name] + statement.excluded[name] for name in sums},
    )
    connection = await session.connection()
    await connection.execute(statement, list(rows))


async def _put_clocks(session: AsyncSession, clocks: Sequence[AgentClock]) -> None:
    if not clocks:
        return
    plain = cast("sqlalchemy.Table", AgentClockRow.__table__)
    statement = insert_of(session)(plain)
    names = ("state", "held", "counted_to")
    statement = statement.on_conflict_do_update(
        index_elements=["agent_id"], set_={name: statement.excluded[name] for name in names}
    )
    connection = await session.connection()
    await connection.execute(statement, [asdict(one) for one in clocks])


def _visit(row: VisitRow) -> Visit:
    return Visit(**{one.name: getattr(row, one.name) for one in fields(Visit)})
