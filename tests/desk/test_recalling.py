"""What may have been taken is looked up before it goes again; what was forbidden never leaves."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from channels.envelope import Delivery, Outbound, Receipt, Report, Status
from channels.errors import (
    MessageRejectedError,
    OptedOutError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from clients.reach import forbidden, note_reach
from desk import replies
from kernel.errors import InvalidInputError
from kernel.limits import (
    COURIER_GIVES_UP_AFTER,
    COURIER_LEASE,
    COURIER_LONGEST_WAIT,
    COURIER_RECALL_WAIT,
)
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import ANN, ScriptedConnector, Send, accepted, delivery, reported
from tests.desk.test_courier import fails, promised, state_of
from tests.desk.test_unrepeatable import never

LOST = OutcomeUnknownError("the line broke")
WORDS = "the client wrote STOP"


class RecallingConnector(ScriptedConnector):
    """Can be asked what became of a message: `taken` says what the provider has."""

    def __init__(self, old: ScriptedConnector) -> None:
        super().__init__(old.account)
        self.taken: dict[UUID, Receipt] = {}
        self.asked: list[tuple[UUID, datetime]] = []
        self.troubles: list[Exception] = []

    async def recall(self, message: Outbound, since: datetime) -> Receipt | None:
        self.asked.append((message.key, since))
        if self.troubles:
            raise self.troubles.pop(0)
        return self.taken.get(message.key)


async def told_once(office: Desk) -> tuple[UUID, UUID, RecallingConnector]:
    account, (message,) = await promised(office)
    line = office.lines.need(account)
    line.traits = replace(line.traits, repeatable=False, opts_out=True)
    provider = RecallingConnector(office.office(account))
    line.connector = provider
    return account, message, provider


async def later(office: Desk, account: UUID, wait: timedelta = COURIER_RECALL_WAIT) -> None:
    office.clock.advance(seconds=wait.total_seconds())
    await office.carry(account)


async def test_a_lost_answer_that_stands_in_the_list_was_sent(office: Desk) -> None:
    account, message, provider = await told_once(office)
    promised_at = office.clock.now()
    provider.on_send = fails(LOST)
    provider.taken[message] = Receipt("SM1", Status.DELIVERED)

    await office.carry(account)
    between = await state_of(office, message)
    await later(office, account)

    kept = await office.message(message)
    assert between == ("pending", "")
    assert (kept.state, kept.thread_key) == ("delivered", "SM1")
    assert provider.asked == [(message, promised_at)]
    assert len(provider.sent) == 1


async def test_a_lost_answer_that_is_not_in_the_list_goes_again(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = fails(LOST)

    await office.carry(account)
    assert await office.carry(account) == 0
    await later(office, account)

    assert (await state_of(office, message))[0] == "sent"
    assert len(provider.sent) == 2


@pytest.mark.parametrize("error", [TimeoutError(), RuntimeError("a bug of ours")])
async def test_an_end_that_nobody_foresaw_is_looked_up(office: Desk, error: Exception) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = fails(error)
    provider.taken[message] = Receipt("SM1")

    await office.carry(account)
    await later(office, account)

    assert (await state_of(office, message))[0] == "sent"
    assert len(provider.sent) == 1


async def test_what_was_cut_off_by_our_own_end_is_looked_up(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = never
    carrying = asyncio.create_task(office.carry(account))
    await provider.sending.wait()
    carrying.cancel()
    await asyncio.gather(carrying, return_exceptions=True)
    provider.on_send = accepted
    provider.taken[message] = Receipt("SM1")

    await later(office, account, COURIER_LEASE + timedelta(seconds=1))

    assert (await state_of(office, message))[0] == "sent"
    assert len(provider.sent) == 1


async def test_a_list_that_cannot_be_had_lets_nothing_be_sent_until_it_can(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = fails(LOST)
    provider.troubles = [ProviderUnavailableError("away"), MessageRejectedError("no")] * 2

    await office.carry(account)
    for _ in range(4):
        await later(office, account, COURIER_LONGEST_WAIT)
    assert len(provider.sent) == 1
    await later(office, account, COURIER_LONGEST_WAIT)

    assert len(provider.asked) == 5
    assert (await state_of(office, message))[0] == "sent"
    assert len(provider.sent) == 2


async def test_a_list_that_is_never_had_leaves_it_to_an_agent(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = fails(LOST)
    provider.troubles = [ProviderUnavailableError("away")]

    await office.carry(account)
    await later(office, account, COURIER_GIVES_UP_AFTER + timedelta(seconds=1))

    assert (await state_of(office, message))[0] == "uncertain"
    assert len(provider.sent) == 1


async def test_nothing_leaves_after_a_stop_also_what_waits_already(office: Desk) -> None:
    account, message, provider = await told_once(office)
    async with office.database.transaction() as session:
        await note_reach(session, "mail", ANN.handle, WORDS, opted_out=True)

    await office.carry(account)

    assert await state_of(office, message) == ("failed", WORDS)
    assert provider.sent == []
    ticket = (await office.tickets())[-1]
    with pytest.raises(InvalidInputError, match="has forbidden us"):
        await office.answer(ticket.id, "Still there?")


async def test_a_stop_that_only_the_provider_knows_is_kept(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = fails(OptedOutError(WORDS))

    await office.carry(account)

    assert await state_of(office, message) == ("failed", WORDS)
    async with office.database.reading() as session:
        assert await forbidden(session, "mail", ANN.handle) == WORDS


async def test_only_the_client_allows_again_what_they_forbade(office: Desk) -> None:
    await promised(office)
    said: list[str | None] = []

    for unreachable, opted_out in (
        ("switched off", None),
        (WORDS, True),
        (None, None),
        ("switched off", None),
        (None, False),
    ):
        async with office.database.transaction() as session:
            await note_reach(session, "mail", ANN.handle, unreachable, opted_out=opted_out)
        async with office.database.reading() as session:
            said.append(await forbidden(session, "mail", ANN.handle))

    assert said == [None, WORDS, WORDS, WORDS, None]


async def test_a_report_that_is_faster_than_the_receipt_takes_nothing_from_it(office: Desk) -> None:
    account, message, provider = await told_once(office)

    async def overtaken(sent: Outbound) -> Receipt:
        await office.arrive(delivery(account, "r", reported=[reported(message, Status.DELIVERED)]))
        return Receipt("SM1")

    provider.on_send = overtaken

    await office.carry(account)

    kept = await office.message(message)
    assert (kept.state, kept.thread_key) == ("delivered", "SM1")
    assert kept.sent_at is not None
    ticket = (await office.tickets())[-1]
    assert ticket.first_answer_at is not None


async def test_a_late_report_of_an_earlier_try_says_nothing_of_the_later_one(office: Desk) -> None:
    account, message, provider = await told_once(office)
    provider.on_send = names("SM1", "SM2")
    await office.carry(account)
    await office.arrive(told(account, message, "SM1", Status.FAILED))
    between = (await state_of(office, message))[0]
    async with office.database.transaction() as session:
        await replies.retry(session, message, actor=IRYNA, now=office.clock.now())
    await office.carry(account)

    await office.arrive(told(account, message, "SM1", Status.DELIVERED))
    late = (await state_of(office, message))[0]
    await office.arrive(told(account, message, "SM2", Status.READ))

    assert (between, late) == ("failed", "sent")
    assert (await state_of(office, message))[0] == "read"


def names(*given: str) -> Send:
    """Take each message under the next of these names."""
    left = list(given)

    async def send(_message: Outbound) -> Receipt:
        return Receipt(left.pop(0))

    return send


def told(account: UUID, message: UUID, name: str, status: Status) -> Delivery:
    report = Report(external_id=name, thread_key=name, claimed_id=message, status=status)
    return delivery(account, f"{name}:{status}", reported=[report])
