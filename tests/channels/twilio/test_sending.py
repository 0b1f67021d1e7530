"""One answer is one request; what Twilio says, or does not say, is told apart."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from channels.envelope import Party, Status, TemplateUse
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OptedOutError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.pace import Pace
from channels.twilio.compose import compose
from channels.twilio.connector import TwilioConnector
from kernel.limits import PACE_SECONDS, TEMPLATE_PAGE, TWILIO_RECALL_SLACK
from tests.channels.twilio.scene import NumberDesk, account, answer, surroundings
from tests.clock import ManualClock
from tests.simulators.twilio import TwilioServer, content
from tests.simulators.twilio_gate import NUMBER

CLIENT = "+380441234567"
PNG = ("label.png", "image/png", b"\x89PNG")


async def test_an_answer_is_one_request_that_says_where_its_fate_is_told(
    server: TwilioServer, number: TwilioConnector
) -> None:
    message = answer(" On its way. ", PNG)

    receipt = await number.send(message)

    (sent,) = server.sent
    assert (receipt.external_id, receipt.status) == (sent.sid, Status.SENT)
    assert (sent.sender, sent.to, sent.body) == (NUMBER, CLIENT, "On its way.")
    assert sent.media == ["http://127.0.0.1:8080/lent/label.png"]
    assert sent.told_at == (
        f"http://127.0.0.1:8080/hooks/sms/key?message={message.key}#rc=2&rp=ct,rt,5xx"
    )


async def test_whatsapp_is_addressed_by_its_own_names_and_a_service_by_its_sid(
    server: TwilioServer, stored: NumberDesk, whatsapp: TwilioConnector
) -> None:
    service = "MG" + "a" * 32
    serviced = account(server, messaging_service=service)
    await whatsapp.send(answer())
    async with TwilioConnector(serviced, surroundings(stored)) as number:
        await number.send(answer())

    first, second = server.sent
    assert (first.sender, first.to) == (f"whatsapp:{NUMBER}", f"whatsapp:{CLIENT}")
    assert (second.sender, second.service) == (NUMBER, service)


async def test_a_center_that_nobody_reaches_is_not_named_and_lends_no_file(
    server: TwilioServer, stored: NumberDesk
) -> None:
    number = TwilioConnector(account(server), surroundings(stored))
    number._is_public = False  # as on a laptop, where only the simulator is near
    async with number:
        await number.send(answer())
        with pytest.raises(MessageRejectedError, match="public_url"):
            await number.send(answer("", PNG))

    assert [one.told_at for one in server.sent] == [""]


CODES = {
    21610: (400, OptedOutError),
    21211: (400, RecipientGoneError),
    21614: (400, RecipientGoneError),
    63016: (400, MessageRejectedError),
    99999: (400, MessageRejectedError),
    21606: (400, MisconfiguredError),
    20003: (401, BadCredentialsError),
    20429: (429, ProviderUnavailableError),
    21611: (400, ProviderUnavailableError),
    20503: (503, ProviderUnavailableError),
    20500: (500, OutcomeUnknownError),
}


@pytest.mark.parametrize("code", CODES)
async def test_a_code_says_what_follows_from_it(
    server: TwilioServer, number: TwilioConnector, code: int
) -> None:
    status, error = CODES[code]
    server.fail("send", status=status, code=code, words="No")

    with pytest.raises(error) as refused:
        await number.send(answer())

    assert type(refused.value) is error
    assert server.sent == []


async def test_a_pause_is_as_long_as_twilio_says_and_nothing_is_asked_in_it(
    server: TwilioServer, stored: NumberDesk
) -> None:
    clock = ManualClock()
    server.fail("send", status=429, code=20429, words="slow", retry_after="50")
    async with TwilioConnector(account(server), surroundings(stored, clock)) as number:
        with pytest.raises(ProviderUnavailableError) as first:
            await number.send(answer())
        with pytest.raises(ProviderUnavailableError) as second:
            await number.send(answer())
        clock.advance(seconds=50)
        await number.send(answer())

    assert first.value.retry_after == second.value.retry_after == timedelta(seconds=50)
    assert server.asked.count("send") == 2


@pytest.mark.parametrize(
    "trouble", [{"cut": "after"}, {"cut": "before"}, {"status": 502, "plain": True}]
)
async def test_whatever_may_have_made_a_message_is_a_doubt(
    server: TwilioServer, number: TwilioConnector, trouble: dict[str, object]
) -> None:
    server.fail("send", **trouble)

    with pytest.raises(OutcomeUnknownError):
        await number.send(answer())


async def test_a_lost_answer_is_found_in_the_list_also_before_the_message_has_left(
    server: TwilioServer, number: TwilioConnector
) -> None:
    message = answer("Hello", PNG)
    server.fail("send", cut="after")
    promised_at = server.now()
    with pytest.raises(OutcomeUnknownError):
        await number.send(message)

    queued = await number.recall(message, promised_at)
    server.sent[0].status = "delivered"
    delivered = await number.recall(message, promised_at)

    assert queued is not None
    assert delivered is not None
    assert (queued.external_id, queued.status) == (server.sent[0].sid, Status.SENT)
    assert delivered.status is Status.DELIVERED


async def test_what_twilio_never_took_is_not_in_the_list(
    server: TwilioServer, number: TwilioConnector
) -> None:
    server.fail("send", cut="before")
    promised_at = server.now()
    message = answer("Hello")
    with pytest.raises(OutcomeUnknownError):
        await number.send(message)
    for text, to in (("Hello!", CLIENT), ("Hello", "+380449999999")):
        await number.send(answer(text, recipient=Party(handle=to)))

    assert await number.recall(message, promised_at) is None


async def test_an_equal_text_of_another_message_is_not_taken_for_this_one(
    server: TwilioServer, number: TwilioConnector, stored: NumberDesk
) -> None:
    first, second = answer("OK"), answer("OK")
    promised_at = server.now()
    stored.owners[(await number.send(first)).external_id] = first.key

    assert await number.recall(second, promised_at) is None
    known = await number.recall(first, promised_at)

    assert known is not None
    assert known.external_id == server.sent[0].sid


async def test_an_equal_text_from_before_the_promise_is_an_older_message(
    server: TwilioServer, number: TwilioConnector
) -> None:
    await number.send(answer("OK"))
    much_later = server.now() + TWILIO_RECALL_SLACK + timedelta(seconds=2)

    assert await number.recall(answer("OK"), much_later) is None


async def test_a_list_that_cannot_be_had_decides_nothing(
    server: TwilioServer, number: TwilioConnector
) -> None:
    server.fail("list sent", status=500, code=20500, words="no")

    with pytest.raises(ProviderUnavailableError):
        await number.recall(answer("OK"), server.now())


async def test_a_number_never_sends_more_than_its_rate() -> None:
    clock = ManualClock()
    pace = Pace(clock, per_second=2.0)
    begun: list[float] = []

    async def send(cost: int) -> None:
        async with pace.turn(cost):
            begun.append(clock.monotonic())

    for cost in (1, 3, 1, 1):
        sending = asyncio.create_task(send(cost))
        while not sending.done():
            await asyncio.sleep(0)
            clock.advance(milliseconds=125)

    assert begun[0] == 0.0
    assert begun[1] >= 0.5
    assert begun[2] >= 2.0
    assert begun[3] >= 2.5


async def test_a_long_turn_is_waited_for_in_the_outbox() -> None:
    clock = ManualClock()
    pace = Pace(clock, per_second=0.1)
    async with pace.turn(4):
        """It is sent at once."""

    with pytest.raises(ProviderUnavailableError) as paced:
        async with pace.turn(1):
            """It is not sent."""

    assert paced.value.retry_after == timedelta(seconds=40)
    assert PACE_SECONDS < 40


def test_a_long_sms_costs_as_many_turns_as_it_has_segments() -> None:
    assert compose("sms", NUMBER, "", answer("ї" * 71)).cost == 2
    assert compose("whatsapp", NUMBER, "", answer("ї" * 71)).cost == 1


REFUSED = {
    "too long": answer("x" * 1_601),
    "nothing": answer("  "),
    "too many files": answer("", *[PNG] * 11),
    "no number": answer(recipient=Party(handle="ann@client.example")),
    "another header": answer(recipient=Party(handle="+38044\r\n1234567")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_twilio_never_takes_is_refused_in_words(what: str) -> None:
    with pytest.raises(MessageRejectedError) as refused:
        compose("sms", NUMBER, "", REFUSED[what])

    assert len(refused.value.message) > 10


async def test_the_same_key_is_not_asked_for_by_the_library_twice(
    server: TwilioServer, number: TwilioConnector
) -> None:
    """The library's own client repeats a POST on 503 when told to try again; ours never does."""
    server.fail("send", status=503, code=0, words="no")

    with pytest.raises(OutcomeUnknownError):
        await number.send(answer(key=uuid4()))

    assert server.asked.count("send") == 1


