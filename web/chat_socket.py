"""The visitor's open line: words in, acknowledged once committed; answers and marks out."""

import asyncio
from uuid import UUID

import msgspec
from aiohttp import WSMsgType, web

from channels.envelope import Status
from channels.webchat.hub import TOKEN_UNKNOWN, TOO_SLOW, VisitorSeat
from desk import chat_conversations, chat_history
from kernel.errors import (
    CenterError,
    NotFoundError,
    OverloadedError,
    SignInRequiredError,
    TooManyTriesError,
)
from kernel.limits import (
    CHAT_FRAME_BYTES,
    CHAT_HEARTBEAT_SECONDS,
    CHAT_HELLO_SECONDS,
    CHAT_PAGE_MESSAGES,
    CHAT_SEND_SECONDS,
)
from web.chat_room import CHAT, ChatRoom, Widget, conversation
from web.chat_shapes import (
    Ack,
    HelloFrame,
    MessageFrame,
    PageFrame,
    PingFrame,
    ReadFrame,
    ReceivedFrame,
    Refused,
    TypingFrame,
    VisitorView,
    Welcome,
)
from web.telling import Teller

POLICY_VIOLATION = 1008
FRAMES_BURST = 120.0
FRAMES_PER_SECOND = 20.0
_HELLO = msgspec.json.Decoder(HelloFrame)
_FRAMES: msgspec.json.Decoder[PageFrame] = msgspec.json.Decoder(PageFrame)
_PONG = b'{"type":"pong"}'


async def open_line(request: web.Request) -> web.WebSocketResponse:
    """Speak with one page until either side hangs up."""
    room = request.app[CHAT]
    widget = await room.widget(request)
    room.check_origin(request, widget, needed=True)
    network = room.network(request)
    room.pace.take(("lines", network), per_second=10.0, burst=300.0)
    socket = web.WebSocketResponse(
        heartbeat=CHAT_HEARTBEAT_SECONDS, compress=False, max_msg_size=CHAT_FRAME_BYTES
    )
    await socket.prepare(request)
    hello = await _hello(socket)
    visitor = None if hello is None else await room.find_holder(widget, hello.token)
    if hello is None or visitor is None:
        await socket.close(code=POLICY_VIOLATION if hello is None else TOKEN_UNKNOWN)
        return socket
    try:
        with room.hub.seat(visitor) as seat:
            await _Line(request, room, widget, network, socket, seat).speak(hello.after)
    except (TooManyTriesError, OverloadedError):
        await socket.close(code=TOO_SLOW)
    return socket


async def _hello(socket: web.WebSocketResponse) -> HelloFrame | None:
    """Wait for the first frame, which carries the token: an address would end up in logs."""
    try:
        message = await socket.receive(timeout=CHAT_HELLO_SECONDS)
        return _HELLO.decode(message.data) if message.type is WSMsgType.TEXT else None
    except (TimeoutError, msgspec.MsgspecError, RecursionError):
        return None


class _Line:
    """One page that is seated."""

    def __init__(
        self,
        request: web.Request,
        room: ChatRoom,
        widget: Widget,
        network: str,
        socket: web.WebSocketResponse,
        seat: VisitorSeat,
    ) -> None:
        self._request = request
        self._room = room
        self._widget = widget
        self._network = network
        self._socket = socket
        self._seat = seat
        self._allowance = FRAMES_BURST
        self._heard_at = room.house.clock.monotonic()

    async def speak(self, after: int | None) -> None:
        # The seat is taken already: what happens from here on waits in its queue, and is sent
        # after the welcome, so that a page's cursor never passes over what it has not got.
        await self._send(msgspec.json.encode(await self._welcome(after)))
        teller = Teller(
            self._request, self._socket, self._seat, seconds=CHAT_SEND_SECONDS, slow=TOO_SLOW
        )
        try:
            await self._listen()
        finally:
            await teller.stop()
            house = self._room.house
            house.chat.left(self._seat.visitor.id, house.clock.now())

    async def _welcome(self, after: int | None) -> Welcome:
        house, visitor = self._room.house, self._seat.visitor
        whose, cursor, earlier = conversation(visitor), house.feed.seq, False
        async with house.database.reading() as session:
            if after is None or after > cursor:
                page = await chat_history.page_before(
                    session, whose, before=None, limit=CHAT_PAGE_MESSAGES
                )
                lines, earlier = page.lines, page.more
            else:
                caught = await chat_history.lines_after(session, whose, cursor=after, now_at=cursor)
                lines, cursor = caught.lines, caught.cursor
                if caught.more:
                    # It reads this much, then comes back for the rest.
                    self._seat.end(TOO_SLOW)
            cases = await chat_conversations.conversations(session, whose)
        return Welcome(
            visitor=VisitorView(
                id=visitor.id, name=visitor.name, email=visitor.email, verified=visitor.verified
            ),
            messages=lines,
            cursor=cursor,
            conversations=cases,
            earlier=earlier,
            online=house.chat.online,
        )

    async def _send(self, frame: bytes) -> None:
        async with asyncio.timeout(CHAT_SEND_SECONDS):
            await self._socket.send_str(frame.decode())

    async def _listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT or not self._may_speak():
                await self._socket.close(code=POLICY_VIOLATION)
                return
            try:
                heard = _FRAMES.decode(message.data)
            except (msgspec.MsgspecError, RecursionError) as error:
                self._refuse(None, "invalid", str(error), retry=False)
                continue
            await self._heed(heard)

    async def _heed(self, heard: PageFrame) -> None:
        """Do what the page asks; what cannot be done now is refused, the line stays open."""
        try:
            match heard:
                case MessageFrame():
                    await self._say(heard)
                case TypingFrame():
                    await self._room.types(self._seat.visitor, typing=heard.typing, seat=self._seat)
                case ReadFrame():
                    await self._mark(heard.message_id, Status.READ)
                case ReceivedFrame():
                    await self._mark(heard.message_id, Status.DELIVERED)
                case PingFrame():
                    self._seat.put(_PONG)
        except CenterError as error:
            about = heard.id if isinstance(heard, MessageFrame) else None
            retry = isinstance(error, OverloadedError | TooManyTriesError)
            if about is not None or not isinstance(error, NotFoundError):
                self._refuse(about, error.code, error.message, retry=retry)
            if isinstance(error, SignInRequiredError):
                self._seat.end(TOKEN_UNKNOWN)

    async def _say(self, heard: MessageFrame) -> None:
        visitor = self._seat.visitor
        kept = await self._room.say(self._widget, visitor, self._network, heard, seat=self._seat)
        self._seat.ticket_id = None
        ack = Ack(id=heard.id, at=kept.at, conversation=kept.conversation)
        self._seat.put(msgspec.json.encode(ack))

    async def _mark(self, message_id: UUID, status: Status) -> None:
        await self._room.mark(self._widget, self._seat.visitor, message_id, status)

    def _refuse(self, about: UUID | None, code: str, message: str, *, retry: bool) -> None:
        refused = Refused(id=about, error=code, message=message, retry=retry)
        self._seat.put(msgspec.json.encode(refused))

    def _may_speak(self) -> bool:
        rate = max(FRAMES_PER_SECOND, self._widget.settings.messages_per_minute / 30)
        now = self._room.house.clock.monotonic()
        self._allowance = min(
            max(FRAMES_BURST, rate * 2), self._allowance + (now - self._heard_at) * rate
        )
        self._heard_at = now
        self._allowance -= 1
        return self._allowance >= 0
