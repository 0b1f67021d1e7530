"""After the conversation its agent says how it ended, where the queue wants to know."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from desk import openings, replies
from desk.replies import Answer
from kernel.actor import Actor
from kernel.ids import new_id
from routing import service as routing
from routing.tables import ContactRow
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tests.desk.test_routing_rules import done, set_rules
from tickets import service as tickets


async def held(office: Desk, **rules: Any) -> tuple[ContactRow, Actor]:
    """A contact of a queue with wrap-up that an agent has accepted."""
    await set_rules(office, wrap_up=True, **rules)
    agent = await office.agent()
    account = await office.mailbox()
    await office.arrive(mail(account, "first", "Where is my parcel?"))
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, agent))
    return (await office.contacts())[0], replace(IRYNA, agent_id=agent)


async def solve(office: Desk, ticket_id: UUID, who: Actor) -> None:
    async with office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, ticket_id, seen_by=who, lock=True)
        await openings.change_ticket(
            session,
            ticket,
            {"status": "solved"},
            actor=who,
            version=ticket.version,
            now=office.clock.now(),
        )


async def answer(office: Desk, ticket_id: UUID, who: Actor) -> UUID:
    async with office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, ticket_id, seen_by=who, lock=True)
        message = await replies.send_reply(
            session,
            office.lines,
            actor=who,
            ticket=ticket,
            answer=Answer(id=new_id(), html="<p>On its way</p>"),
            now=office.clock.now(),
            undo_window=office.undo,
        )
        return message.id


async def states(office: Desk) -> list[str]:
    return [one.state for one in await office.contacts()]


async def test_whoever_held_the_contact_wraps_it_up_before_it_is_closed(office: Desk) -> None:
    contact, agent = await held(office)

    await solve(office, contact.ticket_id, agent)

    (wrapping,) = await office.contacts()
    assert (wrapping.state, wrapping.agent_id) == ("wrap_up", agent.agent_id)
    assert (wrapping.wrap_up_until, wrapping.answered_at is not None) == (None, True)


async def test_what_a_colleague_ends_is_closed_at_once(office: Desk) -> None:
    contact, _ = await held(office)

    await solve(office, contact.ticket_id, IRYNA)

    assert await states(office) == ["closed"]


async def test_timed_wrap_up_ends_by_itself(office: Desk) -> None:
    contact, agent = await held(office, wrap_up_seconds=20)
    await answer(office, contact.ticket_id, agent)
    await office.routed()
    assert await states(office) == ["wrap_up"]

    office.clock.advance(seconds=21)
    await office.routed()

    assert await states(office) == ["closed"]


async def test_a_client_who_writes_during_wrap_up_is_a_new_contact(office: Desk) -> None:
    contact, agent = await held(office)
    await solve(office, contact.ticket_id, agent)
    account = (await office.tickets())[0].account_id
    assert account is not None

    await office.arrive(mail(account, "second", "Still nothing!", ticket_claim=contact.ticket_id))

    assert sorted(await states(office)) == ["queued", "wrap_up"]
    async with office.database.reading() as session:
        going_on = await routing.open_contact_of(session, contact.ticket_id)
    assert going_on is None or going_on.state == "queued"


async def test_an_answer_taken_back_ends_wrap_up_too(office: Desk) -> None:
    office.undo = timedelta(seconds=30)
    contact, agent = await held(office, wrap_up_seconds=20)
    sent = await answer(office, contact.ticket_id, agent)
    await office.routed()

    async with office.database.transaction() as session:
        await replies.undo(session, sent, actor=agent, now=office.clock.now())
    office.clock.advance(seconds=21)
    await office.routed()

    (again,) = await office.contacts()
    assert (again.state, again.agent_id, again.wrap_up_until) == ("active", agent.agent_id, None)


@pytest.mark.parametrize("wrap_up", [False, True])
async def test_what_nobody_held_needs_no_wrap_up(office: Desk, wrap_up: bool) -> None:
    await set_rules(office, wrap_up=wrap_up)
    account = await office.mailbox()
    await office.arrive(mail(account, "first", "Hello"))

    await office.answer((await office.tickets())[0].id)

    assert await states(office) == ["closed"]
