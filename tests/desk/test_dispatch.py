"""The dispatcher over a real database: places are kept, offers are true, one contact one owner."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import pytest

from desk.dispatch import Dispatcher
from desk.first_start import FIRST_QUEUE
from kernel.entries import Noted
from kernel.errors import ConflictError
from kernel.limits import VANISHED_AFTER
from routing import service as routing
from routing.tables import ContactRow, OfferRow
from staff.presence import presence_of
from tests.desk.scene import Desk, done
from tests.desk.scripted import mail


async def waiting(office: Desk, count: int = 1) -> list[ContactRow]:
    account = await office.mailbox()
    for number in range(count):
        await office.arrive(mail(account, str(number), f"number {number}"))
        office.clock.advance(seconds=1)
    return await office.contacts()


async def presence(office: Desk, agent_id: UUID) -> str:
    async with office.database.reading() as session:
        return (await presence_of(session, agent_id)).state


async def test_the_longest_waiting_contact_is_offered_first_and_its_reason_is_kept(
    office: Desk,
) -> None:
    first, _ = await waiting(office, 2)
    agent = await office.agent()

    await office.routed()

    (offer,) = await office.offers()
    assert (offer.contact_id, offer.agent_id) == (first.id, agent)
    assert offer.decision["sentences"][0]["text"]
    assert (await office.contacts())[0].state == "offered"


async def test_an_accepted_contact_is_the_agents_and_its_ticket_too(office: Desk) -> None:
    await waiting(office)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()

    await done(office, office.dispatcher.accept(offer.id, agent))

    (contact,), (ticket,) = await office.contacts(), await office.tickets()
    assert (contact.state, contact.agent_id) == ("active", agent)
    assert (ticket.status, ticket.assignee_id) == ("open", agent)
    with pytest.raises(ConflictError):
        await office.dispatcher.accept(offer.id, agent)


async def test_an_offer_can_be_taken_the_moment_it_is_told(office: Desk) -> None:
    await waiting(office)
    agent = await office.agent()

    def take(noted: Sequence[Noted]) -> None:
        for entry in noted:
            if entry.kind == "OfferMade":
                taking = office.dispatcher.accept(UUID(entry.data["offer_id"]), agent)
                taking.send(None)  # as far as it comes before anybody else has a turn
                taking.close()

    office.database.after_commit(take)
    await office.routed()

    await office.routed()
    (contact,) = await office.contacts()
    assert (contact.state, contact.agent_id) == ("active", agent)


async def test_a_declined_contact_keeps_its_place(office: Desk) -> None:
    first, second = await waiting(office, 2)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()

    await done(office, office.dispatcher.decline(offer.id, agent))

    contacts = {one.id: one for one in await office.contacts()}
    assert contacts[first.id].virtual_arrival == first.virtual_arrival
    assert "declined" in [one.state for one in await office.rows(OfferRow)]
    assert {one.contact_id for one in await office.offers()} <= {second.id}


async def test_a_missed_offer_sends_the_agent_away_and_the_contact_back(office: Desk) -> None:
    (contact,) = await waiting(office)
    agent = await office.agent()
    await office.routed()

    office.clock.advance(seconds=31)
    await office.routed()

    (after,) = await office.contacts()
    assert (after.state, after.virtual_arrival) == ("queued", contact.virtual_arrival)
    assert [one.state for one in await office.rows(OfferRow)] == ["timed_out"]
    assert await presence(office, agent) == "away"


async def test_after_a_restart_nothing_rings_twice_and_places_are_kept(office: Desk) -> None:
    contacts = await waiting(office, 3)
    agent = await office.agent()
    await office.routed()
    (before,) = await office.offers()
    office.clock.advance(seconds=1)

    restarted = office.restarted()
    await restarted._restore()
    await office.routed()

    rows = {one.id: one.state for one in await office.rows(OfferRow)}
    assert rows.pop(before.id) == "withdrawn"
    ended = [one for one in office.noted if one.kind == "OfferEnded"]
    assert [(one.data["offer_id"], one.only_agent_id) for one in ended] == [(str(before.id), agent)]
    (now_rings,) = await office.offers()
    assert (now_rings.contact_id, now_rings.agent_id) == (contacts[0].id, agent)
    with pytest.raises(ConflictError):
        await restarted.accept(before.id, agent)
    after = await office.contacts()
    assert [one.virtual_arrival for one in after] == [one.virtual_arrival for one in contacts]


async def test_what_was_held_by_who_left_unheard_waits_again_after_a_restart(
    office: Desk,
) -> None:
    (contact,) = await waiting(office, 1)
    gone, stays = await office.agent("Gone"), await office.agent("Stays", available=False)
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, gone))
    restarted = Dispatcher(office.database, office.clock)

    office.clock.advance(seconds=5)
    await office.presence(gone, "offline")
    office.dispatcher = restarted
    await restarted._restore()

    (after,) = await office.contacts()
    assert (after.state, after.agent_id) == ("queued", None)
    assert after.virtual_arrival == contact.virtual_arrival
    await office.presence(stays, "available")
    await office.routed()
    assert [(one.contact_id, one.agent_id) for one in await office.offers()] == [
        (contact.id, stays)
    ]


async def test_what_is_given_by_hand_to_who_is_offline_stays_theirs_after_a_restart(
    office: Desk,
) -> None:
    (contact,) = await waiting(office, 1)
    away = await office.agent("Away")
    await office.presence(away, "offline")
    await office.routed()
    office.clock.advance(seconds=5)
    await done(office, office.dispatcher.assign(contact.id, away, by=away))

    await office.restarted()._restore()

    (after,) = await office.contacts()
    assert (after.state, after.agent_id) == ("active", away)


async def test_after_a_restart_an_agent_still_has_what_they_were_working_on(office: Desk) -> None:
    await waiting(office)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, agent))

    await office.restarted()._restore()
    await office.routed()

    (contact,) = await office.contacts()
    assert (contact.state, contact.agent_id) == ("active", agent)
    assert await office.offers() == []


async def test_a_contact_closed_while_its_offer_is_being_stored_is_not_offered(
    office: Desk,
) -> None:
    """The engine decided on what it knew; the database says no, and the engine learns from it."""
    first, second = await waiting(office, 2)
    agent = await office.agent()
    dispatcher, heard = office.dispatcher, office.noted.copy()
    office.dispatcher = type(dispatcher)(office.database, office.clock)  # the old hears nothing
    async with office.database.transaction() as session:
        contact = await routing.find_contact(session, first.id)
        await routing.end_contact(session, contact, state="abandoned", now=office.clock.now())
    assert heard
    office.dispatcher = dispatcher

    await office.routed()

    (offer,) = await office.offers()
    assert (offer.contact_id, offer.agent_id) == (second.id, agent)
    assert (await office.contacts())[0].state == "abandoned"


async def test_an_abandoned_contact_stops_ringing(office: Desk) -> None:
    (contact,) = await waiting(office)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()

    async with office.database.transaction() as session:
        row = await routing.find_contact(session, contact.id)
        await routing.end_contact(session, row, state="abandoned", now=office.clock.now())
    await office.routed()

    assert await office.offers() == []
    with pytest.raises(ConflictError):
        await office.dispatcher.accept(offer.id, agent)


async def test_what_a_vanished_agent_held_waits_again_at_its_old_place(office: Desk) -> None:
    first, second = await waiting(office, 2)
    gone = await office.agent("Gone")
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, gone))
    vigil = office.vigil()
    vigil.left(gone)

    office.clock.advance(seconds=VANISHED_AFTER.total_seconds() - 1)
    await vigil.look()
    await office.routed()
    assert (await office.contacts())[0].agent_id == gone
    office.clock.advance(seconds=1)
    await vigil.look()
    await office.routed()

    contacts = {one.id: one for one in await office.contacts()}
    assert (contacts[first.id].state, contacts[first.id].agent_id) == ("queued", None)
    assert contacts[first.id].virtual_arrival == first.virtual_arrival
    there = await office.agent("There")
    await office.routed()
    assert [(one.contact_id, one.agent_id) for one in await office.offers()] == [(first.id, there)]
    assert contacts[second.id].virtual_arrival > first.virtual_arrival


async def test_a_short_gap_changes_nothing(office: Desk) -> None:
    await waiting(office)
    agent = await office.agent()
    await office.routed()
    vigil = office.vigil()
    vigil.left(agent)

    office.clock.advance(seconds=VANISHED_AFTER.total_seconds() / 2)
    office.present.add(agent)
    vigil.came(agent)
    await vigil.look()
    office.clock.advance(seconds=VANISHED_AFTER.total_seconds() * 2)
    await vigil.look()

    assert await presence(office, agent) != "offline"


async def test_after_a_start_everybody_has_the_whole_grace(office: Desk) -> None:
    agent = await office.agent()
    vigil = office.vigil()
    running = asyncio.create_task(vigil.run())
    await office.clock.until_asleep()

    office.clock.advance(seconds=VANISHED_AFTER.total_seconds() - 1)
    await vigil.look()
    assert await presence(office, agent) == "available"
    office.clock.advance(seconds=1)
    await vigil.look()

    assert await presence(office, agent) == "offline"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_leaves_the_queue_is_offered_nothing_of_it(office: Desk) -> None:
    agent = await office.agent()
    async with office.database.transaction() as session:
        queue = await routing.default_queue(session)
        assert queue is not None
        await routing.change_queue(session, queue, {"member_ids": []}, version=queue.version)
    await waiting(office)
    await office.routed()
    assert await office.offers() == []

    async with office.database.transaction() as session:
        queue = await routing.find_queue(session, queue.id)
        await routing.change_queue(session, queue, {"member_ids": [agent]}, version=queue.version)
    await office.routed()

    assert [one.agent_id for one in await office.offers()] == [agent]


async def test_two_agents_who_take_the_same_contact_are_one_owner_and_one_refusal(
    office: Desk,
) -> None:
    (contact,) = await waiting(office)
    agents = [await office.agent(name, available=False) for name in ("One", "Two")]
    await office.routed()
    taking = [asyncio.ensure_future(office.dispatcher.take(contact.id, agent)) for agent in agents]
    await asyncio.sleep(0)
    await office.routed()
    outcomes = await asyncio.gather(*taking, return_exceptions=True)

    (after,) = await office.contacts()
    assert sorted(type(one).__name__ for one in outcomes) == ["ConflictError", "NoneType"]
    assert after.agent_id == agents[outcomes.index(None)]


async def test_taking_what_is_not_there_is_refused(office: Desk) -> None:
    agent = await office.agent()
    await office.routed()

    with pytest.raises(ConflictError):
        await done(office, office.dispatcher.take(UUID(int=1), agent))


async def test_an_answer_ends_the_contact_and_frees_the_agent(office: Desk) -> None:
    await waiting(office, 2)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, agent))
    held = (await office.contacts())[0]

    await office.answer(held.ticket_id, set_status="solved")
    await office.routed()

    contacts = {one.id: one for one in await office.contacts()}
    assert contacts[held.id].state == "closed"
    assert contacts[held.id].ended_at == office.clock.now()


async def test_an_agent_is_never_given_more_than_their_capacity(office: Desk) -> None:
    await waiting(office, 8)
    agent = await office.agent()

    for _ in range(8):
        await office.routed()
        for offer in await office.offers():
            await done(office, office.dispatcher.accept(offer.id, agent))

    held = [one for one in await office.contacts() if one.agent_id == agent]
    assert len(held) == 5
    assert await office.offers() == []


async def test_moving_to_another_queue_keeps_the_old_place(office: Desk) -> None:
    (contact,) = await waiting(office)
    await office.routed()
    async with office.database.transaction() as session:
        other = await routing.create_queue(
            session, {**FIRST_QUEUE, "name": "Other"}, (), office.clock.now()
        )
    await office.routed()
    office.clock.advance(minutes=5)

    await done(office, office.dispatcher.move(contact.id, other.id))

    (after,) = await office.contacts()
    assert (after.queue_id, after.virtual_arrival) == (other.id, contact.virtual_arrival)


class Interrupted(Dispatcher):
    """Somebody changes the staff just after it was read for a restore."""

    meanwhile: Callable[[], Awaitable[object]]

    async def _take_in(self, now: datetime) -> tuple[int, set[UUID]]:
        known = await super()._take_in(now)
        await self.meanwhile()
        return known


async def test_who_joins_while_the_engine_is_restored_is_given_contacts(office: Desk) -> None:
    await waiting(office)
    dispatcher = Interrupted(office.database, office.clock)
    dispatcher.meanwhile = office.agent
    office.database.after_commit(dispatcher.hear)

    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(20):
        while not await office.offers():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert [one.state for one in await office.contacts()] == ["offered"]


async def test_who_was_let_go_is_not_made_away_and_their_contact_waits_again(
    office: Desk,
) -> None:
    await waiting(office)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, agent))

    await office.presence(agent, "offline")
    await office.routed()

    assert await presence(office, agent) == "offline"
    assert [one.state for one in await office.contacts()] == ["queued"]


async def test_who_answers_a_reserved_contact_frees_it_of_the_reservation(office: Desk) -> None:
    (contact,) = await waiting(office)
    agent = await office.agent(available=False)
    await office.routed()
    await done(office, office.dispatcher.pin(contact.id, agent))
    assert [one.pinned for one in await office.contacts()] == [True]
    await office.presence(agent, "available")
    await office.routed()
    (offer,) = await office.offers()

    await done(office, office.dispatcher.accept(offer.id, agent))

    assert [one.pinned for one in await office.contacts()] == [False]


async def test_a_bump_takes_nothing_away_from_who_answered_meanwhile(office: Desk) -> None:
    (contact,) = await waiting(office)
    agent = await office.agent()
    await office.routed()
    (offer,) = await office.offers()
    await done(office, office.dispatcher.accept(offer.id, agent))

    with pytest.raises(ConflictError):
        await done(
            office,
            office.dispatcher.move(contact.id, contact.queue_id, virtual_arrival_us=1),
        )

    assert [one.agent_id for one in await office.contacts()] == [agent]
