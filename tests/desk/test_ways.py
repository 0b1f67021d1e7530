"""A provider's window is kept to the second, and says until when it is open."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from desk.ways import NEVER, ways_to
from kernel.errors import InvalidInputError
from tests.desk.scene import Desk
from tests.desk.scripted import mail

DAY = timedelta(hours=24)


async def windowed(office: Desk) -> UUID:
    account = await office.mailbox()
    line = office.lines.need(account)
    can = replace(line.traits.can, reply_window=DAY, templates=True)
    line.traits = replace(line.traits, can=can)
    return account


async def test_an_answer_is_taken_until_the_window_closes_and_not_after(office: Desk) -> None:
    account = await windowed(office)
    wrote_at = office.clock.now()
    await office.arrive(mail(account, "1"))
    (ticket,) = await office.tickets()
    async with office.database.reading() as session:
        (way,) = await ways_to(session, office.lines, ticket)
    assert way.open_until == wrote_at + DAY

    office.clock.advance(hours=24, seconds=-1)
    await office.answer(ticket.id, "In time")
    with pytest.raises(InvalidInputError, match="within 24 hours") as late:
        await office.answer(ticket.id, send_at=wrote_at + DAY)
    office.clock.advance(seconds=1)
    with pytest.raises(InvalidInputError, match="approved templates"):
        await office.answer(ticket.id, "Too late")

    assert late.value.field == "account_id"
    await office.arrive(mail(account, "2"))
    ticket = (await office.tickets())[-1]
    await office.answer(ticket.id, "Open again")


async def test_who_never_wrote_there_opened_no_window(office: Desk) -> None:
    first = await office.mailbox("First")
    second = await windowed(office)
    await office.arrive(mail(first, "1"))
    (ticket,) = await office.tickets()

    async with office.database.reading() as session:
        ways = await ways_to(session, office.lines, ticket)

    assert {one.line.account.id: one.open_until for one in ways} == {first: None, second: NEVER}
