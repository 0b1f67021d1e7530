"""A courier keeps what it works on, and only that: leases are renewed, expire and are fenced."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from channels import outbox
from channels.envelope import Outbound, Party
from channels.outbox import Leased
from desk.holding import Holding
from kernel.database import Database
from kernel.ids import new_id
from tests.accounts import account_row
from tests.clock import ManualClock


@pytest.fixture
async def account_id(database: Database, clock: ManualClock) -> UUID:
    row = account_row("mail", "Support", clock.now())
    async with database.transaction() as session:
        session.add(row)
    return row.id


async def promise(database: Database, clock: ManualClock, account_id: UUID) -> UUID:
    key = new_id()
    async with database.transaction() as session:
        outbox.promise(
            session,
            Outbound(
                account_id=account_id,
                key=key,
                ticket_id=new_id(),
                recipient=Party(handle="ann@client.example"),
                text="Hello",
            ),
            lane=new_id(),
            now=clock.now(),
            due_at=clock.now(),
        )
    return key


async def take(database: Database, clock: ManualClock, account_id: UUID) -> Sequence[Leased]:
    async with database.transaction() as session:
        return await outbox.lease_due(session, account_id, clock.now(), limit=10)


async def test_a_long_round_keeps_its_leases(
    database: Database, clock: ManualClock, account_id: UUID
) -> None:
    await promise(database, clock, account_id)
    (leased,) = await take(database, clock, account_id)
    holding = Holding(database, clock, [leased])

    for _ in range(4):
        clock.advance(seconds=20)
        assert await holding.has(leased)
        assert await take(database, clock, account_id) == []


async def test_a_courier_that_was_frozen_does_not_send_what_another_took(
    database: Database, clock: ManualClock, account_id: UUID
) -> None:
    await promise(database, clock, account_id)
    (leased,) = await take(database, clock, account_id)
    holding = Holding(database, clock, [leased])
    clock.advance(seconds=31)

    (taken,) = await take(database, clock, account_id)

    assert taken.attempt == leased.attempt + 1
    assert not await holding.has(leased)
    async with database.transaction() as session:
        assert not await outbox.settle(session, leased, state="sent")
        assert await outbox.settle(session, taken, state="sent")


async def test_what_was_let_go_is_not_renewed(
    database: Database, clock: ManualClock, account_id: UUID
) -> None:
    await promise(database, clock, account_id)
    await promise(database, clock, account_id)
    first, second = await take(database, clock, account_id)
    holding = Holding(database, clock, [first, second])
    await holding.let_go(first)
    clock.advance(seconds=20)
    assert await holding.has(second)

    clock.advance(seconds=15)

    assert [one.id for one in await take(database, clock, account_id)] == [first.id]
