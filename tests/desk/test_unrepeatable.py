"""Where a provider knows no repetition, what may have arrived is never sent again by itself."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from channels.envelope import Outbound, Receipt
from channels.errors import ProviderUnavailableError
from desk import replies
from kernel.limits import COURIER_FIRST_WAIT, COURIER_LEASE
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import accepted
from tests.desk.test_courier import fails, promised, state_of


async def told_once(office: Desk) -> tuple[UUID, UUID]:
    """Promise one answer on a channel whose provider knows no repetition."""
    account, (message,) = await promised(office)
    line = office.lines.need(account)
    line.traits = replace(line.traits, repeatable=False)
    return account, message


async def never(_message: Outbound) -> Receipt:
    await asyncio.Event().wait()
    raise AssertionError


async def cut_off(office: Desk, account: UUID) -> None:
    """Let the center end while the provider has the message."""
    office.office(account).on_send = never
    carrying = asyncio.create_task(office.carry(account))
    await office.office(account).sending.wait()
    carrying.cancel()
    await asyncio.gather(carrying, return_exceptions=True)
    office.clock.advance(seconds=COURIER_LEASE.total_seconds() + 1)
    office.office(account).on_send = accepted


async def test_what_was_cut_off_at_the_provider_is_left_to_an_agent(office: Desk) -> None:
    account, message = await told_once(office)
    await cut_off(office, account)

    await office.carry(account)

    state, reason = await state_of(office, message)
    assert state == "uncertain"
    assert "the client may have it" in reason
    assert len(office.office(account).sent) == 1


async def test_an_agent_may_send_again_what_is_in_doubt(office: Desk) -> None:
    account, message = await told_once(office)
    await cut_off(office, account)
    await office.carry(account)

    async with office.database.transaction() as session:
        await replies.retry(session, message, actor=IRYNA, now=office.clock.now())
    await office.carry(account)

    assert (await state_of(office, message))[0] == "sent"


async def test_what_the_provider_did_not_take_is_tried_again(office: Desk) -> None:
    account, message = await told_once(office)
    office.office(account).on_send = fails(
        ProviderUnavailableError("a pause", retry_after=timedelta(seconds=3))
    )

    await office.carry(account)
    office.clock.advance(seconds=3)
    await office.carry(account)

    assert (await state_of(office, message))[0] == "sent"


@pytest.mark.parametrize("error", [TimeoutError(), RuntimeError("a bug of ours")])
async def test_an_end_that_nobody_foresaw_is_a_doubt(office: Desk, error: Exception) -> None:
    account, message = await told_once(office)
    office.office(account).on_send = fails(error)

    await office.carry(account)
    office.clock.advance(seconds=COURIER_FIRST_WAIT.total_seconds() * 2)

    assert (await state_of(office, message))[0] == "uncertain"
    assert await office.carry(account) == 0


async def test_an_account_that_has_spent_enough_sends_nothing_until_somebody_allows_it(
    office: Desk,
) -> None:
    account, (first, second) = await promised(office, conversations=2)
    line = office.lines.need(account)
    line.traits = replace(line.traits, repeatable=False)
    connector: Any = office.office(account)
    connector.most_a_day, connector.cost_of = 3, lambda _message: 2

    await office.carry(account)
    states = [await state_of(office, one) for one in (first, second)]
    connector.most_a_day = 4
    async with office.database.transaction() as session:
        await replies.retry(session, second, actor=IRYNA, now=office.clock.now())
    await office.carry(account)

    assert states == [("sent", ""), ("failed", "spent_today")]
    assert (await state_of(office, second))[0] == "sent"
    assert "AccountSpent" in await office.kinds()


async def test_an_answer_that_is_tried_again_is_spent_once(office: Desk) -> None:
    account, message = await told_once(office)
    connector: Any = office.office(account)
    connector.most_a_day, connector.cost_of = 1, lambda _message: 1
    connector.on_send = fails(ProviderUnavailableError("503"))

    await office.carry(account)
    office.clock.advance(seconds=COURIER_FIRST_WAIT.total_seconds() * 2)
    await office.carry(account)

    assert await state_of(office, message) == ("sent", "")