async def test_a_template_is_sent_by_its_sid_with_its_values_and_found_again(
    server: TwilioServer, whatsapp: TwilioConnector
) -> None:
    server.contents = [content(f"text_{at}") for at in range(TEMPLATE_PAGE)]
    server.contents += [content(footer="Shop"), content("note", kind="twilio/unknown")]
    promised_at = server.now()
    *others, ready = await whatsapp.templates()
    use = TemplateUse(
        external_id=ready.external_id,
        name=ready.name,
        language=ready.language,
        values={"1": "Ann", "2": "42"},
    )
    message = answer(ready.rendered(use.values), template=use)

    receipt = await whatsapp.send(message)

    (given,) = server.given
    values = json.loads(given["ContentVariables"])
    found = await whatsapp.recall(message, promised_at)
    assert (given["ContentSid"], values) == (ready.external_id, {"1": "Ann", "2": "42"})
    assert "Body" not in given
    assert [one.body for one in server.sent] == ["Hello Ann, your order 42 is ready."]
    assert found is not None
    assert found.external_id == receipt.external_id
    assert (len(others), server.asked.count("contents")) == (TEMPLATE_PAGE, 2)


async def test_sms_has_no_templates(server: TwilioServer, number: TwilioConnector) -> None:
    server.contents = [content()]

    assert await number.templates() == []
