"""Tickets put aside wake when they should, once, and not before."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from desk.openings import change_ticket
from desk.snoozing import Waker, put_aside
from kernel.errors import InvalidInputError
from tests.desk.scene import IRYNA, Desk
from tests.desk.scripted import AUTOMATIC, mail
from tickets import queries
from tickets import service as tickets
from tickets.queries import TicketFilter
from tickets.snoozing import Wake
from tickets.tables import SnoozeRow, TicketRow

HOUR = timedelta(hours=1)


class Nap:
    """One ticket that sleeps, and the loop that wakes it."""

    def __init__(self, office: Desk, box: UUID, ticket_id: UUID) -> None:
        self.office = office
        self.box = box
        self.ticket_id = ticket_id
        self.waker = Waker(office.database, office.clock)

    async def snooze(self, **rule: Any) -> None:
        async with self.office.database.transaction() as session:
            ticket = await tickets.find_ticket(session, self.ticket_id, seen_by=IRYNA, lock=True)
            await put_aside(
                session,
                ticket,
                Wake(**rule),
                actor=IRYNA,
                version=ticket.version,
                now=self.office.clock.now(),
            )

    async def later(self, span: timedelta) -> None:
        self.office.clock.advance(seconds=span.total_seconds())
        await self.waker.wake_due()

    async def client_writes(self, name: str, **more: Any) -> None:
        await self.office.arrive(mail(self.box, name, ticket_claim=self.ticket_id, **more))
        await self.waker.wake_due()

    @property
    def woken(self) -> list[str]:
        return [one.data["reason"] for one in self.office.noted if one.kind == "TicketWoken"]

    async def ticket(self) -> TicketRow:
        (row,) = [one for one in await self.office.tickets() if one.id == self.ticket_id]
        return row


@pytest.fixture
async def nap(office: Desk) -> Nap:
    box = await office.mailbox()
    await office.arrive(mail(box, "first"))
    return Nap(office, box, (await office.tickets())[-1].id)


async def test_a_ticket_sleeps_until_its_moment_and_is_open_again(nap: Nap) -> None:
    await nap.snooze(until=nap.office.clock.now() + HOUR, on_reply=False)
    assert (await nap.ticket()).status == "waiting"

    await nap.later(HOUR - timedelta(seconds=1))
    assert nap.woken == []
    await nap.later(timedelta(seconds=1))
    await nap.later(HOUR)

    assert nap.woken == ["time"]
    assert (await nap.ticket()).status == "open"
    assert await nap.office.rows(SnoozeRow) == []


async def test_a_word_of_the_client_wakes_it(nap: Nap) -> None:
    await nap.snooze(until=nap.office.clock.now() + HOUR)

    await nap.client_writes("second")
    await nap.later(HOUR)

    assert nap.woken == ["reply"]


async def test_an_absence_note_wakes_nobody(nap: Nap) -> None:
    await nap.snooze()

    await nap.client_writes("second", automatic=AUTOMATIC.REPLY)

    assert nap.woken == []


async def test_with_time_alone_the_client_may_write_and_it_sleeps_on(nap: Nap) -> None:
    await nap.snooze(until=nap.office.clock.now() + HOUR, on_reply=False)

    await nap.client_writes("second")
    assert nap.woken == []
    await nap.later(HOUR)

    assert nap.woken == ["time"]


async def test_what_came_while_the_center_was_down_wakes_it_at_the_next_look(nap: Nap) -> None:
    await nap.snooze(until=nap.office.clock.now() + HOUR)
    await nap.office.arrive(mail(nap.box, "second", ticket_claim=nap.ticket_id))

    woken = await Waker(nap.office.database, nap.office.clock).wake_due()

    assert (woken, nap.woken) == (1, ["reply"])


async def test_solving_it_ends_the_sleep(nap: Nap) -> None:
    await nap.snooze(until=nap.office.clock.now() + HOUR)
    async with nap.office.database.transaction() as session:
        ticket = await tickets.find_ticket(session, nap.ticket_id, seen_by=IRYNA, lock=True)
        await change_ticket(
            session,
            ticket,
            {"status": "solved"},
            actor=IRYNA,
            version=ticket.version,
            now=nap.office.clock.now(),
        )

    await nap.later(2 * HOUR)

    assert nap.woken == ["done"]
    assert (await nap.ticket()).status == "solved"


async def test_what_sleeps_is_in_no_list_but_the_one_of_sleepers(nap: Nap) -> None:
    await nap.snooze()
    found: dict[str, int] = {}
    async with nap.office.database.reading() as session:
        for view in ("unassigned", "snoozed", "all"):
            rows, _ = await queries.list_tickets(
                session, IRYNA, TicketFilter(view=view), after=None, limit=10
            )
            found[view] = len(rows)

    assert found == {"unassigned": 0, "snoozed": 1, "all": 1}


@pytest.mark.parametrize(
    "rule",
    [
        {"on_reply": False},
        {"until": timedelta()},
        {"until": timedelta(days=-1)},
        {"until": timedelta(days=400)},
    ],
)
async def test_a_rule_that_nothing_can_fulfil_is_refused(nap: Nap, rule: dict[str, Any]) -> None:
    if "until" in rule:
        rule = {"until": nap.office.clock.now() + rule["until"]}

    with pytest.raises(InvalidInputError):
        await nap.snooze(**rule)

    assert (await nap.ticket()).status == "new"
