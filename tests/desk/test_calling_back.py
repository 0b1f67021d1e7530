"""A client who is to be called back keeps the place, until the turn or the wished time comes, and
is not called once they write again.
"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from desk.calling_back import CallingBack, ask_to_call
from desk.tables import CompanyRow
from desk.tally import Tally
from kernel.errors import ConflictError, InvalidInputError
from kernel.ids import new_id
from routing import callbacks
from routing import service as routing
from routing.callbacks import Wish
from routing.tables import CallbackRow, ContactRow
from supervision.counts import QueueCounts
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import ANN, AUTOMATIC, mail
from tests.desk.test_routing_rules import a_contact, done
from tests.desk.test_tally import begin, totals

BORIS = replace(ANN, handle="boris@client.example", name="Boris")


async def ask(office: Desk, contact: ContactRow, **wish: Any) -> None:
    async with office.database.transaction() as session:
        row = await routing.find_contact(session, contact.id)
        await ask_to_call(session, row, Wish(**wish), by=IRYNA.agent_id, now=office.clock.now())
    await office.routed()


async def look(office: Desk) -> None:
    """Let due and needless callbacks be seen to, while the router answers."""
    seeing = CallingBack(office.database, office.clock, office.dispatcher)
    looking = asyncio.ensure_future(seeing.look())
    while not looking.done():
        await office.routed(steps=1)
        await asyncio.sleep(0)
    await looking
    await office.routed()


async def waits(office: Desk) -> list[ContactRow]:
    open_now = [one for one in await office.contacts() if one.state in routing.WAITING_STATES]
    return sorted(open_now, key=lambda one: one.virtual_arrival)


async def test_in_their_turn_a_client_is_offered_as_a_callback_at_the_old_place(
    office: Desk,
) -> None:
    first = await a_contact(office)
    office.clock.advance(seconds=60)
    account = first.account_id
    assert account is not None
    await office.arrive(mail(account, "second", "Hi", sender=BORIS))
    await ask(office, first, number="+380 44 123", note="about the parcel")

    standing, said = office.dispatcher.why(first.id)
    await office.agent()
    await office.routed()

    (offer,) = await office.offers()
    assert (offer.contact_id, standing.callback) == (first.id, True)
    assert "the client is to be called back" in [one["text"] for one in said]
    (row,) = await office.rows(CallbackRow)
    assert (row.contact_id, row.number, row.note) == (first.id, "+380 44 123", "about the parcel")


async def test_who_writes_again_waits_on_as_any_other_and_is_not_called(office: Desk) -> None:
    contact = await a_contact(office)
    await ask(office, contact)
    await look(office)
    assert len(await office.rows(CallbackRow)) == 1
    account = contact.account_id
    assert account is not None

    reply = {"ticket_claim": contact.ticket_id}
    await office.arrive(mail(account, "away", "I am away", automatic=AUTOMATIC.REPLY, **reply))
    await look(office)
    assert len(await office.rows(CallbackRow)) == 1
    await office.arrive(mail(account, "again", "Never mind the phone", **reply))
    await look(office)

    assert await office.rows(CallbackRow) == []
    (still,) = await waits(office)
    assert (still.id, bool(still.callback)) == (contact.id, False)
    assert not office.dispatcher.why(contact.id)[0].callback
    assert "CallbackCancelled" in await office.kinds()


async def test_at_the_wished_time_the_client_comes_back_to_the_old_place(office: Desk) -> None:
    contact = await a_contact(office)
    place = contact.virtual_arrival
    await ask(office, contact, due_at=office.clock.now() + timedelta(hours=2))
    await look(office)
    assert await waits(office) == []
    assert [one.state for one in await office.contacts()] == ["flowed_out"]

    office.clock.advance(hours=2)
    await look(office)
    await look(office)

    (back,) = await waits(office)
    assert (back.virtual_arrival, back.entered_at) == (place, office.clock.now())
    assert (back.ticket_id, back.callback) == (contact.ticket_id, True)
    assert office.dispatcher.why(back.id)[0].callback


@pytest.mark.parametrize("later", [0, 2])
async def test_the_router_and_the_floor_count_a_callback_alike(office: Desk, later: int) -> None:
    contact = await a_contact(office)
    due_at = office.clock.now() + timedelta(hours=later) if later else None
    await ask(office, contact, due_at=due_at)
    office.clock.advance(hours=later)
    await look(office)
    await look(office)

    (of_router,) = office.dispatcher.counts()
    of_floor = await counted(office)

    assert (of_floor.offered, of_floor.flowed_out, of_floor.waiting) == (2, 1, 1)
    assert (of_router.entered, of_router.flowed_out, of_router.waiting) == (2, 1, 1)
    assert of_floor.callbacks == 1


async def test_a_callback_that_falls_due_is_nobody_coming_again(office: Desk) -> None:
    """Who comes again needs no callback; a client may still be called for two matters."""
    first = await a_contact(office)
    account = first.account_id
    assert account is not None
    await office.arrive(mail(account, "second", "Something else"))
    second = next(one for one in await waits(office) if one.id != first.id)
    await ask(office, second, number="+380 44 123")
    await ask(office, first, due_at=office.clock.now() + timedelta(hours=2))
    office.clock.advance(hours=2)

    await look(office)
    await look(office)

    tickets = {first.ticket_id, second.ticket_id}
    assert {one.ticket_id for one in await waits(office)} == tickets
    assert {row.ticket_id for row in await office.rows(CallbackRow)} == tickets


async def counted(office: Desk) -> QueueCounts:
    tally = Tally(office.database, office.clock)
    await begin(tally, office)
    return await totals(office)


async def test_who_writes_before_the_wished_time_has_the_place_and_no_callback(
    office: Desk,
) -> None:
    contact = await a_contact(office)
    account = contact.account_id
    assert account is not None
    await ask(office, contact, due_at=office.clock.now() + timedelta(hours=2))
    office.clock.advance(minutes=30)
    await office.arrive(mail(account, "other", "Hi", sender=BORIS))
    office.clock.advance(minutes=30)
    await office.arrive(mail(account, "again", "I am back", ticket_claim=contact.ticket_id))
    await office.routed()

    await look(office)

    first, second = await waits(office)
    assert (first.ticket_id, first.virtual_arrival) == (contact.ticket_id, contact.virtual_arrival)
    assert second.ticket_id != contact.ticket_id
    assert await office.rows(CallbackRow) == []


async def test_a_callback_is_forgotten_when_its_contact_is_over(office: Desk) -> None:
    contact = await a_contact(office)
    await ask(office, contact)
    async with office.database.transaction() as session:
        row = await routing.find_contact(session, contact.id)
        await routing.end_contact(session, row, state="closed", now=office.clock.now())

    await look(office)

    assert await office.rows(CallbackRow) == []


async def test_a_callback_outlives_a_restart_of_the_router(office: Desk) -> None:
    contact = await a_contact(office)
    await ask(office, contact)

    restarted = office.restarted()
    await restarted._restore()

    assert restarted.why(contact.id)[0].callback


@pytest.mark.parametrize("hours", [-1, 0, 24 * 61])
async def test_a_wished_time_is_ahead_and_not_too_far(office: Desk, hours: int) -> None:
    contact = await a_contact(office)

    with pytest.raises(InvalidInputError, match="moment ahead"):
        await ask(office, contact, due_at=office.clock.now() + timedelta(hours=hours))


async def test_who_has_an_agent_is_called_at_a_wished_time_only(office: Desk) -> None:
    contact = await a_contact(office)
    agent = await office.agent()
    await office.routed()
    await done(office, office.dispatcher.assign(contact.id, agent, by=agent))

    with pytest.raises(ConflictError, match="say when"):
        await ask(office, contact)
    await ask(office, contact, due_at=office.clock.now() + timedelta(days=1))

    assert [one.state for one in await office.contacts()] == ["closed"]
    (row,) = await office.rows(CallbackRow)
    assert (row.preferred_agent_id, row.contact_id) == (agent, None)


async def test_asked_again_the_new_wish_counts(office: Desk) -> None:
    contact = await a_contact(office)
    await ask(office, contact, number="1")
    await ask(office, contact, number="2", due_at=office.clock.now() + timedelta(hours=1))

    (row,) = await office.rows(CallbackRow)
    assert (row.number, row.contact_id) == ("2", None)
    async with office.database.transaction() as session:
        found = await callbacks.find(session, UUID(str(row.id)), None)
        await callbacks.cancel(session, found, reason="agent", by=new_id())
    assert await office.rows(CallbackRow) == []


async def test_nobody_is_called_back_in_the_quiet_hours_of_their_day(office: Desk) -> None:
    contact = await a_contact(office)
    due = office.clock.now() + timedelta(hours=1)
    quiet = {"begins": due.hour * 60, "ends": due.hour * 60 + 90, "timezone": "Etc/UTC"}
    async with office.database.transaction() as session:
        session.add(
            CompanyRow(
                id=1, name=None, default_locale=None, steps=[], welcomed_at=None, quiet_hours=quiet
            )
        )
    await ask(office, contact, due_at=due)

    office.clock.advance(hours=1)
    await look(office)
    (kept,) = await office.rows(CallbackRow)
    assert await waits(office) == []
    office.clock.advance(minutes=90)
    await look(office)

    assert kept.due_at == due + timedelta(minutes=90)
    assert len(await waits(office)) == 1
