"""The messengers that call us, as subjects of the suite."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from channels.custom.connector import CustomConnector
from channels.custom.parse import event_of
from channels.envelope import Delivery
from channels.errors import MessageRejectedError, OutcomeUnknownError
from channels.errors import ProviderUnavailableError as Unavailable
from channels.hooked.packing import pack
from channels.line.connector import LineConnector
from channels.line.parse import events_of
from channels.meta.connector import MetaConnector
from channels.meta.parse import events_of as meta_events
from channels.viber.parse import event_of as viber_event
from channels.whatsapp.connector import WhatsAppConnector
from channels.whatsapp.events import events_of as whatsapp_events
from kernel.limits import (
    INSTAGRAM_TEXT_BYTES,
    LINE_TEXT_CHARS,
    META_TEXT_CHARS,
    TEXT_CHARS,
    VIBER_TEXT_CHARS,
    WHATSAPP_TEXT_CHARS,
)
from tests.channels.conformance.subject import HOSTILE, Subject, stored
from tests.channels.custom import scene as custom_scene
from tests.channels.line import scene as line_scene
from tests.channels.meta import scene as meta_scene
from tests.channels.scene import Desk
from tests.channels.viber import scene as viber_scene
from tests.channels.whatsapp import scene as whatsapp_scene
from tests.clock import ManualClock
from tests.simulators import custom as custom_simulator
from tests.simulators import line as line_simulator
from tests.simulators import meta as meta_simulator
from tests.simulators import viber as viber_simulator
from tests.simulators import whatsapp as whatsapp_simulator
from tests.simulators.custom import running_custom, written
from tests.simulators.line import running_line
from tests.simulators.meta import running_meta
from tests.simulators.viber import running_viber
from tests.simulators.whatsapp import running_whatsapp


@asynccontextmanager
async def custom() -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with running_custom() as server, custom_scene.made(server, desk, clock) as connector:
        numbers = itertools.count()

        def event(text: str) -> bytes:
            return msgspec.json.encode(written(text, number=next(numbers)))

        def delivery(text: str) -> Delivery:
            told = event_of(event(text))
            return stored(told.external_id, pack(told.raw, {}))

        def refusing(**trouble: Any) -> Callable[[], None]:
            return lambda: server.fail(custom_simulator.PATH, **trouble)

        def away() -> CustomConnector:
            return custom_scene.made(server, desk, clock, url="http://127.0.0.1:1025")

        yield Subject(
            connector=connector,
            desk=desk,
            delivery=delivery,
            longest=TEXT_CHARS,
            hostile=HOSTILE,
            wrap=lambda raw: pack(raw, {}),
            recipient="key:u-42",
            sent=lambda: list(server.sent),
            troubles={
                "pause": (
                    refusing(status=429, headers={"Retry-After": "3"}),
                    Unavailable,
                ),
                "broken": (refusing(status=500), Unavailable),
                "refused": (refusing(status=422), MessageRejectedError),
                # It goes again under the same key.
                "lost": (refusing(cut="after"), Unavailable),
            },
            rest=lambda: clock.advance(seconds=3),
            away=away,
            secrets=(custom_simulator.SECRET,),
            call=lambda text: custom_scene.call(event(text), clock),
        )


@asynccontextmanager
async def viber() -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with running_viber() as server, viber_scene.made(server, desk, clock) as connector:

        def delivery(text: str) -> Delivery:
            told = viber_event(msgspec.json.encode(server.said(text)))
            assert told is not None
            return stored(told.external_id, pack(told.raw, {}))

        def saying(status: int) -> Callable[[], None]:
            return lambda: server.fail("send_message", status=200, answer={"status": status})

        yield Subject(
            connector=connector,
            desk=desk,
            delivery=delivery,
            longest=VIBER_TEXT_CHARS,
            hostile=HOSTILE,
            wrap=lambda raw: pack(raw, {}),
            recipient="ann=",
            sent=lambda: list(server.sent),
            troubles={
                "pause": (saying(12), Unavailable),
                "broken": (saying(-1), Unavailable),
                "refused": (saying(6), MessageRejectedError),
                "lost": (lambda: server.fail("send_message", cut="after"), OutcomeUnknownError),
            },
            rest=lambda: clock.advance(seconds=3),
            away=lambda: viber_scene.made(server, desk, clock, api_url="http://127.0.0.1:1025"),
            secrets=(viber_simulator.TOKEN,),
            call=lambda text: viber_scene.call(server.said(text)),
        )


@asynccontextmanager
async def line() -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with running_line() as server, line_scene.made(server, desk, clock) as connector:

        def delivery(text: str) -> Delivery:
            (told,) = events_of(line_simulator.calling(server.said(text)), server.url)
            return stored(told.external_id, pack(told.raw, {}))

        def refusing(**trouble: Any) -> Callable[[], None]:
            return lambda: server.fail(line_simulator.PUSH, **trouble)

        def away() -> LineConnector:
            nowhere = "http://127.0.0.1:1025"
            return line_scene.made(server, desk, clock, api_url=nowhere, data_url=nowhere)

        yield Subject(
            connector=connector,
            desk=desk,
            delivery=delivery,
            longest=LINE_TEXT_CHARS,
            hostile=HOSTILE,
            wrap=lambda raw: pack(raw, {}),
            recipient="Uann",
            sent=lambda: list(server.sent),
            troubles={
                "pause": (refusing(status=429, headers={"Retry-After": "3"}), Unavailable),
                "broken": (refusing(status=500), Unavailable),
                "refused": (refusing(status=400), MessageRejectedError),
                # It goes again under the same key.
                "lost": (refusing(cut="after"), Unavailable),
            },
            rest=lambda: clock.advance(seconds=3),
            away=away,
            secrets=(line_simulator.SECRET, line_simulator.TOKEN),
            call=lambda text: line_scene.call(server.said(text)),
        )


@asynccontextmanager
async def messenger() -> AsyncIterator[Subject]:
    async with _meta("messenger", META_TEXT_CHARS) as subject:
        yield subject


@asynccontextmanager
async def instagram() -> AsyncIterator[Subject]:
    async with _meta("instagram", INSTAGRAM_TEXT_BYTES) as subject:
        yield subject


@asynccontextmanager
async def _meta(kind: str, longest: int) -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with (
        running_meta(kind) as server,
        meta_scene.made(server, desk, clock, kind=kind) as connector,
    ):

        def delivery(text: str) -> Delivery:
            (told,) = meta_events(server.calling(server.said(text)), meta_simulator.PAGE)
            return stored(told.external_id, pack(told.raw, {}))

        def saying(code: int) -> Callable[[], None]:
            answer = meta_simulator.fault(code)
            return lambda: server.fail(meta_simulator.SEND, status=400, answer=answer)

        def away() -> MetaConnector:
            nowhere = "http://127.0.0.1:1025"
            return meta_scene.made(server, desk, clock, kind=kind, api_url=nowhere)

        yield Subject(
            connector=connector,
            desk=desk,
            delivery=delivery,
            longest=longest,
            hostile=HOSTILE,
            wrap=lambda raw: pack(raw, {}),
            recipient="9001",
            sent=lambda: list(server.sent),
            troubles={
                "pause": (saying(613), Unavailable),
                "broken": (saying(2), Unavailable),
                "refused": (saying(100), MessageRejectedError),
                "lost": (
                    lambda: server.fail(meta_simulator.SEND, cut="after"),
                    OutcomeUnknownError,
                ),
            },
            rest=lambda: clock.advance(seconds=30),
            away=away,
            secrets=(meta_simulator.APP_SECRET, meta_simulator.TOKEN, meta_simulator.VERIFY),
            call=lambda text: meta_scene.called(server.calling(server.said(text))),
        )


@asynccontextmanager
async def whatsapp_cloud() -> AsyncIterator[Subject]:
    desk, clock = Desk(), ManualClock()
    async with (
        running_whatsapp() as server,
        whatsapp_scene.made(server, desk, clock) as connector,
    ):

        def delivery(text: str) -> Delivery:
            (told,) = whatsapp_events(server.calling(server.text(text)), whatsapp_simulator.NUMBER)
            return stored(told.external_id, pack(told.raw, {}))

        def saying(code: int) -> Callable[[], None]:
            answer = meta_simulator.fault(code)
            return lambda: server.fail(whatsapp_simulator.SEND, status=400, answer=answer)

        def away() -> WhatsAppConnector:
            return whatsapp_scene.made(server, desk, clock, api_url="http://127.0.0.1:1025")

        yield Subject(
            connector=connector,
            desk=desk,
            delivery=delivery,
            longest=WHATSAPP_TEXT_CHARS,
            hostile=(*HOSTILE, b'{"message":{"id":7}}', b'{"status":{"id":"x"}}', b"{}"),
            wrap=lambda raw: pack(raw, {}),
            recipient="+380501112233",
            sent=lambda: list(server.sent),
            troubles={
                "pause": (saying(130429), Unavailable),
                "broken": (saying(131016), Unavailable),
                "refused": (saying(100), MessageRejectedError),
                "lost": (
                    lambda: server.fail(whatsapp_simulator.SEND, cut="after"),
                    OutcomeUnknownError,
                ),
            },
            rest=lambda: clock.advance(seconds=30),
            away=away,
            secrets=(
                *(meta_simulator.APP_SECRET, whatsapp_simulator.TOKEN),
                whatsapp_simulator.VERIFY,
            ),
            call=lambda text: whatsapp_scene.called(server.calling(server.text(text))),
        )
