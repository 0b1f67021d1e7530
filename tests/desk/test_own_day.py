"""The center's past days and its setup become a scenario that can be rehearsed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.own_day import own_day
from kernel.errors import NotFoundError
from kernel.ids import new_id
from routing import administration
from routing import service as routing
from routing.forecast.report import rehearsed
from routing.forecast.scenario import Onward, Scenario
from routing.past import Came
from routing.tables import CalendarRow, ContactRow, QueueRow, SkillRow
from tests.desk.scene import Desk

SATURDAY = datetime(2030, 1, 5, tzinfo=UTC)
"""Two days before the clock of the tests begins."""


async def came(
    office: Desk,
    entered: datetime,
    *,
    waited: int = 30,
    worked: int | None = 300,
    channel: str = "chat",
) -> None:
    """Let a contact have come; without `worked` it gave up."""
    async with office.database.transaction() as session:
        queue = await routing.default_queue(session)
        assert queue is not None
        left = entered + timedelta(seconds=waited)
        session.add(
            ContactRow(
                id=new_id(),
                ticket_id=new_id(),
                client_id=new_id(),
                queue_id=queue.id,
                channel=channel,
                state="abandoned" if worked is None else "closed",
                virtual_arrival=entered,
                entered_at=entered,
                answered_at=None if worked is None else left,
                waited_seconds=waited,
                ended_at=left + timedelta(seconds=worked or 0),
            )
        )


async def the_day(office: Desk, days: int = 7, zone: str = "UTC") -> Scenario:
    async with office.database.reading() as session:
        now = office.clock.now()
        return await own_day(session, days=days, zone=ZoneInfo(zone), now=now)


async def test_arrivals_are_the_mean_of_the_days_on_which_somebody_came(office: Desk) -> None:
    for day in (0, 1):
        await came(office, SATURDAY + timedelta(days=day, hours=9, minutes=10))
    await came(office, SATURDAY + timedelta(hours=9, minutes=20), worked=500)
    await came(office, SATURDAY + timedelta(hours=11, minutes=59))

    scenario = await the_day(office)

    assert (scenario.starts, scenario.ends, scenario.interval_minutes) == ("09:00", "12:00", 30)
    (arrivals,) = scenario.arrivals
    assert arrivals.per_interval == [1.5, 0, 0, 0, 0, 0.5]
    assert arrivals.handle_seconds == 350
    assert arrivals.patience_seconds is None


async def test_today_and_what_is_too_long_ago_do_not_count(office: Desk) -> None:
    await came(office, SATURDAY + timedelta(hours=9))
    await came(office, office.clock.now() - timedelta(hours=1))
    await came(office, SATURDAY - timedelta(days=9))

    scenario = await the_day(office)

    assert sum(scenario.arrivals[0].per_interval) == 1


async def test_hours_are_those_of_the_time_zone(office: Desk) -> None:
    await came(office, SATURDAY + timedelta(hours=22, minutes=15))

    scenario = await the_day(office, zone="Europe/Kyiv")

    assert (scenario.starts, scenario.ends) == ("00:00", "00:30")


async def test_patience_is_learnt_from_those_who_gave_up_and_those_who_did_not(
    office: Desk,
) -> None:
    for minute in range(5):
        await came(office, SATURDAY + timedelta(minutes=minute), waited=60, worked=None)
    await came(office, SATURDAY + timedelta(minutes=9), waited=200)

    scenario = await the_day(office)

    assert scenario.arrivals[0].patience_seconds == 100


def test_a_few_who_gave_up_do_not_say_how_patient_clients_are() -> None:
    assert Came(waited_seconds=100, abandoned=4).patience is None


async def test_each_channel_of_a_queue_comes_for_itself(office: Desk) -> None:
    await came(office, SATURDAY, channel="chat", worked=100)
    await came(office, SATURDAY, channel="mail", worked=900)

    scenario = await the_day(office)

    assert {one.channel: one.handle_seconds for one in scenario.arrivals} == {
        "chat": 100,
        "mail": 900,
    }


async def test_agents_who_are_set_up_alike_are_one_group(office: Desk) -> None:
    await came(office, SATURDAY)
    await office.agent("Olena")
    await office.agent("Taras")
    skilled = await office.agent("Ivan", available=False)
    async with office.database.transaction() as session:
        skill = await administration.create(
            session, SkillRow, {"name": "French"}, office.clock.now()
        )
        await administration.set_agent(session, skilled, skills={skill.id: 2})

    scenario = await the_day(office)

    assert [(one.name, one.count, one.skills) for one in scenario.agents] == [
        ("Olena + 1", 2, {}),
        ("Ivan", 1, {"French": 2}),
    ]


async def test_queues_bring_their_rules_and_the_hours_of_the_last_day(office: Desk) -> None:
    await came(office, SATURDAY + timedelta(hours=12))
    async with office.database.transaction() as session:
        now = office.clock.now()
        calendar = await administration.create(
            session,
            CalendarRow,
            {
                "name": "Shop",
                "timezone": "Europe/Kyiv",
                "week": [{"weekday": 5, "spans": [{"opens": 540, "closes": 1080}]}],
                "holidays": [],
            },
            now,
        )
        queue = await routing.default_queue(session)
        assert queue is not None
        other = QueueRow(
            id=new_id(),
            name="Second",
            channels=[],
            service_target_seconds=3 * 86_400,
            service_level_percent=100,
            offer_seconds=2,
            is_default=False,
            created_at=now,
        )
        session.add(other)
        queue.calendar_id = calendar.id
        queue.rules = {
            "band": 2,
            "wrap_up": True,
            "wrap_up_seconds": 40,
            "overflow": {"queue_id": str(other.id), "after_seconds": 600},
            "rings": [{"after_seconds": 60, "queue_ids": [str(other.id)]}],
        }
        name = queue.name

    scenario = await the_day(office)

    queues = {one.name: one for one in scenario.queues}
    assert queues[name].open == ["07:00-16:00"]
    assert queues[name].band == 2
    assert queues[name].overflow == Onward(to="Second", after_seconds=600)
    assert queues[name].rings[0].also_queues == ["Second"]
    assert (queues["Second"].target_seconds, queues["Second"].service_level_percent) == (86_400, 99)
    assert scenario.arrivals[0].wrap_up_seconds == 40


async def test_what_comes_out_can_be_rehearsed(office: Desk) -> None:
    await office.agent("Olena")
    for minute in range(0, 120, 5):
        await came(office, SATURDAY + timedelta(minutes=minute), channel="mail")

    report = rehearsed(await the_day(office))

    assert report.contacts > 0
    assert report.total.answered > 0


async def test_a_center_to_which_nobody_came_says_so(office: Desk) -> None:
    with pytest.raises(NotFoundError, match="begin with the example"):
        await the_day(office)
