"""Answers for a later day: they leave when it comes, hold up nobody, and pause for the client."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from desk import replies
from desk.later import Scheduler
from kernel.errors import InvalidInputError
from kernel.ids import new_id
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import AUTOMATIC, mail
from tickets.tables import TicketRow

DAY = timedelta(days=1)


class Office:
    """A ticket, its mailbox, and the two loops that carry answers out."""

    def __init__(self, desk: Desk, box: UUID, ticket: TicketRow) -> None:
        self.desk = desk
        self.box = box
        self.ticket_id = ticket.id
        self.scheduler = Scheduler(desk.database, desk.clock)

    async def answer(self, text: str = "Hello", **more: Any) -> UUID:
        return await self.desk.answer(self.ticket_id, text, **more)

    async def for_tomorrow(self, text: str = "Tomorrow", **more: Any) -> UUID:
        return await self.answer(text, send_at=self.desk.clock.now() + DAY, **more)

    async def client_writes(self, name: str, **more: Any) -> None:
        await self.desk.arrive(mail(self.box, name, ticket_claim=self.ticket_id, **more))

    async def later(self, span: timedelta) -> None:
        self.desk.clock.advance(seconds=span.total_seconds())
        await self.work()

    async def work(self) -> None:
        await self.scheduler.step()
        await self.desk.carry(self.box)

    @property
    def sent(self) -> list[str]:
        return [one.text for one in self.desk.office(self.box).sent]

    async def state(self, message_id: UUID) -> tuple[str, str]:
        message = await self.desk.message(message_id)
        return message.state, message.state_reason


@pytest.fixture
async def there(office: Desk) -> Office:
    box = await office.mailbox()
    await office.arrive(mail(box, "first"))
    return Office(office, box, (await office.tickets())[-1])


async def test_an_answer_for_tomorrow_leaves_tomorrow(there: Office) -> None:
    message_id = await there.for_tomorrow()
    assert (await there.state(message_id))[0] == "scheduled"

    await there.later(DAY - timedelta(seconds=1))
    assert there.sent == []
    await there.later(timedelta(seconds=1))

    assert there.sent == ["Tomorrow"]
    assert (await there.state(message_id))[0] == "sent"


async def test_what_is_said_meanwhile_does_not_wait_for_it(there: Office) -> None:
    await there.for_tomorrow()
    await there.answer("At once")

    await there.work()
    assert there.sent == ["At once"]
    await there.later(DAY)

    assert there.sent == ["At once", "Tomorrow"]


async def test_it_pauses_when_the_client_writes_first(there: Office) -> None:
    message_id = await there.for_tomorrow(unless_client_writes=True)

    await there.client_writes("second")
    await there.work()
    assert await there.state(message_id) == ("paused", "client_wrote")
    await there.later(2 * DAY)

    assert there.sent == []


async def test_the_client_may_write_in_the_very_last_moment(there: Office) -> None:
    message_id = await there.for_tomorrow(unless_client_writes=True)
    await there.client_writes("second")

    await there.later(DAY)

    assert (there.sent, (await there.state(message_id))[0]) == ([], "paused")


async def test_an_absence_note_pauses_nothing(there: Office) -> None:
    await there.for_tomorrow(unless_client_writes=True)
    await there.client_writes("second", automatic=AUTOMATIC.REPLY)

    await there.later(DAY)

    assert there.sent == ["Tomorrow"]


async def test_without_the_rule_it_leaves_whatever_the_client_writes(there: Office) -> None:
    await there.for_tomorrow()
    await there.client_writes("second")

    await there.later(DAY)

    assert there.sent == ["Tomorrow"]


@pytest.mark.parametrize("paused", [False, True])
async def test_it_can_be_sent_at_once_or_taken_back(there: Office, paused: bool) -> None:
    now, never = [await there.for_tomorrow(text, unless_client_writes=True) for text in "ab"]
    if paused:
        await there.client_writes("second")
        await there.work()
    async with there.desk.database.transaction() as session:
        await replies.retry(session, now, actor=IRYNA, now=there.desk.clock.now())
        await replies.undo(session, never, actor=IRYNA, now=there.desk.clock.now())

    await there.later(2 * DAY)

    assert there.sent == ["a"]
    assert (await there.state(never))[0] == "withdrawn"


async def test_a_scheduled_answer_is_no_first_answer_until_it_leaves(there: Office) -> None:
    await there.for_tomorrow()
    (ticket,) = await there.desk.tickets()
    assert ticket.first_answer_at is None

    await there.later(DAY)

    (ticket,) = await there.desk.tickets()
    assert ticket.first_answer_at == there.desk.clock.now()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"send_at": timedelta()}, "send_at"),
        ({"send_at": timedelta(days=400)}, "send_at"),
        ({"unless_client_writes": True}, "unless_client_writes"),
    ],
)
async def test_a_moment_that_makes_no_sense_is_refused(
    there: Office, more: dict[str, Any], field: str
) -> None:
    if "send_at" in more:
        more = {"send_at": there.desk.clock.now() + more["send_at"]}

    with pytest.raises(InvalidInputError) as refused:
        await there.answer(id=new_id(), **more)

    assert refused.value.field == field
