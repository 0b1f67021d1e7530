"""A client writes to the WhatsApp number, an agent reads and answers, and both are shown."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.channels.whatsapp.scene import secrets_of, settings_of
from tests.desk_api import DeskApi, RefusedError
from tests.simulators.meta import proof
from tests.simulators.whatsapp import (
    CLIENT,
    CLIENT_ID,
    WhatsAppServer,
    running_whatsapp,
    template,
    words_of,
)
from tests.templates import lay_migrated

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
OTHER = "380671112233"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough: what differs between the two is tested beneath."""
    return lay_migrated(tmp_path / "center.db")


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsAppServer]:
    async with running_whatsapp() as server:
        server.fetches = True
        yield server


def reply(html: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": "reply", "html": html, **more}


async def connected(desk: DeskApi, whatsapp: WhatsAppServer) -> dict[str, Any]:
    """Connect the number, and return once calls of it come here."""
    account = {
        "kind": "whatsapp_cloud",
        "name": "Shop",
        "settings": settings_of(whatsapp),
        "secrets": secrets_of(),
    }
    return await desk.connect(account)


async def test_a_message_is_read_answered_and_its_fate_is_told(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    made = await connected(desk, whatsapp)
    assert whatsapp.hook == str(desk.url / "hooks/whatsapp_cloud" / made["public_key"])
    async with desk.live() as live:
        question = whatsapp.attached("image", PNG, caption="Де вона?")
        assert await whatsapp.push(question) == 200
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        ticket = await desk.get(path)
        await desk.put(f"{path}/read", {"message_id": ticket["messages"][0]["id"]})
        await whatsapp.until_read(question["id"])
        first = await desk.post(f"{path}/messages", reply("<p>Їде <b>вже</b></p>"))
        sent = await whatsapp.next_sent()
        await live.next("MessageStateChanged", message_id=first["id"], state="sent")
        assert await whatsapp.tell(sent, "read") == 200
        await live.next("MessageStateChanged", message_id=first["id"], state="read")
        assert await whatsapp.tell(sent, "delivered") == 200
        thumb = {"message_id": sent["wamid"], "emoji": "👍"}
        assert await whatsapp.push(whatsapp.said("reaction", reaction=thumb)) == 200
        await live.next("MessageAdded", preview="👍")
        thread = (await desk.get(f"{path}/messages"))["items"]
        second = await desk.post(f"{path}/messages", reply("<p>Ще щось?</p>"))
        again = await whatsapp.next_sent()
        failed = [{"code": 131047, "title": "Re-engagement message"}]
        assert await whatsapp.tell(again, "failed", errors=failed) == 200
        state = await live.next("MessageStateChanged", message_id=second["id"], state="failed")

    assert [one["name"] for one in ticket["messages"][0]["attachments"]] == ["photo.jpg"]
    assert (sent["to"], sent["text"]["body"]) == (CLIENT, "Їде вже")
    said = {one["text"]: one for one in thread}
    assert set(said) == {"Де вона?", "Їде вже", "👍"}
    assert (said["Їде вже"]["state"], said["👍"]["automatic"]) == ("read", "reaction")
    assert said["👍"]["answers"] == said["Їде вже"]["id"]
    assert "approved template" in state["data"]["reason"]
    assert whatsapp.read == [question["id"]]


async def test_a_client_without_a_number_a_number_learned_and_a_new_number_are_one_client(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    await connected(desk, whatsapp)
    async with desk.live() as live:
        await whatsapp.write("Hello", hidden=True)
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        await desk.post(f"{path}/messages", reply("<p>Hi</p>"))
        to_id = await whatsapp.next_sent()
        await whatsapp.write("It is me")
        system = {
            "type": "user_changed_number",
            "body": "A new number",
            "wa_id": OTHER,
            "user_id": "UA.2",
        }
        await whatsapp.push(whatsapp.said("system", system=system))
        await live.next("MessageAdded", preview="A new number")
        await desk.post(f"{path}/messages", reply("<p>Noted</p>"))
        to_number = await whatsapp.next_sent()
        whatsapp.ids[OTHER] = "UA.2"
        await whatsapp.write("Thanks", client=OTHER, hidden=True)
        await live.next("MessageAdded", preview="Thanks")

    (client,) = (await desk.get("clients"))["items"]
    page = await desk.get(f"clients/{client['id']}")
    assert (to_id["recipient"], to_number["to"]) == (CLIENT_ID, OTHER)
    assert {one["handle"] for one in page["identities"]} == {
        *(f"+{CLIENT}", CLIENT_ID),
        *(f"+{OTHER}", "UA.2"),
    }
    assert {one["channel"] for one in page["identities"]} == {"whatsapp"}
    assert len((await desk.get("tickets"))["items"]) == 1


async def test_forged_calls_store_nothing_and_a_broken_entry_is_a_dead_letter(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    await connected(desk, whatsapp)
    body = whatsapp.calling(whatsapp.text("Hello"), {"id": 7}, whatsapp.text("Again"))

    trial = (await whatsapp.verify(whatsapp.hook, "guessed"))[0]
    forged = await whatsapp.call(whatsapp.hook, body, proof(body, "0" * 32))
    statuses = [await whatsapp.call(whatsapp.hook, body, proof(body)) for _ in range(3)]

    (ticket,) = (await desk.get("tickets"))["items"]
    thread = (await desk.get(f"tickets/{ticket['id']}/messages"))["items"]
    assert (trial, forged, statuses) == (403, 403, [200, 200, 200])
    assert [one["text"] for one in thread] == ["Hello", "Again"]
    assert len((await desk.get("dead-letters"))["items"]) == 1


async def test_stop_is_obeyed_until_start(desk: DeskApi, whatsapp: WhatsAppServer) -> None:
    await connected(desk, whatsapp)
    async with desk.live() as live:
        await whatsapp.write("Hello")
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        await whatsapp.write("STOP")
        await live.next("MessageAdded", preview="STOP")

        with pytest.raises(RefusedError, match="forbidden"):
            await desk.post(f"{path}/messages", reply("<p>But…</p>"))
        await whatsapp.write("START")
        await live.next("MessageAdded", preview="START")
        await desk.post(f"{path}/messages", reply("<p>Welcome back</p>"))

        assert (await whatsapp.next_sent())["text"]["body"] == "Welcome back"


async def test_out_of_the_window_a_template_is_sent_and_to_a_new_client_it_comes_first(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    whatsapp.templates = [template(), template("sale", "Знижки!", status="PAUSED")]
    account = await connected(desk, whatsapp)
    listed = await desk.post(f"accounts/{account['id']}/templates/refresh", {})
    kept = await desk.get("templates", account_id=account["id"])
    ready, sale = kept
    client = await desk.post("clients", {"name": "Олена", "phone": f"+{CLIENT}"})
    (way,) = await desk.get(f"clients/{client['id']}/ways")
    opening = {
        "subject": "Замовлення",
        "client_id": client["id"],
        "account_id": account["id"],
        "recipient": way["recipient"],
        "html": "",
    }
    values = {"body.1": "Олено", "body.2": "42"}

    with pytest.raises(RefusedError, match="templates"):
        await desk.post("tickets", {**opening, "id": str(uuid4()), "html": "<p>Hi</p>"})
    for chosen in ({"id": sale["id"]}, {"id": ready["id"], "values": {"body.1": "x"}}):
        with pytest.raises(RefusedError) as refusal:
            await desk.post("tickets", {**opening, "id": str(uuid4()), "template": chosen})
        assert refusal.value.field == "template"
    use = {"id": ready["id"], "values": values}
    made = await desk.post("tickets", {**opening, "id": str(uuid4()), "template": use})
    sent = await whatsapp.next_sent()
    await whatsapp.write("Дякую")
    thread = (await desk.get(f"tickets/{made['id']}/messages"))["items"]
    plan = await desk.get(f"tickets/{made['id']}/reply-plan")

    assert (listed["count"], [one["usable"] for one in kept]) == (2, [True, False])
    assert [one["key"] for one in ready["variables"]] == ["body.1", "body.2"]
    assert (way["templates"], way["recipient"]["handle"]) == (True, f"+{CLIENT}")
    assert (sent["type"], sent["template"]["name"], sent["to"]) == (
        *("template", "order_ready"),
        CLIENT,
    )
    words = {one["kind"]: one["text"] for one in thread}
    assert words == {
        "outbound": "Вітаємо, Олено! Замовлення 42 готове.",
        "inbound": "Дякую",
    }
    assert len((await desk.get("clients"))["items"]) == 1
    assert plan["route"]["templates"] is True


async def test_quick_replies_are_buttons_and_a_press_is_an_answer(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    await connected(desk, whatsapp)
    async with desk.live() as live:
        await whatsapp.write("Hello")
        opened = await live.next("TicketOpened")
        path = f"tickets/{opened['ticket_id']}"
        await desk.post(f"{path}/messages", reply("<p>Good? [[Yes]] [[No]]</p>"))
        sent = await whatsapp.next_sent()
        press = {"type": "button_reply", "button_reply": {"id": "choice-0", "title": "Yes"}}
        context = {"id": sent["wamid"]}
        await whatsapp.push(whatsapp.said("interactive", interactive=press, context=context))
        await live.next("MessageAdded", preview="Yes")

    assert words_of(sent) == "Good?\n[ Yes ]\n[ No ]"
