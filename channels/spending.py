"""What an account may spend within 24 hours: a guard against fraud and broken programs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.events import AccountSpent
from channels.tables import AccountRow, SpendingAlertRow, SpendingRow
from kernel.journal import record
from kernel.limits import SPENDING_ALERT_PERCENT
from kernel.upsert import insert_new

_HOUR = 3_600
_HOURS = 24


async def spend(
    session: AsyncSession, account_id: UUID, cost: int, *, most: int, now: datetime
) -> bool:
    """Add to what the account has spent; False, and nothing is added, when that is too much.

    Hours are counted whole, so what was spent up to 25 hours ago may count.
    """
    hour = int(now.timestamp()) // _HOUR
    # The lock makes two who send at once wait for each other where statements alone do not.
    await session.get(AccountRow, account_id, with_for_update=True)
    spent = await session.scalar(
        select(func.sum(SpendingRow.amount)).where(
            SpendingRow.account_id == account_id, SpendingRow.hour > hour - _HOURS
        )
    )
    after = (spent or 0) + cost
    if after > most:
        return False
    row = await session.get(SpendingRow, (account_id, hour))
    if row is None:
        session.add(SpendingRow(account_id=account_id, hour=hour, amount=cost))
    else:
        row.amount += cost
    await warn(session, account_id, after, most=most, now=now)
    return True


async def warn(
    session: AsyncSession, account_id: UUID, spent: int, *, most: int, now: datetime
) -> None:
    """Tell once a day when an account has spent so much that it soon may no more."""
    if spent * 100 < most * SPENDING_ALERT_PERCENT:
        return
    told = {"account_id": account_id, "day": int(now.timestamp()) // (_HOUR * _HOURS)}
    if await insert_new(session, SpendingAlertRow, [told], SpendingAlertRow.account_id):
        account = await session.get_one(AccountRow, account_id)
        record(
            session,
            AccountSpent(account_id=account_id, name=account.name, spent=spent, most=most),
        )
