"""An answer leaves as one request, late ones as a person's, and what Meta says is understood."""

from typing import Any

import pytest

from channels.envelope import Outbound, Party
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.meta.connector import MetaConnector
from kernel.limits import META_FILE_BYTES, META_TEXT_CHARS
from tests.channels.scene import answer
from tests.clock import ManualClock
from tests.simulators.meta import SEND, MetaServer, fault

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
PICTURE = ("a.png", "image/png", PNG)
BILL = ('Рахунок "1".pdf', "application/pdf", b"%PDF-1.7")


def to_ann(text: str = "On its way.", *files: tuple[str, str, bytes]) -> Outbound:
    return answer(text, *files, recipient=Party(handle="9001", name="Ann"))


async def test_a_text_arrives_and_the_receipt_names_it_for_ever(
    page: MetaConnector, server: MetaServer
) -> None:
    receipt = await page.send(to_ann("On its way <b>&"))

    sent = await server.next_sent()
    assert (sent["recipient"]["id"], sent["message"]) == ("9001", {"text": "On its way <b>&"})
    assert (sent["messaging_type"], sent.get("tag")) == ("RESPONSE", None)
    assert receipt.external_id == sent["mid"]


@pytest.mark.parametrize(
    ("file", "kind"), [(PICTURE, "image"), (BILL, "file")], ids=["picture", "file"]
)
async def test_a_file_goes_as_an_address_that_ends_with_its_name(
    page: MetaConnector, server: MetaServer, file: tuple[str, str, bytes], kind: str
) -> None:
    await page.send(to_ann("", file))

    attachment = (await server.next_sent())["message"]["attachment"]
    assert attachment["type"] == kind
    assert attachment["payload"]["url"].startswith("http://127.0.0.1:8080/lent/")
    assert attachment["payload"]["url"].endswith((".png", ".pdf"))


async def test_after_24_hours_a_person_still_answers_with_the_tag(
    page: MetaConnector, server: MetaServer
) -> None:
    server.late.add("9001")

    receipt = await page.send(to_ann())

    (sent,) = server.sent
    assert (sent["messaging_type"], sent["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    assert receipt.external_id == sent["mid"]
    assert server.asked == [SEND, SEND]


async def test_without_the_permission_a_late_answer_is_refused_with_the_cure(
    page: MetaConnector, server: MetaServer
) -> None:
    server.late.add("9001")
    server.may_answer_late = False

    with pytest.raises(MessageRejectedError, match="Human Agent"):
        await page.send(to_ann())

    assert server.sent == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"status": 401, "answer": fault(190)}, BadCredentialsError),
        ({"status": 400, "answer": fault(200)}, MisconfiguredError),
        ({"status": 400, "answer": fault(368)}, MisconfiguredError),
        ({"status": 400, "answer": fault(100, 2018001)}, RecipientGoneError),
        ({"status": 400, "answer": fault(551)}, RecipientGoneError),
        ({"status": 400, "answer": fault(100)}, MessageRejectedError),
        ({"status": 400, "answer": fault(613)}, ProviderUnavailableError),
        ({"status": 500, "answer": fault(2)}, ProviderUnavailableError),
        ({"status": 502, "answer": "<html>"}, OutcomeUnknownError),
        ({"status": 200, "answer": {"recipient_id": "9001"}}, OutcomeUnknownError),
        ({"status": 500, "answer": {}}, OutcomeUnknownError),
        ({"cut": "before"}, OutcomeUnknownError),
        ({"cut": "after"}, OutcomeUnknownError),
    ],
    ids=[
        *("token", "rights", "blocked", "nobody", "gone", "refused", "rate", "passing"),
        *("gateway", "no name", "empty", "cut before", "cut after"),
    ],
)
async def test_what_meta_says_decides_whether_it_is_tried_again(
    page: MetaConnector, server: MetaServer, trouble: dict[str, Any], error: type[Exception]
) -> None:
    server.fail(SEND, **trouble)

    with pytest.raises(error):
        await page.send(to_ann())

    assert server.asked == [SEND]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("messenger", to_ann(" ")),
        ("messenger", to_ann("x" * (META_TEXT_CHARS + 1))),
        ("instagram", to_ann("ї" * 501)),
        ("messenger", to_ann("x", PICTURE)),
        ("messenger", to_ann("", PICTURE, BILL)),
        ("messenger", to_ann("", ("a", "text/plain", bytes(META_FILE_BYTES + 1)))),
    ],
    ids=["empty", "long", "bytes", "both", "two files", "large"],
)
async def test_what_meta_never_takes_is_refused_unasked(
    page: MetaConnector, server: MetaServer, message: Outbound
) -> None:
    with pytest.raises(MessageRejectedError):
        await page.send(message)

    assert server.asked == []


async def test_within_a_pause_meta_is_not_asked(
    page: MetaConnector, server: MetaServer, clock: ManualClock
) -> None:
    server.fail(SEND, status=400, answer=fault(613))
    with pytest.raises(ProviderUnavailableError):
        await page.send(to_ann())
    clock.advance(seconds=29)
    with pytest.raises(ProviderUnavailableError):
        await page.send(to_ann())
    clock.advance(seconds=1)

    await page.send(to_ann())

    assert server.asked.count(SEND) == 2


async def test_quick_replies_stand_under_the_text(page: MetaConnector, server: MetaServer) -> None:
    await page.send(answer("Good?", recipient=Party(handle="9001"), choices=("Yes", "No")))

    (sent,) = server.sent
    assert sent["message"]["text"] == "Good?"
    assert [one["title"] for one in sent["message"]["quick_replies"]] == ["Yes", "No"]


async def test_the_client_is_shown_that_somebody_writes_but_not_in_a_pause(
    page: MetaConnector, server: MetaServer, clock: ManualClock
) -> None:
    await page.types("9001", "")
    server.fail(SEND, status=400, answer=fault(613))
    with pytest.raises(ProviderUnavailableError):
        await page.send(answer(recipient=Party(handle="9001")))
    await page.types("9001", "")

    assert server.typed == ["9001"]
