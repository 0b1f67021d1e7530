"""Each connector with the simulator of its provider, in the one shape that the suite asks for."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec

from channels.envelope import Account, Delivery, HookCall
from channels.errors import (
    MessageRejectedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from channels.mail.follow import fingerprint
from channels.telegram.collect import glimpse
from channels.telegram.connector import SECRET_HEADER, TelegramConnector
from channels.telegram.parse import pack
from channels.twilio.connector import TwilioConnector
from channels.twilio.parse import pack as pack_form
from channels.webchat.connector import WebChatConnector
from channels.webchat.parse import external_id, said_by, to_raw
from channels.webchat.visitors import Visitor
from kernel.guests import Guests
from kernel.limits import CHAT_TEXT_CHARS, TELEGRAM_LONG_CHARS, TWILIO_TEXT_CHARS
from tests.channels.conformance.messengers import (
    custom,
    instagram,
    line,
    messenger,
    viber,
    whatsapp_cloud,
)
from tests.channels.conformance.subject import HOSTILE, NOW, Subject, stored
from tests.channels.mail import scene as mail_scene
from tests.channels.scene import Desk, surroundings
from tests.channels.telegram import scene as telegram_scene
from tests.channels.twilio import scene as twilio_scene
from tests.clock import ManualClock
from tests.simulators.mail_servers import PASSWORD, running_smtp
from tests.simulators.telegram import TOKEN, TelegramServer, running_telegram
from tests.simulators.twilio import TwilioServer, running_twilio
from tests.simulators.twilio_gate import TOKEN as TWILIO_TOKEN


@asynccontextmanager
async def mail() -> AsyncIterator[Subject]:
    async with Guests("channels.mail.guest", 1) as guests, running_smtp() as smtp:

        def delivery(text: str) -> Delivery:
            raw = mail_scene.mail("Parcel", text, X_Field_Of_Tomorrow="yes")
            return stored(fingerprint(raw), raw)

        async with mail_scene.connector(mail_scene.settings(None, smtp), guests) as connector:
            yield Subject(
                connector=connector,
                desk=Desk(),
                delivery=delivery,
                longest=200_000,
                hostile=(),
                recipient="ann@client.example",
                sent=lambda: list(smtp.taken),
                troubles={
                    "pause": (
                        lambda: smtp.fail("RCPT", "450 4.7.1 slow down"),
                        ProviderUnavailableError,
                    ),
                    "broken": (
                        lambda: smtp.fail("MAIL", "451 4.3.0 out of order"),
                        ProviderUnavailableError,
                    ),
                    "refused": (
                        lambda: smtp.fail("RCPT", "550 5.1.1 no such user"),
                        MessageRejectedError,
                    ),
                    # The same Message-ID goes again, and mail programs show it once.
                    "lost": (lambda: smtp.fail("DATA", "drop"), ProviderUnavailableError),
                },
                away=lambda: mail_scene.connector(
                    mail_scene.settings(imap_port=1025, smtp_port=1025), guests
                ),
                secrets=(PASSWORD,),
            )


@asynccontextmanager
async def webchat() -> AsyncIterator[Subject]:
    visitor = Visitor(
        id=UUID(int=7),
        account_id=UUID(int=1),
        handle="key:visitor:7",
        name="Ann",
        email="",
        verified=False,
        locale="uk",
        page="",
    )

    def delivery(text: str) -> Delivery:
        told = said_by(visitor, uuid4(), text, (), NOW)
        tomorrow = {**msgspec.json.decode(to_raw(told)), "a_field_of_tomorrow": {"deep": [1]}}
        return stored(external_id(told), msgspec.json.encode(tomorrow))

    account = Account(id=UUID(int=1), kind="webchat", name="Shop")
    async with WebChatConnector(account) as connector:
        yield Subject(
            connector=connector,
            desk=Desk(),
            delivery=delivery,
            longest=CHAT_TEXT_CHARS,
            hostile=HOSTILE,
        )


@asynccontextmanager
async def telegram() -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with running_telegram() as server:
        around = surroundings(desk, clock)
        account = telegram_scene.account(server)
        async with TelegramConnector(account, around) as connector:
            subject = _telegram(server, desk, connector)
            subject.rest = lambda: clock.advance(seconds=3)
            yield subject


def _telegram(server: TelegramServer, desk: Desk, connector: TelegramConnector) -> Subject:
    def update(text: str) -> bytes:
        number, server.next_update = server.next_update, server.next_update + 1
        said = server.message(7001, text=text)
        return msgspec.json.encode({"update_id": number, "tomorrow": 1, "message": said})

    def delivery(text: str) -> Delivery:
        raw = update(text)
        return stored(glimpse(raw).key, pack([raw], {}))

    def refusing(**trouble: Any) -> Callable[[], None]:
        return lambda: server.fail("sendMessage", **trouble)

    gone = telegram_scene.account(server, api_url="http://127.0.0.1:1025")
    secret = connector._hook_secret
    return Subject(
        connector=connector,
        desk=desk,
        delivery=delivery,
        longest=TELEGRAM_LONG_CHARS,
        hostile=HOSTILE,
        wrap=lambda raw: pack([raw], {}),
        recipient="7001",
        sent=lambda: list(server.sent),
        troubles={
            "pause": (refusing(status=429, retry_after=3), ProviderUnavailableError),
            "broken": (refusing(status=500, description="no"), ProviderUnavailableError),
            "refused": (refusing(status=403, description="Forbidden"), MessageRejectedError),
            "lost": (refusing(cut="after"), OutcomeUnknownError),
        },
        away=lambda: TelegramConnector(gone, surroundings(desk)),
        secrets=(TOKEN, secret),
        call=lambda text: HookCall(headers={SECRET_HEADER: secret}, body=update(text)),
    )


@asynccontextmanager
async def sms() -> AsyncIterator[Subject]:
    async with _number("sms", "+380441234567") as subject:
        yield subject


@asynccontextmanager
async def whatsapp() -> AsyncIterator[Subject]:
    async with _number("whatsapp", "whatsapp:+380441234567") as subject:
        yield subject


@asynccontextmanager
async def _number(kind: Literal["sms", "whatsapp"], sender: str) -> AsyncIterator[Subject]:
    desk = twilio_scene.NumberDesk()
    async with running_twilio() as server:
        around = twilio_scene.surroundings(desk)
        async with TwilioConnector(twilio_scene.account(server, kind), around) as connector:
            yield _twilio(server, desk, connector, kind, sender)


def _twilio(
    server: TwilioServer,
    desk: twilio_scene.NumberDesk,
    connector: TwilioConnector,
    kind: Literal["sms", "whatsapp"],
    sender: str,
) -> Subject:
    def fields(text: str) -> dict[str, str]:
        return server.form_of(server.wrote(text, sender=sender))

    def delivery(text: str) -> Delivery:
        told = fields(text)
        return stored(told["MessageSid"], pack_form(urlencode(told).encode()))

    def refusing(**trouble: Any) -> Callable[[], None]:
        return lambda: server.fail("send", **trouble)

    gone = twilio_scene.account(server, kind, api_url="http://127.0.0.1:1025")
    return Subject(
        connector=connector,
        desk=desk,
        delivery=delivery,
        longest=TWILIO_TEXT_CHARS,
        hostile=(*HOSTILE, b"MessageSid=SM1&SmsStatus=eaten", b"From=%2B1&Body=x", b"Body=%ff%fe"),
        wrap=pack_form,
        recipient="+380441234567",
        sent=lambda: list(server.sent),
        troubles={
            "pause": (refusing(status=429, code=20429, words="wait"), ProviderUnavailableError),
            "broken": (refusing(status=503, code=20503, words="no"), ProviderUnavailableError),
            "refused": (
                refusing(status=400, code=21211, words="Invalid 'To' Phone Number"),
                MessageRejectedError,
            ),
            "lost": (refusing(cut="after"), OutcomeUnknownError),
        },
        away=lambda: TwilioConnector(gone, twilio_scene.surroundings(desk)),
        secrets=(TWILIO_TOKEN,),
        call=lambda text: twilio_scene.hook_call(fields(text), kind),
    )


SUBJECTS: dict[str, Callable[[], AbstractAsyncContextManager[Subject]]] = {
    "mail": mail,
    "webchat": webchat,
    "telegram": telegram,
    "custom": custom,
    "sms": sms,
    "whatsapp": whatsapp,
    "whatsapp_cloud": whatsapp_cloud,
    "viber": viber,
    "line": line,
    "messenger": messenger,
    "instagram": instagram,
}
