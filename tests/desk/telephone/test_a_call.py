"""A call from its first ring to its last word, walked by a simulated caller."""

from uuid import UUID

import pytest

from desk.vigil import Vigil
from tests.clock import ManualClock
from tests.desk.telephone.scene import OUTSIDE, Office
from tests.desk_api import RefusedError

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_a_caller_is_put_through_to_an_agent_and_the_call_stands_on_the_ticket(
    office: Office,
) -> None:
    caller, phone, call = await office.talking(office.olena)

    assert {leg["role"]: leg["state"] for leg in call["legs"]} == {
        "client": "joined",
        "agent": "joined",
    }
    await caller.until_speaks_with(1)
    await phone.until_speaks_with(1)
    async with office.olena.live() as live:
        await caller.hang_up()
        ended = await live.next("CallChanged", state="ended")
    await phone.until("completed")

    shown = await office.olena.get(f"calls/{call['id']}")
    assert (ended["data"]["outcome"], shown["outcome"]) == ("answered", "answered")
    assert shown["unverified"] is True
    thread = await office.olena.get(f"tickets/{call['ticket_id']}")
    (message,) = [one for one in thread["messages"] if one["call_id"]]
    assert (message["call_id"], message["channel"]) == (call["id"], "voice")
    contacts = await office.olena.get("contacts", state="closed")
    assert call["contact_id"] in {one["id"] for one in contacts["items"]}
    assert office.sim.faults == []


async def test_nobody_is_cut_off_because_the_agents_browser_is_gone(office: Office) -> None:
    caller, phone, call = await office.talking(office.ivan)
    house, clock = office.ivan.center.house, ManualClock()
    watched = Vigil(house.database, clock, set)
    watched.left(UUID(office.ivan.me["agent"]["id"]))

    clock.advance(seconds=3_600)
    await watched.look()

    assert (await office.ivan.get("session"))["presence"]["state"] == "available"
    assert (await office.ivan.get(f"calls/{call['id']}"))["state"] == "talking"
    await caller.until_speaks_with(1)
    await phone.until_speaks_with(1)
    async with office.ivan.live() as live:
        await caller.hang_up()
        await live.next("CallChanged", state="ended")


async def test_a_caller_who_hangs_up_in_the_queue_has_left_it(office: Office) -> None:
    await office.only()
    async with office.olena.live() as live:
        caller = await office.new_caller()
        await caller.heard("music.wav")
        assert "You are next in line." in " ".join(caller.transcript)
        await caller.hang_up()
        ended = await live.next("ContactEnded", state="abandoned")
        told = await live.next("CallChanged", state="ended")

    assert told["data"]["outcome"] == "abandoned"
    assert told["contact_id"] == ended["contact_id"]


async def test_a_caller_who_hangs_up_while_it_rings_at_the_agent_ends_the_ringing(
    office: Office,
) -> None:
    await office.only(office.ivan)
    async with office.ivan.live() as live:
        caller = await office.new_caller()
        offer = await live.next("OfferMade")
        await office.ivan.post(f"offers/{offer['data']['offer_id']}/accept")
        phone = await office.phone(office.ivan)
        await phone.ringing()
        await caller.hang_up()
        await phone.until("canceled", "completed", "no-answer")
        told = await live.next("CallChanged", state="ended")

    assert told["data"]["outcome"] == "abandoned"


async def test_a_telephone_that_nobody_answers_is_a_missed_offer(office: Office) -> None:
    await office.only(office.ivan)
    async with office.ivan.live() as live, office.olena.live() as other:
        caller = await office.new_caller()
        offer = await live.next("OfferMade")
        await office.ivan.post(f"offers/{offer['data']['offer_id']}/accept")
        phone = await office.phone(office.ivan)
        await phone.ringing()
        await phone.let_it_ring()
        away = await live.next("PresenceChanged", state="away")
        await live.next("ContactRequeued")
        # It keeps its place, and the next who is free has it.
        await office.olena.put("presence", {"state": "available"})
        again = await other.next("OfferMade", agent_id=office.olena.me["agent"]["id"])
        await office.olena.post(f"offers/{again['data']['offer_id']}/accept")
        olena = await office.phone(office.olena)
        await olena.ringing()
        await olena.answer()
        await other.next("CallChanged", state="talking")
        await caller.hang_up()
        await other.next("CallChanged", state="ended")

    assert away["data"]["reason"] == "missed_offer"
    assert again["contact_id"] == offer["contact_id"]


