"""What is promised is carried: in order, once where that can be known, and never silently lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from channels import outbox
from channels.envelope import Outbound, Receipt, Status
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from channels.tables import OutboxRow
from desk import courier as couriers
from desk import replies
from desk.courier import next_wait
from kernel.errors import ConflictError
from kernel.limits import (
    COURIER_FIRST_WAIT,
    COURIER_GIVES_UP_AFTER,
    COURIER_LEASE,
    COURIER_LONGEST_WAIT,
)
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import accepted, mail


def fails(*errors: Exception) -> Callable[[Outbound], Awaitable[Receipt]]:
    """Answer with each error once, then take what comes."""
    left = list(errors)

    async def send(message: Outbound) -> Receipt:
        if left:
            raise left.pop(0)
        return await accepted(message)

    return send


async def promised(
    office: Desk, *, conversations: int = 1, each: int = 1
) -> tuple[UUID, list[UUID]]:
    account = await office.mailbox()
    messages = []
    for number in range(conversations):
        await office.arrive(mail(account, str(number)))
        ticket = (await office.tickets())[-1]
        messages += [await office.answer(ticket.id, f"{number}.{n}") for n in range(each)]
    return account, messages


async def state_of(office: Desk, message_id: UUID) -> tuple[str, str]:
    message = await office.message(message_id)
    return message.state, message.state_reason


async def test_what_the_provider_takes_is_sent_under_its_own_name(office: Desk) -> None:
    account, (message_id,) = await promised(office)

    assert await office.carry(account) == 1
    assert await office.carry(account) == 0

    message = await office.message(message_id)
    assert (message.state, message.thread_key) == ("sent", f"<{message_id}@wonder.example>")
    assert message.sent_at == office.clock.now()
    (sent,) = office.office(account).sent
    assert (sent.key, sent.in_reply_to) == (message_id, "<0@client>")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (MessageRejectedError("550 no such user"), "failed"),
        (OutcomeUnknownError("the line broke after DATA"), "uncertain"),
    ],
)
async def test_what_cannot_or_may_not_be_tried_again_ends_with_its_reason(
    office: Desk, error: Exception, state: str
) -> None:
    account, (message_id,) = await promised(office)
    office.office(account).on_send = fails(error)

    await office.carry(account)
    office.clock.advance(days=4)

    assert await office.carry(account) == 0
    assert await state_of(office, message_id) == (state, str(error))


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailableError("421 later"),
        TimeoutError(),
        BadCredentialsError("535 no"),
        MisconfiguredError("no such host"),
        RuntimeError("a mistake of ours"),
    ],
)
async def test_what_may_pass_is_tried_again_later_and_not_before(
    office: Desk, error: Exception
) -> None:
    account, (message_id,) = await promised(office)
    office.office(account).on_send = fails(error)

    await office.carry(account)
    assert await state_of(office, message_id) == ("pending", "")
    assert await office.carry(account) == 0
    office.clock.advance(seconds=COURIER_LONGEST_WAIT.total_seconds())

    assert await office.carry(account) == 1
    assert (await state_of(office, message_id))[0] == "sent"


async def test_the_providers_wish_is_heeded_when_it_is_sensible(office: Desk) -> None:
    account, _ = await promised(office)
    wish = timedelta(seconds=90)
    office.office(account).on_send = fails(ProviderUnavailableError("later", retry_after=wish))
    await office.carry(account)

    office.clock.advance(seconds=89)
    assert await office.carry(account) == 0
    office.clock.advance(seconds=1)
    assert await office.carry(account) == 1


def test_waits_grow_to_a_bound_and_absurd_wishes_are_not_heeded() -> None:
    for attempt in range(1, 40):
        ceiling = min(COURIER_FIRST_WAIT * 2 ** (attempt - 1), COURIER_LONGEST_WAIT)
        assert ceiling / 2 <= next_wait(attempt, None) <= ceiling
    for wish in (timedelta(seconds=-1), COURIER_LONGEST_WAIT * 2):
        assert next_wait(1, wish) <= COURIER_FIRST_WAIT
    assert next_wait(9, timedelta(0)) == timedelta(0)


async def test_after_days_of_trying_it_has_failed_and_says_why(office: Desk) -> None:
    account, (message_id,) = await promised(office)
    office.office(account).on_send = fails(*[ProviderUnavailableError("421 later")] * 1_000)

    for _ in range(30):
        await office.carry(account)
        office.clock.advance(hours=3)

    state, reason = await state_of(office, message_id)
    assert state == "failed"
    assert "421 later" in reason
    tried = len(office.office(account).sent)
    assert tried == COURIER_GIVES_UP_AFTER // timedelta(hours=3) + 2


async def test_the_order_of_a_conversation_is_kept_and_nobody_else_waits(office: Desk) -> None:
    account, _ = await promised(office, conversations=3, each=3)
    connector = office.office(account)
    first = f"{0}.{0}"

    async def refuses_the_first_conversation(message: Outbound) -> Receipt:
        if message.text.strip().startswith("0.") and len(connector.sent) < 12:
            raise ProviderUnavailableError("later")
        return await accepted(message)

    connector.on_send = refuses_the_first_conversation
    for _ in range(5):
        await office.carry(account)
    before = [one.text.strip() for one in connector.sent]
    for _ in range(12):
        office.clock.advance(seconds=COURIER_LONGEST_WAIT.total_seconds())
        await office.carry(account)
    tried = [one.text.strip() for one in connector.sent]

    assert [one for one in before if one.startswith("1.")] == ["1.0", "1.1", "1.2"]
    assert [one for one in before if one.startswith("2.")] == ["2.0", "2.1", "2.2"]
    assert {one for one in before if one.startswith("0.")} == {first}
    assert list(dict.fromkeys(one for one in tried if one.startswith("0."))) == [
        "0.0",
        "0.1",
        "0.2",
    ]
    assert {one.state for one in await office.messages("outbound")} == {"sent"}


async def test_answers_leave_in_the_order_given_whatever_clocks_named_them(office: Desk) -> None:
    account, _ = await promised(office, each=0)
    ticket_id = (await office.tickets())[0].id
    await office.answer(ticket_id, "first", id=UUID("ffffffff-ffff-7fff-bfff-fffffffffffe"))
    await office.answer(ticket_id, "second", id=UUID(int=1))

    for _ in range(2):
        await office.carry(account)

    assert [one.text.strip() for one in office.office(account).sent] == ["first", "second"]


async def test_a_sick_account_does_not_hold_up_another(office: Desk) -> None:
    sick, well = await office.mailbox("sick"), await office.mailbox("well")
    hangs = asyncio.Event()

    async def never(_: Outbound) -> Receipt:
        await hangs.wait()
        raise AssertionError

    office.office(sick).on_send = never
    for account in (sick, well):
        await office.arrive(mail(account, "1"))
        await office.answer((await office.tickets())[-1].id)
    stuck = asyncio.create_task(office.carry(sick))
    await office.office(sick).sending.wait()

    assert await office.carry(well) == 1
    assert len(office.office(well).sent) == 1
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


async def test_a_provider_that_hangs_is_given_up_on_in_time(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, (message_id,) = await promised(office)
    monkeypatch.setattr(couriers, "COURIER_SEND_SECONDS", 0.01)

    async def never(_: Outbound) -> Receipt:
        await asyncio.Event().wait()
        raise AssertionError

    office.office(account).on_send = never

    await office.carry(account)

    (row,) = await office.rows(OutboxRow)
    assert (row.state, row.error) == ("waiting", "the provider did not answer in time")
    assert (await state_of(office, message_id))[0] == "pending"


async def test_who_lost_the_lease_settles_nothing(office: Desk) -> None:
    """A courier that slept past its lease comes back when another has the message in hand."""
    account, (message_id,) = await promised(office)
    async with office.database.transaction() as session:
        (asleep,) = await outbox.lease_due(session, account, office.clock.now(), limit=9)
    async with office.database.transaction() as session:
        assert await outbox.lease_due(session, account, office.clock.now(), limit=9) == []
    office.clock.advance(seconds=COURIER_LEASE.total_seconds())
    async with office.database.transaction() as session:
        (awake,) = await outbox.lease_due(session, account, office.clock.now(), limit=9)

    async with office.database.transaction() as session:
        assert not await outbox.settle(session, asleep, state="failed", error="too late")
        assert not await outbox.postpone(
            session, asleep, due_at=office.clock.now(), error="too late"
        )
        assert await outbox.settle(session, awake, state="sent")

    assert (awake.id, awake.attempt) == (message_id, asleep.attempt + 1)
    assert [(row.state, row.error) for row in await office.rows(OutboxRow)] == [("sent", None)]


async def test_a_second_courier_takes_nothing_that_the_first_has_in_hand(office: Desk) -> None:
    account, _ = await promised(office, conversations=5)

    counts = await asyncio.gather(*(office.carry(account) for _ in range(4)))

    assert sum(counts) == 5
    assert len({one.key for one in office.office(account).sent}) == 5


async def test_undone_in_time_it_never_leaves_and_the_clients_turn_is_open(office: Desk) -> None:
    office.undo = timedelta(seconds=5)
    account, (message_id,) = await promised(office)
    assert await office.carry(account) == 0

    async with office.database.transaction() as session:
        await replies.undo(session, message_id, actor=IRYNA, now=office.clock.now())
    office.clock.advance(minutes=10)

    assert await office.carry(account) == 0
    assert office.office(account).sent == []
    assert (await state_of(office, message_id))[0] == "withdrawn"
    (ticket,) = await office.tickets()
    (contact,) = await office.contacts()
    assert (ticket.status, ticket.awaiting_answer) == ("open", True)
    assert (contact.state, contact.agent_id) == ("active", IRYNA.agent_id)


async def test_too_late_to_undo_is_said(office: Desk) -> None:
    account, (message_id,) = await promised(office)
    await office.carry(account)

    with pytest.raises(ConflictError):
        async with office.database.transaction() as session:
            await replies.undo(session, message_id, actor=IRYNA, now=office.clock.now())

    assert (await state_of(office, message_id))[0] == "sent"


@pytest.mark.parametrize("error", [MessageRejectedError("550"), OutcomeUnknownError("who knows")])
async def test_what_failed_is_sent_again_when_a_person_says_so(
    office: Desk, error: Exception
) -> None:
    account, (message_id,) = await promised(office)
    office.office(account).on_send = fails(error)
    await office.carry(account)

    async with office.database.transaction() as session:
        await replies.retry(session, message_id, actor=IRYNA, now=office.clock.now())
    await office.carry(account)

    assert (await state_of(office, message_id))[0] == "sent"
    with pytest.raises(ConflictError):
        async with office.database.transaction() as session:
            await replies.retry(session, message_id, actor=IRYNA, now=office.clock.now())


async def test_a_file_that_is_gone_fails_its_message_and_no_other(office: Desk) -> None:
    account, (lost, kept) = await promised(office, conversations=2)
    async with office.database.transaction() as session:
        row = await session.get_one(OutboxRow, lost)
        missing = {"blob": "0" * 64, "name": "a", "media_type": "text/plain", "content_id": None}
        row.parcel = {**row.parcel, "files": [missing]}

    await office.carry(account)

    assert (await state_of(office, lost))[0] == "failed"
    assert (await state_of(office, kept))[0] == "sent"


async def test_a_later_word_of_the_provider_is_the_state(office: Desk) -> None:
    account, (message_id,) = await promised(office)

    async def delivers(message: Outbound) -> Receipt:
        return Receipt(external_id=str(message.key), status=Status.DELIVERED)

    office.office(account).on_send = delivers
    await office.carry(account)

    assert (await state_of(office, message_id))[0] == "delivered"
