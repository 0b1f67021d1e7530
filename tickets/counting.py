"""Ticket numbers: counted in the database, taken many at a time."""

from typing import Final, cast

import sqlalchemy
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.prepared import Lookup, Prepared
from kernel.upsert import add_missing
from tickets.tables import CounterRow

_TICKET: Final = "ticket"
_FIRST: Final = 1000

_COUNTER: Final = cast("sqlalchemy.Table", CounterRow.__table__)
_STEP: Final = Prepared(
    update(_COUNTER)
    .where(_COUNTER.c.name == bindparam("of"))
    .values(value=_COUNTER.c.value + bindparam("more"))
)
_LAST: Final = Lookup(select(CounterRow.value).where(CounterRow.name == bindparam("of")))


async def take_numbers(session: AsyncSession, count: int) -> range:
    """Return `count` numbers nobody else gets; a rolled-back transaction gives them back."""
    # The first to step holds the row until its transaction ends: what is read is its own.
    step = [{"of": _TICKET, "more": count}]
    await _STEP.run(session, step)
    last = await _last_number(session)
    if last is None:
        await add_missing(session, CounterRow, [{"name": _TICKET, "value": _FIRST}])
        await _STEP.run(session, step)
        last = await _last_number(session)
    assert last is not None  # noqa: S101 - the row was made two lines above
    return range(last - count + 1, last + 1)


async def _last_number(session: AsyncSession) -> int | None:
    """Return the last number taken; None before the first."""
    rows = await _LAST.rows(session, of=_TICKET)
    return rows[0][0] if rows else None
