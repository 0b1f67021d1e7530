"""Twilio's REST API for calls, conferences and recordings, in the house's words."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct
from twilio.base.exceptions import TwilioRestException

from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from channels.twilio.api import TwilioApi, in_our_words
from channels.twilio.voice.account import VoiceSettings
from channels.twilio.voice.parse import STATES, caller_of
from channels.twilio.wire import basic
from channels.voice.legs import Dialling, LegSeen, LegState, PartySeen, RecordingSeen
from kernel.errors import CenterError
from kernel.http import Credential, HttpClient
from kernel.limits import VOICE_LISTED, VOICE_RECORDING_BYTES, VOICE_RECORDING_SECONDS

_OVER: Final = frozenset({20404, 21220, 21221})
"""There is no such call or conference (any more): its state was the last to be told."""
_FEW: Final = 20
_TAPES: Final[Mapping[str, Literal["running", "paused", "ended", "lost"]]] = {
    "in-progress": "running",
    "paused": "paused",
    "completed": "ended",
    "absent": "lost",
    "failed": "lost",
}
_LEG_EVENTS: Final = ["initiated", "ringing", "answered", "completed"]
_ROOM_EVENTS: Final = ["start", "end", "join", "leave", "mute", "hold"]


class VoiceNumber(Struct, frozen=True):
    """The number as Twilio keeps it: where it asks when somebody calls."""

    sid: str
    hook_url: str
    fallback_url: str
    status_url: str
    takes_calls: bool


class VoiceApi(TwilioApi):
    """Speaks for one number; raises the errors of `channels.errors`."""

    def __init__(self, settings: VoiceSettings, token: str, http: HttpClient) -> None:
        super().__init__(settings.as_usual, token, http)
        self._http = http
        self._settings = settings
        self._server = settings.api_url
        self._path = f"{settings.api_url}/2010-04-01/Accounts/{settings.account_sid}"
        self._credential = Credential(
            host=urlsplit(settings.api_url).hostname or "",
            headers={"Authorization": basic(settings.account_sid, token)},
        )
        self._rooms: dict[str, str] = {}
        """The names that Twilio gave to our rooms."""

    async def voice_number(self, number: str) -> VoiceNumber | None:
        """Return the number when it is one of the account's own."""
        with in_our_words():
            found = await self._account.incoming_phone_numbers.list_async(
                phone_number=number, limit=1
            )
        if not found:
            return None
        one = found[0]
        able = one.capabilities or {}
        takes = able.get("voice", True) if isinstance(able, dict) else True
        return VoiceNumber(
            one.sid or "",
            one.voice_url or "",
            one.voice_fallback_url or "",
            one.status_callback or "",
            bool(takes),
        )

    async def takes_key(self, key_sid: str, secret: str) -> bool:
        """Say whether Twilio knows this API key; what it signs is refused in a browser only."""
        asking = TwilioApi(self._settings.as_usual, secret, self._http, key_sid=key_sid)
        try:
            await asking.any_number()
        except BadCredentialsError:
            return False
        return True

    async def ask_us(self, number_sid: str, url: str, fallback: str, told_at: str) -> None:
        """Let Twilio ask `url` when somebody calls the number, and tell how calls end."""
        more = {"voice_fallback_url": fallback, "voice_fallback_method": "GET"} if fallback else {}
        with in_our_words():
            await self._account.incoming_phone_numbers(number_sid).update_async(
                voice_url=url,
                voice_method="POST",
                status_callback=told_at,
                status_callback_method="POST",
                **more,
            )

    async def dial(self, wanted: Dialling, told_at: str, room_told_at: str) -> str:
        """Call somebody into a conference, which is made when it is not there."""
        coaching: dict[str, Any] = {}
        if wanted.coaching:
            coaching = {"coaching": True, "call_sid_to_coach": wanted.coaching}
        with _calling():
            made = await self._account.conferences(wanted.room).participants.create_async(
                from_=wanted.shown,
                to=wanted.to,
                label=wanted.label,
                timeout=wanted.seconds,
                early_media=False,
                beep="false",
                muted=wanted.muted,
                start_conference_on_enter=True,
                end_conference_on_exit=wanted.ends_it,
                status_callback=told_at,
                status_callback_method="POST",
                status_callback_event=_LEG_EVENTS,
                conference_status_callback=room_told_at,
                conference_status_callback_method="POST",
                conference_status_callback_event=_ROOM_EVENTS,
                **coaching,
            )
        if not made.call_sid:
            raise OutcomeUnknownError("Twilio called without naming the call")
        return str(made.call_sid)

    async def move(self, sid: str, document: str) -> None:
        with _calling():
            await self._account.calls(sid).update_async(twiml=document)

    async def hang_up(self, sid: str) -> None:
        with _calling():
            await self._account.calls(sid).update_async(status="completed")

    async def change_party(self, room: str, sid: str, **changes: Any) -> None:
        """Hold, mute, coach … one who is in the room."""

        async def change(conference: str) -> None:
            with _calling():
                party = self._account.conferences(conference).participants(sid)
                await party.update_async(**changes)

        await self._in_room(room, change)

    async def remove_party(self, room: str, sid: str) -> None:
        async def remove(conference: str) -> None:
            with _calling():
                await self._account.conferences(conference).participants(sid).delete_async()

        await self._in_room(room, remove)

    async def _in_room(self, room: str, work: Callable[[str], Awaitable[None]]) -> None:
        """Do it in the room that is open now: a call may have left one and opened another."""
        known = self._rooms.get(room)
        if known is not None:
            try:
                await work(known)
            except MessageRejectedError:
                self._rooms.pop(room, None)
            else:
                return
        await work(await self._conference(room))

    async def parties(self, room: str) -> list[PartySeen]:
        known = room in self._rooms
        try:
            conference = await self._conference(room)
        except MessageRejectedError:
            return []
        with in_our_words():
            found = await self._account.conferences(conference).participants.list_async(limit=50)
        if not found and known:
            self._rooms.pop(room, None)  # it may be another one by now
            return await self.parties(room)
        return [
            PartySeen(
                sid=one.call_sid or "",
                label=one.label or "",
                on_hold=bool(one.hold),
                muted=bool(one.muted),
            )
            for one in found
        ]

    async def _conference(self, room: str) -> str:
        """Return Twilio's name of a room that is open; MessageRejectedError when none is."""
        if room in self._rooms:
            return self._rooms[room]
        with in_our_words():
            found = await self._account.conferences.list_async(friendly_name=room, limit=5)
        open_ones = [one.sid for one in found if str(one.status) in {"init", "in-progress"}]
        if not open_ones:
            raise MessageRejectedError("nobody is in this call any more")
        if len(self._rooms) > VOICE_LISTED:
            self._rooms.clear()
        self._rooms[room] = str(open_ones[0])
        return self._rooms[room]

    async def record(self, sid: str, told_at: str) -> str:
        with _calling():
            made = await self._account.calls(sid).recordings.create_async(
                recording_channels="dual",
                recording_status_callback=told_at,
                recording_status_callback_method="POST",
                recording_status_callback_event=["completed", "absent"],
            )
        return str(made.sid)

    async def change_recording(self, sid: str, recording: str, status: str) -> None:
        """Pause (with silence in its place), go on, or stop."""
        more = {"pause_behavior": "silence"} if status == "paused" else {}
        with _calling():
            await (
                self._account.calls(sid)
                .recordings(recording)
                .update_async(
                    status=status,  # type: ignore[arg-type,unused-ignore]
                    **more,
                )
            )

    async def recording(self, recording: str) -> bytes | None:
        """Return its bytes as WAV; None while Twilio still works on it."""
        answer = await self._http.request(
            "GET",
            f"{self._path}/Recordings/{recording}.wav",
            credential=self._credential,
            max_bytes=VOICE_RECORDING_BYTES,
            seconds=VOICE_RECORDING_SECONDS,
        )
        if answer.status == 404:
            return None
        if not answer.ok:
            raise ProviderUnavailableError(f"Twilio answered {answer.status}")
        return answer.body

    async def recordings_of(self, sid: str) -> list[RecordingSeen]:
        """Return every recording of a call, oldest first."""
        with in_our_words():
            found = await self._account.calls(sid).recordings.list_async(limit=_FEW)
        return [
            RecordingSeen(
                name=one.sid or "",
                state=_TAPES.get(str(one.status), "running"),
                seconds=int(one.duration) if str(one.duration or "").isdecimal() else 0,
            )
            for one in reversed(found)
        ]

    async def delete_recording(self, recording: str) -> None:
        with _calling():
            await self._account.recordings(recording).delete_async()

    async def leg(self, sid: str) -> LegSeen | None:
        try:
            with in_our_words():
                return _seen(await self._account.calls(sid).fetch_async())
        except CenterError as error:
            if getattr(error.__cause__, "status", 0) == 404:
                return None
            raise

    async def went_to(self, address: str, since: datetime, number: str) -> list[LegSeen]:
        """Return the calls from the number to that address made since then, oldest first.

        By the moment they were made: one that still rings has not begun.
        """
        with in_our_words():
            found = await self._account.calls.list_async(to=address, from_=number, limit=_FEW)
        made = [one for one in found if one.date_created and one.date_created >= since]
        return [_seen(one) for one in reversed(made)]

    async def came_since(self, moment: datetime, number: str) -> list[LegSeen]:
        """Return calls to the number that began after `moment`, oldest first."""
        with in_our_words():
            found = await self._account.calls.list_async(
                to=number, start_time_after=moment - timedelta(minutes=1), limit=VOICE_LISTED
            )
        return [_seen(one) for one in reversed(found)]


def _seen(one: Any) -> LegSeen:
    state, why = STATES.get(str(one.status), (LegState.DIALLING, ""))
    duration = str(one.duration or "")
    return LegSeen(
        sid=one.sid or "",
        caller=caller_of(vars(one).get("_from") or ""),  # the library calls it so
        called=one.to or "",
        state=state,
        why=why,
        seconds=int(duration) if duration.isdecimal() else 0,
        began_at=one.start_time or one.date_created,
        inbound=one.direction == "inbound",
    )


@contextmanager
def _calling() -> Iterator[None]:
    """As `in_our_words`; what is over already raises MessageRejectedError."""
    try:
        with in_our_words(sending=True):
            yield
    except CenterError as error:
        cause = error.__cause__
        gone = getattr(cause, "code", 0) in _OVER or getattr(cause, "status", 0) == 404
        if isinstance(cause, TwilioRestException | Exception) and gone:
            raise MessageRejectedError("this call is over") from error
        raise
