"""What WhatsApp tells is believed only when signed, each event by itself, whoever it is about."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.envelope import Automatic, HookCall, Inbound, Reach, Report, Status
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from channels.whatsapp.connector import WhatsAppConnector
from channels.whatsapp.troubles import Action, known_codes, trouble_of
from tests.channels.scene import Desk, surroundings
from tests.channels.whatsapp.scene import account, called
from tests.simulators.whatsapp import CLIENT_ID, MEDIA, NUMBER, WhatsAppServer

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
OGG = b"OggS" + bytes(24) + b"OpusHead" + bytes(40)
PHONE = "+380501112233"


async def told(
    number: WhatsAppConnector, desk: Desk, server: WhatsAppServer, *messages: Any, **more: Any
) -> list[Any]:
    await number.receive(called(server.calling(*messages, **more)), desk.deliver)
    answers = await number.read(list(desk.stored.values()))
    return [one for answer in answers if not isinstance(answer, Exception) for one in answer]


async def test_a_text_comes_from_a_number_that_every_whatsapp_writes_alike(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    quoting = server.text("Де посилка?", context={"id": "wamid.0", "from": "380"})

    (one,) = await told(number, stored, server, quoting)

    assert isinstance(one, Inbound)
    assert (one.sender.handle, one.sender.name, one.text) == (PHONE, "Олена", "Де посилка?")
    assert (one.also, one.references) == ((CLIENT_ID,), ("wamid.0",))
    assert one.sent_at == datetime(2030, 1, 1, tzinfo=UTC)


async def test_who_hides_the_number_is_known_by_the_business_scoped_id(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    (one,) = await told(number, stored, server, server.text("Hello", hidden=True))

    assert (one.sender.handle, one.sender.name, one.also) == (CLIENT_ID, "Олена", ())


async def test_a_call_of_several_people_gives_each_their_own_name(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    server.names["447700900123"] = "Ann"

    olena, ann = await told(
        number, stored, server, server.text("один"), server.text("two", client="447700900123")
    )

    assert (olena.sender.name, ann.sender.name) == ("Олена", "Ann")
    assert ann.sender.handle == "+447700900123"


@pytest.mark.parametrize("at", range(3), ids=["first", "middle", "last"])
async def test_one_broken_message_of_a_call_spoils_none_of_its_neighbours(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk, at: int
) -> None:
    messages: list[Any] = [server.text("before"), server.text("after")]
    messages.insert(at, {"id": 7, "from": {"no": "number"}})
    body = server.calling(*messages, statuses=[{"id": []}, server.told("wamid.1", "read")])

    await number.receive(called(body), stored.deliver)
    await number.receive(called(body), stored.deliver)

    answers = await number.read(list(stored.stored.values()))
    broken = [one for one in answers if isinstance(one, Exception)]
    texts = [one.text for one in await stored.said(number)]
    assert (len(answers), len(broken), texts) == (5, 2, ["before", "after"])
    assert all(isinstance(one, UnreadableDeliveryError) for one in broken)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-hub-signature-256": "sha256="}, {"x-hub-signature-256": "sha256=ї"}],
    ids=["none", "empty", "letters"],
)
async def test_a_call_that_proves_nothing_stores_nothing(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk, headers: dict[str, str]
) -> None:
    call = HookCall(headers=headers, body=server.calling(server.text("Hello")))

    with pytest.raises(UnsignedCallError):
        await number.receive(call, stored.deliver)

    assert stored.stored == {}


async def test_other_numbers_and_other_matters_are_passed_over(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    other = server.calling(server.text("Hello"), number="7")
    matter = b'{"entry":[{"changes":[{"field":"account_update","value":{"event":"X"}}]}]}'

    await number.receive(called(other), stored.deliver)
    await number.receive(called(matter), stored.deliver)

    assert stored.stored == {}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"kind": "button", "button": {"text": "Так", "payload": "yes"}}, "Так"),
        (
            {"kind": "interactive", "interactive": {"button_reply": {"id": "1", "title": "Ні"}}},
            "Ні",
        ),
        (
            {
                "kind": "interactive",
                "interactive": {"list_reply": {"id": "1", "title": "Доставка"}},
            },
            "Доставка",
        ),
        (
            {"kind": "interactive", "interactive": {"nfm_reply": {"body": "Sent", "name": "f"}}},
            "Sent",
        ),
        (
            {
                "kind": "contacts",
                "contacts": [
                    {"name": {"formatted_name": "Taras"}, "phones": [{"phone": "+380 67"}]}
                ],
            },
            "Taras, +380 67",
        ),
        (
            {
                "kind": "text",
                "text": {"body": "Hi"},
                "referral": {"headline": "Sale", "source_url": "https://fb.example/1"},
            },
            "Hi\n[Sale https://fb.example/1]",
        ),
        ({"kind": "order", "order": {"catalog_id": "1"}}, "[order]"),
        ({"kind": "unsupported", "errors": [{"code": 131051}]}, "[unsupported]"),
    ],
    ids=["button", "reply", "list", "form", "contact", "advertisement", "order", "unknown"],
)
async def test_what_is_no_plain_text_comes_in_readable_words(
    number: WhatsAppConnector,
    server: WhatsAppServer,
    stored: Desk,
    message: dict[str, Any],
    words: str,
) -> None:
    (one,) = await told(number, stored, server, server.said(**message))

    assert one.text == words
    assert one.automatic is None


async def test_a_place_comes_with_a_link_to_the_map(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    at = {"latitude": 50.45, "longitude": 30.52, "name": "Shop", "address": "Khreshchatyk 1"}

    (one,) = await told(number, stored, server, server.said("location", location=at))

    assert one.text.splitlines()[:3] == ["Shop", "Khreshchatyk 1", "50.450000, 30.520000"]


async def test_files_are_asked_for_by_id_and_fetched_once(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    picture = server.attached("image", PNG, caption="Це воно")
    voice = server.attached("audio", OGG, voice=True)
    bill = server.attached("document", b"%PDF-1.7", filename="Рахунок.pdf")
    sticker = server.attached("sticker", b"RIFF\x00\x00\x00\x00WEBPVP8 ")
    await told(number, stored, server, picture, voice, bill, sticker)

    said = await told(number, stored, server, picture, voice, bill, sticker)

    names = [one.files[0].name for one in said]
    assert names == ["photo.jpg", "voice.ogg", "Рахунок.pdf", "sticker.webp"]
    assert (said[0].text, stored.files[said[0].files[0].blob]) == ("Це воно", PNG)
    assert server.asked.count(MEDIA) == 4


@pytest.mark.parametrize(
    ("host", "problem"),
    [("http://169.254.169.254", "file_refused"), ("http://localhost:1", "file_refused")],
)
async def test_the_token_is_shown_to_no_host_but_the_providers(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk, host: str, problem: str
) -> None:
    server.media_host = host

    (one,) = await told(number, stored, server, server.attached("image", PNG))

    assert (one.text, one.warnings, one.files) == ("[photo.jpg]", (problem,), ())


async def test_a_file_that_is_gone_is_named_in_the_text(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    lost = server.said("image", image={"id": "404", "caption": "Look"})
    odd = server.said("image", image={"id": "../me"})

    one, other = await told(number, stored, server, lost, odd)

    assert (one.text, one.warnings) == ("Look\n[photo.jpg]", ("file_missing",))
    assert other.warnings == ("file_refused",)


async def test_a_reaction_stands_on_its_message_and_asks_nobody(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    thumb = server.said("reaction", reaction={"message_id": "wamid.9", "emoji": "👍"})
    none = server.said("reaction", reaction={"message_id": "wamid.9"})

    liked, unliked = await told(number, stored, server, thumb, none)

    assert (liked.text, liked.references) == ("👍", ("wamid.9",))
    assert (unliked.text, unliked.automatic) == ("—", Automatic.REACTION)


async def test_another_number_is_another_name_of_the_same_client(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    system = {
        "type": "user_changed_number",
        "body": "Олена has a new number",
        "wa_id": "380671112233",
        "user_id": "UA.999",
    }
    other = server.said("system", system={"type": "customer_identity_changed", "body": "key"})

    found = await told(number, stored, server, server.said("system", system=system), other)

    moved, *reaches = found
    assert (moved.sender.handle, moved.automatic) == ("+380671112233", Automatic.MOVED)
    assert moved.also == ("UA.999", PHONE, CLIENT_ID)
    assert [(one.handle, bool(one.unreachable)) for one in reaches] == [
        (PHONE, True),
        (CLIENT_ID, True),
    ]


async def test_stop_and_start_hold_for_both_names(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    found = await told(number, stored, server, server.text("СТОП"), server.text("start"))

    said = [one for one in found if isinstance(one, Inbound)]
    reaches = [(one.handle, one.opted_out) for one in found if isinstance(one, Reach)]
    assert [one.automatic for one in said] == [Automatic.COMMAND, Automatic.COMMAND]
    assert reaches == [(PHONE, True), (CLIENT_ID, True), (PHONE, False), (CLIENT_ID, False)]


async def test_what_became_of_a_message_is_told_in_words(
    number: WhatsAppConnector, server: WhatsAppServer, stored: Desk
) -> None:
    ours = "01890000-0000-7000-8000-000000000001"
    failed = {"code": 131047, "title": "x", "error_data": {"details": "More than 24 hours"}}
    gone = {"code": 131026, "message": "Message undeliverable"}
    statuses = [
        server.told("wamid.1", "read", biz_opaque_callback_data=ours),
        server.told("wamid.1", "sent"),
        server.told("wamid.1", "delivered", biz_opaque_callback_data="not ours"),
        server.told("wamid.2", "played"),
        server.told("wamid.3", "failed", errors=[failed]),
        server.told("wamid.4", "failed", errors=[gone], recipient_user_id=CLIENT_ID),
        server.told("wamid.5", "warming up"),
    ]

    found = await told(number, stored, server, statuses=statuses)

    reports = [one for one in found if isinstance(one, Report)]
    assert [(one.thread_key, one.status) for one in reports] == [
        ("wamid.1", Status.READ),
        ("wamid.1", Status.SENT),
        ("wamid.1", Status.DELIVERED),
        ("wamid.2", Status.READ),
        ("wamid.3", Status.FAILED),
        ("wamid.4", Status.FAILED),
    ]
    assert (str(reports[0].claimed_id), reports[2].claimed_id) == (ours, None)
    assert "approved template" in reports[4].reason
    assert reports[4].reason.endswith("(131047)")
    reaches = [one for one in found if isinstance(one, Reach)]
    assert [one.handle for one in reaches] == [PHONE, CLIENT_ID]


def test_every_known_code_has_words_and_an_unknown_one_keeps_whatsapps() -> None:
    sentences = {code: trouble_of(code).words for code in known_codes()}

    unknown = trouble_of(139999, "Call +380501112233 about it")

    assert all(words.endswith(f"({code})") for code, words in sentences.items())
    assert (unknown.action, unknown.words) == (
        Action.FAILED,
        "WhatsApp did not deliver it: Call … about it (139999)",
    )
    assert "(0)" not in trouble_of(0).words


RECORDED = {
    "documented text": (
        {
            "from": "16505551234",
            "id": "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA=",
            "timestamp": "1603059201",
            "text": {"body": "Hello this is an answer"},
            "type": "text",
        },
        "Hello this is an answer",
    ),
    "username, no number": (
        {
            "from_user_id": "US.13491208655302741918",
            "from_parent_user_id": "US.ENT.11815799212886844830",
            "id": "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgB=",
            "timestamp": "1774944000",
            "text": {"body": "Is it in stock?"},
            "type": "text",
        },
        "Is it in stock?",
    ),
    "voice note": (
        {
            "from": "16505551234",
            "id": "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgC=",
            "timestamp": "1603059201",
            "type": "audio",
            "audio": {
                "mime_type": "audio/ogg; codecs=opus",
                "sha256": "JKl3Q0r1mMZ8uC6z4o3l2l1cR6b1t1O0vB1Q9o8hX0s=",
                "id": "404404404",
                "voice": True,
            },
        },
        "[voice.ogg]",
    ),
}


@pytest.mark.parametrize("name", RECORDED)
async def test_calls_as_the_documentation_shows_them_are_understood(
    number: WhatsAppConnector, stored: Desk, name: str
) -> None:
    message, words = RECORDED[name]
    user = {"profile": {"name": "Kerry Fisher", "username": "@kerry"}, "user_id": "US.1"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{**user, "wa_id": "16505551234"}],
        "messages": [message],
    }
    entry = {"id": "8856996819413533", "changes": [{"value": value, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    await number.receive(called(body), stored.deliver)

    (one,) = await stored.said(number)
    assert one.text == words


async def test_without_hosts_a_file_stays_where_it_is(server: WhatsAppServer) -> None:
    desk = Desk()
    async with WhatsAppConnector(account(server, media_hosts=[]), surroundings(desk)) as strict:
        (one,) = await told(strict, desk, server, server.attached("image", PNG))

    assert one.warnings == ("file_refused",)
