"""Who begins to write is greeted with a menu: buttons where there are any, else numbered lines."""

from typing import Any
from uuid import uuid4

import pytest

from tests.desk_api import DeskApi, RefusedError, reply
from tests.journeys import test_sms_round_trip as by_sms
from tests.journeys import test_telegram_round_trip as by_telegram
from tests.journeys import test_whatsapp_round_trip as by_whatsapp
from tests.journeys.messengers import Heard, opened
from tests.simulators.telegram import TelegramServer
from tests.simulators.twilio import TwilioServer
from tests.simulators.whatsapp import WhatsAppServer, words_of

pytestmark = pytest.mark.slow


database_url = by_telegram.database_url
telegram = by_telegram.telegram
twilio = by_sms.twilio
whatsapp = by_whatsapp.whatsapp


async def a_menu(desk: DeskApi, account: dict[str, Any]) -> dict[str, Any]:
    """Draw a flow of the account that serves it; return the queue behind its first option."""
    sales: dict[str, Any] = await desk.post("queues", {"name": "Sales"})
    labels = {
        "1": {"en": "Sales", "uk": "Продаж"},
        "2": {"en": "Opening hours", "uk": "Години роботи"},
    }
    menu = {
        "kind": "menu",
        "id": "menu",
        "text": {"en": "What is it about?", "uk": "Про що йдеться?"},
        "choices": {"1": "sales", "2": "hours"},
        "labels": labels,
        "otherwise": "sales",
    }
    nodes = [
        {"kind": "greeting", "id": "hello", "text": {"en": "Welcome."}, "next": "menu"},
        menu,
        {"kind": "queue", "id": "sales", "queue_id": sales["id"]},
        {"kind": "announcement", "id": "hours", "text": {"en": "From nine to five."}},
    ]
    flow = {"start": "hello", "languages": ["en", "uk"], "nodes": nodes}
    body = {"flow": flow, "version": 0, "serves": [account["id"]]}
    await desk.put(f"accounts/{account['id']}/flow", body)
    return sales


