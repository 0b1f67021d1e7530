"""Twilio's voice API: calls, conferences, who is in them, and recordings."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct
from multidict import MultiMapping

from tests.simulators import twilio_views as views
from tests.simulators.twilio_exchange import CALL_EVENTS, Exchange
from tests.simulators.twilio_gate import ACCOUNT, API, TwilioGate, refused
from tests.simulators.twilio_legs import Leg, Recording, Room, Seat, Told
from tests.simulators.twilio_walk import Onward, Walk

_ADDRESS: Final = re.compile(r"\+[1-9]\d{6,14}|sip:[^\s@]+@[^\s@]+|client:[\w.@+-]+")
_FEW: Final = frozenset({"completed"})
Form = MultiMapping[Any]
Work = Callable[[Form], web.Response]


class RefusedError(Exception):
    """The API says no, with Twilio's code."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.answer = refused(status, code, words)


class _Way(Struct, frozen=True):
    method: str
    path: str
    what: str
    """By this name `fail` and `asked` know it."""
    work: Callable[[Mapping[str, str], Form], web.Response]


class VoiceApi:
    """The routes; each does its work at once and answers as Twilio does."""

    def __init__(self, gate: TwilioGate, exchange: Exchange) -> None:
        self._gate = gate
        self._exchange = exchange
        self.page_rows = 1_000

    def routes(self) -> list[web.RouteDef]:
        party = "/Conferences/{room}/Participants"
        tape = "Recordings/{recording}"
        ways = [
            _Way("GET", ".json", "account", self._account),
            _Way("GET", "/IncomingPhoneNumbers.json", "numbers", self._numbers),
            _Way("POST", "/IncomingPhoneNumbers/{number}.json", "call us", self._change_number),
            _Way("POST", "/Calls.json", "call", self._call),
            _Way("GET", "/Calls.json", "list calls", self._calls),
            _Way("GET", "/Calls/{call}.json", "look at call", self._show_call),
            _Way("POST", "/Calls/{call}.json", "change call", self._change_call),
            _Way("GET", "/Conferences.json", "list conferences", self._conferences),
            _Way("GET", "/Conferences/{room}.json", "look at conference", self._show_room),
            _Way("POST", "/Conferences/{room}.json", "change conference", self._change_room),
            _Way("POST", f"{party}.json", "participant", self._invite),
            _Way("GET", f"{party}.json", "list participants", self._participants),
            _Way("GET", f"{party}/{{party}}.json", "look at participant", self._show_party),
            _Way("POST", f"{party}/{{party}}.json", "change participant", self._change_party),
            _Way("DELETE", f"{party}/{{party}}.json", "remove participant", self._remove_party),
            _Way("POST", "/Calls/{call}/Recordings.json", "record", self._record),
            _Way("POST", f"/Calls/{{call}}/{tape}.json", "change recording", self._change_tape),
            _Way("POST", f"/Conferences/{{room}}/{tape}.json", "change recording",
                 self._change_tape),
            _Way("GET", "/Recordings.json", "list recordings", self._tapes),
            _Way("GET", "/Conferences/{room}/Recordings.json", "list recordings", self._tapes),
            _Way("GET", "/Calls/{call}/Recordings.json", "list recordings", self._tapes),
            _Way("GET", f"/{tape}.json", "look at recording", self._show_tape),
            _Way("GET", f"/{tape}.wav", "media", self._media),
            _Way("DELETE", f"/{tape}.json", "remove recording", self._remove_tape),
        ]  # fmt: skip
        return [self._route(one) for one in ways]

    def _route(self, way: _Way) -> web.RouteDef:
        async def handle(request: web.Request) -> web.StreamResponse:
            form: Form = await request.post() if request.method == "POST" else request.query

            def work() -> web.Response:
                try:
                    return way.work(request.match_info, form)
                except RefusedError as error:
                    return error.answer

            return await self._gate.answer(request, way.what, work)

        return web.route(way.method, f"{API}{way.path}", handle)

    def _account(self, _path: Mapping[str, str], _form: Form) -> web.Response:
        return web.json_response(
            {"sid": ACCOUNT, "friendly_name": "Wonder Shop", "status": "active"}
        )

    def _numbers(self, _path: Mapping[str, str], form: Form) -> web.Response:
        own = self._exchange.own
        mine = form.get("PhoneNumber", own.number) == own.number
        return _page("incoming_phone_numbers", [views.number(own)] if mine else [])

    def _change_number(self, path: Mapping[str, str], form: Form) -> web.Response:
        own = self._exchange.own
        if path["number"] != own.sid:
            raise RefusedError(404, 20404, "no such number")
        own.voice_url = form.get("VoiceUrl", own.voice_url)
        own.fallback_url = form.get("VoiceFallbackUrl", own.fallback_url)
        own.status_url = form.get("StatusCallback", own.status_url)
        own.method = form.get("VoiceMethod", own.method)
        return web.json_response(views.number(own))

    def _call(self, _path: Mapping[str, str], form: Form) -> web.Response:
        leg = self._made_leg(form)
        leg.fallback = form.get("FallbackUrl", "")
        onward = _onward(form)
        if onward is None:
            raise RefusedError(400, 21205, "Url or Twiml is needed")

        async def called() -> None:
            if await self._exchange.ring(leg, float(form.get("Timeout", "60"))):
                await Walk(self._exchange, leg).run(onward)

        self._exchange.drive(leg, called)
        return web.json_response(views.call(leg), status=201)

    def _made_leg(self, form: Form) -> Leg:
        to, sender = form.get("To", ""), form.get("From", "")
        if not _ADDRESS.fullmatch(to):
            raise RefusedError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if sender != self._exchange.own.number and not sender.startswith("client:"):
            raise RefusedError(400, 21210, f"'From' {sender} is not a verified number")
        events = frozenset(form.getall("StatusCallbackEvent", [])) or _FEW
        odd = events - CALL_EVENTS
        if odd:
            raise RefusedError(400, 21626, f"Invalid StatusCallbackEvent {sorted(odd)}")
        told = Told(form.get("StatusCallback", ""), events)
        heard_out = "asked" if form.get("MachineDetection") else ""
        return self._exchange.leg(sender, to, "outbound-api", told=told, answered_by=heard_out)

    def _calls(self, path: Mapping[str, str], form: Form) -> web.Response:
        after, before = _bound(form, "StartTime>"), _bound(form, "StartTime<")
        found = [
            leg
            for leg in reversed(self._exchange.legs.values())
            if form.get("To", leg.to) == leg.to
            and form.get("From", leg.sender) == leg.sender
            and form.get("Status", leg.status) == leg.status
            and form.get("ParentCallSid", leg.parent) == leg.parent
            and (after is None or leg.made_at >= after)
            and (before is None or leg.made_at <= before)
        ]
        size = min(int(form.get("PageSize", "50")), self.page_rows)
        page = int(form.get("Page", "0"))
        more = urlencode({**dict(form), "Page": str(page + 1)})
        onward = f"{API}/Calls.json?{more}" if len(found) > (page + 1) * size else None
        return _page("calls", [views.call(one) for one in found[page * size :][:size]], onward)

    def _leg(self, path: Mapping[str, str]) -> Leg:
        found = self._exchange.legs.get(path["call"])
        if found is None:
            raise RefusedError(404, 20404, f"The requested call {path['call']} was not found")
        return found

    def _show_call(self, path: Mapping[str, str], _form: Form) -> web.Response:
        return web.json_response(views.call(self._leg(path)))

    def _change_call(self, path: Mapping[str, str], form: Form) -> web.Response:
        """Send a call elsewhere, or hang it up."""
        leg = self._leg(path)
        onward, status = _onward(form), form.get("Status", "")
        if leg.over:
            raise RefusedError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "canceled" and leg.answered_at is not None:
            raise RefusedError(400, 21220, "an answered call cannot be canceled")
        if status in {"completed", "canceled"}:
            self._exchange.end(leg, "completed" if leg.answered_at else "canceled")
        elif onward is not None:
            if leg.answered_at is None and leg.direction != "inbound":
                raise RefusedError(400, 21220, "Call is not in-progress. Cannot redirect.")
            # What it walked is over, without a word to the action of its <Dial>.
            self._exchange.drive(leg, lambda: Walk(self._exchange, leg).run(onward))
            if leg.seat is not None:
                self._exchange.rooms.leave(leg.seat, "participant_updated_via_api")
        else:
            raise RefusedError(400, 21218, "Url, Twiml or Status is needed")
        return web.json_response(views.call(leg))

    def _room(self, path: Mapping[str, str]) -> Room:
        found = self._exchange.rooms.find(path["room"])
        if found is None or not found.name:
            raise RefusedError(404, 20404, f"The conference {path['room']} was not found")
        return found

    def _conferences(self, _path: Mapping[str, str], form: Form) -> web.Response:
        found = [
            views.conference(one)
            for one in reversed(self._exchange.rooms.all)
            if one.name
            and form.get("FriendlyName", one.name) == one.name
            and form.get("Status", one.status) == one.status
        ]
        return _page("conferences", found)

    def _show_room(self, path: Mapping[str, str], _form: Form) -> web.Response:
        return web.json_response(views.conference(self._room(path)))

    def _change_room(self, path: Mapping[str, str], form: Form) -> web.Response:
        room = self._room(path)
        if form.get("Status") == "completed":
            self._exchange.rooms.close(room, "conference-ended-via-api")
        return web.json_response(views.conference(room))

    def _invite(self, path: Mapping[str, str], form: Form) -> web.Response:
        """Call somebody and, once answered, let them in."""
        key = path["room"]
        found = self._exchange.rooms.find(key)
        if (found is None or found.over) and key.startswith("CF"):
            raise RefusedError(404, 20404, f"The conference {key} was not found")
        leg = self._made_leg(form)
        room = found if found is not None else self._exchange.rooms.open(key)
        self._tell_of(room, form)
        ways: dict[str, Any] = {
            "label": form.get("Label", ""),
            "starts": _yes(form, "StartConferenceOnEnter", "true"),
            "ends": _yes(form, "EndConferenceOnExit"),
            "muted": _yes(form, "Muted"),
            "coaching": form.get("CallSidToCoach", "") if _yes(form, "Coaching") else "",
            "beep": form.get("Beep", "true") != "false",
            "wait_url": form.get("WaitUrl"),
            "wait_method": form.get("WaitMethod", "POST"),
        }

        async def invited() -> None:
            if await self._exchange.ring(leg, float(form.get("Timeout", "60"))):
                # The conference may be over by now; its name opens another, as at Twilio.
                where = self._exchange.rooms.open(room.name)
                seat = self._exchange.rooms.sit(leg, where, **ways)
                try:
                    await asyncio.wait([seat.gone])
                finally:
                    self._exchange.rooms.leave(seat)
                self._exchange.end(leg)

        self._exchange.drive(leg, invited)
        shown = {**_expected(leg, room, ways), "status": "queued"}
        return web.json_response(shown, status=201)

    def _tell_of(self, room: Room, form: Form) -> None:
        if not room.told.url and form.get("ConferenceStatusCallback"):
            words = " ".join(form.getall("ConferenceStatusCallbackEvent", ["start end"]))
            url = form["ConferenceStatusCallback"]
            room.told = Told(url, frozenset(words.split()), room.told.count)
        if form.get("ConferenceRecord", "").startswith(("true", "record-from-start")):
            told = Told(
                form.get("ConferenceRecordingStatusCallback", ""),
                frozenset(form.getall("ConferenceRecordingStatusCallbackEvent", ["completed"])),
            )
            self._exchange.record("Conference", told, room=room.sid)

    def _participants(self, path: Mapping[str, str], _form: Form) -> web.Response:
        room = self._room(path)
        return _page("participants", [views.participant(one) for one in room.seats])

    def _seat(self, path: Mapping[str, str]) -> Seat:
        found = self._room(path).seat_of(path["party"])
        if found is None:
            raise RefusedError(404, 20404, f"The participant {path['party']} was not found")
        return found

    def _show_party(self, path: Mapping[str, str], _form: Form) -> web.Response:
        return web.json_response(views.participant(self._seat(path)))

    def _change_party(self, path: Mapping[str, str], form: Form) -> web.Response:
        seat, rooms = self._seat(path), self._exchange.rooms
        if "Hold" in form:
            rooms.set_hold(
                seat,
                held=_yes(form, "Hold"),
                url=form.get("HoldUrl", ""),
                method=form.get("HoldMethod", "POST"),
            )
        if "Muted" in form:
            rooms.set_muted(seat, muted=_yes(form, "Muted"))
        if "EndConferenceOnExit" in form:
            seat.ends = _yes(form, "EndConferenceOnExit")
        if "Coaching" in form:
            coached = form.get("CallSidToCoach", "")
            if _yes(form, "Coaching") and seat.room.seat_of(coached) is None:
                raise RefusedError(400, 16025, "CallSidToCoach names nobody in this conference")
            seat.coaching = coached if _yes(form, "Coaching") else ""
        if form.get("AnnounceUrl") and rooms.plays is not None:
            walk = Walk(self._exchange, seat.leg)
            self._exchange.launch(walk.hear_once(form["AnnounceUrl"]))
        self._exchange.news.stir()
        return web.json_response(views.participant(seat))

    def _remove_party(self, path: Mapping[str, str], _form: Form) -> web.Response:
        self._exchange.rooms.leave(self._seat(path), "participant_kicked_via_api")
        return web.Response(status=204)

    def _record(self, path: Mapping[str, str], form: Form) -> web.Response:
        leg = self._leg(path)
        if leg.over or leg.answered_at is None:
            raise RefusedError(400, 21220, "the call is not in progress")
        events = frozenset(form.getall("RecordingStatusCallbackEvent", ["completed"]))
        told = Told(form.get("RecordingStatusCallback", ""), events)
        made = self._exchange.record("StartCallRecordingAPI", told, call=leg.sid)
        made.channels = 2 if form.get("RecordingChannels") == "dual" else 1
        return web.json_response(views.recording(made), status=201)

    def _tape(self, path: Mapping[str, str]) -> Recording:
        """Find one by SID, or the running one of a call or conference."""
        key = path["recording"]
        if key != "Twilio.CURRENT":
            found = self._exchange.recordings.get(key)
        else:
            found = next(iter(self._running(path)), None)
        if found is None:
            raise RefusedError(404, 20404, f"The recording {key} was not found")
        return found

    def _running(self, path: Mapping[str, str]) -> Sequence[Recording]:
        return [one for one in self._of(path) if not one.ended]

    def _of(self, path: Mapping[str, str]) -> Sequence[Recording]:
        found = list(self._exchange.recordings.values())
        if "room" in path:
            room = self._room(path)
            return [one for one in found if one.conference_sid == room.sid]
        if "call" in path:
            return [one for one in found if one.call_sid == self._leg(path).sid]
        return found

    def _change_tape(self, path: Mapping[str, str], form: Form) -> web.Response:
        one, status = self._tape(path), form.get("Status", "")
        if one.ended:
            raise RefusedError(400, 21220, "the recording has ended")
        if status == "stopped":
            self._exchange.stop_recording(one)
        elif status in {"paused", "in-progress"}:
            if status == "paused":
                one.pauses.append(form.get("PauseBehavior", "silence"))
            one.status = status
        else:
            raise RefusedError(400, 20001, f"Status cannot be {status!r}")
        self._exchange.news.stir()
        return web.json_response(views.recording(one))

    def _tapes(self, path: Mapping[str, str], _form: Form) -> web.Response:
        return _page("recordings", [views.recording(one) for one in self._of(path)])

    def _show_tape(self, path: Mapping[str, str], _form: Form) -> web.Response:
        return web.json_response(views.recording(self._tape(path)))

    def _media(self, path: Mapping[str, str], _form: Form) -> web.Response:
        one = self._tape(path)
        if not one.ended:
            raise RefusedError(404, 20404, "the recording is not there yet")
        return web.Response(body=one.wav(), content_type="audio/x-wav")

    def _remove_tape(self, path: Mapping[str, str], _form: Form) -> web.Response:
        del self._exchange.recordings[self._tape(path).sid]
        return web.Response(status=204)


def _page(name: str, rows: Sequence[Any], onward: str | None = None) -> web.Response:
    return web.json_response({name: list(rows), "next_page_uri": onward, "page": 0})


def _onward(form: Form) -> Onward | None:
    if form.get("Twiml"):
        return Onward(document=form["Twiml"])
    return Onward(form["Url"], form.get("Method", "POST")) if form.get("Url") else None


def _yes(form: Form, name: str, otherwise: str = "false") -> bool:
    return str(form.get(name, otherwise)).lower() == "true"


def _bound(form: Form, name: str) -> datetime | None:
    given = form.get(name, "")
    if not given:
        return None
    moment = datetime.fromisoformat(given)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _expected(leg: Leg, room: Room, ways: Mapping[str, Any]) -> dict[str, Any]:
    """Show a party that is still called."""
    return {
        "account_sid": ACCOUNT,
        "call_sid": leg.sid,
        "conference_sid": room.sid,
        "label": ways["label"] or None,
        "muted": ways["muted"],
        "hold": False,
        "coaching": bool(ways["coaching"]),
        "call_sid_to_coach": ways["coaching"] or None,
        "start_conference_on_enter": ways["starts"],
        "end_conference_on_exit": ways["ends"],
    }
