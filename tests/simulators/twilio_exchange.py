"""The simulated network: legs ring, are answered, hear, speak and end."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from tests.simulators.twilio_gate import ACCOUNT, NUMBER, Fields
from tests.simulators.twilio_legs import Heard, Leg, News, Pace, Recording, Room, Told
from tests.simulators.twilio_rooms import Rooms
from tests.simulators.twilio_teller import Teller

CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


@dataclass(slots=True)
class Handset:
    """A telephone as the network knows it."""

    address: str
    leg: Leg | None = None
    legs_had: int = 0
    reachable: bool = True
    picks_up: bool = False
    machine: bool = False
    rings: Callable[[Leg], None] | None = None
    """Of a browser that is signed in: told when it rings."""
    hung_up: Callable[[Leg], None] | None = None


@dataclass(slots=True)
class OwnNumber:
    """What the account has set for its number."""

    number: str = NUMBER
    sid: str = "PN" + "0" * 32
    voice_url: str = ""
    fallback_url: str = ""
    status_url: str = ""
    method: str = "POST"


class Exchange:
    """Legs, telephones, rooms and recordings of one account."""

    def __init__(self, sid: Callable[[str], str], pace: Pace) -> None:
        self.sid = sid
        self.pace = pace
        self.news = News()
        self.teller = Teller(self.news)
        self.own = OwnNumber()
        self.rooms = Rooms(self.teller, self.news, sid)
        self.rooms.on_close = self._stop_of_room
        self.legs: dict[str, Leg] = {}
        self.handsets: dict[str, Handset] = {}
        self.recordings: dict[str, Recording] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.teller.close()

    def handset(self, address: str) -> Handset:
        """Return the telephone there; a browser is reached only while it is signed in."""
        new = Handset(address, reachable=not address.startswith("client:"))
        return self.handsets.setdefault(address, new)

    def leg(self, sender: str, to: str, direction: str, **more: Any) -> Leg:
        made = Leg(self.sid("CA"), sender, to, direction, datetime.now(UTC), **more)
        self.legs[made.sid] = made
        return made

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Spawn what nobody waits for."""
        _ = self.spawn(work)

    def drive(self, leg: Leg, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let `work` say what happens to a leg; what did so before has ended first."""
        before = leg.walk
        if before is not None:
            before.cancel()

        async def driven() -> None:
            if before is not None:
                await asyncio.wait([before])
            await work()

        leg.walk = self.spawn(driven())

    def fields_of(self, leg: Leg) -> Fields:
        """Return what every webhook about a leg is told."""
        fields = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallSid": leg.sid,
            "CallStatus": leg.status,
            "Called": leg.to,
            "Caller": leg.sender,
            "Direction": leg.direction,
            "From": leg.sender,
            "FromCountry": "UA",
            "To": leg.to,
            "AFieldOfTomorrow": "yes",
        }
        if leg.parent:
            fields["ParentCallSid"] = leg.parent
        if leg.answered_by:
            fields["AnsweredBy"] = leg.answered_by
        return fields

    async def ring(self, leg: Leg, seconds: float) -> bool:
        """Let a telephone ring; tell whether it was answered. Otherwise the leg is over."""
        handset = self.handset(leg.to)
        self._enter(leg, "initiated")
        if not handset.reachable:
            self.end(leg, "no-answer" if leg.to.startswith("client:") else "failed")
            return False
        if handset.leg is not None and not handset.leg.over:
            self.end(leg, "busy")
            return False
        leg.picked_up = asyncio.get_running_loop().create_future()
        handset.leg = leg
        handset.legs_had += 1
        self._enter(leg, "ringing")
        if handset.rings is not None:
            handset.rings(leg)
        outcome = "answered" if handset.picks_up else await self._outcome(leg, seconds)
        if leg.over:
            return False
        if outcome != "answered":
            self.end(leg, outcome)
            return False
        leg.answered_by = leg.answered_by and ("machine_start" if handset.machine else "human")
        self.answered(leg)
        return True

    async def _outcome(self, leg: Leg, seconds: float) -> str:
        assert leg.picked_up is not None
        try:
            async with asyncio.timeout(self.pace.patience(seconds)):
                return await leg.picked_up
        except TimeoutError:
            return "no-answer"

    def answered(self, leg: Leg) -> None:
        if leg.answered_at is None and not leg.over:
            leg.answered_at = datetime.now(UTC)
            leg.status = "in-progress"
            self._report(leg, "answered")
            self.news.stir()

    def end(self, leg: Leg, status: str = "completed") -> None:
        """Hang up, from either end."""
        if leg.over:
            return
        leg.status, leg.ended_at = status, datetime.now(UTC)
        if leg.picked_up is not None and not leg.picked_up.done():
            leg.picked_up.set_result(status)
        if leg.seat is not None:
            self.rooms.leave(leg.seat)
        if leg.walk is not None and leg.walk is not asyncio.current_task():
            leg.walk.cancel()
        for one in list(self.recordings.values()):
            if one.call_sid == leg.sid and not one.conference_sid:
                self.stop_recording(one)
        handset = self.handsets.get(leg.to)
        if handset is not None and handset.leg is leg and handset.hung_up is not None:
            handset.hung_up(leg)
        self._report(leg, "completed")
        self.news.stir()

    def _enter(self, leg: Leg, status: str) -> None:
        leg.status = status
        self._report(leg, status)
        self.news.stir()

    def _report(self, leg: Leg, event: str) -> None:
        number = leg.told.next()
        if not leg.told.url or event not in leg.told.events:
            return
        fields = {
            **self.fields_of(leg),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(number),
            "Timestamp": format_datetime(datetime.now(UTC)),
        }
        if event == "completed":
            fields["CallDuration"] = str(leg.seconds)
            fields["Duration"] = str(-(-leg.seconds // 60))
        self.teller.tell(leg.sid, leg.told.url, fields)

    def hear(self, leg: Leg, heard: Heard) -> None:
        leg.heard.append(heard)
        self.news.stir()

    def speak(self, leg: Leg, words: str) -> None:
        """Somebody says something into a telephone."""
        self._spread(leg, Heard("voice", words))
        if leg.ear is not None and leg.ear.kind == "record":
            leg.ear.words.append(words)
            leg.ear.touched.set()
        for one in self.recordings.values():
            if one.runs and self._is_in(leg, one):
                one.words.append(words)
                one.seconds += spoken_seconds(words)
        self.news.stir()

    def press(self, leg: Leg, key: str) -> None:
        if leg.ear is not None:
            leg.ear.press(key)
        else:
            self._spread(leg, Heard("keys", key))
        self.news.stir()

    def _spread(self, leg: Leg, heard: Heard) -> None:
        seat = leg.seat
        for other in seat.room.seats if seat is not None else ():
            if seat is not None and other.hears(seat):
                other.leg.heard.append(Heard(heard.kind, heard.text, who=seat.name))

    def _is_in(self, leg: Leg, recording: Recording) -> bool:
        seat = leg.seat
        if recording.conference_sid:
            open_to_all = seat is not None and not (seat.held or seat.muted or seat.coaching)
            return open_to_all and seat is not None and seat.room.sid == recording.conference_sid
        recorded = self.legs[recording.call_sid]
        if recorded is leg:
            return True
        return seat is not None and recorded.seat is not None and recorded.seat.hears(seat)

    def record(self, source: str, told: Told, *, call: str = "", room: str = "") -> Recording:
        made = Recording(self.sid("RE"), source, call, room, datetime.now(UTC), told=told)
        self.recordings[made.sid] = made
        self._told_of(made, "in-progress")
        return made

    def stop_recording(self, one: Recording) -> None:
        if not one.ended:
            one.status = "completed"
            one.seconds = one.seconds or 1
            self._told_of(one, "completed")
            self.news.stir()

    def _stop_of_room(self, room: Room) -> None:
        for one in list(self.recordings.values()):
            if one.conference_sid == room.sid:
                self.stop_recording(one)

    def _told_of(self, one: Recording, event: str) -> None:
        if event not in one.told.events:
            return
        fields = {
            "AccountSid": ACCOUNT,
            "RecordingSid": one.sid,
            "RecordingUrl": self.recording_url(one),
            "RecordingStatus": event,
            "RecordingDuration": str(one.seconds),
            "RecordingChannels": str(one.channels),
            "RecordingSource": one.source,
            "RecordingStartTime": format_datetime(one.made_at),
            "RecordingTrack": "both",
        }
        if one.call_sid:
            fields["CallSid"] = one.call_sid
        if one.conference_sid:
            fields["ConferenceSid"] = one.conference_sid
        self.teller.tell(one.sid, one.told.url, fields)

    def recording_url(self, one: Recording) -> str:
        return f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{one.sid}"


def spoken_seconds(words: str) -> int:
    """Return how long it takes to say that, at fifteen letters a second."""
    return max(1, len(words) // 15)
