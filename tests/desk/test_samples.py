"""Sample data comes by one act and goes by another, and takes nothing of anybody's with it."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from channels.envelope import Party
from channels.tables import AccountRow
from channels.webchat import visitors
from desk import clients
from desk.samples.adding import add_samples, has_samples
from desk.samples.removing import Removed, remove_samples
from desk.samples.stories import STORIES
from desk.tables import SampleRow
from kernel.actor import Actor
from kernel.errors import ConflictError
from kernel.ids import new_id
from kernel.tables import Table
from staff.permissions import PERMISSIONS
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import mail
from tickets import service as tickets
from tickets.tables import MessageRow, TicketRow

NOT_COMPARED = {"journal", "counter", "bookmark"}
"""Logs and counters only go forward."""
CHIEF = Actor(agent_id=new_id(), name="Olena", permissions=frozenset(PERMISSIONS))


async def contents(office: Desk) -> dict[str, list[Any]]:
    """Return every row of every table, so that two moments can be compared."""
    async with office.database.reading() as session:
        return {
            table.name: sorted(map(repr, await session.execute(select(table))))
            for table in Table.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


async def add(office: Desk) -> dict[str, int]:
    async with office.database.transaction() as session:
        return await add_samples(session, office.sealer, actor=CHIEF, now=office.clock.now())


async def remove(office: Desk) -> Removed:
    async with office.database.transaction() as session:
        return await remove_samples(session, actor=CHIEF, now=office.clock.now())


async def ticket_of(office: Desk, subject: str) -> TicketRow:
    (found,) = [one for one in await office.tickets() if one.subject == subject]
    return found


async def test_it_shows_every_state_in_three_languages_and_sends_nothing(office: Desk) -> None:
    added = await add(office)

    states = Counter(ticket.status for ticket in await office.tickets())
    assert set(states) == {"new", "open", "waiting", "solved", "closed"}
    assert {story.client.locale for story in STORIES} == {"en", "uk", "ru"}
    assert added["ticket"] == added["client"] == len(STORIES)
    assert added["article"] >= 3
    assert added["canned_reply"] == 3
    assert (await contents(office))["outbox"] == []
    assert {one.state for one in await office.messages("outbound")} == {"read"}


async def test_what_waits_in_it_rings_at_whoever_is_available(office: Desk) -> None:
    await office.agent("Iryna")
    await add(office)

    await office.routed()

    ringing = {offer.contact_id for offer in await office.offers()}
    waiting = {(await ticket_of(office, one.subject)).id for one in STORIES if one.waits}
    rings_for = {one.ticket_id for one in await office.contacts() if one.id in ringing}
    assert rings_for
    assert rings_for <= waiting


async def test_removing_leaves_every_table_as_it_was(office: Desk) -> None:
    mailbox = await office.mailbox()
    await office.arrive(mail(mailbox, "m1", "Is this real?"))
    before = await contents(office)

    await add(office)
    removed = await remove(office)

    assert await contents(office) == before
    assert set(removed.kept.values()) == {0}


async def test_what_agents_did_on_samples_goes_with_them(office: Desk) -> None:
    await office.agent("Iryna")
    before = await contents(office)
    await add(office)
    await office.routed()
    ticket = await ticket_of(office, "A leaf of my monstera came broken")
    async with office.database.transaction() as session:
        await tickets.save_draft(
            session,
            ticket_id=ticket.id,
            agent_id=IRYNA.agent_id,
            body={"html": "<p>Dear Emma</p>"},
            version=0,
            now=office.clock.now(),
        )

    await remove(office)
    await office.routed()

    after = await contents(office)
    assert {name for name in after if after[name] != before[name]} <= {"presence"}
    assert await office.offers() == []


async def test_a_sample_client_with_a_real_ticket_stays(office: Desk) -> None:
    mailbox = await office.mailbox()
    await add(office)
    olena = next(story.client for story in STORIES if story.client.email)
    sender = Party(handle=olena.email, name=olena.name)
    await office.arrive(mail(mailbox, "m1", "A real question", sender=sender))

    removed = await remove(office)

    assert removed.kept["client"] == 1
    (left,) = await office.tickets()
    assert (left.client_id, await office.texts()) == (left.client_id, ["A real question"])


async def test_a_sample_merged_with_a_real_client_stays_as_part_of_them(office: Desk) -> None:
    mailbox = await office.mailbox()
    await office.arrive(mail(mailbox, "m1", "Is this real?"))
    (real,) = await office.tickets()
    await add(office)
    sample = await ticket_of(office, "My aloe looks sad")
    async with office.database.transaction() as session:
        await clients.merge(
            session,
            CHIEF,
            source_id=sample.client_id,
            target_id=real.client_id,
            now=office.clock.now(),
        )

    removed = await remove(office)

    assert removed.kept["client"] == 1
    assert [one.id for one in await office.tickets()] == [real.id]


async def test_two_samples_merged_go_both(office: Desk) -> None:
    before = await contents(office)
    await add(office)
    one, other = [await ticket_of(office, story.subject) for story in STORIES if story.waits][:2]
    async with office.database.transaction() as session:
        await clients.merge(
            session,
            CHIEF,
            source_id=one.client_id,
            target_id=other.client_id,
            now=office.clock.now(),
        )

    await remove(office)

    assert await contents(office) == before


async def test_a_visitor_who_only_looked_at_the_sample_chat_goes_with_it(office: Desk) -> None:
    before = await contents(office)
    await add(office)
    (widget,) = [one for one in await office.rows(AccountRow) if one.kind == "webchat"]
    async with office.database.transaction() as session:
        await visitors.make_visitor(
            session,
            account_id=widget.id,
            public_key=widget.public_key,
            user=None,
            locale="en",
            page="",
            now=office.clock.now(),
        )

    await remove(office)

    assert await contents(office) == before


async def test_it_is_there_once_and_may_come_again(office: Desk) -> None:
    await add(office)

    with pytest.raises(ConflictError):
        await add(office)
    await remove(office)
    await add(office)

    async with office.database.reading() as session:
        assert await has_samples(session)
        marked = set(await session.scalars(select(SampleRow.id).where(SampleRow.kind == "ticket")))
    assert marked == {one.id for one in await office.tickets()}
    assert {one.ticket_id for one in await office.rows(MessageRow)} == marked
