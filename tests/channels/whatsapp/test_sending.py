"""An answer leaves as one request at the number's pace, and what WhatsApp says is understood."""

import asyncio
from typing import Any

import pytest

from channels.envelope import Outbound, Party, TemplateUse
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.whatsapp.connector import WhatsAppConnector
from kernel.limits import (
    TEMPLATE_PAGE,
    WHATSAPP_FILE_BYTES,
    WHATSAPP_PICTURE_BYTES,
    WHATSAPP_TEXT_CHARS,
)
from tests.channels.scene import Desk, answer
from tests.channels.whatsapp.scene import made
from tests.clock import ManualClock
from tests.simulators.meta import fault
from tests.simulators.whatsapp import CLIENT, CLIENT_ID, SEND, TEMPLATES, WhatsAppServer, template

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PICTURE = ("a.png", "image/png", PNG)
BILL = ("Рахунок.pdf", "application/pdf", b"%PDF-1.7")
SOUND = ("a.ogg", "audio/ogg", b"OggS")


def to_olena(
    text: str = "On its way.",
    *files: tuple[str, str, bytes],
    handle: str = f"+{CLIENT}",
    **more: Any,
) -> Outbound:
    return answer(text, *files, recipient=Party(handle=handle, name="Олена"), **more)


async def test_a_text_arrives_and_the_receipt_names_it_for_ever(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    message = to_olena("Їде <b>&")

    receipt = await number.send(message)

    (sent,) = server.sent
    assert (sent["to"], sent["text"]["body"]) == (CLIENT, "Їде <b>&")
    assert sent["biz_opaque_callback_data"] == str(message.key)
    assert receipt.external_id == sent["wamid"]


async def test_who_has_no_number_is_written_to_by_their_id(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    await number.send(to_olena(handle=CLIENT_ID))

    (sent,) = server.sent
    assert (sent["recipient"], sent.get("to")) == (CLIENT_ID, None)


@pytest.mark.parametrize(
    ("file", "text", "kind", "more"),
    [
        (PICTURE, "Це воно", "image", {"caption": "Це воно"}),
        (BILL, "", "document", {"filename": "Рахунок.pdf"}),
        (SOUND, "", "audio", {}),
        (("a.mp4", "video/mp4", b"x"), "", "video", {}),
        (("b.png", "image/png", bytes(WHATSAPP_PICTURE_BYTES + 1)), "", "document", {}),
    ],
    ids=["picture", "document", "sound", "film", "large picture"],
)
async def test_a_file_goes_as_what_it_is(
    number: WhatsAppConnector,
    server: WhatsAppServer,
    file: tuple[str, str, bytes],
    text: str,
    kind: str,
    more: dict[str, str],
) -> None:
    await number.send(to_olena(text, file))

    (sent,) = server.sent
    assert sent["type"] == kind
    assert sent[kind]["link"].startswith("http://127.0.0.1:8080/lent/")
    assert more.items() <= sent[kind].items()


@pytest.mark.parametrize(
    ("choices", "kind"),
    [
        (("Так", "Ні"), "button"),
        (("Так", "Ні", "Пізніше", "Інше"), "list"),
        (("Двадцять один знак!!!", "Ні"), "list"),
    ],
    ids=["buttons", "many", "long"],
)
async def test_quick_replies_are_buttons_or_a_list(
    number: WhatsAppConnector, server: WhatsAppServer, choices: tuple[str, ...], kind: str
) -> None:
    await number.send(to_olena("Зручно?", choices=choices))

    (sent,) = server.sent
    shown = sent["interactive"]
    rows = (
        [one["reply"]["title"] for one in shown["action"]["buttons"]]
        if kind == "button"
        else [one["title"] for one in shown["action"]["sections"][0]["rows"]]
    )
    assert (shown["type"], shown["body"]["text"], tuple(rows)) == (kind, "Зручно?", choices)


async def test_a_template_is_sent_by_its_name_with_its_values(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    button = {"type": "URL", "text": "Де", "url": "https://shop.example/{{1}}"}
    more = [
        {"type": "HEADER", "format": "TEXT", "text": "№ {{1}}"},
        {"type": "BUTTONS", "buttons": [button]},
    ]
    server.templates = [template(more=more)]
    server.late.add(CLIENT)
    values = {"body.1": "Олено", "body.2": "42", "header.1": "42", "button.0.1": "42"}
    use = TemplateUse(external_id="7", name="order_ready", language="uk", values=values)

    await number.send(to_olena("Вітаємо, Олено!", template=use))

    (sent,) = server.sent
    named = sent["template"]
    texts = {
        one["type"]: [part["text"] for part in one["parameters"]] for one in named["components"]
    }
    assert (named["name"], named["language"]["code"]) == ("order_ready", "uk")
    assert texts == {"body": ["Олено", "42"], "header": ["42"], "button": ["42"]}


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"status": 401, "answer": fault(190)}, BadCredentialsError),
        ({"status": 403, "answer": fault(10)}, MisconfiguredError),
        ({"status": 400, "answer": fault(131042)}, MisconfiguredError),
        ({"status": 400, "answer": fault(131026)}, RecipientGoneError),
        ({"status": 400, "answer": fault(131047)}, MessageRejectedError),
        ({"status": 400, "answer": fault(131048)}, MessageRejectedError),
        ({"status": 400, "answer": fault(131050)}, MessageRejectedError),
        ({"status": 404, "answer": fault(132001)}, MessageRejectedError),
        ({"status": 400, "answer": fault(100)}, MessageRejectedError),
        ({"status": 429, "answer": fault(130429)}, ProviderUnavailableError),
        ({"status": 400, "answer": fault(131056)}, ProviderUnavailableError),
        ({"status": 500, "answer": fault(131016)}, ProviderUnavailableError),
        ({"status": 502, "answer": "<html>"}, OutcomeUnknownError),
        ({"status": 200, "answer": {"messages": []}}, OutcomeUnknownError),
        ({"cut": "before"}, OutcomeUnknownError),
        ({"cut": "after"}, OutcomeUnknownError),
    ],
    ids=[
        *("token", "rights", "payment", "undeliverable", "window", "spam", "marketing"),
        *("template", "refused", "rate", "pair rate", "passing", "gateway", "no name"),
        *("cut before", "cut after"),
    ],
)
async def test_what_whatsapp_says_decides_whether_it_is_tried_again(
    number: WhatsAppConnector,
    server: WhatsAppServer,
    trouble: dict[str, Any],
    error: type[Exception],
) -> None:
    server.fail(SEND, **trouble)

    with pytest.raises(error):
        await number.send(to_olena())

    assert server.asked == [SEND]