async def test_on_telegram_the_options_are_buttons_and_a_press_leads_to_its_queue(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    sales = await a_menu(desk, await by_telegram.connected(desk, telegram))
    async with desk.live() as live:
        await telegram.write("Hello")
        opened = await live.next("TicketOpened")
        asked = await telegram.next_sent()
        buttons = [words for words, _ in asked.buttons]
        await telegram.press(asked, "Продаж")
        chosen = await live.next("QueueChosen")
        thanked = await telegram.next_sent()
        await live.next("MessageStateChanged", state="sent")

    path = f"tickets/{opened['ticket_id']}"
    thread = (await desk.get(path))["messages"]
    history = await desk.get(f"{path}/history")
    assert asked.text == "Welcome.\n\nПро що йдеться?"
    assert buttons == ["Продаж", "Години роботи"]
    assert thanked.text == "Дякуємо. Ми відповімо вам тут."
    assert (chosen["queue_id"], chosen["data"]["choice"]) == (sales["id"], "Продаж")
    assert [(one["automatic"], one["choice"]) for one in thread] == [
        (None, None),
        ("menu", None),
        (None, "Продаж"),
        ("menu", None),
    ]
    assert "QueueChosen" in {one["kind"] for one in history["items"]}
    (contact,) = (await desk.get("contacts", queue_id=sales["id"]))["items"]
    why = (await desk.get(f"contacts/{contact['id']}/why"))["sentences"]
    assert why[0]["text"] == "The client chose “Продаж” in the menu"
    assert contact["chosen"] == "Продаж"


async def test_on_whatsapp_the_options_are_buttons_and_a_press_leads_to_its_queue(
    desk: DeskApi, whatsapp: WhatsAppServer
) -> None:
    sales = await a_menu(desk, await by_whatsapp.connected(desk, whatsapp))
    async with desk.live() as live:
        await whatsapp.write("Hello")
        asked = await whatsapp.next_sent()
        press = {"type": "button_reply", "button_reply": {"id": "choice-0", "title": "Sales"}}
        context = {"id": asked["wamid"]}
        await whatsapp.push(whatsapp.said("interactive", interactive=press, context=context))
        chosen = await live.next("QueueChosen")
        thanked = await whatsapp.next_sent()

    words = words_of(asked)
    assert words == "Welcome.\n\nWhat is it about?\n[ Sales ]\n[ Opening hours ]"
    assert chosen["queue_id"] == sales["id"]
    assert words_of(thanked) == "Thank you. We will answer you here."


async def test_by_sms_the_options_are_numbered_and_a_number_leads_on(
    desk: DeskApi, twilio: TwilioServer
) -> None:
    sales = await a_menu(desk, await by_sms.connected(desk, twilio))
    async with desk.live() as live:
        await by_sms.asked(twilio, live)
        asked = await twilio.next_sent()
        await twilio.write("2")
        told = await twilio.next_sent()
        await twilio.write("1")
        chosen = await live.next("QueueChosen")

    assert asked.body == "Welcome.\n\nWhat is it about?\n\n1. Sales\n2. Opening hours"
    assert told.body == "From nine to five.\n\n1. Sales\n2. Opening hours"
    assert chosen["queue_id"] == sales["id"]


IN_ENGLISH = ("Welcome.\n\nWhat is it about?", ["Sales", "Opening hours"])
IN_UKRAINIAN = ("Welcome.\n\nПро що йдеться?", ["Продаж", "Години роботи"])
AS_LINES: Heard = ("Welcome.\n\nWhat is it about?\n\n1. Sales\n2. Opening hours", [])
THANKS = {
    "Sales": "Thank you. We will answer you here.",
    "Продаж": "Дякуємо. Ми відповімо вам тут.",
}


@pytest.mark.parametrize("by_number", [False, True], ids=["by its words", "by its number"])
@pytest.mark.parametrize(
    ("kind", "menu", "words"),
    [
        ("viber", IN_UKRAINIAN, "Продаж"),
        ("messenger", IN_ENGLISH, "Sales"),
        ("line", IN_UKRAINIAN, "Продаж"),
        ("custom", AS_LINES, "Sales"),
    ],
    ids=["viber", "messenger", "line", "custom"],
)
async def test_a_choice_leads_to_its_queue_at_the_old_place_and_an_agent_answers(
    desk: DeskApi, kind: str, menu: Heard, words: str, *, by_number: bool
) -> None:
    async with opened(desk, kind) as messenger, desk.live() as live:
        (account,) = await desk.get("accounts")
        sales = await a_menu(desk, account)
        await messenger.write("Hello")
        begun = await live.next("TicketOpened")
        asked = await messenger.heard()
        (before,) = (await desk.get("contacts"))["items"]
        await messenger.write("1" if by_number else words)
        chosen = await live.next("QueueChosen")
        thanked = await messenger.heard()
        path = f"tickets/{begun['ticket_id']}/messages"
        await desk.post(path, reply("<p>On its way</p>"))
        answered = await messenger.heard()

    (after,) = (await desk.get("contacts", state="closed"))["items"]
    assert asked == menu
    assert thanked == (THANKS[words], [])
    assert answered == ("On its way", [])
    assert (chosen["queue_id"], chosen["data"]["choice"]) == (sales["id"], words)
    assert before["queue_id"] != sales["id"]
    assert (after["id"], after["queue_id"]) == (before["id"], sales["id"])
    assert after["virtual_arrival"] == before["virtual_arrival"]


async def test_what_a_messenger_does_not_carry_is_warned_of_saved_and_said_in_parts(
    desk: DeskApi,
) -> None:
    words = " ".join(["Вітаємо у крамниці."] * 40)
    async with opened(desk, "instagram") as messenger:
        (account,) = await desk.get("accounts")
        await a_menu(desk, account)
        path = f"accounts/{account['id']}/flow"
        kept = await desk.get(path)
        kept["flow"]["nodes"][0]["text"] = {"en": words}
        body = {"flow": kept["flow"], "version": kept["version"], "serves": [account["id"]]}
        saved = await desk.put(path, body)
        await messenger.write("Hello")
        *parts, menu = [await messenger.heard() for _ in range(3)]

    (warned,) = saved["problems"]
    assert (warned["node"], warned["field"], warned["warns"]) == ("hello", "text.en", True)
    facts = {"channel": "instagram", "language": "en", "most": "1000", "has": "1439"}
    assert (warned["code"], warned["facts"]) == ("text_too_long_bytes", facts)
    assert " ".join(text for text, _ in parts) == words
    assert menu == ("What is it about?", ["Sales", "Opening hours"])


async def test_who_has_said_stop_gets_no_menu(desk: DeskApi, twilio: TwilioServer) -> None:
    await a_menu(desk, await by_sms.connected(desk, twilio))
    async with desk.live() as live:
        await twilio.write("STOP")
        await live.next("ClientChanged")
        await twilio.write("What?")
        await live.next("MessageAdded", preview="What?")
        await twilio.write("START")
        await live.next("ClientChanged")

    assert twilio.sent == []


async def test_a_menu_is_tried_without_anybody_and_serves_messengers_only(
    desk: DeskApi, telegram: TelegramServer
) -> None:
    bot = await by_telegram.connected(desk, telegram)
    sales = await a_menu(desk, bot)
    path = f"accounts/{bot['id']}/flow"
    kept = await desk.get(path)
    body = {"flow": kept["flow"], "version": kept["version"], "serves": [str(uuid4())]}

    tried = await desk.post(f"{path}/try-written", {"answers": ["2", "Why?", "1"]})
    with pytest.raises(RefusedError, match="messenger accounts only") as refused:
        await desk.put(path, body)
    kept["flow"]["nodes"][1]["labels"].pop("2")
    with pytest.raises(RefusedError, match="key 2 has no words"):
        await desk.put(path, {**body, "flow": kept["flow"], "serves": [bot["id"]]})

    turns = [(one["wrote"], one["chose"], one["says"]) for one in tried["turns"]]
    assert turns == [
        ("", "", "Welcome.\n\nWhat is it about?"),
        ("2", "Opening hours", "From nine to five."),
        ("Why?", "", ""),
        ("1", "Sales", "Thank you. We will answer you here."),
    ]
    assert tried["turns"][-1]["queue_id"] == sales["id"]
    assert (refused.value.status, refused.value.field) == (422, "serves")
    assert telegram.sent == []
