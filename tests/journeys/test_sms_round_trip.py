"""A client writes an SMS, an agent answers, and what became of the answer is shown."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, Live, RefusedError, reply
from tests.simulators.twilio import TwilioServer, content, running_twilio
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN, signature
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
CLIENT = "+380441234567"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with running_twilio() as server:
        yield server


def account(twilio: TwilioServer, kind: str = "sms", **settings: Any) -> dict[str, Any]:
    told = {"account_sid": ACCOUNT, "number": NUMBER, "api_url": twilio.url, "per_second": 100.0}
    return {
        "kind": kind,
        "name": "Shop number",
        "settings": {**told, **settings},
        "secrets": {"auth_token": TOKEN},
    }


async def connected(desk: DeskApi, twilio: TwilioServer, kind: str = "sms") -> dict[str, Any]:
    made = await desk.connect(account(twilio, kind))
    if kind == "whatsapp":
        twilio.hook_url = str(desk.url / "hooks/whatsapp" / made["public_key"])
    return made


async def asked(twilio: TwilioServer, live: Live, words: str = "Hello", **more: str) -> str:
    """A client writes; return the path of the ticket that it opened."""
    assert await twilio.write(words, **more) == 200
    opened = await live.next("TicketOpened")
    return f"tickets/{opened['ticket_id']}"


async def test_a_message_is_answered_and_what_became_of_it_is_shown(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    made = await connected(desk, twilio)
    assert twilio.hook_url == str(desk.url / "hooks/sms" / made["public_key"])
    async with desk.live() as live:
        path = await asked(twilio, live, "Where is my parcel?")
        plan = await desk.get(f"{path}/reply-plan")
        upload = await desk.upload("label.png", PNG)
        answer = reply("<p>On its <b>way</b></p>", attachment_ids=[upload["id"]])

        sent = await desk.post(f"{path}/messages", answer)
        there = await twilio.next_sent()
        for status in ("delivered", "sent", "delivered"):
            assert await twilio.tell(there, status) == 200
        await live.next("MessageStateChanged", message_id=sent["id"], state="delivered")
        _, _, fetched = await desk.raw("GET", there.media[0].removeprefix(str(desk.url)))
        thread = await desk.get(f"{path}/messages")

    assert plan["route"]["recipient"] == {"handle": CLIENT, "name": CLIENT}
    assert plan["route"]["limits"]["counting"] == "segments"
    assert (there.to, there.body, fetched) == (CLIENT, "On its way", PNG)
    assert len(twilio.sent) == 1
    assert [one["state"] for one in thread["items"]] == ["received", "delivered"]


async def test_nothing_leaves_after_stop_until_the_client_allows_it_again(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    await connected(desk, twilio)
    async with desk.live() as live:
        path = await asked(twilio, live)
        first = await desk.post(f"{path}/messages", reply("Hi"))
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")

        await twilio.write(" Стоп. ")
        await live.next("ClientChanged")
        plan = await desk.get(f"{path}/reply-plan")
        with pytest.raises(RefusedError, match="forbidden us to write") as refused:
            await desk.post(f"{path}/messages", reply("Still there?"))
        await twilio.write("What?")
        await live.next("MessageAdded", preview="What?")
        still = await desk.get(f"{path}/reply-plan")
        await twilio.write("START")
        await live.next("ClientChanged")
        again = await desk.post(f"{path}/messages", reply("Welcome back"))
        await live.next("MessageStateChanged", message_id=again["id"], state="sent")

    assert plan["route"]["forbidden"]
    assert refused.value.field == "account_id"
    assert still["route"]["forbidden"]
    assert [one.body for one in twilio.sent] == ["Hi", "Welcome back"]


async def test_an_opt_out_that_only_twilio_knows_is_kept_and_obeyed(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    await connected(desk, twilio)
    async with desk.live() as live:
        path = await asked(twilio, live)
        twilio.opted_out.add(CLIENT)
        sent = await desk.post(f"{path}/messages", reply("Hi"))
        failed = await live.next("MessageStateChanged", message_id=sent["id"], state="failed")
        with pytest.raises(RefusedError, match="forbidden us to write"):
            await desk.post(f"{path}/messages", reply("Hi"))
        (client,) = (await desk.get("clients"))["items"]
        shown = await desk.get(f"clients/{client['id']}")

    assert failed["data"]["reason"].endswith("(21610)")
    assert "STOP" in shown["identities"][0]["unreachable"]
    assert shown["identities"][0]["opted_out"]
    assert twilio.asked.count("send") == 1


async def test_what_did_not_arrive_is_sent_again_when_an_agent_asks(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    await connected(desk, twilio)
    async with desk.live() as live:
        path = await asked(twilio, live)
        sent = await desk.post(f"{path}/messages", reply("Hi"))
        first = await twilio.next_sent()
        await twilio.tell(first, "undelivered", error=30003)
        failed = await live.next("MessageStateChanged", message_id=sent["id"], state="failed")

        await desk.post(f"messages/{sent['id']}/retry")
        second = await twilio.next_sent()
        await twilio.tell(second, "delivered")
        await live.next("MessageStateChanged", message_id=sent["id"], state="delivered")

    assert "send it again later (30003)" in failed["data"]["reason"]
    assert first.sid != second.sid


async def test_whatsapp_is_answered_within_a_day_and_read_marks_are_shown(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    await connected(desk, twilio, "whatsapp")
    async with desk.live() as live:
        path = await asked(
            twilio, live, sender=f"whatsapp:{CLIENT}", ProfileName="Ann", MessageType="text"
        )
        plan = await desk.get(f"{path}/reply-plan")
        sent = await desk.post(f"{path}/messages", reply("Hi"))
        there = await twilio.next_sent()
        for status in ("read", "delivered"):
            assert await twilio.tell(there, status) == 200
        await live.next("MessageStateChanged", message_id=sent["id"], state="read")
        ticket = await desk.get(path)

    (message,) = [one for one in ticket["messages"] if one["kind"] == "inbound"]
    assert plan["route"]["open_until"][:10] > message["created_at"][:10]
    assert plan["route"]["recipient"] == {"handle": CLIENT, "name": "Ann"}
    assert there.to == f"whatsapp:{CLIENT}"
    assert ticket["messages"][-1]["state"] == "read"


async def test_the_connection_test_says_whose_number_it_is_or_what_is_wrong(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    twilio.hook_url = "https://elsewhere.example/sms"

    good = await desk.post("accounts/check", _check(twilio))
    strange = await desk.post("accounts/check", _check(twilio, number="+15005550001"))
    wrong = await desk.post("accounts/check", _check(twilio, token="x" * 32))
    torn = await desk.post("accounts/check", _check(twilio, account_sid="AC123"))

    assert good["ok"]
    assert good["steps"][0]["detail"] == "Wonder Shop"
    assert "elsewhere.example" in good["steps"][1]["detail"]
    assert "not a number of this account" in strange["steps"][1]["detail"]
    assert "copy both anew" in wrong["steps"][0]["detail"]
    assert "begins with AC" in torn["steps"][0]["detail"]
    assert twilio.hook_url == "https://elsewhere.example/sms"


def _check(twilio: TwilioServer, token: str = TOKEN, **settings: Any) -> dict[str, Any]:
    made = account(twilio, **settings)
    return {
        "kind": "sms",
        "settings": made["settings"],
        "secrets": {"auth_token": token},
    }


async def test_a_call_proves_itself_over_our_address_and_stores_once(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    made = await connected(desk, twilio)
    await connected(desk, twilio, "whatsapp")
    url = str(desk.url / "hooks/sms" / made["public_key"])
    fields = twilio.form_of(twilio.wrote("Hello"))
    spoofed = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "ftp",
    }

    forged = [
        await twilio.call(fields, url=url, token="guessed"),
        await twilio.call(fields, url=url, headers={"X-Twilio-Signature": ""}),
        await twilio.call(
            fields, url=url, headers={"X-Twilio-Signature": signature(url + "?", fields)}
        ),
        await twilio.call(fields, url=twilio.hook_url, headers=_signed_for(url, fields)),
        await twilio.call(fields, url=url.replace("/sms/", "/telegram/")),
        await twilio.call(fields, url=url + "x"),
        await twilio.call({**fields, "Body": "x" * 2_000_000}, url=url),
    ]
    tried = await desk.get("tickets")
    taken = await asyncio.gather(
        *(twilio.call(fields, url=url, headers=spoofed) for _ in range(20))
    )
    unread = await twilio.call({"MessageSid": "SM1", "SmsStatus": "eaten"}, url=url)
    lent, _, _ = await desk.raw("GET", "lent/guessed.guessed")

    assert forged == [403, 403, 403, 403, 404, 404, 422]
    assert tried["items"] == []
    assert set(taken) == {200}
    assert (unread, lent) == (200, 404)
    assert [one["subject"] for one in (await desk.get("tickets"))["items"]] == ["Hello"]
    (dead,) = (await desk.get("dead-letters"))["items"]
    assert "eaten" in dead["error"]
    _, _, metrics = await desk.raw("GET", "metrics")
    assert b'contact_center_hooks_refused_total{channel="sms"} 3.0' in metrics


def _signed_for(url: str, fields: dict[str, str]) -> dict[str, str]:
    return {"X-Twilio-Signature": signature(url, fields)}


async def test_who_is_written_to_first_is_the_same_client_when_they_answer(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    made = await connected(desk, twilio)
    ann = await desk.post("clients", {"name": "Ann", "phone": CLIENT})
    bob = await desk.post("clients", {"name": "Bob"})
    (way,) = await desk.get(f"clients/{ann['id']}/ways")
    opening = {
        "id": str(uuid4()),
        "subject": "Your order",
        "client_id": ann["id"],
        "account_id": made["id"],
        "recipient": {**way["recipient"], "handle": "+380 44 123-45-67"},
        "html": "<p>It is ready.</p>",
    }
    first = await desk.post("tickets", opening)
    again = await desk.post("tickets", opening)
    sent = await twilio.next_sent()
    async with desk.live() as live:
        await twilio.write("Thanks")
        await live.next("MessageAdded", preview="Thanks")

    with pytest.raises(RefusedError) as refusal:
        await desk.post("tickets", {**opening, "id": str(uuid4()), "client_id": bob["id"]})
    (ticket,) = (await desk.get("tickets"))["items"]
    assert (sent.to, sent.body, way["templates"]) == (CLIENT, "It is ready.", False)
    assert first["id"] == again["id"] == ticket["id"]
    assert refusal.value.field == "recipient"
    assert len((await desk.get("clients"))["items"]) == 2


async def test_out_of_the_whatsapp_window_a_content_is_sent(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    twilio.contents = [content(), content("draft", status="pending")]
    made = await connected(desk, twilio, "whatsapp")
    await desk.post(f"accounts/{made['id']}/templates/refresh")
    draft, ready = await desk.get("templates", account_id=made["id"])
    ann = await desk.post("clients", {"name": "Ann", "phone": CLIENT})
    (way,) = await desk.get(f"clients/{ann['id']}/ways")
    use = {"id": ready["id"], "values": {"1": "Ann", "2": "42"}}
    opening = {
        "subject": "Your order",
        "client_id": ann["id"],
        "account_id": made["id"],
        "recipient": way["recipient"],
        "html": "",
    }

    chosen = {**use, "id": draft["id"]}
    with pytest.raises(RefusedError, match="not approved"):
        await desk.post("tickets", {**opening, "id": str(uuid4()), "template": chosen})
    await desk.post("tickets", {**opening, "id": str(uuid4()), "template": use})

    sent = await twilio.next_sent()
    assert (sent.to, sent.body) == (f"whatsapp:{CLIENT}", "Hello Ann, your order 42 is ready.")
