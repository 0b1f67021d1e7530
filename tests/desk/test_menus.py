"""Who begins a conversation in a messenger is greeted with a menu, and waits where they choose."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from channels.envelope import Delivery, Inbound, Party
from channels.voice import flows
from channels.voice.flow import read_flow
from channels.voice.tables import CallFlowRow
from desk import retiring
from desk.first_start import FIRST_QUEUE
from routing import service as routing
from tests.desk.scene import Desk, done
from tests.desk.scripted import AUTOMATIC, delivery

ANN = Party(handle="7001", name="Ann")


class Shop:
    """A bot whose flow asks what it is about: 1 sales, 2 support (1 phones, 2 other), 3 hours."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.bot = self.sales = self.phones = UUID(int=0)

    async def open(self) -> "Shop":
        self.bot = await self.desk.messenger()
        self.sales = await self._queue("Sales")
        self.phones = await self._queue("Phones")
        await self.draw(
            {"kind": "greeting", "id": "a", "text": {"en": "Hello."}, "next": "m"},
            {
                "kind": "menu",
                "id": "m",
                "text": {"en": "Press 1 for sales."},
                "written": {"en": "What is it about?", "uk": "Про що йдеться?"},
                "choices": {"1": "sales", "2": "more", "3": "hours"},
                "labels": {
                    "1": {"en": "Sales", "uk": "Продаж"},
                    "2": {"en": "Support", "uk": "Підтримка"},
                    "3": {"en": "Opening hours", "uk": "Графік"},
                },
                "otherwise": "sales",
            },
            {"kind": "queue", "id": "sales", "queue_id": str(self.sales)},
            {
                "kind": "menu",
                "id": "more",
                "text": {"en": "With what?"},
                "choices": {"1": "phones", "2": "rest"},
                "labels": {"1": {"en": "Phones"}, "2": {"en": "Something else"}},
                "otherwise": "rest",
            },
            {
                "kind": "queue",
                "id": "phones",
                "queue_id": str(self.phones),
                "text": {"en": "We look at it."},
            },
            {"kind": "queue", "id": "rest"},
            {"kind": "announcement", "id": "hours", "text": {"en": "From nine to five."}},
        )
        return self

    async def _queue(self, name: str) -> UUID:
        async with self.desk.database.transaction() as session:
            values = {**FIRST_QUEUE, "name": name}
            row = await routing.create_queue(session, values, (), self.desk.clock.now())
            return row.id

    async def draw(self, *nodes: dict[str, Any]) -> None:
        drawn = read_flow({"start": "a", "languages": ["en", "uk"], "nodes": list(nodes)})
        async with self.desk.database.transaction() as session:
            _, version = await flows.flow_of(session, self.bot)
            now = self.desk.clock.now()
            await flows.change_flow(session, self.bot, drawn, name="Shop", version=version, now=now)
            await flows.serve(session, self.bot, [self.bot], name="Shop")

    def said(self, text: str, number: int, **more: Any) -> Delivery:
        one = Inbound(external_id=str(number), sender=ANN, text=text, **more)
        return delivery(self.bot, str(number), said=[one])

    async def write(self, text: str, number: int, **more: Any) -> None:
        await self.desk.arrive(self.said(text, number, **more))

    async def heard(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return what the client got by now: text and buttons."""
        while await self.desk.carry(self.bot):
            pass
        return [(one.text, one.choices) for one in self.desk.office(self.bot).sent]

    async def waits_in(self) -> UUID:
        (contact,) = await self.desk.contacts()
        return contact.queue_id


MENU = ("Hello.\n\nWhat is it about?", ("Sales", "Support", "Opening hours"))


@pytest.fixture
async def shop(office: Desk) -> Shop:
    return await Shop(office).open()


async def test_who_writes_first_gets_the_menu_and_waits_meanwhile(shop: Shop) -> None:
    await shop.write("Hi", 1)

    (contact,) = await shop.desk.contacts()
    (ticket,) = await shop.desk.tickets()
    (said,) = await shop.desk.messages("outbound")
    assert await shop.heard() == [MENU]
    assert contact.state == "queued"
    assert (ticket.status, ticket.awaiting_answer, ticket.first_answer_at) == ("new", True, None)
    assert (said.author_agent_id, said.automatic, said.author_name) == (None, "menu", "Shop bot")


@pytest.mark.parametrize("words", ["Sales", " sales! ", "1", "1.", "№1", "SALES", "продаж"])
async def test_a_choice_by_its_words_or_its_number_leads_to_its_queue_at_the_old_place(
    shop: Shop, words: str
) -> None:
    await shop.write("Hi", 1)
    first = shop.desk.clock.now()
    shop.desk.clock.advance(minutes=3)

    await shop.write(words, 2)

    (contact,) = await shop.desk.contacts()
    (ticket,) = await shop.desk.tickets()
    assert (contact.queue_id, contact.virtual_arrival) == (shop.sales, first)
    assert contact.entered_queue_at == first + timedelta(minutes=3)
    assert (contact.chosen, ticket.queue_id) == ("Sales", shop.sales)
    assert (await shop.heard())[1:] == [("Thank you. We will answer you here.", ())]
    assert [one.choice for one in await shop.desk.messages()] == [None, "Sales"]


async def test_a_second_menu_follows_the_first(shop: Shop) -> None:
    await shop.write("Hi", 1)
    await shop.write("Support", 2)
    await shop.write("1", 3)

    assert (await shop.heard())[1:] == [
        ("With what?", ("Phones", "Something else")),
        ("We look at it.", ()),
    ]
    assert await shop.waits_in() == shop.phones


async def test_a_button_of_the_menu_before_still_leads_where_it_says(shop: Shop) -> None:
    await shop.write("Hi", 1)
    await shop.write("Support", 2)

    await shop.write("Sales", 3)

    assert await shop.waits_in() == shop.sales


async def test_a_choice_may_just_answer_and_leave_the_others_open(shop: Shop) -> None:
    await shop.write("Hi", 1)
    before = await shop.waits_in()
    await shop.write("Opening hours", 2)
    there = await shop.waits_in()
    await shop.write("Sales", 3)

    assert (await shop.heard())[1] == ("From nine to five.", MENU[1])
    assert there == before
    assert await shop.waits_in() == shop.sales


async def test_other_words_are_for_people_and_a_wrong_number_is_asked_about_once(
    shop: Shop,
) -> None:
    await shop.write("Hi", 1)
    await shop.write("My parcel 12 has not come", 2)
    await shop.write("7", 3)
    await shop.write("8", 4)

    heard = await shop.heard()
    again = "Sorry, that is not one of the choices.\n\nWhat is it about?"
    assert heard == [MENU, (again, MENU[1])]
    assert len(await shop.desk.texts()) == 4


async def test_the_menu_speaks_the_language_of_its_client(shop: Shop) -> None:
    await shop.write("Вітаю", 1, attributes={"locale": "uk"})
    await shop.write("продаж", 2)

    heard = await shop.heard()
    assert heard[0] == ("Hello.\n\nПро що йдеться?", ("Продаж", "Підтримка", "Графік"))
    assert heard[1][0] == "Дякуємо. Ми відповімо вам тут."


async def test_a_menu_and_its_answer_in_one_batch_happen_in_order_and_once(shop: Shop) -> None:
    first, second = shop.said("Hi", 1), shop.said("1", 2)

    await shop.desk.arrive(first, second)
    await shop.desk.arrive(second, first)

    assert [text for text, _ in await shop.heard()] == [
        MENU[0],
        "Thank you. We will answer you here.",
    ]
    assert await shop.waits_in() == shop.sales


async def test_a_follow_up_gets_no_menu_and_a_new_conversation_does(shop: Shop) -> None:
    await shop.write("Hi", 1)
    (ticket,) = await shop.desk.tickets()
    await shop.desk.answer(ticket.id, "Here I am", set_status="solved")
    await shop.write("1", 2)
    await shop.desk.answer(ticket.id, "Good bye", set_status="closed")
    await shop.write("Hi again", 3)

    texts = sorted(text for text, _ in await shop.heard())
    assert texts == ["Good bye", *[MENU[0]] * 2, "Here I am"]
    assert shop.sales not in {one.queue_id for one in await shop.desk.contacts()}


async def test_an_offer_is_taken_back_and_made_where_the_client_chose(shop: Shop) -> None:
    anna = await shop.desk.agent("Anna")
    bob = await shop.desk.agent("Bob", available=False)
    async with shop.desk.database.transaction() as session:
        await routing.join_queue(session, shop.sales, bob)
    await shop.write("Hi", 1)
    await shop.desk.routed()
    (rings,) = await shop.desk.offers()
    await shop.desk.presence(bob, "available")
    await shop.desk.routed()

    await shop.write("1", 2)
    await shop.desk.routed()

    (now,) = await shop.desk.offers()
    assert (rings.agent_id, now.agent_id) == (anna, bob)
    assert await shop.waits_in() == shop.sales
    assert "QueueChosen" in await shop.desk.kinds()


async def test_what_an_agent_has_is_not_moved_by_a_choice(shop: Shop) -> None:
    anna = await shop.desk.agent("Anna")
    await shop.write("Hi", 1)
    await shop.desk.routed()
    (offer,) = await shop.desk.offers()
    before = await shop.waits_in()
    await done(shop.desk, shop.desk.dispatcher.accept(offer.id, anna))

    await shop.write("1", 2)
    await shop.desk.routed()

    (contact,) = await shop.desk.contacts()
    assert (contact.state, contact.agent_id, contact.queue_id) == ("active", anna, before)
    assert await shop.heard() == [MENU]


async def test_a_choice_at_the_moment_of_the_accept_is_where_the_contact_belongs_for_good(
    shop: Shop,
) -> None:
    anna = await shop.desk.agent("Anna")
    await shop.write("Hi", 1)
    await shop.desk.routed()
    (offer,) = await shop.desk.offers()
    accepting = asyncio.create_task(shop.desk.dispatcher.accept(offer.id, anna))
    await asyncio.sleep(0)  # asked for, and not yet stored
    await shop.write("1", 2)
    await shop.desk.routed()
    await accepting

    (contact,) = await shop.desk.contacts()
    assert (contact.state, contact.agent_id) == ("active", anna)
    assert contact.queue_id == shop.sales
    await shop.desk.presence(anna, "offline")
    await shop.desk.routed()

    (again,) = await shop.desk.contacts()
    assert (again.state, again.queue_id) == ("queued", shop.sales)


async def test_a_choice_stands_though_the_router_begins_anew(shop: Shop) -> None:
    await shop.write("Hi", 1)
    await shop.write("1", 2)
    bob = await shop.desk.agent("Bob")
    async with shop.desk.database.transaction() as session:
        await routing.set_members(session, shop.sales, [bob])
        queue = await routing.default_queue(session)
        assert queue is not None
        await routing.set_members(session, queue.id, [])

    await shop.desk.restarted()._restore()
    await shop.desk.routed()

    (offer,) = await shop.desk.offers()
    assert offer.agent_id == bob


async def test_a_choice_that_the_router_has_not_heard_outlives_a_decline_and_a_crash(
    shop: Shop,
) -> None:
    anna, bob = await shop.desk.agent("Anna"), await shop.desk.agent("Bob", available=False)
    async with shop.desk.database.transaction() as session:
        await routing.set_members(session, shop.sales, [bob])
    await shop.write("Hi", 1)
    first = shop.desk.clock.now()
    await shop.desk.routed()
    (offer,) = await shop.desk.offers()
    dying = shop.desk.dispatcher
    afterwards = shop.desk.restarted()  # so that the one before it hears nothing more
    shop.desk.clock.advance(seconds=5)
    await shop.write("1", 2)

    declining = asyncio.create_task(dying.decline(offer.id, anna))
    await asyncio.sleep(0)
    await dying._step()
    await declining
    await afterwards._restore()
    await shop.desk.presence(bob, "available")
    await shop.desk.routed()

    (contact,) = await shop.desk.contacts()
    (now,) = await shop.desk.offers()
    assert (contact.queue_id, contact.virtual_arrival) == (shop.sales, first)
    assert (contact.chosen, contact.hops, now.agent_id) == ("Sales", None, bob)


@pytest.mark.parametrize("heard", [False, True])
async def test_a_queue_that_runs_over_sends_on_only_who_is_still_in_it(
    shop: Shop, *, heard: bool
) -> None:
    await shop.write("Hi", 1)
    before = await shop.waits_in()
    await shop.write("1", 2)
    (contact,) = await shop.desk.contacts()

    async with shop.desk.database.transaction() as session:
        await routing.requeue(
            session,
            contact.id,
            reason="waited_too_long",
            queue_id=shop.phones,
            now=shop.desk.clock.now(),
            left=shop.sales if heard else before,
        )

    assert await shop.waits_in() == (shop.phones if heard else shop.sales)


async def test_who_forbade_us_to_write_gets_no_menu(shop: Shop) -> None:
    await shop.write("STOP", 1, automatic=AUTOMATIC.COMMAND)

    assert await shop.heard() == []


async def test_a_flow_that_serves_no_account_any_more_says_nothing(shop: Shop) -> None:
    async with shop.desk.database.transaction() as session:
        await flows.serve(session, shop.bot, [], name="Shop")

    await shop.write("Hi", 1)

    assert await shop.heard() == []
    assert len(await shop.desk.contacts()) == 1


async def test_a_flow_that_cannot_be_read_leads_nobody_and_loses_no_word(shop: Shop) -> None:
    async with shop.desk.database.transaction() as session:
        row = await session.get_one(CallFlowRow, shop.bot)
        row.body = {"start": "a", "nodes": [{"kind": "of another day"}]}

    await shop.write("Hi", 1)

    assert (await shop.desk.texts(), await shop.desk.dead()) == (["Hi"], [])
    assert await shop.heard() == []


async def test_a_flow_goes_with_the_account_that_it_belongs_to(shop: Shop) -> None:
    other = await shop.desk.messenger("Other bot")
    async with shop.desk.database.transaction() as session:
        await flows.serve(session, shop.bot, [shop.bot, other], name="Shop")

    async with shop.desk.database.transaction() as session:
        await retiring.remove(session, shop.bot, now=shop.desk.clock.now())

    async with shop.desk.database.reading() as session:
        assert await flows.serving(session, [shop.bot, other]) == {}


async def test_each_messenger_is_led_by_one_flow(shop: Shop) -> None:
    other = await shop.desk.messenger("Other bot")
    drawn = read_flow({"start": "q", "nodes": [{"kind": "queue", "id": "q"}]})
    async with shop.desk.database.transaction() as session:
        now = shop.desk.clock.now()
        await flows.change_flow(session, other, drawn, name="Other", version=0, now=now)

        await flows.serve(session, other, [shop.bot], name="Other")

        assert await flows.served_by(session, shop.bot) == []
        assert await flows.serving(session, [shop.bot]) == {shop.bot: other}


async def test_a_queue_that_is_gone_leaves_the_client_where_they_wait(shop: Shop) -> None:
    await shop.write("Hi", 1)
    before = await shop.waits_in()
    async with shop.desk.database.transaction() as session:
        sales = await routing.find_queue(session, shop.sales)
        await routing.delete_queue(session, sales)

    await shop.write("1", 2)

    assert await shop.waits_in() == before


async def test_two_clients_of_one_batch_are_led_apart(shop: Shop) -> None:
    bob = Party(handle="7002", name="Bob")
    other = Inbound(external_id="9", sender=bob, text="Hello")
    await shop.desk.arrive(shop.said("Hi", 1), delivery(shop.bot, "9", said=[other]))
    answer = Inbound(external_id="10", sender=bob, text="2")
    await shop.desk.arrive(shop.said("1", 2), delivery(shop.bot, "10", said=[answer]))

    told = [one.recipient.handle for one in shop.desk.office(shop.bot).sent]
    assert told == []
    await shop.heard()
    by_client = {
        who: [one.text for one in shop.desk.office(shop.bot).sent if one.recipient.handle == who]
        for who in ("7001", "7002")
    }
    assert by_client["7001"][-1] == "Thank you. We will answer you here."
    assert by_client["7002"][-1] == "With what?"
