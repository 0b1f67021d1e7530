"""What clients write and what networks tell, as the house understands it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from channels.envelope import Automatic, Envelope, Health, Inbound, Reach, Report, Status
from channels.errors import UnreadableDeliveryError, UnsignedCallError
from channels.keywords import Wish, wish_of
from channels.twilio.connector import NOTHING, TwilioConnector
from channels.twilio.parse import pack, read_packed
from channels.twilio.troubles import Action, known_codes, trouble_of
from tests.channels.twilio.scene import NumberDesk, account, hook_call, surroundings
from tests.clock import ManualClock
from tests.simulators.twilio import TwilioServer
from tests.simulators.twilio_gate import NUMBER

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
CLIENT = "+380441234567"


def meant(fields: dict[str, str], message: UUID | None = None) -> list[Envelope]:
    return read_packed(pack(urlencode(fields).encode(), message=message))


def wrote(text: str, **more: str) -> dict[str, str]:
    plain = {"MessageSid": "SM1", "SmsStatus": "received", "From": CLIENT, "To": NUMBER}
    return {**plain, "Body": text, "NumMedia": "0", **more}


def told(status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": "SM2", "MessageStatus": status, "To": CLIENT, "From": NUMBER, **more}


def one(fields: dict[str, str]) -> Inbound:
    found = meant(fields)[0]
    assert isinstance(found, Inbound)
    return found


STOP = (
    "stop",
    "STOP",
    " Stop. ",
    "StopAll",
    "стоп",
    "Відписатися!",
    "ОТПИСАТЬСЯ",
    "«Stopp»",
    "arrêt",
)
TALK = ("stop calling me at night", "please cancel my order", "старт-ап", "yes please", "halt")


@pytest.mark.parametrize("text", STOP)
def test_a_word_that_means_stop_is_understood_however_it_is_written(text: str) -> None:
    said, reach = meant(wrote(text))

    assert isinstance(said, Inbound)
    assert isinstance(reach, Reach)
    assert said.automatic is Automatic.COMMAND
    assert said.warnings == ("opted_out",)
    assert (reach.handle, reach.opted_out) == (CLIENT, True)


@pytest.mark.parametrize("text", TALK)
def test_what_is_said_to_people_forbids_nothing(text: str) -> None:
    assert [type(one) for one in meant(wrote(text))] == [Inbound]


def test_words_that_only_twilio_takes_count_on_sms_and_reach_an_agent() -> None:
    said, reach = meant(wrote("Cancel"))
    allowed = meant(wrote("yes"))[1]
    on_whatsapp = meant(wrote("Cancel", From=f"whatsapp:{CLIENT}"))

    assert isinstance(said, Inbound)
    assert isinstance(reach, Reach)
    assert isinstance(allowed, Reach)
    assert (said.automatic, reach.opted_out) == (None, True)
    assert (allowed.opted_out, allowed.unreachable) == (False, None)
    assert len(on_whatsapp) == 1


def test_what_twilio_understood_counts_before_our_own_reading() -> None:
    reach = meant(wrote("Genug", OptOutType="STOP"))[1]

    assert isinstance(reach, Reach)
    assert reach.opted_out
    assert wish_of("stop", on_sms=True, told="HELP") is Wish.HELP
    assert wish_of("help", on_sms=True) is Wish.HELP


def test_a_text_is_what_its_client_wrote() -> None:
    said = one(wrote("Де мій пакунок?\nДякую", FromCity="KYIV", FromCountry="UA"))

    assert (said.text, said.sender.handle, said.thread_key) == (
        "Де мій пакунок?\nДякую",
        CLIENT,
        "SM1",
    )
    assert said.attributes == {"place": "Kyiv, UA"}
    assert said.sender_proven


def test_a_place_a_button_and_a_name_are_read_from_whatsapp() -> None:
    sender = {"From": f"whatsapp:{CLIENT}", "ProfileName": "Ann", "ExternalUserId": "UA.13491208"}
    where = {"Latitude": "50.45", "Longitude": "30.52", "Label": "Shop", "Address": "Khreshchatyk"}

    place = one(wrote("", MessageType="location", **sender, **where))
    button = one(wrote("", MessageType="button", ButtonText="Call me", **sender))
    replied = one(wrote("This one", OriginalRepliedMessageSid="SM9", **sender))
    strange = one(wrote("", MessageType="order", **sender))
    odd = one(wrote("", MessageType="location", Latitude="nan", Longitude="x", **sender))

    assert place.text.startswith("Shop\nKhreshchatyk\n50.450000, 30.520000\nhttps://www.openstree")
    assert (place.sender.handle, place.sender.name) == (CLIENT, "Ann")
    assert place.attributes["whatsapp_user"] == "UA.13491208"
    assert place.also == ("UA.13491208",)
    assert button.text == "Call me"
    assert replied.references == ("SM9",)
    assert (strange.text, strange.warnings) == ("[order]", ("unsupported",))
    assert odd.text == "[location]"


def test_somebody_whose_number_is_not_told_is_known_by_whatsapps_name() -> None:
    assert one(wrote("Hi", From="whatsapp:UA.13491208")).sender.handle == "UA.13491208"
    assert one(wrote("Hi", From="", ExternalUserId="UA.13491208")).sender.handle == "UA.13491208"


FATES = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
}


@pytest.mark.parametrize(("word", "status"), FATES.items(), ids=FATES)
def test_a_report_says_what_became_of_our_message(word: str, status: Status) -> None:
    ours = uuid4()

    (report,) = meant(told(word, ErrorCode="30003"), ours)

    assert isinstance(report, Report)
    assert (report.status, report.claimed_id, report.thread_key) == (status, ours, "SM2")
    assert ("out of reach" in report.reason) == (status is Status.FAILED)


@pytest.mark.parametrize("word", ["accepted", "scheduled", "queued", "sending"])
def test_what_is_under_way_is_no_news(word: str) -> None:
    assert meant(told(word)) == []


def test_a_report_that_nobody_is_reached_is_kept_with_the_client() -> None:
    opted, gone = (meant(told("undelivered", ErrorCode=code))[1] for code in ("21610", "30006"))
    passing = meant(told("undelivered", ErrorCode="30003"))

    assert isinstance(opted, Reach)
    assert isinstance(gone, Reach)
    assert (opted.handle, opted.opted_out) == (CLIENT, True)
    assert (gone.opted_out, "landline" in (gone.unreachable or "")) == (None, True)
    assert len(passing) == 1


@pytest.mark.parametrize("code", sorted(known_codes()))
def test_every_known_code_has_words_that_end_with_it(code: int) -> None:
    trouble = trouble_of(code)

    assert trouble.words.endswith(f"({code})")
    assert len(trouble.words) > 20


def test_an_unknown_code_is_told_in_twilios_words_without_numbers() -> None:
    trouble = trouble_of(99_999, "Something about +14158675309")

    assert trouble.action is Action.FAILED
    assert trouble.words == "Twilio did not deliver it: Something about … (99999)"


async def test_files_are_fetched_from_twilio_alone_and_named_by_what_they_are(
    server: TwilioServer, number: TwilioConnector, stored: NumberDesk
) -> None:
    message = server.wrote("Look")
    server.keep(message, PNG, "application/pdf")
    server.keep(message, b"BEGIN:VCARD\nEND:VCARD\n", "text/x-vcard")
    fields = server.form_of(message)

    assert await number.receive(hook_call(fields), stored.deliver) == NOTHING

    (said,) = await stored.said(number)
    assert [(one.name, one.media_type) for one in said.files] == [
        ("image-1.png", "image/png"),
        ("file-2.vcf", "text/vcard"),
    ]
    assert stored.files[said.files[0].blob or ""] == PNG
    assert server.asked == ["media", "store", "media", "store"]


STRANGE = {
    "another host": "https://evil.example/2010-04-01/Accounts/AC1/Messages/SM1/Media/ME1",
    "the inside": "http://169.254.169.254/latest/meta-data",
    "a file of ours": "file:///etc/passwd",
    "another account": "https://api.twilio.com/2010-04-01/Accounts/AC"
    + "f" * 32
    + "/Messages/SM"
    + "0" * 32
    + "/Media/ME"
    + "0" * 32,
}


@pytest.mark.parametrize("url", STRANGE.values(), ids=STRANGE)
async def test_a_file_that_lies_elsewhere_is_never_asked_for(
    server: TwilioServer, number: TwilioConnector, stored: NumberDesk, url: str
) -> None:
    fields = wrote("Look", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")

    await number.receive(hook_call(fields), stored.deliver)

    (said,) = await stored.said(number)
    assert (said.text, said.files, said.warnings) == ("Look\n[file 1]", (), ("file_missing",))
    assert server.asked == []


async def test_a_store_that_is_not_twilios_is_not_followed(
    server: TwilioServer, number: TwilioConnector, stored: NumberDesk
) -> None:
    server.store = "http://127.0.0.1:1"
    message = server.wrote("Look")
    server.keep(message, PNG)

    await number.receive(hook_call(server.form_of(message)), stored.deliver)

    (said,) = await stored.said(number)
    assert said.warnings == ("file_missing",)
    assert server.asked == ["media"]


async def test_a_report_is_about_the_message_in_its_signed_address(
    number: TwilioConnector, stored: NumberDesk
) -> None:
    ours = uuid4()
    query = f"message={ours}"

    await number.receive(hook_call(told("delivered"), query=query), stored.deliver)
    with pytest.raises(UnsignedCallError):
        await number.receive(_elsewhere(told("failed"), query), stored.deliver)

    (delivery,) = stored.stored.values()
    (answer,) = await number.read([delivery])
    assert not isinstance(answer, Exception)
    (report,) = answer
    assert isinstance(report, Report)
    assert report.claimed_id == ours


async def test_a_call_about_no_message_is_kept_once_by_twilios_own_token(
    number: TwilioConnector, stored: NumberDesk
) -> None:
    """It becomes a dead letter: unreadable, but never lost and never doubled."""
    fields = {"EventType": "something-new", "AccountSid": "AC1"}
    call = hook_call(fields, i_twilio_idempotency_token="token-1")
    other = hook_call(fields, i_twilio_idempotency_token="token-2")

    for one_call in (call, call, other, hook_call(fields), hook_call(fields)):
        await number.receive(one_call, stored.deliver)

    answers = await number.read(list(stored.stored.values()))
    assert list(stored.stored)[:2] == ["token:token-1", "token:token-2"]
    assert len(stored.stored) == 3
    assert all(isinstance(answer, UnreadableDeliveryError) for answer in answers)


async def test_the_same_message_told_twice_and_listed_is_one(
    server: TwilioServer, stored: NumberDesk
) -> None:
    clock = ManualClock()
    server.now = clock.now
    async with _listening(server, stored, clock) as number:
        told_first = server.wrote("Hello")
        await number.receive(hook_call(server.form_of(told_first)), stored.deliver)
        server.wrote("Nobody told you this")
        young = dict(stored.stored)

        clock.advance(minutes=2)
        await stored.until(2)
        await clock.until_asleep()

    assert list(young) == [told_first.sid]
    assert [one.text for one in await stored.said(number)] == [
        "Hello",
        "Nobody told you this",
    ]
    assert stored.told[-1] == (Health.CONNECTED, NUMBER)


async def test_what_came_while_nobody_was_there_is_found_with_its_files_and_fates(
    server: TwilioServer, stored: NumberDesk
) -> None:
    clock = ManualClock()
    server.now = clock.now
    async with _listening(server, stored, clock):
        before = stored.cursor
    server.wrote("old").made_at = datetime(2029, 1, 1, tzinfo=UTC)
    message = server.wrote("Look")
    server.keep(message, PNG)
    ours = server.wrote("Hi", sender=NUMBER, to=CLIENT)
    ours.inbound, ours.status, ours.error = False, "undelivered", 30_003
    clock.advance(hours=20)

    async with _listening(server, stored, clock) as number:
        await stored.until(2)
        await clock.until_asleep()
        (said,) = await stored.said(number)
        answers = await number.read(list(stored.stored.values()))

    assert before is not None
    assert stored.cursor is not None
    assert datetime.fromisoformat(stored.cursor) > datetime.fromisoformat(before)
    assert (said.text, [one.name for one in said.files]) == ("Look", ["image-1.png"])
    reports = [one for answer in answers for one in _all(answer) if isinstance(one, Report)]
    assert [(one.thread_key, one.status) for one in reports] == [(ours.sid, Status.FAILED)]


async def test_a_look_that_cannot_be_stored_is_looked_at_again(
    server: TwilioServer, stored: NumberDesk
) -> None:
    clock = ManualClock()
    server.now = clock.now
    async with _listening(server, stored, clock):
        pass
    server.wrote("Hello")
    clock.advance(minutes=5)
    stored.refusals = 1

    number = TwilioConnector(account(server), surroundings(stored, clock))
    async with number:
        number.resume(stored.cursor)
        with pytest.raises(RuntimeError, match="database is away"):
            await number.listen(stored.deliver, stored.tell)
    async with _listening(server, stored, clock):
        await stored.until(1)

    assert len(stored.stored) == 1


async def test_a_list_of_many_pages_is_read_to_its_end_and_in_its_order(
    server: TwilioServer, stored: NumberDesk
) -> None:
    clock = ManualClock()
    server.now = clock.now
    async with _listening(server, stored, clock):
        pass
    server.page_rows = 10
    for at in range(45):
        clock.advance(seconds=1)
        server.wrote(str(at))
    clock.advance(minutes=5)

    async with _listening(server, stored, clock) as number:
        await stored.until(45)
        said = await stored.said(number)

    assert [one.text for one in said] == [str(at) for at in range(45)]


async def test_the_number_calls_us_from_then_on(server: TwilioServer, stored: NumberDesk) -> None:
    clock = ManualClock()
    server.hook_url = "https://elsewhere.example/sms"

    async with _listening(server, stored, clock):
        first = list(server.asked)
    async with _listening(server, stored, clock):
        pass

    assert first.count("call us") == 1
    assert server.asked.count("call us") == 1
    assert server.hook_url == "http://127.0.0.1:8080/hooks/sms/key"


def _all(answer: Any) -> list[Envelope]:
    assert not isinstance(answer, Exception)
    return list(answer)


def _elsewhere(fields: dict[str, str], query: str) -> Any:
    call = hook_call(fields, query=query)
    return type(call)(headers=call.headers, body=call.body, query=f"message={uuid4()}")


@asynccontextmanager
async def _listening(
    server: TwilioServer, stored: NumberDesk, clock: ManualClock
) -> AsyncIterator[TwilioConnector]:
    """Let the number listen while the block runs, from its first look on."""
    async with TwilioConnector(account(server), surroundings(stored, clock)) as number:
        number.resume(stored.cursor)
        listening = asyncio.create_task(number.listen(stored.deliver, stored.tell))
        try:
            await server.until_asked("list sent", server.asked.count("list sent") + 1)
            await clock.until_asleep()
            yield number
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
