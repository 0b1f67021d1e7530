"""Limits are watched: one alert at a time, told once, ended when it is over, mailed once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from channels.tables import OutboxRow
from desk.tally import Tally
from desk.watch import FloorWatch, standing_of
from routing import service as routing
from supervision import service
from supervision.tables import AlertRow, ThresholdRow
from tests.desk.scene import Desk
from tests.desk.scripted import mail


class Watched:
    """A desk with one queue, looked at by the clock."""

    def __init__(self, office: Desk, box: UUID) -> None:
        self.office = office
        self.box = box
        self.watch = self.another()

    def another(self) -> FloorWatch:
        office = self.office
        return FloorWatch(
            office.database,
            office.clock,
            standing_of(office.dispatcher),
        )

    async def limit(self, kind: str, most: int = 0, **more: Any) -> ThresholdRow:
        async with self.office.database.transaction() as session:
            queue = await routing.default_queue(session)
            assert queue is not None
            values = {
                "queue_id": queue.id,
                "kind": kind,
                "most": most,
                "sound": True,
                "mail_to": [],
                "enabled": True,
                **more,
            }
            return await service.add_threshold(session, values, self.office.clock.now())

    async def pass_time(self, seconds: int) -> None:
        for _ in range(0, seconds, 5):
            self.office.clock.advance(seconds=5)
            await self.watch.look()

    async def alerts(self) -> list[AlertRow]:
        found: list[AlertRow] = await self.office.rows(AlertRow)
        return found

    @property
    def told(self) -> list[str]:
        return [one.kind for one in self.office.noted if one.kind.startswith("Alert")]


@pytest.fixture
async def watched(office: Desk) -> Watched:
    return Watched(office, await office.mailbox())


@pytest.mark.slow
async def test_a_long_wait_raises_one_alert_that_ends_when_it_is_served(watched: Watched) -> None:
    office = watched.office
    await watched.limit("longest_wait", 60)
    await office.arrive(mail(watched.box, "one"))
    await watched.pass_time(60)
    assert watched.told == []

    await watched.pass_time(600)

    (alert,) = await watched.alerts()
    assert watched.told == ["AlertRaised"]
    assert (alert.kind, alert.most, alert.value, alert.until) == ("longest_wait", 60, 65, None)
    await office.answer((await office.tickets())[0].id)
    await watched.pass_time(60)
    assert watched.told == ["AlertRaised", "AlertEnded"]
    (alert,) = await watched.alerts()
    assert alert.until is not None
    assert alert.open_of is None


async def test_two_nodes_raise_one_alert_and_mail_it_once(watched: Watched) -> None:
    office = watched.office
    agent = await office.agent("Vera", available=False)
    await watched.limit("longest_wait", 60, mail_to=[str(agent)])
    await office.arrive(mail(watched.box, "one"))
    office.clock.advance(seconds=90)

    await asyncio.gather(watched.watch.look(), watched.another().look())

    assert watched.told == ["AlertRaised"]
    (promise,) = await office.rows(OutboxRow)
    assert promise.parcel["envelope"]["recipient"]["handle"] == "vera@wonder.example"


async def test_a_restart_goes_on_with_the_alert_that_lasts(watched: Watched) -> None:
    await watched.limit("longest_wait", 60)
    await watched.office.arrive(mail(watched.box, "one"))
    await watched.pass_time(120)

    watched.watch = watched.another()
    await watched.pass_time(120)

    assert watched.told == ["AlertRaised"]


async def test_the_mail_of_an_alert_leaves_and_says_what_is_wrong(watched: Watched) -> None:
    office = watched.office
    agent = await office.agent("Vera", available=False)
    await watched.limit("waiting", 1, mail_to=[str(agent)])
    await office.arrive(mail(watched.box, "one"), mail(watched.box, "two"))
    await watched.pass_time(30)

    await office.carry(watched.box)

    (sent,) = office.office(watched.box).sent
    assert sent.automatic
    assert "Waiting now: 2 (limit: 1)." in sent.text


async def test_nobody_available_is_told_while_the_queue_is_open(watched: Watched) -> None:
    agent = await watched.office.agent()
    await watched.limit("nobody_available")
    await watched.pass_time(60)
    assert watched.told == []

    await watched.office.presence(agent, "away")
    await watched.pass_time(60)

    assert watched.told == ["AlertRaised"]


async def test_a_contact_that_nobody_can_serve_is_found(watched: Watched) -> None:
    office = watched.office
    await watched.limit("lost")
    await office.agent(available=False)
    await office.arrive(mail(watched.box, "one"))
    await office.routed()
    await watched.pass_time(60)
    assert watched.told == []

    async with office.database.transaction() as session:
        queue = await routing.default_queue(session)
        assert queue is not None
        await routing.set_members(session, queue.id, [])
        await routing.change_queue(session, queue, {}, version=queue.version)
    await office.routed()
    await watched.pass_time(60)

    assert watched.told == ["AlertRaised"]
    (alert,) = await watched.alerts()
    (contact,) = await office.contacts()
    assert alert.facts["contacts"] == [str(contact.id)]


async def test_a_poor_service_level_is_told_and_none_without_contacts(watched: Watched) -> None:
    office = watched.office
    await watched.limit("service_level", 80)
    await watched.pass_time(60)
    assert watched.told == []

    await office.arrive(mail(watched.box, "one"))
    async with office.database.reading() as session:
        queue = await routing.default_queue(session)
    assert queue is not None
    office.clock.advance(seconds=queue.service_target_seconds + 1)
    tally = Tally(office.database, office.clock)
    running = asyncio.create_task(tally.run())
    await tally.caught_up(len(await office.kinds()))
    running.cancel()
    await watched.pass_time(30)

    assert watched.told == ["AlertRaised"]


async def test_a_limit_that_is_changed_or_removed_ends_its_alert(watched: Watched) -> None:
    office = watched.office
    limit = await watched.limit("longest_wait", 60)
    await office.arrive(mail(watched.box, "one"))
    await watched.pass_time(120)

    async with office.database.transaction() as session:
        row = await service.find_threshold(session, limit.id)
        await service.remove_threshold(session, row, office.clock.now())
    await watched.pass_time(120)

    assert watched.told == ["AlertRaised", "AlertEnded"]
    (alert,) = await watched.alerts()
    assert alert.threshold_id is None
