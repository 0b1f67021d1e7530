"""Conferences: who sits in them, who hears whom, and what is told of it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from tests.simulators.twilio_gate import ACCOUNT, Fields
from tests.simulators.twilio_legs import Heard, Leg, News, Room, Seat
from tests.simulators.twilio_teller import Teller

_TOLD_AS: Mapping[str, str] = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
}
Plays = Callable[[Leg, str, str], "asyncio.Task[None]"]


class Rooms:
    """Every conference of the account, also those that are over."""

    def __init__(self, teller: Teller, news: News, sid: Callable[[str], str]) -> None:
        self.all: list[Room] = []
        self.plays: Plays | None = None
        """Walks what a waiting leg hears, again and again."""
        self.on_close: Callable[[Room], None] = lambda _: None
        self._teller = teller
        self._news = news
        self._sid = sid

    def open(self, name: str) -> Room:
        """Return the conference of that name that is not over; a new one when there is none."""
        found = self.find(name) if name else None
        if found is None:
            found = Room(self._sid("CF"), name, datetime.now(UTC))
            self.all.append(found)
        return found

    def find(self, key: str) -> Room | None:
        """Find one by SID, or one that is not over by name."""
        return next(
            (one for one in self.all if one.sid == key or (one.name == key and not one.over)), None
        )

    def sit(self, leg: Leg, room: Room, **ways: Any) -> Seat:
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        seat = Seat(leg, room, gone, **ways)
        leg.seat = seat
        room.seats.append(seat)
        room.was_in.append(seat)
        for other in room.seats:
            if room.began and seat.beep and other is not seat:
                other.leg.heard.append(Heard("beep", ""))
        self._tell(room, "participant-join", seat)
        if not room.began and len(room.seats) > 1 and any(one.starts for one in room.seats):
            self._begin(room)
        elif not room.began:
            self._wait(seat)
        self._news.stir()
        return seat

    def leave(self, seat: Seat, reason: str = "participant_hung_up") -> None:
        """Take a leg out; the conference ends with whom it should end, or with the last."""
        if seat.gone.done():
            return
        room = seat.room
        room.seats.remove(seat)
        if seat.leg.seat is seat:
            seat.leg.seat = None
        self._hush(seat)
        seat.gone.set_result(reason)
        self._tell(room, "participant-leave", seat, ReasonParticipantLeft=reason)
        if seat.ends:
            self.close(room, "participant-with-end-conference-on-exit-left", seat.leg.sid)
        elif not room.seats:
            self.close(room, "last-participant-left", seat.leg.sid)
        self._news.stir()

    def close(self, room: Room, reason: str, ender: str = "") -> None:
        if room.over:
            return
        room.over, room.reason, room.ended_by = True, reason, ender
        for seat in list(room.seats):
            self.leave(seat, "conference_ended")
        more = {"ReasonConferenceEnded": reason}
        if ender:
            more["CallSidEndingConference"] = ender
        self._tell(room, "conference-end", None, **more)
        self.on_close(room)

    def set_hold(self, seat: Seat, *, held: bool, url: str = "", method: str = "POST") -> None:
        if seat.held == held:
            return
        seat.held, seat.hold_url = held, url
        self._hush(seat)
        if held:
            self._play(seat, url or None, method)
        elif not seat.room.began:
            self._wait(seat)
        self._tell(seat.room, "participant-hold" if held else "participant-unhold", seat)
        self._news.stir()

    def set_muted(self, seat: Seat, *, muted: bool) -> None:
        if seat.muted == muted:
            return
        seat.muted = muted
        self._tell(seat.room, "participant-mute" if muted else "participant-unmute", seat)
        self._news.stir()

    def _begin(self, room: Room) -> None:
        room.began = True
        for seat in room.seats:
            if not seat.held:
                self._hush(seat)
        self._tell(room, "conference-start", None)

    def _wait(self, seat: Seat) -> None:
        if seat.room.name:
            self._play(seat, seat.wait_url, seat.wait_method)

    def _play(self, seat: Seat, url: str | None, method: str) -> None:
        if url is None:
            seat.leg.heard.append(Heard("music", "the provider's own"))
        elif url and self.plays is not None:
            seat.music = self.plays(seat.leg, url, method)

    def _hush(self, seat: Seat) -> None:
        if seat.music is not None:
            seat.music.cancel()
            seat.music = None

    def _tell(self, room: Room, event: str, seat: Seat | None, **more: str) -> None:
        number = room.told.next()
        if not room.told.url or _TOLD_AS[event] not in room.told.events:
            return
        fields: Fields = {
            "AccountSid": ACCOUNT,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(number),
            "Timestamp": format_datetime(datetime.now(UTC)),
            "AFieldOfTomorrow": "yes",
            **more,
        }
        if seat is not None:
            fields |= {
                "CallSid": seat.leg.sid,
                "Muted": _word(seat.muted),
                "Hold": _word(seat.held),
                "Coaching": _word(bool(seat.coaching)),
                "StartConferenceOnEnter": _word(seat.starts),
                "EndConferenceOnExit": _word(seat.ends),
            }
            if seat.label:
                fields["ParticipantLabel"] = seat.label
        self._teller.tell(room.sid, room.told.url, fields)


def _word(yes: bool) -> str:
    return "true" if yes else "false"
