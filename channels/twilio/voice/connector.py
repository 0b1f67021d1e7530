"""The telephone by Twilio: asked and told by its webhooks, steered by its REST API."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from importlib import import_module
from types import TracebackType
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from channels.channel import Surroundings
from channels.envelope import (
    Account,
    CheckStep,
    Deliver,
    Delivery,
    Envelope,
    Health,
    HookAnswer,
    HookCall,
    Outbound,
    Receipt,
    Tell,
)
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    ProviderUnavailableError,
)
from channels.twilio.account import WEBHOOK_KEY, read_token
from channels.twilio.signature import read_form, refuse_unsigned
from channels.twilio.voice.account import KIND, read_api_key, read_settings
from channels.twilio.voice.checking import Checking
from channels.twilio.voice.parse import read_moment
from channels.voice.legs import (
    BrowserPass,
    Dialling,
    LegSeen,
    Moment,
    PartySeen,
    RecordingSeen,
    What,
)
from channels.voice.steps import Join, Step
from kernel.http import HttpClient
from kernel.limits import VOICE_LOOK_SECONDS
from kernel.log import hide
from kernel.secrets import Secret

CALL_AGAIN: Final = "#rc=2&rp=ct,rt,5xx"
"""Asks Twilio to ask twice more when nobody answers (“Connection overrides”); never signed."""
_HEALTH_OF: Final = {
    BadCredentialsError: Health.BAD_CREDENTIALS,
    MisconfiguredError: Health.MISCONFIGURED,
    ProviderUnavailableError: Health.WAITING,
}
_Failure = (BadCredentialsError, MisconfiguredError, ProviderUnavailableError)


class VoiceConnector:
    """Speaks for one number; raises MisconfiguredError at once when its settings cannot work."""

    kind: ClassVar[str] = KIND

    def __init__(self, account: Account, around: Surroundings) -> None:
        self.settings = read_settings(
            account.settings, allow_private_hosts=around.allow_private_hosts
        )
        self._token = read_token(account.secrets)
        self._webhook_key = account.secrets.get(WEBHOOK_KEY, "").strip()
        self._api_key = read_api_key(self.settings, account.secrets)
        for secret in filter(None, (self._token, self._webhook_key, self._api_key)):
            hide(Secret(secret))
        self._around = around
        self._public_url = around.public_url.rstrip("/")
        self._hook_url = f"{self._public_url}/hooks/{KIND}/{account.public_key}"
        self._is_public = around.allow_private_hosts or self._hook_url.startswith("https://")
        self._stack = AsyncExitStack()
        self._api: Any = None
        self._words: Any = None

    async def __aenter__(self) -> Self:
        # The library takes a moment to import: not at the start of a center without a number.
        library = await asyncio.to_thread(import_module, "channels.twilio.voice.api")
        self._words = await asyncio.to_thread(import_module, "channels.twilio.voice.twiml")
        http = await self._stack.enter_async_context(
            HttpClient(allow_private=self._around.allow_private_hosts)
        )
        self._api = library.VoiceApi(self.settings, self._token, http)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    # An account like any other.

    async def listen(self, _deliver: Deliver, tell: Tell) -> None:
        """Let Twilio ask us about every call, until cancelled or it fails."""
        tell(Health.CONNECTING, "connecting to Twilio")
        try:
            while True:
                await self._api.account()
                await self._be_asked()
                tell(Health.CONNECTED, self.settings.number)
                await self._around.clock.sleep(VOICE_LOOK_SECONDS)
        except _Failure as error:
            tell(_HEALTH_OF[type(error)], error.message)
            raise

    async def _be_asked(self) -> None:
        if not self._is_public:
            raise MisconfiguredError(
                "Twilio asks only https addresses, and public_url is none; set public_url to the"
                " address that the world reaches"
            )
        own = await self._api.voice_number(self.settings.number)
        if own is None:
            raise MisconfiguredError(f"{self.settings.number} is not a number of this account")
        asked, told = f"{self._hook_url}/called", f"{self._hook_url}/status"
        fallback = self.settings.fallback_url
        here = own.hook_url.partition("#")[0] == asked
        if not here or own.status_url.partition("#")[0] != told or fallback not in own.fallback_url:
            await self._api.ask_us(own.sid, asked + CALL_AGAIN, fallback, told + CALL_AGAIN)

    async def check(self) -> list[CheckStep]:
        checking = Checking(
            self._api, self.settings, self._hook_url, public=self._is_public, api_key=self._api_key
        )
        return await checking.steps()

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        """Calls are no messages: what is stored of them was understood when it came."""
        return [() for _ in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        raise MessageRejectedError("a telephone carries no text; call the client")

    # A provider of calls (channels/voice/legs.py).

    @property
    def number(self) -> str:
        return self.settings.number

    @property
    def signalling(self) -> str:
        return self.settings.signalling_url if self._api_key else ""

    def browser_pass(self, identity: str) -> BrowserPass:
        made: BrowserPass = import_module("channels.twilio.voice.browser").browser_pass(
            self.settings, self._api_key, identity, self._around.clock.now()
        )
        return made

    def moment_of(self, call: HookCall) -> Moment:
        form = read_form(call.body)
        url = f"{self._hook_url}/{call.path}" if call.path else self._hook_url
        asked = f"{url}?{call.query}" if call.query else url
        refuse_unsigned(asked, form, call.headers, token=self._token, webhook_key=self._webhook_key)
        return read_moment(call.path, call.query, form)

    def spoken(self, steps: Sequence[Step]) -> HookAnswer:
        return HookAnswer(body=self._document(steps).encode(), content_type="text/xml")

    def address(self, what: What, call_id: UUID, turn: int = 0) -> str:
        more = f"&turn={turn}" if turn else ""
        return f"{self._hook_url}/{what.value}?call={call_id}{more}"

    async def dial(self, wanted: Dialling) -> str:
        told = f"{self.address(What.LEG, wanted.call_id)}&leg={wanted.leg_id}{CALL_AGAIN}"
        sid: str = await self._api.dial(wanted, told, self._told(What.ROOM, wanted.call_id))
        return sid

    async def move(self, sid: str, steps: Sequence[Step]) -> None:
        await self._api.move(sid, self._document(steps))

    async def hold(self, room: str, sid: str, call_id: UUID, *, on: bool) -> None:
        asked = {"hold_url": self.address(What.HELD, call_id), "hold_method": "POST"}
        more = asked if on else {}
        await self._api.change_party(room, sid, hold=on, **more)

    async def mute(self, room: str, sid: str, *, on: bool) -> None:
        await self._api.change_party(room, sid, muted=on)

    async def coach(self, room: str, sid: str, *, whom: str, muted: bool) -> None:
        if whom:
            await self._api.change_party(
                room, sid, coaching=True, call_sid_to_coach=whom, muted=False
            )
        else:
            await self._api.change_party(room, sid, coaching=False, muted=muted)

    async def bind(self, room: str, sid: str, *, ends_it: bool) -> None:
        await self._api.change_party(room, sid, end_conference_on_exit=ends_it)

    async def aside(self, room: str, sid: str, steps: Sequence[Step], back: Join) -> None:
        """The leg leaves the room for that moment, which does not end by it."""
        await self.bind(room, sid, ends_it=False)
        await self.move(sid, [*steps, back])

    async def remove(self, room: str, sid: str) -> None:
        await self._api.remove_party(room, sid)

    async def hang_up(self, sid: str) -> None:
        await self._api.hang_up(sid)

    async def record(self, sid: str, call_id: UUID) -> str:
        name: str = await self._api.record(sid, self._told(What.RECORDING, call_id))
        return name

    async def pause_recording(self, sid: str, recording: str, *, on: bool) -> None:
        await self._api.change_recording(sid, recording, "paused" if on else "in-progress")

    async def stop_recording(self, sid: str, recording: str) -> None:
        await self._api.change_recording(sid, recording, "stopped")

    async def fetch_recording(self, recording: str) -> bytes | None:
        found: bytes | None = await self._api.recording(recording)
        return found

    async def forget_recording(self, recording: str) -> None:
        if not self.settings.keeps_recordings_at_twilio:
            await self._api.delete_recording(recording)

    async def leg(self, sid: str) -> LegSeen | None:
        found: LegSeen | None = await self._api.leg(sid)
        return found

    async def recordings(self, sid: str) -> list[RecordingSeen]:
        found: list[RecordingSeen] = await self._api.recordings_of(sid)
        return found

    async def went_to(self, address: str, since: datetime) -> list[LegSeen]:
        found: list[LegSeen] = await self._api.went_to(address, since, self.settings.number)
        return found

    async def came_since(self, moment: datetime) -> list[LegSeen]:
        found: list[LegSeen] = await self._api.came_since(moment, self.settings.number)
        return found

    async def parties(self, room: str) -> list[PartySeen]:
        found: list[PartySeen] = await self._api.parties(room)
        return found

    def _told(self, what: What, call_id: UUID) -> str:
        return f"{self.address(what, call_id)}{CALL_AGAIN}"

    def _document(self, steps: Sequence[Step]) -> str:
        text: str = self._words.twiml(steps, self.settings.voices)
        return text
