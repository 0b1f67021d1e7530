"""Of our own accord nobody is written to who asked us not to, and nobody by night."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, RefusedError, reply
from tests.journeys.test_sms_round_trip import CLIENT, connected, database_url, twilio
from tests.simulators.twilio import TwilioServer

pytestmark = pytest.mark.slow
LONG = timedelta(hours=3)


__all__ = ["database_url", "twilio"]


async def opening(desk: DeskApi, account: dict[str, Any]) -> dict[str, Any]:
    ann = await desk.post("clients", {"name": "Ann", "phone": CLIENT})
    return {
        "id": str(uuid4()),
        "subject": "Your parcel",
        "client_id": ann["id"],
        "account_id": account["id"],
        "recipient": {"handle": CLIENT, "name": "Ann"},
        "html": "<p>It is here</p>",
    }


async def quiet_now(desk: DeskApi) -> datetime:
    """Make it quiet from an hour ago on, and return until when."""
    now = datetime.now(UTC)
    minute = (now + timedelta(hours=2)).hour * 60 + now.minute
    hours = {"begins": (minute - 600) % 1_440, "ends": (minute + 120) % 1_440}
    await desk.patch("center", {"quiet_hours": {**hours, "timezone": "Europe/Kyiv"}})
    return now


async def test_a_first_word_by_night_is_kept_says_until_when_and_leaves_by_hand(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    account = await connected(desk, twilio)
    now = await quiet_now(desk)
    first = await opening(desk, account)
    ticket = await desk.post("tickets", first)
    again = await desk.post("tickets", first)

    (kept,) = (await desk.get(f"tickets/{ticket['id']}/messages"))["items"]
    sent_before = list(twilio.sent)
    await desk.post(f"messages/{kept['id']}/retry")
    there = await twilio.next_sent()

    assert again["id"] == ticket["id"]
    assert (kept["state"], kept["state_reason"], sent_before) == ("scheduled", "quiet_hours", [])
    assert now < datetime.fromisoformat(kept["undo_until"]) < now + LONG + timedelta(minutes=1)
    assert (there.to, there.body) == (CLIENT, "It is here")


async def test_by_night_an_answer_leaves_at_once(desk: DeskApi, twilio: TwilioServer) -> None:
    await connected(desk, twilio)
    await quiet_now(desk)
    async with desk.live() as live:
        await twilio.write("Are you there?")
        opened = await live.next("TicketOpened")
        await desk.post(f"tickets/{opened['ticket_id']}/messages", reply("<p>We are</p>"))

        there = await twilio.next_sent()

    assert there.body == "We are"


async def test_who_is_left_alone_is_answered_and_not_written_to(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    account = await connected(desk, twilio)
    first = await opening(desk, account)
    path = f"clients/{first['client_id']}"
    await desk.patch(path, {"version": 1, "left_alone": True})

    with pytest.raises(RefusedError, match="own accord") as refused:
        await desk.post("tickets", first)
    async with desk.live() as live:
        await twilio.write("Hello")
        opened = await live.next("TicketOpened")
        ticket = await desk.get(f"tickets/{opened['ticket_id']}")
        mine = ticket["client"]["id"]
        shown = await desk.get(f"clients/{mine}")
        if not shown["left_alone"]:
            await desk.patch(f"clients/{mine}", {"version": shown["version"], "left_alone": True})
        plan = await desk.get(f"tickets/{opened['ticket_id']}/reply-plan")
        await desk.post(f"tickets/{opened['ticket_id']}/messages", reply("<p>Hi</p>"))
        there = await twilio.next_sent()

    assert refused.value.field == "account_id"
    assert "client_left_alone" in plan["warnings"]
    assert there.body == "Hi"


async def test_what_was_promised_before_does_not_leave_after_they_asked_not_to_be_written_to(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    account = await connected(desk, twilio)
    await quiet_now(desk)
    first = await opening(desk, account)
    ticket = await desk.post("tickets", first)
    path = f"clients/{first['client_id']}"
    version = (await desk.get(path))["version"]
    await desk.patch(path, {"version": version, "left_alone": True})

    async with desk.live() as live:
        await desk.post(f"messages/{first['id']}/retry")
        ended = await live.next("MessageStateChanged", message_id=first["id"], state="failed")
    lifted = await desk.patch(path, {"version": version + 1, "left_alone": False})
    timeline = await desk.get(f"{path}/timeline")

    assert ended["ticket_id"] == ticket["id"]
    assert twilio.sent == []
    assert not lifted["left_alone"]
    wishes = [(one["title"], one["detail"]) for one in timeline["items"] if one["kind"] == "wish"]
    name = desk.me["agent"]["name"]
    assert wishes == [("left_alone_over", name), ("left_alone", name)]
