"""Two who want the same on PostgreSQL: neither waits for ever, and nothing is lost."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls
from channels.voice.legs import LegState, Moment, What
from channels.voice.tables import CallRow
from desk.telephone.switchboard import Switchboard
from kernel.errors import ClashError
from kernel.settling import TRIES, settled
from routing.choosing import choose_queue, unanswered
from routing.tables import ContactRow
from tests.desk.scene import Desk
from tests.desk.test_menus import MENU, Shop
from tickets.tables import TicketRow

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 20
LOOK_SECONDS = 0.02


@pytest.fixture
def dialect() -> str:
    """SQLite has one writer: nobody can stand in its way."""
    return "postgres"


@pytest.fixture
async def shop(office: Desk) -> Shop:
    return await Shop(office).open()


async def until_waiting(desk: Desk, sessions: int = 1) -> None:
    """Return when so many sessions wait for a row that another one holds."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            async with desk.database.reading() as session:
                if (await session.scalar(waiting) or 0) >= sessions:
                    return
            await asyncio.sleep(LOOK_SECONDS)


async def patient(session: AsyncSession) -> None:
    """Let the others be the ones who notice that nobody can go on."""
    await session.execute(text(f"SET LOCAL deadlock_timeout = '{LIMIT_SECONDS}s'"))


async def hold_ticket(session: AsyncSession, ticket_id: UUID) -> None:
    await session.execute(select(TicketRow.id).where(TicketRow.id == ticket_id).with_for_update())


async def hold_contact(session: AsyncSession, contact_id: UUID) -> None:
    held = select(ContactRow.id).where(ContactRow.id == contact_id).with_for_update()
    await session.execute(held)


async def test_an_accept_and_a_choice_from_a_menu_lock_the_ticket_before_its_contact(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kernel.settling")
    desk = shop.desk
    anna = await desk.agent("Anna")
    await shop.write("Hi", 1)
    await desk.routed()
    (offer,), (ticket,) = await desk.offers(), await desk.tickets()

    async with desk.database.transaction() as choosing:
        await patient(choosing)
        await hold_ticket(choosing, ticket.id)  # as taking in a message does
        accepting = asyncio.create_task(desk.dispatcher.accept(offer.id, anna))
        await asyncio.sleep(0)
        storing = asyncio.create_task(desk.dispatcher._step())
        await until_waiting(desk)
        contact = await unanswered(choosing, ticket.id)
        assert contact is not None
        choose_queue(choosing, contact, shop.sales, choice="Sales", now=desk.clock.now())
    await storing
    await accepting

    (taken,) = await desk.contacts()
    assert (taken.state, taken.agent_id, taken.queue_id) == ("active", anna, shop.sales)
    assert caplog.records == []  # neither was undone for the other's sake


async def test_an_accept_that_the_database_undid_for_another_is_stored_after_all(
    shop: Shop,
) -> None:
    desk = shop.desk
    anna = await desk.agent("Anna")
    await shop.write("Hi", 1)
    await desk.routed()
    (offer,), (ticket,), (contact,) = (
        await desk.offers(), await desk.tickets(), await desk.contacts(),
    )  # fmt: skip

    async with desk.database.transaction() as another:
        await patient(another)
        await hold_contact(another, contact.id)
        accepting = asyncio.create_task(desk.dispatcher.accept(offer.id, anna))
        await asyncio.sleep(0)
        storing = asyncio.create_task(desk.dispatcher._step())
        await until_waiting(desk)
        await hold_ticket(another, ticket.id)  # the accept has it, and waits for the contact
    await storing
    await accepting

    (taken,) = await desk.contacts()
    assert (taken.state, taken.agent_id) == ("active", anna)


async def test_a_choice_that_the_database_undid_for_another_is_taken_in_after_all_and_once(
    shop: Shop,
) -> None:
    desk = shop.desk
    await shop.write("Hi", 1)
    (ticket,), (contact,) = await desk.tickets(), await desk.contacts()

    async with desk.database.transaction() as another:
        await patient(another)
        await hold_contact(another, contact.id)
        writing = asyncio.create_task(shop.write("1", 2))
        await until_waiting(desk)
        await hold_ticket(another, ticket.id)  # the message has it, and waits for the contact
    await writing

    assert await shop.waits_in() == shop.sales
    assert await desk.texts() == ["Hi", "1"]
    assert [said for said, _ in await shop.heard()] == [
        MENU[0],
        "Thank you. We will answer you here.",
    ]
    assert await desk.dead() == []


class Exchange:
    """What the center must know of a number's provider to answer it."""

    number = "+15550100"
    settings = SimpleNamespace(languages=("en",), greeting={}, records=False)

    def address(self, what: What, call_id: UUID, turn: int = 0) -> str:
        return f"https://center.example/{what}/{call_id}/{turn}"


async def test_a_moment_of_a_call_that_the_database_undid_for_another_is_taken_in_after_all(
    office: Desk,
) -> None:
    line = office.lines.need(await office.mailbox())
    connector: Any = Exchange()
    line.connector = connector
    telephone = Switchboard(
        office.database, office.clock, office.lines, office.dispatcher, office.blobs, "music"
    )
    came = Moment(what=What.CALLED, key="came", sid="CA1", caller="+380671112233")
    await telephone.answer(line, came)
    (contact,), (call,) = await office.contacts(), await office.rows(CallRow)
    left = Moment(what=What.STATUS, key="left", sid="CA1", state=LegState.ENDED, why="completed")

    async with office.database.transaction() as another:
        await patient(another)
        await hold_contact(another, contact.id)
        telling = asyncio.create_task(telephone.answer(line, left))
        await until_waiting(office)
        await calls.find_call(another, call.id, lock=True)  # which that moment has
    await telling

    (contact,), (call,) = await office.contacts(), await office.rows(CallRow)
    assert (contact.state, call.state, call.outcome) == ("abandoned", "ended", "abandoned")


async def test_who_is_undone_again_and_again_is_told_at_last() -> None:
    tries = 0

    async def always_undone() -> None:
        nonlocal tries
        tries += 1
        raise ClashError

    with pytest.raises(ClashError):
        await settled(always_undone)

    assert tries == TRIES
