"""Ticket numbers: counted in the database, taken many at a time."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.upsert import insert_new
from tickets.tables import CounterRow

_TICKET = "ticket"
_FIRST = 1000


async def take_numbers(session: AsyncSession, count: int) -> range:
    """Return `count` numbers nobody else gets; a rolled-back transaction gives them back."""
    step = (
        update(CounterRow)
        .where(CounterRow.name == _TICKET)
        .values(value=CounterRow.value + count)
        .returning(CounterRow.value)
        .execution_options(synchronize_session=False)
    )
    last = await session.scalar(step)
    if last is None:
        await insert_new(session, CounterRow, [{"name": _TICKET, "value": _FIRST}], CounterRow.name)
        last = await session.scalar(step)
    assert last is not None  # noqa: S101 - the row was made one line above
    return range(last - count + 1, last + 1)


async def last_number(session: AsyncSession) -> int:
    return (
        await session.scalar(select(CounterRow.value).where(CounterRow.name == _TICKET)) or _FIRST
    )
