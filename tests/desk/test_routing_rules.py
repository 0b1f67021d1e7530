"""What administrators decide reaches the router from the database, and survives a restart."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest

from kernel import leases
from kernel.errors import InvalidInputError, OverloadedError
from kernel.leases import LeaseLostError
from kernel.limits import ROUTING_LEASE
from routing import administration
from routing import service as routing
from routing.settings import ProfileSettings, QueueSettings
from routing.tables import CalendarRow, ContactRow, ProfileRow, QueueRow, SkillRow
from tests.desk.scene import Desk
from tests.desk.scripted import mail


async def set_rules(office: Desk, **rules: Any) -> UUID:
    """Set the rules of the default queue."""
    settings = msgspec.convert(rules, QueueSettings)
    async with office.database.transaction() as session:
        queue = await routing.default_queue(session)
        assert queue is not None
        await administration.check_queue_rules(session, queue.id, settings)
        changes = {"rules": msgspec.to_builtins(settings)}
        await routing.change_queue(session, queue, changes, version=queue.version)
        return queue.id


async def skill(office: Desk, name: str = "Ukrainian") -> UUID:
    async with office.database.transaction() as session:
        now = office.clock.now()
        return (await administration.create(session, SkillRow, {"name": name}, now)).id


async def knows(office: Desk, agent: UUID, skills: dict[UUID, int]) -> None:
    async with office.database.transaction() as session:
        await administration.set_agent(session, agent, skills=skills)


async def a_contact(office: Desk, text: str = "Hello") -> ContactRow:
    account = await office.mailbox(text)
    await office.arrive(mail(account, text, text))
    await office.routed()
    return (await office.contacts())[-1]


async def rings_at(office: Desk) -> list[UUID]:
    return [offer.agent_id for offer in await office.offers()]


async def test_a_skill_asked_for_decides_who_is_offered_the_contact(office: Desk) -> None:
    ukrainian = await skill(office)
    await set_rules(office, skills=[{"skill_id": str(ukrainian), "level": 2}])
    await office.agent("Olena")
    taras = await office.agent("Taras")
    await knows(office, taras, {ukrainian: 3})
    await office.routed()

    await a_contact(office)

    assert await rings_at(office) == [taras]
    (offer,) = await office.offers()
    told = [sentence["text"] for sentence in offer.decision["sentences"]]
    assert "asked for: Ukrainian 2" in told
    assert "1 agent lacks a skill that is asked for" in told
    assert offer.decision["decision"]["agent_key"]


async def test_who_waits_hears_when_more_agents_are_asked(office: Desk) -> None:
    ukrainian = await skill(office)
    asked = [{"skill_id": str(ukrainian), "level": 2}]
    lower = [{"skill_id": str(ukrainian), "level": 0}]
    await set_rules(office, skills=asked, rings=[{"after_seconds": 30, "skills": lower}])
    agent = await office.agent()
    contact = await a_contact(office)

    standing, said = office.dispatcher.why(contact.id)

    assert "more agents are asked in 30 s" in [sentence["text"] for sentence in said]
    assert standing.opens_at_us is not None
    office.clock.advance(seconds=30)
    await office.routed()
    assert await rings_at(office) == [agent]


async def test_a_restart_knows_the_rules_and_who_declined(office: Desk) -> None:
    await set_rules(office, offers_at_once=1)
    agent = await office.agent()
    contact = await a_contact(office)
    (offer,) = await office.offers()
    declining = office.dispatcher.decline(offer.id, agent)
    await done(office, declining)
    assert await rings_at(office) == []

    await office.restarted()._restore()
    await office.routed()
    assert await rings_at(office) == []
    office.clock.advance(seconds=61)
    await office.routed()

    assert [one.contact_id for one in await office.offers()] == [contact.id]


async def done(office: Desk, asking: Any) -> None:
    task = asyncio.ensure_future(asking)
    await asyncio.sleep(0)
    await office.routed()
    await task


async def test_an_overflowed_contact_is_where_it_went_after_a_restart(office: Desk) -> None:
    async with office.database.transaction() as session:
        values = {"name": "Second line", "channels": ["mail"], "service_target_seconds": 60}
        values |= {"service_level_percent": 80, "offer_seconds": 30, "team_id": None}
        second = await routing.create_queue(session, values, [], office.clock.now())
    overflow = {"queue_id": str(second.id), "after_seconds": 60}
    await set_rules(office, overflow=overflow)
    await office.routed()
    contact = await a_contact(office)
    office.clock.advance(seconds=60)
    await office.routed()

    (after,) = await office.contacts()
    assert (after.queue_id, after.hops) == (second.id, 1)
    assert after.virtual_arrival == contact.virtual_arrival
    restarted = office.restarted()
    await restarted._restore()
    assert restarted.why(contact.id)[0].queue == second.id


async def test_a_queue_is_open_when_its_calendar_says_so(office: Desk) -> None:
    now = office.clock.now()
    week = [{"weekday": now.weekday(), "spans": [{"opens": 0, "closes": 1}]}]
    async with office.database.transaction() as session:
        values = {"name": "Hours", "timezone": "UTC", "week": week, "holidays": []}
        calendar = await administration.create(session, CalendarRow, values, now)
        queue = await routing.default_queue(session)
        assert queue is not None
        change = {"calendar_id": calendar.id}
        await routing.change_queue(session, queue, change, version=queue.version)
    await office.agent()
    contact = await a_contact(office)

    _, said = office.dispatcher.why(contact.id)

    assert await rings_at(office) == []
    assert "the queue is closed" in [sentence["text"] for sentence in said]


async def test_a_profile_says_how_much_an_agent_takes(office: Desk) -> None:
    agent = await office.agent()
    async with office.database.transaction() as session:
        rules = msgspec.to_builtins(ProfileSettings(capacity={"mail": 0}))
        values = {"name": "No mail", "rules": rules}
        profile = await administration.create(session, ProfileRow, values, office.clock.now())
        await administration.set_agent(session, agent, profile_id=profile.id)
    await office.routed()

    await a_contact(office)

    assert await rings_at(office) == []


async def test_a_circle_of_overflow_is_refused(office: Desk) -> None:
    async with office.database.transaction() as session:
        queue = await routing.default_queue(session)
        assert queue is not None
    with pytest.raises(InvalidInputError, match="circle"):
        await set_rules(office, overflow={"queue_id": str(queue.id), "after_seconds": 5})


async def test_a_skill_that_is_not_there_is_refused(office: Desk) -> None:
    with pytest.raises(InvalidInputError, match="skill"):
        await set_rules(office, skills=[{"skill_id": str(UUID(int=1))}])


async def test_a_lease_is_for_one_node_until_it_ends(office: Desk) -> None:
    async with office.database.transaction() as session:
        first = await leases.take(session, "x", "one", office.clock.now(), ROUTING_LEASE)
        assert first is not None
        other = await leases.take(session, "x", "two", office.clock.now(), ROUTING_LEASE)
        assert other is None
    office.clock.advance(seconds=ROUTING_LEASE.total_seconds() + 1)
    async with office.database.transaction() as session:
        second = await leases.take(session, "x", "two", office.clock.now(), ROUTING_LEASE)
    assert second is not None
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLostError):
        async with office.database.transaction() as session:
            await leases.prove(session, first)
    with pytest.raises(LeaseLostError):
        async with office.database.transaction() as session:
            await leases.renew(session, first, office.clock.now(), ROUTING_LEASE)


async def test_who_lost_the_lease_stores_nothing_and_stands_down(office: Desk) -> None:
    agent = await office.agent()
    contact = await a_contact(office)
    old = office.dispatcher
    old._lease = await old._until_ours()
    office.clock.advance(seconds=ROUTING_LEASE.total_seconds() + 1)
    new = type(old)(office.database, office.clock, "another")
    new._lease = await new._until_ours()
    await new._restore()
    (offer,) = await office.offers()

    with pytest.raises(LeaseLostError):
        await done(office, old.take(contact.id, agent))

    assert [one.id for one in await office.offers()] == [offer.id]
    (after,) = await office.contacts()
    assert (after.state, after.agent_id) == ("offered", None)
    old._stand_down()
    with pytest.raises(OverloadedError):
        await old.accept(offer.id, agent)


async def test_queue_rules_are_kept_as_they_were_written(office: Desk) -> None:
    queue_id = await set_rules(office, band=3, strategy="round_robin")

    async with office.database.reading() as session:
        row = await session.get_one(QueueRow, queue_id)
    assert (row.rules["band"], row.rules["strategy"]) == (3, "round_robin")
