"""What an account may spend in a day is a limit, and it is told before it is reached."""

from uuid import UUID

import pytest

from channels import spending
from kernel.database import Database
from kernel.entries import Noted
from tests.accounts import account_row
from tests.clock import ManualClock

MOST = 10


@pytest.fixture
async def account(database: Database, clock: ManualClock) -> UUID:
    row = account_row("sms", "Shop number", clock.now())
    async with database.transaction() as session:
        session.add(row)
    return row.id


async def spend(database: Database, clock: ManualClock, account: UUID, cost: int) -> bool:
    async with database.transaction() as session:
        return await spending.spend(session, account, cost, most=MOST, now=clock.now())


async def test_no_more_is_spent_in_a_day_than_may_be(
    database: Database, clock: ManualClock, account: UUID
) -> None:
    assert await spend(database, clock, account, 6)
    clock.advance(hours=5)
    assert not await spend(database, clock, account, 5)
    assert await spend(database, clock, account, 4)
    assert not await spend(database, clock, account, 1)

    clock.advance(hours=20)
    assert await spend(database, clock, account, 6)
    assert not await spend(database, clock, account, 1)


async def test_it_is_told_once_a_day_when_most_is_spent(
    database: Database, clock: ManualClock, account: UUID
) -> None:
    told: list[Noted] = []
    database.after_commit(told.extend)
    for _ in range(7):
        await spend(database, clock, account, 1)
    early = list(told)
    for _ in range(5):
        await spend(database, clock, account, 1)

    assert early == []
    (alert,) = told
    assert (alert.kind, alert.data["spent"], alert.data["most"]) == ("AccountSpent", 8, MOST)
    assert alert.data["name"] == "Shop number"