async def test_an_agent_without_a_telephone_is_told_before_they_take_a_call(
    office: Office,
) -> None:
    await office.only(office.ivan)
    await office.ivan.patch("me", {"phone": ""})
    try:
        async with office.ivan.live() as live:
            caller = await office.new_caller()
            offer = await live.next("OfferMade")
            with pytest.raises(RefusedError, match="telephone") as refused:
                await office.ivan.post(f"offers/{offer['data']['offer_id']}/accept")
            await caller.hang_up()
            await live.next("CallChanged", state="ended")
    finally:
        await office.ivan.patch("me", {"phone": "+380501112244"})

    assert refused.value.status == 409


async def test_who_asks_to_be_called_back_keeps_the_place_and_is_called_agent_first(
    office: Office,
) -> None:
    await office.only()
    async with office.olena.live() as live:
        caller = await office.new_caller()
        await caller.heard("Press 1 to be called back")
        await caller.press("1")
        await caller.heard("We will call you back at this number")
        await caller.until("completed")
        await live.next("CallbackAsked")
        (waiting,) = await office.olena.get("callbacks")
        assert (waiting["state"], waiting["number"]) == ("waiting", caller.address)

        await office.only(office.olena)
        offer = await live.next("OfferMade")
        await office.olena.post(f"offers/{offer['data']['offer_id']}/accept")
        phone = await office.phone(office.olena)
        await phone.ringing()
        await phone.answer()
        await caller.ringing()
        await caller.answer()
        told = await live.next("CallChanged", state="talking", direction="outbound")
        await caller.hang_up()
        ended = await live.next("CallChanged", state="ended", direction="outbound")

    assert offer["contact_id"] == waiting["contact_id"] == told["contact_id"]
    assert ended["data"]["outcome"] == "answered"
    await phone.until("completed")


async def test_who_asks_again_and_again_is_called_back_once_and_not_without_end(
    office: Office,
) -> None:
    await office.only()
    async with office.olena.live() as live:
        for _ in range(3):
            caller = await office.calls("+380445555555")
            await office.listening(caller)
            await caller.press("1")
            await caller.heard("We will call you back at this number")
            await live.next("CallChanged", state="ended", outcome="callback")
            assert len(await office.olena.get("callbacks")) == 1
        caller = await office.calls("+380445555555")
        await office.listening(caller)
        await caller.press("1")
        await caller.heard("We cannot call this number back")
        await caller.hang_up()
        told = await live.next("CallChanged", outcome="abandoned")

    assert await office.olena.get("callbacks") == []
    assert told["data"]["state"] == "ended"


async def test_a_message_that_is_left_waits_like_a_call_with_its_sound_on_the_ticket(
    office: Office,
) -> None:
    await office.only()
    async with office.olena.live() as live:
        caller = await office.new_caller("2")
        await caller.heard("Please leave a message after the tone")
        await office.listening(caller)
        await caller.speak("My parcel is lost")
        await caller.press("#")
        await caller.heard("We have your message")
        await caller.until("completed")
        queued = await live.next("ContactQueued", channel="voice")
        while True:
            told = await live.next("CallChanged", outcome="voicemail")
            call = await office.olena.get(f"calls/{told['data']['call_id']}")
            if call["recordings"] and call["recordings"][0]["state"] == "kept":
                break

    thread = await office.olena.get(f"tickets/{queued['ticket_id']}")
    (message,) = thread["messages"]
    (file,) = message["attachments"]
    assert (file["name"], call["contact_id"]) == ("voicemail.wav", queued["contact_id"])
    await office.olena.post(f"contacts/{queued['contact_id']}/close")


async def test_a_second_call_of_a_client_joins_their_open_ticket(office: Office) -> None:
    await office.only()
    tickets = []
    async with office.olena.live() as live:
        number = "+380449999999"
        for _ in range(2):
            caller = await office.calls(number)
            queued = await live.next("ContactQueued", channel="voice")
            tickets.append(queued["ticket_id"])
            await caller.hang_up()
            await live.next("CallChanged", state="ended")

    assert tickets[0] == tickets[1]


async def test_a_flow_can_lead_a_call_to_a_number_outside(office: Office) -> None:
    caller = await office.new_caller("3")
    outside = await office.sim.phone(OUTSIDE)
    await outside.ringing()
    await outside.answer()
    async with office.olena.live() as live:
        await caller.hang_up()
        told = await live.next("CallChanged", state="ended")

    assert told["data"]["outcome"] == "transferred"
