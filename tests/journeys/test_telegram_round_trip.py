"""A client writes to the bot, an agent answers in the console's words, the client reads it once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk_api import DeskApi, RefusedError, reply
from tests.simulators.telegram import TOKEN, TelegramServer, running_telegram
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with running_telegram() as server:
        yield server


def account(telegram: TelegramServer, **settings: Any) -> dict[str, Any]:
    return {
        "kind": "telegram",
        "name": "Shop bot",
        "settings": {"api_url": telegram.url, **settings},
        "secrets": {"bot_token": TOKEN},
    }


async def connected(desk: DeskApi, telegram: TelegramServer, **settings: Any) -> dict[str, Any]:
    return await desk.connect(account(telegram, **settings))


async def test_a_message_is_offered_answered_and_arrives_once(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    await connected(desk, telegram)
    async with desk.live() as live:
        await desk.available()
        asked = await telegram.write("Where is my parcel?")

        offer = await live.next("OfferMade")
        work = await desk.get("work")
        assert work["offers"][0]["contact"]["channel"] == "telegram"
        contact = await desk.post(f"offers/{offer['data']['offer_id']}/accept")
        path = f"tickets/{contact['ticket_id']}"
        ticket = await desk.get(path)
        assert ticket["messages"][0]["text"] == "Where is my parcel?"
        plan = await desk.get(f"{path}/reply-plan")
        assert plan["route"]["recipient"] == {"handle": "7001", "name": "Ann"}
        assert plan["route"]["limits"]["text_chars"] == 16_384
        upload = await desk.upload("label.png", PNG)
        sent = await desk.post(
            f"{path}/messages",
            reply("<p>On its <b>way</b></p>", attachment_ids=[upload["id"]], set_status="waiting"),
        )
        await live.next("MessageStateChanged", message_id=sent["id"], state="sent")
        await telegram.until_confirmed(asked["update_id"])

        again = await telegram.write("Thank you")
        joined = await live.next("MessageAdded", kind="inbound", preview="Thank you")
        await telegram.until_confirmed(again["update_id"])

    answer = await telegram.next_sent()
    assert (answer.chat, answer.text) == (7001, "On its way")
    assert answer.files == [("label.png", PNG)]
    assert len(telegram.sent) == 1
    assert joined["ticket_id"] == contact["ticket_id"]
    (client,) = (await desk.get("clients"))["items"]
    assert client["name"] == "Ann"


async def test_a_formatted_question_with_buttons_is_answered_by_a_press(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    await connected(desk, telegram)
    bold = {"type": "bold", "offset": 0, "length": 5}
    async with desk.live() as live:
        await telegram.write("Hello & <i>", entities=[bold])
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        (first,) = (await desk.get(f"{path}/messages"))["items"]
        _, _, shown = await desk.raw("GET", f"/api/v1/messages/{first['id']}/html")
        pulse = {"type": "typing", "ticket_id": opened["ticket_id"], "typing": True}
        await live.socket.send_json(pulse)
        await live.socket.send_json(pulse)
        await telegram.until_asked("sendChatAction")
        question = "<p>Did it <b>come</b>?</p><p>[[Yes]] [[Not yet]]</p>"
        preview = await desk.post(f"{path}/preview", {"html": question})
        await desk.post(f"{path}/messages", reply(question))
        asked = await telegram.next_sent()
        pressed = await telegram.press(asked, "Not yet")
        await live.next("MessageAdded", kind="inbound", preview="Not yet")
        await telegram.until_confirmed(pressed["update_id"])

    assert telegram.shown == [(7001, "typing")]
    assert first["has_html"]
    assert b"<b>Hello</b> &amp; &lt;i&gt;" in shown
    assert "Did it <b>come</b>?" in preview["html"]
    assert (asked.text, asked.looks[0]["type"]) == ("Did it come?", "bold")
    assert telegram.answered == [pressed["callback_query"]["id"]]


async def test_what_telegram_cannot_carry_is_refused_before_it_is_promised(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    await connected(desk, telegram)
    async with desk.live() as live:
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
    path = f"tickets/{opened['ticket_id']}/messages"
    upload = await desk.upload("label.png", PNG)

    with pytest.raises(RefusedError, match="at most 16,384 characters") as long:
        await desk.post(path, reply("x" * 16_385))
    with pytest.raises(RefusedError, match="send the files in a message of their own") as beside:
        await desk.post(path, reply("x" * 1_025, attachment_ids=[upload["id"]]))

    assert (long.value.status, long.value.field) == (422, "html")
    assert beside.value.status == 422
    assert len((await desk.get(path))["items"]) == 1
    assert telegram.sent == []


async def test_a_pause_is_obeyed_and_a_blocked_bot_is_said_on_the_message(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    await connected(desk, telegram)
    telegram.fail("sendMessage", status=429, description="Too Many Requests", retry_after=1)
    async with desk.live() as live:
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}/messages"
        first = await desk.post(path, reply("Hi"))
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")
        telegram.blocked.add(7001)
        second = await desk.post(path, reply("Still there?"))
        failed = await live.next("MessageStateChanged", message_id=second["id"], state="failed")

        plan = await desk.get(f"tickets/{opened['ticket_id']}/reply-plan")
        (client,) = (await desk.get("clients"))["items"]
        shut = await desk.get(f"clients/{client['id']}")
        telegram.blocked.clear()
        await telegram.write("I am back")
        await live.next("MessageAdded", kind="inbound", preview="I am back")
        back = await desk.get(f"clients/{client['id']}")

    assert plan["warnings"] == ["client_gone"]
    assert "blocked the bot" in shut["identities"][0]["unreachable"]
    assert back["identities"][0]["unreachable"] is None
    assert telegram.asked.count("sendMessage") == 3
    assert [one.text for one in telegram.sent] == ["Hi"]
    assert "has blocked the bot" in failed["data"]["reason"]


async def test_an_answer_whose_fate_is_unknown_is_not_sent_twice(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    await connected(desk, telegram)
    telegram.fail("sendMessage", cut="after")
    async with desk.live() as live:
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
        sent = await desk.post(f"tickets/{opened['ticket_id']}/messages", reply("Hi"))
        doubt = await live.next("MessageStateChanged", message_id=sent["id"], state="uncertain")

    assert "may have this message" in doubt["data"]["reason"]
    assert len(telegram.sent) == 1


async def test_a_webhook_proves_itself_is_acknowledged_after_the_commit_and_stores_once(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    made = await connected(desk, telegram, receiving="webhook")
    url = str(desk.url / "hooks/telegram" / made["public_key"])
    assert telegram.hook.url == url
    body = b'{"update_id":1,"message":%s}' % _message("Hello")

    forged = [
        await telegram.call_hook(body, secret="guessed"),
        await telegram.call_hook(body, secret=""),
        await telegram.call_hook(body, url=url.replace("telegram", "mail")),
        await telegram.call_hook(body, url=url + "x"),
        await telegram.call_hook(b"x" * 2_000_000),
    ]
    taken = await asyncio.gather(*(telegram.call_hook(body) for _ in range(20)))
    unread = await telegram.call_hook(b"\xff{nothing")

    assert forged == [403, 403, 404, 404, 422]
    assert set(taken) == {200}
    assert unread == 200
    page = await desk.get("tickets")
    assert [one["subject"] for one in page["items"]] == ["Hello"]
    (dead,) = (await desk.get("dead-letters"))["items"]
    assert "not" in dead["error"]
    _, _, metrics = await desk.raw("GET", "metrics")
    assert b'contact_center_hooks_refused_total{channel="telegram"} 2.0' in metrics


async def test_switching_between_webhook_and_polling_loses_and_doubles_nothing(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    made = await connected(desk, telegram)
    async with desk.live() as live:
        first = await telegram.write("By asking")
        await telegram.until_confirmed(first["update_id"])
        hooked = await desk.patch(
            f"accounts/{made['id']}",
            {
                "version": made["version"],
                "settings": {"api_url": telegram.url, "receiving": "webhook"},
            },
        )
        await telegram.until_asked("setWebhook")
        telegram.waiting[first["update_id"]] = first  # as if it came both ways
        await telegram.write("By being called")
        assert await telegram.push() == [200, 200]
        await desk.patch(
            f"accounts/{made['id']}",
            {"version": hooked["version"], "settings": {"api_url": telegram.url}},
        )
        last = await telegram.write("By asking again")
        await live.next("MessageAdded", kind="inbound", preview="By asking again")
        await telegram.until_confirmed(last["update_id"])

    (ticket,) = (await desk.get("tickets"))["items"]
    thread = await desk.get(f"tickets/{ticket['id']}/messages")
    assert [one["text"] for one in thread["items"]] == [
        "By asking",
        "By being called",
        "By asking again",
    ]


async def test_only_the_bot_that_a_client_wrote_to_can_write_to_them(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    mine = await connected(desk, telegram)
    async with running_telegram() as another, desk.live() as live:
        await connected(desk, another)
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
        plan = await desk.get(f"tickets/{opened['ticket_id']}/reply-plan")
        await another.write("Hello there")
        await live.next("TicketOpened")
        both = await desk.get(f"tickets/{opened['ticket_id']}/reply-plan")

    assert [one["account_id"] for one in plan["routes"]] == [mine["id"]]
    assert len(both["routes"]) == 2


async def test_the_connection_test_says_whose_bot_it_is_or_what_is_wrong(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    telegram.hook.url = "https://elsewhere.example/bot"
    good = await desk.post("accounts/check", _check(telegram, TOKEN))
    bad = await desk.post("accounts/check", _check(telegram, "123456789:" + "x" * 35))
    torn = await desk.post("accounts/check", _check(telegram, "123456"))

    assert good["ok"]
    assert good["steps"][0]["detail"] == "Shop (@shop_bot)"
    assert "elsewhere.example" in good["steps"][1]["detail"]
    assert not bad["ok"]
    assert "@BotFather" in bad["steps"][0]["cure"]
    assert "this is no bot token" in torn["steps"][0]["detail"]
    assert telegram.hook.url == "https://elsewhere.example/bot"


def _check(telegram: TelegramServer, token: str) -> dict[str, Any]:
    settings = {"api_url": telegram.url}
    return {"kind": "telegram", "settings": settings, "secrets": {"bot_token": token}}


def _message(text: str) -> bytes:
    return (
        b'{"message_id":5,"date":1893456000,"chat":{"id":9,"type":"private"},'
        b'"from":{"id":9,"is_bot":false,"first_name":"Bo"},"text":"%s"}' % text.encode()
    )
