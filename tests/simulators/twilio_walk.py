"""Walks a leg through the product's TwiML, verb by verb, as Twilio would."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urljoin

import aiohttp
from msgspec import Struct

from tests.simulators.twilio_exchange import Exchange, spoken_seconds
from tests.simulators.twilio_gate import Fields
from tests.simulators.twilio_legs import Ear, Heard, Leg, Room, Told
from tests.simulators.twilio_teller import Answer, Fault
from tests.simulators.twiml import TwimlError, Verb, read

_SOUNDS: Final = 8.0
_APOLOGY: Final = "We are sorry. An application error has occurred. Goodbye."
_ENDLESS: Final = 1_000
_XML: Final = frozenset({"text/xml", "application/xml"})
_ALL_KEYS: Final = "1234567890*#"


class Onward(Struct, frozen=True):
    """Where a leg's next document is."""

    url: str = ""
    method: str = "POST"
    more: Mapping[str, str] = {}
    document: str = ""
    """The TwiML itself, instead of an address."""


class Walk:
    """One leg's way through documents, until it is hung up."""

    def __init__(self, exchange: Exchange, leg: Leg) -> None:
        self._exchange = exchange
        self._leg = leg
        self._url = ""

    async def run(self, onward: Onward | None) -> None:
        """Walk to the end and hang up; a fault leads to the fallback once, then to an apology."""
        fallback = self._leg.fallback
        while onward is not None and not self._leg.over:
            try:
                onward = await self._walk(await self._document(onward))
            except TwimlError as error:
                broken = onward.url if onward is not None else ""
                self._exchange.teller.complain(Fault(error.code, broken, error.words))
                onward, fallback = self._after(error, broken, fallback), ""
        self._exchange.end(self._leg)

    async def hear_again(self, url: str, method: str) -> None:
        """Walk what a waiting leg hears, and ask for it again whenever it has run out."""
        while True:
            try:
                onward: Onward | None = Onward(url, method)
                while onward is not None:
                    onward = await self._walk(await self._document(onward, waiting=True))
            except TwimlError as error:
                self._exchange.teller.complain(Fault(error.code, url, error.words))
                return
            await asyncio.sleep(max(0.05, 1.0 / self._exchange.pace.speed))

    async def hear_once(self, url: str) -> None:
        """Walk an announcement."""
        try:
            await self._walk(await self._document(Onward(url), waiting=True))
        except TwimlError as error:
            self._exchange.teller.complain(Fault(error.code, url, error.words))

    def _after(self, error: TwimlError, broken: str, fallback: str) -> Onward:
        if not fallback:
            return Onward(document=f"<Response><Say>{_APOLOGY}</Say></Response>")
        return Onward(fallback, more={"ErrorCode": str(error.code), "ErrorUrl": broken})

    async def _document(self, onward: Onward, *, waiting: bool = False) -> Sequence[Verb]:
        if onward.document:
            return read(onward.document.encode())
        self._url = urljoin(self._url, onward.url)
        fields = {**self._exchange.fields_of(self._leg), **onward.more}
        seat = self._leg.seat
        if waiting and seat is not None:
            fields |= {"ConferenceSid": seat.room.sid, "FriendlyName": seat.room.name}
        answer = await self._asked(self._url, fields, onward.method)
        if waiting and answer.kind.startswith("audio/"):
            return (Verb("Play", {}, self._url),)
        if answer.kind not in _XML:
            raise TwimlError(12300, f"the answer is {answer.kind}, not XML")
        return read(answer.body, waiting=waiting)

    async def _asked(self, url: str, fields: Fields, method: str) -> Answer:
        """Ask the product; a connection that fails is tried once more."""
        teller = self._exchange.teller
        try:
            try:
                answer = await teller.post(url, fields, method)
            except (aiohttp.ClientError, TimeoutError):
                answer = await teller.post(url, fields, method)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TwimlError(11205, f"no answer: {type(error).__name__}") from error
        if answer.status >= 300:
            raise TwimlError(11200, f"answered {answer.status}: {answer.body[:200]!r}")
        return answer

    async def _walk(self, verbs: Sequence[Verb]) -> Onward | None:
        for verb in verbs:
            if verb.name not in {"Reject", "Redirect"} and not self._stays_unanswered(verb):
                self._exchange.answered(self._leg)
            onward = await self._do(verb)
            if onward is not None or self._leg.over:
                return onward
        return None

    def _stays_unanswered(self, verb: Verb) -> bool:
        conference = any(one.name == "Conference" for one in verb.children)
        return verb.name == "Dial" and verb.is_true("answerOnBridge") and not conference

    async def _do(self, verb: Verb) -> Onward | None:
        match verb.name:
            case "Gather":
                return await self._gather(verb)
            case "Record":
                return await self._record(verb)
            case "Dial":
                return await self._dial(verb)
            case "Redirect":
                return Onward(verb.text or self._url, verb.get("method", "POST"))
            case "Hangup":
                self._exchange.end(self._leg)
            case "Reject":
                self._exchange.end(
                    self._leg, "busy" if verb.get("reason") == "busy" else "no-answer"
                )
            case _:
                await self._sound(verb)
        return None

    async def _sound(self, verb: Verb) -> None:
        if verb.name == "Pause":
            await self._exchange.pace.take(verb.number("length", 1))
            return
        for _ in range(verb.number("loop", 1) or _ENDLESS):
            if verb.name == "Say":
                said = Heard("say", verb.text, verb.get("language"))
                self._exchange.hear(self._leg, said)
                await self._exchange.pace.take(spoken_seconds(verb.text))
            else:
                await self._play(verb)

    async def _play(self, verb: Verb) -> None:
        """Play keys or a sound; what cannot be fetched is a fault, and the call goes on."""
        if keys := verb.get("digits"):
            self._exchange.hear(self._leg, Heard("keys", keys))
            return
        url = urljoin(self._url, verb.text)
        try:
            answer = await self._exchange.teller.fetch(url)
        except (aiohttp.ClientError, TimeoutError) as error:
            answer = Answer(0, type(error).__name__, b"")
        if answer.status != 200 or not answer.kind.startswith("audio/"):
            words = f"a sound that is {answer.status} {answer.kind}"
            self._exchange.teller.complain(Fault(11200, url, words))
        self._exchange.hear(self._leg, Heard("play", url))
        await self._exchange.pace.take(_SOUNDS)

    async def _gather(self, verb: Verb) -> Onward | None:
        ear = Ear("gather", verb.get("finishOnKey", "#"), verb.number("numDigits", 0))
        self._leg.ear = ear
        self._exchange.news.stir()
        try:
            await self._prompt(verb, ear)
            await self._listen(ear, verb.number("timeout", 5))
        finally:
            self._leg.ear = None
        self._exchange.news.stir()
        if not ear.keys and not verb.is_true("actionOnEmptyResult"):
            return None
        more = {"Digits": ear.keys, "FinishedOnKey": ear.ended_by if len(ear.ended_by) == 1 else ""}
        return Onward(verb.get("action") or self._url, verb.get("method", "POST"), more)

    async def _prompt(self, verb: Verb, ear: Ear) -> None:
        """Say what stands inside until a key cuts in."""

        async def said() -> None:
            for child in verb.children:
                await self._sound(child)

        saying = asyncio.create_task(said())
        cut = asyncio.create_task(ear.touched.wait())
        try:
            await asyncio.wait({saying, cut}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            saying.cancel()
            cut.cancel()
            await asyncio.gather(saying, cut, return_exceptions=True)

    async def _listen(self, ear: Ear, seconds: float) -> None:
        """Wait for the end; every key gives `seconds` more."""
        heard = -1
        while not ear.ended.is_set() and heard != len(ear.keys):
            heard = len(ear.keys)
            try:
                async with asyncio.timeout(self._exchange.pace.patience(seconds)):
                    await ear.ended.wait()
            except TimeoutError:
                continue
        ear.end("silence")

    async def _record(self, verb: Verb) -> Onward | None:
        if verb.is_true("playBeep", otherwise=True):
            self._exchange.hear(self._leg, Heard("beep", ""))
        ear = Ear("record", verb.get("finishOnKey", _ALL_KEYS))
        self._leg.ear = ear
        self._exchange.news.stir()
        try:
            async with asyncio.timeout(
                self._exchange.pace.patience(verb.number("maxLength", 3_600))
            ):
                await ear.ended.wait()
        except TimeoutError:
            ear.end("silence")
        finally:
            self._leg.ear = None
            onward = self._recorded(verb, ear)
        return onward

    def _recorded(self, verb: Verb, ear: Ear) -> Onward | None:
        """Keep what was said; who said nothing goes on with the next verb."""
        if not ear.words:
            return None
        told = Told(
            verb.get("recordingStatusCallback"),
            frozenset(verb.get("recordingStatusCallbackEvent", "completed").split()),
        )
        kept = self._exchange.record("RecordVerb", told, call=self._leg.sid)
        kept.words = list(ear.words)
        kept.seconds = sum(spoken_seconds(one) for one in ear.words)
        self._exchange.stop_recording(kept)
        more = {
            "RecordingSid": kept.sid,
            "RecordingUrl": self._exchange.recording_url(kept),
            "RecordingDuration": str(kept.seconds),
            "Digits": "hangup" if self._leg.over else ear.ended_by.replace("silence", ""),
        }
        onward = Onward(verb.get("action") or self._url, verb.get("method", "POST"), more)
        if self._leg.over:
            self._exchange.launch(self._say_so(onward))
        return onward

    async def _say_so(self, onward: Onward) -> None:
        """Ask an action whose answer nobody walks: the leg is over."""
        fields = {**self._exchange.fields_of(self._leg), **onward.more}
        url = urljoin(self._url, onward.url)
        try:
            answer = await self._asked(url, fields, onward.method)
            if answer.body.strip():
                read(answer.body)
        except TwimlError as error:
            self._exchange.teller.complain(Fault(error.code, url, error.words))

    async def _dial(self, verb: Verb) -> Onward | None:
        result = {"DialCallStatus": "completed"}
        try:
            noun = verb.children[0] if verb.children else Verb("Number", {}, verb.text)
            if noun.name == "Conference":
                await self._confer(noun)
            else:
                result = await self._call_out(verb, verb.children or (noun,))
        finally:
            onward = self._dialled(verb, result)
        return onward

    def _dialled(self, verb: Verb, result: Fields) -> Onward | None:
        if "action" not in verb.attributes:
            return None
        onward = Onward(verb.get("action"), verb.get("method", "POST"), result)
        if self._leg.over:
            self._exchange.launch(self._say_so(onward))
        return onward

    async def _confer(self, noun: Verb) -> None:
        rooms = self._exchange.rooms
        room = rooms.open(noun.text)
        events = frozenset(noun.get("statusCallbackEvent").split())
        if not room.told.url and noun.get("statusCallback"):
            room.told = Told(noun.get("statusCallback"), events, room.told.count)
        seat = rooms.sit(
            self._leg,
            room,
            label=noun.get("participantLabel"),
            starts=noun.is_true("startConferenceOnEnter", otherwise=True),
            ends=noun.is_true("endConferenceOnExit"),
            muted=noun.is_true("muted"),
            coaching=noun.get("coach"),
            beep=noun.get("beep", "true") != "false",
            wait_url=self._wait_url(noun),
            wait_method=noun.get("waitMethod", "POST"),
        )
        if noun.get("record").startswith(("true", "record-from-start")):
            self._record_room(room, noun)
        try:
            await asyncio.wait([seat.gone])
        finally:
            rooms.leave(seat)

    def _wait_url(self, noun: Verb) -> str | None:
        given = noun.attributes.get("waitUrl")
        return urljoin(self._url, given) if given else given

    def _record_room(self, room: Room, noun: Verb) -> None:
        told = Told(
            noun.get("recordingStatusCallback"),
            frozenset(noun.get("recordingStatusCallbackEvent", "completed").split()),
        )
        running = [
            one
            for one in self._exchange.recordings.values()
            if one.conference_sid == room.sid and not one.ended
        ]
        if not running:
            self._exchange.record("Conference", told, room=room.sid)

    async def _call_out(self, verb: Verb, nouns: Sequence[Verb]) -> Fields:
        """Ring everybody named; who answers first is put through."""
        legs = [self._child(verb, noun) for noun in nouns]
        ringing = {
            asyncio.create_task(self._exchange.ring(leg, verb.number("timeout", 30))): (leg, noun)
            for leg, noun in zip(legs, nouns, strict=True)
        }
        try:
            winner = await self._first(ringing)
            if winner is None:
                return {"DialCallStatus": legs[0].status, "DialCallSid": legs[0].sid}
            leg, noun = winner
            for other in legs:
                if other is not leg:
                    self._exchange.end(other, "canceled")
            await self._put_through(leg, noun)
        finally:
            for task in ringing:
                task.cancel()
            for one in legs:
                self._exchange.end(one, "completed" if one.answered_at else "canceled")
        return {
            "DialCallStatus": "completed",
            "DialCallSid": leg.sid,
            "DialCallDuration": str(leg.seconds),
            "DialBridged": "true",
        }

    async def _first(
        self, ringing: Mapping["asyncio.Task[bool]", tuple[Leg, Verb]]
    ) -> tuple[Leg, Verb] | None:
        for done in asyncio.as_completed(list(ringing)):
            if await done:
                return next(pair for task, pair in ringing.items() if task.done() and task.result())
        return None

    def _child(self, verb: Verb, noun: Verb) -> Leg:
        to = f"client:{noun.text}" if noun.name == "Client" else noun.text
        events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        told = Told(noun.get("statusCallback"), events | {"completed"})
        sender = verb.get("callerId") or self._leg.sender
        return self._exchange.leg(sender, to, "outbound-dial", parent=self._leg.sid, told=told)

    async def _put_through(self, leg: Leg, noun: Verb) -> None:
        """Whisper to who was called, then let both talk until one is gone."""
        if url := noun.get("url"):
            whisper = Walk(self._exchange, leg)
            await whisper._walk(await whisper._document(Onward(urljoin(self._url, url))))
        if leg.over:
            return
        self._exchange.answered(self._leg)
        room = self._exchange.rooms.open("")
        seats = [self._exchange.rooms.sit(one, room, beep=False) for one in (self._leg, leg)]
        try:
            await asyncio.wait([one.gone for one in seats], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for seat in seats:
                self._exchange.rooms.leave(seat)