@pytest.mark.parametrize(
    "message",
    [
        to_olena(" "),
        to_olena("x" * (WHATSAPP_TEXT_CHARS + 1)),
        to_olena("x", SOUND),
        to_olena("", PICTURE, BILL),
        to_olena("x" * 1_025, PICTURE),
        to_olena("", ("a", "text/plain", bytes(WHATSAPP_FILE_BYTES + 1))),
        to_olena(handle="nobody"),
    ],
    ids=["empty", "long", "sound", "two files", "caption", "large", "no number"],
)
async def test_what_whatsapp_never_takes_is_refused_unasked(
    number: WhatsAppConnector, server: WhatsAppServer, message: Outbound
) -> None:
    with pytest.raises(MessageRejectedError):
        await number.send(message)

    assert server.asked == []


async def test_a_rate_is_a_pause_of_the_number_and_a_pair_rate_is_not(
    number: WhatsAppConnector, server: WhatsAppServer, clock: ManualClock
) -> None:
    server.fail(SEND, status=400, answer=fault(131056))
    with pytest.raises(ProviderUnavailableError):
        await number.send(to_olena())
    clock.advance(seconds=1)
    await number.send(to_olena())
    server.fail(SEND, status=429, answer=fault(130429))
    clock.advance(seconds=1)
    with pytest.raises(ProviderUnavailableError):
        await number.send(to_olena())
    clock.advance(seconds=9)

    with pytest.raises(ProviderUnavailableError):
        await number.send(to_olena())
    clock.advance(seconds=1)
    await number.send(to_olena())

    assert len(server.sent) == 2


async def test_no_more_leave_in_a_second_than_the_number_may_send(
    server: WhatsAppServer, stored: Desk, clock: ManualClock
) -> None:
    async with made(server, stored, clock, per_second=2.0) as number:
        await number.send(to_olena())
        second = asyncio.create_task(number.send(to_olena()))
        await clock.until_asleep()
        early = len(server.sent)
        clock.advance(seconds=0.5)
        await second

    assert (early, len(server.sent)) == (1, 2)


async def test_the_client_is_shown_that_we_read_and_write(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    await number.seen("wamid.1")
    await number.types("380441112233", "wamid.2")
    await number.types("380441112233", "")

    assert server.read == ["wamid.1", "wamid.2"]
    assert server.typed == 1
    assert server.sent == []


async def test_templates_are_listed_page_by_page(
    number: WhatsAppConnector, server: WhatsAppServer
) -> None:
    server.templates = [template(f"text_{at}") for at in range(TEMPLATE_PAGE)]
    server.templates += [template(status="REJECTED")]

    found = await number.templates()

    assert (len(found), server.asked.count(TEMPLATES)) == (TEMPLATE_PAGE + 1, 2)
    assert [one.status for one in found[-2:]] == ["approved", "rejected"]
