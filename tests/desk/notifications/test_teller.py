"""Each event is told once, to whom it concerns, in the ways they chose."""

from datetime import timedelta
from uuid import UUID

import pytest

from channels.envelope import Party
from channels.events import AccountSpent
from desk.notifications.choices import ByEvent, Quiet, Ways
from desk.notifications.listing import read_ticket, read_until
from desk.notifications.teller import BOOKMARK, Teller
from desk.tables import NotificationRow
from kernel.actor import Actor
from kernel.bookmarks import set_bookmark
from kernel.journal import record
from kernel.limits import NOTIFIED_WITHIN
from staff.tables import AgentRow
from tests.desk.notifications.scene import Told, one_told
from tests.desk.scene import Desk
from tests.desk.scripted import broken, mail
from tickets import service as tickets
from tickets.tables import TicketRow


@pytest.fixture
async def told(office: Desk) -> Told:
    return await one_told(office)


async def test_an_agent_is_told_of_a_ticket_given_to_them_and_of_the_clients_next_word(
    told: Told,
) -> None:
    await told.client_writes("Where is my parcel?")

    assert await told.events() == ["assigned", "reply"]
    assert [one.detail for one in await told.rows()] == ["", "Where is my parcel?"]
    assert await told.unread() == 2


async def test_what_one_did_oneself_is_no_news(told: Told) -> None:
    await told.step()
    async with told.office.database.transaction() as session:
        ticket = await session.get_one(TicketRow, told.ticket_id)
        for assignee in (None, told.agent_id):
            fields = {"assignee_id": assignee}
            now = told.office.clock.now()
            await tickets.change(session, ticket, fields, actor_id=told.agent_id, now=now)

    assert await told.events() == ["assigned"]


async def test_the_same_journal_read_again_tells_nothing_twice(told: Told) -> None:
    before = await told.events()
    async with told.office.database.transaction() as session:
        await set_bookmark(session, BOOKMARK, 0)

    await Teller(told.office.database, told.office.clock).step()

    assert await told.events() == before
    assert [one.kind for one in told.office.noted].count("Notified") == len(before)


async def test_what_happened_while_nobody_told_is_told_afterwards_but_not_a_day_later(
    told: Told,
) -> None:
    told.later(hours=23)
    await told.client_writes()
    told.later(hours=2)

    assert await told.events() == ["reply"]
    assert timedelta(days=1) == NOTIFIED_WITHIN


async def test_an_event_that_no_way_was_chosen_for_is_not_kept(told: Told) -> None:
    await told.chooses(ByEvent(assigned=Ways(), reply=Ways(mail=True)))
    await told.client_writes()

    assert await told.events() == ["reply"]
    (row,) = await told.rows()
    assert (row.listed, row.to_mail) == (False, True)
    assert await told.unread() == 0


async def test_in_quiet_hours_the_list_and_the_mail_remain(told: Told) -> None:
    loud = Ways(app=True, desktop=True, sound=True, push=True, mail=True)
    quiet = Quiet(on=True, starts="08:00", ends="10:00")
    await told.chooses(ByEvent(assigned=loud), quiet=quiet)

    await told.step()

    (entry,) = [one for one in told.office.noted if one.kind == "Notified"]
    assert entry.data["ways"] == ["app", "mail"]
    assert entry.only_agent_id == told.agent_id


async def test_who_may_no_longer_see_the_ticket_no_longer_sees_its_notifications(
    told: Told,
) -> None:
    await told.step()
    plain = Actor(agent_id=told.agent_id, name="Nora", permissions=frozenset())
    assert await told.unread(plain) == 1

    await told.change(assignee_id=None, team_id=UUID(int=7))

    assert (await told.listed(plain), await told.unread(plain)) == ([], 0)
    assert await told.unread() == 1


async def test_looking_at_the_ticket_reads_its_notifications(told: Told) -> None:
    await told.client_writes()
    await told.step()

    async with told.office.database.transaction() as session:
        read = await read_ticket(session, told.agent_id, told.ticket_id, told.office.clock.now())

    assert (read, await told.unread()) == (2, 0)
    assert [one.kind for one in told.office.noted].count("NotificationsRead") == 1


async def test_reading_up_to_a_moment_leaves_what_came_since_new(told: Told) -> None:
    await told.step()
    (seen,) = await told.rows()
    told.later(seconds=1)
    await told.client_writes()
    await told.step()

    async with told.office.database.transaction() as session:
        await read_until(session, await told.actor(), seen.at, told.office.clock.now())

    unread = [one.event for one in await told.rows() if one.read_at is None]
    assert unread == ["reply"]


async def test_a_flood_of_unreadable_letters_is_told_of_once_until_somebody_looked(
    told: Told,
) -> None:
    await told.step()
    for number in range(3):
        await told.office.arrive(broken(told.box, f"bad-{number}"))
        await told.step()

    assert (await told.events()).count("dead_letter") == 1

    async with told.office.database.transaction() as session:
        actor, now = await told.actor(), told.office.clock.now()
        await read_until(session, actor, now, now)
    await told.office.arrive(broken(told.box, "bad-again"))

    assert (await told.events()).count("dead_letter") == 2


async def test_letters_that_cannot_be_read_are_not_shown_to_who_may_not_manage_them(
    told: Told,
) -> None:
    await told.office.arrive(broken(told.box, "bad"))
    await told.step()
    plain = Actor(agent_id=told.agent_id, name="Nora", permissions=frozenset({"ticket.see_all"}))

    assert [one.row.event for one in await told.listed(plain)] == ["assigned"]
    assert {one.row.event for one in await told.listed()} == {"assigned", "dead_letter"}


async def test_a_missed_offer_is_told_of(told: Told) -> None:
    office = told.office
    await office.presence(told.agent_id, "available")
    await office.arrive(
        mail(told.box, "rings", sender=Party(handle="bob@client.example", name="Bob"))
    )
    await office.routed()
    office.clock.advance(seconds=31)
    await office.routed()

    events = await told.events()

    assert events.count("offer") >= 1
    assert "missed" in events
    assert not [one for one in await told.rows() if one.event == "offer" and one.listed]


async def test_notifications_of_somebody_who_left_are_not_made(told: Told) -> None:
    await told.step()
    async with told.office.database.transaction() as session:
        (await session.get_one(AgentRow, told.agent_id)).active = False
    await told.client_writes()

    assert await told.events() == ["assigned"]
    assert len(await told.office.rows(NotificationRow)) == 1


async def test_who_may_connect_channels_is_told_that_an_account_has_nearly_spent_its_day(
    told: Told,
) -> None:
    await told.step()
    async with told.office.database.transaction() as session:
        record(session, AccountSpent(account_id=told.box, name="Shop", spent=8, most=10))
    await told.step()

    assert "spending" in await told.events()
