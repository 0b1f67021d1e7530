"""How a widget's request is let in and answered: allowed page, strict body, readable refusal."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from channels.webchat.visitors import Visitor
from kernel.errors import CenterError, InvalidInputError, NotFoundError
from kernel.limits import CHAT_FRAME_BYTES
from web.chat_room import CHAT, ChatRoom, Widget
from web.errors import refusal
from web.routes import give, invalid

PREFLIGHT_SECONDS: Final = "7200"


class ChatCall(Struct):
    """One request of a widget: from an allowed page, for a widget that is switched on."""

    request: web.Request
    room: ChatRoom
    widget: Widget

    async def visitor(self) -> Visitor:
        return await self.room.visitor(self.request, self.widget)

    async def body(self, kind: type[Any]) -> Any:
        raw = await read_at_most(self.request, CHAT_FRAME_BYTES)
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise invalid(error) from error


Handler = Callable[[ChatCall], Awaitable[object]]


def endpoint(handler: Handler, *, status: int = 200) -> Callable[[web.Request], Any]:
    """Make an aiohttp handler: allowed page, answer or refusal, and the words that let it read."""

    async def answer(request: web.Request) -> web.StreamResponse:
        room = request.app[CHAT]
        widget = await room.widget(request)
        origin = room.check_origin(request, widget)
        try:
            given = await handler(ChatCall(request, room, widget))
        except CenterError as error:
            given = refusal(error)
        response = given if isinstance(given, web.StreamResponse) else give(given, status=status)
        _allow(response, origin)
        return response

    return answer


async def preflight(request: web.Request) -> web.Response:
    """Tell a browser whether a page of another site may speak to this widget."""
    room = request.app[CHAT]
    origin = room.check_origin(request, await room.widget(request))
    response = web.Response(status=HTTPStatus.NO_CONTENT)
    _allow(response, origin)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response


async def read_at_most(request: web.Request, limit: int) -> bytes:
    """Read a body without believing its stated length."""
    if (request.content_length or 0) > limit:
        raise InvalidInputError(f"larger than {limit} bytes")
    if request.content.is_eof():
        # It came whole with its headers, as a short message does.
        whole = request.content.read_nowait(limit + 1)
        if len(whole) > limit:
            raise InvalidInputError(f"larger than {limit} bytes")
        return whole
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > limit:
            raise InvalidInputError(f"larger than {limit} bytes")
        parts.append(part)
    return b"".join(parts)


def id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError from error


def _allow(response: web.StreamResponse, origin: str) -> None:
    """Let the page read the answer; never with cookies, which the chat has none of."""
    response.headers["Vary"] = "Origin"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
