"""Browsers as telephones: the server that Twilio's Voice SDK listens at, and the sound both ways.

The messages are those of the SDK (`PStream`): it proves itself with an access token, registers, is
invited with an offer (SDP), answers it, and hangs up. The sound is real: WebRTC by aiortc, a tone
to whoever hears somebody in their room, and how loud they are themselves.
"""

import asyncio
import json
import math
import time
from array import array
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import aiohttp
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tests.simulators.twilio_exchange import Exchange, Handset
from tests.simulators.twilio_gate import ACCOUNT, API_KEY, API_SECRET
from tests.simulators.twilio_legs import Leg

_BEAT_SECONDS: Final = 5.0
_BAD_TOKEN: Final = 31204
_OLD_TOKEN: Final = 31205
_TONE_HZ: Final = 440
_TONE_PEAK: Final = 8_000
_LOUD: Final = 500
"""A sample above this is no silence."""


class TokenError(Exception):
    """The token is refused, with Twilio's code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def identity_in(token: str) -> tuple[str, int]:
    """Return whom the token lets be called, and for how many seconds; raises TokenError."""
    try:
        found = jwt.decode(token, OctKey.import_key(API_SECRET), algorithms=["HS256"])
    except (JoseError, ValueError) as error:
        raise TokenError(_BAD_TOKEN, f"JWT is invalid: {error}") from error
    claims: Mapping[str, Any] = found.claims
    if found.header.get("cty") != "twilio-fpa;v=1" or claims.get("iss") != API_KEY:
        raise TokenError(_BAD_TOKEN, "no access token of this API key")
    grants = claims.get("grants", {})
    may = grants.get("voice", {}).get("incoming", {}).get("allow", False)
    if claims.get("sub") != ACCOUNT or not grants.get("identity") or not may:
        raise TokenError(_BAD_TOKEN, "the token lets nobody be called")
    left = int(claims.get("exp", 0) - time.time())
    if left <= 0:
        raise TokenError(_OLD_TOKEN, "JWT has expired")
    return str(grants["identity"]), left


class Browser:
    """One browser that is signed in, and the call it has."""

    def __init__(self, exchange: Exchange, socket: web.WebSocketResponse, identity: str) -> None:
        self._exchange = exchange
        self._socket = socket
        self.identity = identity
        self.sound: Sound | None = None
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def handset(self) -> Handset:
        return self._exchange.handset(f"client:{self.identity}")

    def register(self) -> None:
        handset = self.handset
        handset.reachable, handset.rings, handset.hung_up = True, self._ring, self._over
        self.tell("ready")

    def unregister(self) -> None:
        """Whoever takes its place rings instead; a call that goes on is over."""
        handset = self.handset
        if handset.rings != self._ring:
            return
        handset.reachable, handset.rings = False, None
        if handset.leg is not None and not handset.leg.over:
            self._exchange.end(handset.leg)

    def tell(self, kind: str, **payload: Any) -> None:
        self._spawn(self._tell(kind, payload))

    async def _tell(self, kind: str, payload: Mapping[str, Any]) -> None:
        with suppress(ConnectionError):
            await self._socket.send_json({"type": kind, "version": "1.6", "payload": payload})

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _ring(self, leg: Leg) -> None:
        self._spawn(self._invite(leg))

    async def _invite(self, leg: Leg) -> None:
        self.sound = Sound(leg)
        parameters = {"AccountSid": ACCOUNT, "CallSid": leg.sid, "From": leg.sender, "To": leg.to}
        payload = {"callsid": leg.sid, "sdp": await self.sound.offer(), "parameters": parameters}
        if not leg.over:
            await self._tell("invite", payload)

    def _over(self, leg: Leg) -> None:
        self.tell("hangup" if leg.answered_at else "cancel", callsid=leg.sid)
        if self.sound is not None and self.sound.leg is leg:
            self._spawn(self.sound.close())

    async def heard(self, kind: str, payload: Mapping[str, Any]) -> None:
        leg = self.handset.leg
        if leg is None or leg.over or payload.get("callsid") != leg.sid or self.sound is None:
            return
        if kind == "answer":
            await self.sound.answered(payload["sdp"])
            if leg.picked_up is not None and not leg.picked_up.done():
                leg.picked_up.set_result("answered")
        elif kind == "reject" and leg.picked_up is not None and not leg.picked_up.done():
            leg.picked_up.set_result("busy")
        elif kind in {"hangup", "reject"}:
            self._exchange.end(leg)
        elif kind == "dtmf":
            self._exchange.press(leg, str(payload.get("dtmf", "")))

    async def close(self) -> None:
        self.unregister()
        if self.sound is not None:
            await self.sound.close()


class Browsers:
    """Everybody who listens; the newest browser of an identity is the one that rings."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.online: dict[str, Browser] = {}
        self.refused: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/signal", self._listen)]

    async def until_online(self, identity: str) -> Browser:
        await self._exchange.news.until(
            lambda: identity in self.online and self.online[identity].handset.reachable,
            lambda: f"{identity} is not signed in: {sorted(self.online)}, {self.refused}",
        )
        return self.online[identity]

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        beating = asyncio.create_task(_beat(socket))
        browser: Browser | None = None
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT or not message.data.strip():
                    continue
                told = json.loads(message.data)
                kind, payload = told["type"], told.get("payload", {})
                if kind == "listen":
                    browser = await self._signed_in(socket, payload, browser)
                elif browser is not None and kind == "register":
                    if payload.get("media", {}).get("audio"):
                        browser.register()
                    else:
                        browser.unregister()
                    self._exchange.news.stir()
                elif browser is not None:
                    await browser.heard(kind, payload)
        finally:
            beating.cancel()
            if browser is not None:
                await browser.close()
                if self.online.get(browser.identity) is browser:
                    del self.online[browser.identity]
        return socket

    async def _signed_in(
        self, socket: web.WebSocketResponse, payload: Mapping[str, Any], known: Browser | None
    ) -> Browser | None:
        try:
            identity, left = identity_in(str(payload.get("token")))
        except TokenError as error:
            self.refused.append(str(error))
            fault = {"code": error.code, "message": str(error)}
            await socket.send_json({"type": "error", "payload": {"error": fault}})
            return known
        browser = known if known is not None else Browser(self._exchange, socket, identity)
        self.online[identity] = browser
        token = {"identity": identity, "ttl": left}
        browser.tell("connected", edge="roaming", region="us1", home="us1", token=token)
        return browser


