"""The figures of the floor follow the journal: each entry once, whatever stops or runs twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import astuple

from desk.samples.adding import add_samples
from desk.samples.removing import remove_samples
from desk.tally import Tally
from kernel.actor import Actor
from kernel.ids import new_id
from staff.permissions import PERMISSIONS
from supervision import queries
from supervision.counts import QueueCounts, quarter_of
from supervision.queries import Period
from supervision.tables import AgentIntervalRow, QueueIntervalRow, VisitRow
from tests.desk.scene import Desk
from tests.desk.scripted import mail

CHIEF = Actor(agent_id=new_id(), name="Olena", permissions=frozenset(PERMISSIONS))


@pytest.fixture
async def tally(office: Desk) -> Tally:
    tally = Tally(office.database, office.clock)
    await begin(tally, office)
    return tally


async def begin(tally: Tally, office: Desk) -> None:
    running = asyncio.create_task(tally.run())
    await tally.caught_up(len(await office.kinds()))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def count(tally: Tally) -> None:
    while await tally.step():
        pass


async def totals(office: Desk) -> QueueCounts:
    async with office.database.reading() as session:
        found = await queries.queue_totals(session, office.clock.now() - timedelta(days=1))
    return sum(found.values(), QueueCounts())


async def stored(office: Desk) -> list[dict[str, Any]]:
    rows = [*await office.rows(QueueIntervalRow), *await office.rows(AgentIntervalRow)]
    return [{key: value for key, value in vars(row).items() if key[0] != "_"} for row in rows]


async def a_day(office: Desk) -> None:
    """Three mails come; one is answered by who took it, one closed, one waits."""
    box = await office.mailbox()
    agent = await office.agent()
    await office.arrive(mail(box, "one"))
    office.clock.advance(seconds=10)
    await office.routed()
    (offer,) = await office.offers()
    accepting = asyncio.create_task(office.dispatcher.accept(offer.id, agent))
    await asyncio.sleep(0)
    await office.routed()
    await accepting
    office.clock.advance(seconds=30)
    await office.answer((await office.tickets())[0].id)
    await office.presence(agent, "away")
    await office.arrive(mail(box, "two"), mail(box, "three"))


async def test_what_happened_is_counted_and_the_sum_is_whole(office: Desk, tally: Tally) -> None:
    await a_day(office)

    await count(tally)

    counts = await totals(office)
    assert (counts.offered, counts.answered, counts.waiting) == (3, 1, 2)
    assert counts.offered == (
        counts.answered + counts.abandoned + counts.flowed_out + counts.waiting
    )
    assert counts.answered_wait_ms == 10_000
    assert len(await office.rows(VisitRow)) == 3


async def test_counting_again_from_a_restart_changes_nothing(office: Desk, tally: Tally) -> None:
    await a_day(office)
    await count(tally)
    before = await stored(office)

    await count(Tally(office.database, office.clock))

    assert await stored(office) == before


async def test_two_nodes_that_count_at_once_count_once(office: Desk, tally: Tally) -> None:
    await a_day(office)

    await asyncio.gather(count(tally), count(Tally(office.database, office.clock)))

    assert (await totals(office)).offered == 3


async def test_intervals_are_summed_to_wider_ones_page_by_page(office: Desk, tally: Tally) -> None:
    box = await office.mailbox()
    start = quarter_of(office.clock.now())
    for number in range(8):
        await office.arrive(mail(box, str(number)))
        office.clock.advance(minutes=15)
    await count(tally)

    period = Period(first=start, end=start + 8, step=4)
    async with office.database.reading() as session:
        first = await queries.queue_intervals(session, period, limit=1)
        cursor = queries.queue_cursor(first[0], period)
        rest = await queries.queue_intervals(session, period, after=cursor, limit=10)

    assert [(one.quarter, one.counts.offered) for one in [*first, *rest]] == [
        (start, 4),
        (start + 4, 4),
    ]


async def test_an_agents_time_is_counted_up_to_this_moment(office: Desk, tally: Tally) -> None:
    agent = await office.agent()
    await count(tally)
    office.clock.advance(minutes=20)
    await tally.tick()
    office.clock.advance(minutes=5)

    async with office.database.reading() as session:
        now = office.clock.now()
        found = await queries.agent_totals(session, now - timedelta(hours=1), now)

    assert found[agent].idle_ms == found[agent].available_ms == 25 * 60_000
    assert [one.idle_ms for one in await office.rows(AgentIntervalRow)] == [900_000, 300_000]


async def test_sample_data_leaves_no_trace_in_the_figures(office: Desk, tally: Tally) -> None:
    async with office.database.transaction() as session:
        await add_samples(session, office.sealer, actor=CHIEF, now=office.clock.now())
    await count(tally)
    assert (await totals(office)).offered > 0

    async with office.database.transaction() as session:
        await remove_samples(session, actor=CHIEF, now=office.clock.now())
    await count(tally)

    left = await totals(office)
    assert not any(astuple(left))
    assert await office.rows(VisitRow) == []
