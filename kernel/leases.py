"""What only one node may do: held for a while, under a number that grows with each change of hands.

Whoever writes on the strength of a lease first proves, in the same transaction, that its number is
still the last one: a node that was frozen past its time learns so before it can do harm.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel.errors import ConflictError
from kernel.prepared import Lookup
from kernel.tables import Table
from kernel.upsert import insert_new


class LeaseRow(Table):
    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fence: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[datetime]


_FENCE: Final = Lookup(
    select(LeaseRow.fence).where(LeaseRow.name == bindparam("name")).with_for_update()
)


class LeaseLostError(ConflictError):
    """Another node does this now."""

    code = "lease_lost"


class Lease(Struct, frozen=True):
    """What was taken: valid until it ends, and only while nobody took it with a higher fence."""

    name: str
    holder: str
    fence: int
    ends_at: datetime


async def take(
    session: AsyncSession, name: str, holder: str, now: datetime, life: timedelta
) -> Lease | None:
    """Take the lease if it is free, over, or was ours before; None while another holds it."""
    # Two that meet here: the second waits for the first and then finds its row.
    first = {"name": name, "holder": holder, "fence": 0, "ends_at": now}
    await insert_new(session, LeaseRow, [first], LeaseRow.name)
    row = await session.get_one(LeaseRow, name, with_for_update=True, populate_existing=True)
    if row.holder != holder and row.ends_at > now:
        return None
    row.holder, row.fence, row.ends_at = holder, row.fence + 1, now + life
    return Lease(name, holder, row.fence, row.ends_at)


async def renew(session: AsyncSession, lease: Lease, now: datetime, life: timedelta) -> Lease:
    """Hold it for longer; LeaseLostError when somebody else took it, even if only for a while."""
    held = await session.scalar(
        update(LeaseRow)
        .where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence)
        .values(ends_at=now + life)
        .returning(LeaseRow.fence)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise LeaseLostError
    return Lease(lease.name, lease.holder, lease.fence, now + life)


async def prove(session: AsyncSession, lease: Lease) -> None:
    """Make sure, for the rest of this transaction, that nobody took the lease from us.

    The row stays locked until the commit: who takes it over waits for us, and not we for them.
    """
    if await _FENCE.rows(session, name=lease.name) != [(lease.fence,)]:
        raise LeaseLostError


async def let_go(session: AsyncSession, lease: Lease, now: datetime) -> None:
    """End it now, so that another node need not wait; nothing happens if it is not ours."""
    await session.execute(
        update(LeaseRow)
        .where(LeaseRow.name == lease.name, LeaseRow.fence == lease.fence)
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