async def _beat(socket: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):
        while not socket.closed:
            await socket.send_str("\n")
            await asyncio.sleep(_BEAT_SECONDS)


class Sound:
    """Both directions of one browser's call."""

    def __init__(self, leg: Leg) -> None:
        # A large library, and most telephones of a simulation are no browsers.
        from aiortc import RTCConfiguration, RTCPeerConnection  # noqa: PLC0415

        self.leg = leg
        self.loud_seconds = 0.0
        """For how long the browser sent what is no silence."""
        self.silent_seconds = 0.0
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._listening: asyncio.Task[None] | None = None

        @self._connection.on("track")
        def _came(track: Any) -> None:
            self._listening = asyncio.create_task(self._listen(track))

    async def offer(self) -> str:
        self._connection.addTrack(_tone_of(self.leg))
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        from aiortc import RTCSessionDescription  # noqa: PLC0415

        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def _listen(self, track: Any) -> None:
        from aiortc.mediastreams import MediaStreamError  # noqa: PLC0415

        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                samples = array("h", bytes(frame.planes[0])[: frame.samples * 2])
                seconds = frame.samples / frame.sample_rate
                if max(map(abs, samples), default=0) > _LOUD:
                    self.loud_seconds += seconds
                else:
                    self.silent_seconds += seconds

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self._connection.close()


def _tone_of(leg: Leg) -> Any:
    """Return the sound that this leg hears: a tone while somebody else is heard, else silence."""
    from aiortc.mediastreams import AudioStreamTrack  # noqa: PLC0415

    class Tone(AudioStreamTrack):
        async def recv(self) -> Any:
            frame: Any = await super().recv()
            if _hears_somebody(leg):
                turn = 2 * math.pi * _TONE_HZ / frame.sample_rate
                wave = (_TONE_PEAK * math.sin(turn * (frame.pts + n)) for n in range(frame.samples))
                frame.planes[0].update(array("h", map(int, wave)).tobytes())
            return frame

    return Tone()


def _hears_somebody(leg: Leg) -> bool:
    seat = leg.seat
    if seat is None or seat.held:
        return False
    return any(seat.hears(other) for other in seat.room.seats)
