"""What happened, noted in the transaction that made it happen and numbered at its commit.

Sequence numbers are given under one lock at the very end of a transaction, so they have no gaps
and a reader that has seen number `n` never misses an entry below it, on either database.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec
import sqlalchemy
from sqlalchemy import BigInteger, bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel.entries import SUBJECTS, Entry, Noted
from kernel.prepared import Lookup, Prepared, flush
from kernel.tables import Table

_PENDING = "journal"
_LOCK = 0x6A6F75726E616C  # "journal" in ASCII: the advisory lock that orders commits


class JournalRow(Table):
    __tablename__ = "journal"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None] = mapped_column(index=True)
    client_id: Mapped[UUID | None] = mapped_column(index=True)
    contact_id: Mapped[UUID | None] = mapped_column(index=True)
    queue_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    assignee_id: Mapped[UUID | None]
    only_agent_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]


_INSERT: Final = Prepared(insert(cast("sqlalchemy.Table", JournalRow.__table__)))


_OWN_NAMES: Final[dict[type[Entry], tuple[str, ...]]] = {}
_PLAIN: Final = frozenset({str, int, bool, float, type(None)})


_LAST: Final = Lookup(select(func.max(JournalRow.seq)))
_AFTER: Final = Lookup(
    select(*(getattr(JournalRow, name) for name in Noted.COLUMNS))
    .where(JournalRow.seq > bindparam("seq"))
    .order_by(JournalRow.seq)
    .limit(bindparam("limit"))
)
_OF_KINDS: Final = Lookup(
    select(*(getattr(JournalRow, name) for name in Noted.COLUMNS))
    .where(
        JournalRow.seq > bindparam("seq"), JournalRow.kind.in_(bindparam("kinds", expanding=True))
    )
    .order_by(JournalRow.seq)
    .limit(bindparam("limit"))
)


def record(session: AsyncSession, entry: Entry) -> None:
    """Note `entry`; it is stored when the transaction commits, or not at all."""
    session.info.setdefault(_PENDING, []).append(entry)


def pending(session: AsyncSession) -> list[Entry]:
    """Return what this transaction has recorded so far; it may be changed in place."""
    return cast("list[Entry]", session.info.setdefault(_PENDING, []))


async def write_pending(session: AsyncSession, now: datetime) -> list[Noted]:
    """Store what was recorded, last thing before the commit; return it numbered."""
    recorded = cast("list[Entry]", session.info.pop(_PENDING, []))
    if not recorded:
        return []
    await flush(session)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = await last_seq(session)
    noted = [_numbered(entry, last + place, now) for place, entry in enumerate(recorded, start=1)]
    await _INSERT.run(
        session, [{name: getattr(one, name) for name in Noted.COLUMNS} for one in noted]
    )
    return noted


async def read_after(session: AsyncSession, seq: int, *, limit: int) -> list[Noted]:
    """Return up to `limit` entries after `seq`, in order."""
    rows = await _AFTER.rows(session, seq=seq, limit=limit)
    return [Noted(**dict(zip(Noted.COLUMNS, row, strict=True))) for row in rows]


async def entries_after(
    session: AsyncSession, seq: int, kinds: Collection[str], *, limit: int
) -> list[Noted]:
    """Return up to `limit` entries of these kinds after `seq`, in order."""
    rows = await _OF_KINDS.rows(session, seq=seq, kinds=sorted(kinds), limit=limit)
    return [Noted(**dict(zip(Noted.COLUMNS, row, strict=True))) for row in rows]


async def last_seq(session: AsyncSession) -> int:
    ((last,),) = await _LAST.rows(session)
    return last or 0


def _numbered(entry: Entry, seq: int, now: datetime) -> Noted:
    kind = type(entry)
    facts = {
        name: value if type(value := getattr(entry, name)) in _PLAIN else msgspec.to_builtins(value)
        for name in _own_names(kind)
    }
    return Noted(
        seq=seq,
        at=now,
        kind=kind.__name__,
        actor_id=entry.actor_id,
        ticket_id=entry.ticket_id,
        client_id=entry.client_id,
        contact_id=entry.contact_id,
        queue_id=entry.queue_id,
        team_id=entry.team_id,
        assignee_id=entry.assignee_id,
        only_agent_id=entry.only_agent_id,
        data=facts,
    )


def _own_names(kind: type[Entry]) -> tuple[str, ...]:
    """Return the names of what a kind of event tells beyond its subjects."""
    names = _OWN_NAMES.get(kind)
    if names is None:
        names = tuple(name for name in kind.__struct_fields__ if name not in SUBJECTS)
        _OWN_NAMES[kind] = names
    return names
