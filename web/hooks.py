"""The one gate for providers that call us: who calls is proven before all else."""

import asyncio
import logging
from collections import Counter
from http import HTTPStatus
from typing import Any

from aiohttp import web
from msgspec import Struct, field

from channels.envelope import Challenged, HookCall, Hooked
from channels.errors import UnsignedCallError
from channels.voice.music import hold_music
from desk.lines import Line
from kernel.errors import InvalidInputError, NotFoundError
from kernel.limits import HOOK_BYTES, HOOK_HEADER_CHARS
from web.house import HOUSE

logger = logging.getLogger(__name__)


class HookTally(Struct):
    """Calls that proved nothing, by channel: somebody guesses, or a secret is out of step."""

    refused: Counter[str] = field(default_factory=Counter)


TALLY = web.AppKey("hook_tally", HookTally)


async def receive(request: web.Request) -> web.Response:
    """Take in a provider's call; the answer is 200 only once what it brings is committed.

    Whatever the body holds, the account is the one in the path and its channel must be too, so
    nothing signed for one account is taken by another.
    """
    house = request.app[HOUSE]
    line = house.lines.find(request.match_info["kind"], request.match_info["key"])
    connector: Any = line.connector if line is not None else None
    if line is None or not hasattr(connector, "receive"):
        raise NotFoundError
    call = HookCall(
        headers=_headers(request),
        body=await _body(request),
        query=request.rel_url.raw_query_string,
    )
    hooked: Hooked = connector
    try:
        answer = await hooked.receive(call, house.intake.accept)
    except UnsignedCallError:
        _count(request.app[TALLY], line)
        raise
    if answer is None:
        return web.Response(status=HTTPStatus.OK)
    return web.Response(body=answer.body, content_type=answer.content_type)


async def moment(request: web.Request) -> web.Response:
    """Answer a provider of calls: what a caller hears now, once what it tells is committed."""
    house = request.app[HOUSE]
    line = house.lines.find(request.match_info["kind"], request.match_info["key"])
    provider: Any = line.connector if line is not None else None
    if line is None or not hasattr(provider, "moment_of"):
        raise NotFoundError
    call = HookCall(
        headers=_headers(request),
        body=await _body(request),
        query=request.rel_url.raw_query_string,
        path=request.match_info["moment"],
    )
    try:
        told = provider.moment_of(call)
    except UnsignedCallError:
        _count(request.app[TALLY], line)
        raise
    steps = await house.switchboard.answer(line, told)
    if steps is None:
        return web.Response(status=HTTPStatus.OK)
    answer = provider.spoken(steps)
    return web.Response(body=answer.body, content_type=answer.content_type)


async def music(_request: web.Request) -> web.Response:
    """The music of our own queue, which a provider of calls fetches."""
    return web.Response(
        body=await asyncio.to_thread(hold_music),
        content_type="audio/wav",
        headers={"Cache-Control": "public, max-age=86400"},
    )


async def challenge(request: web.Request) -> web.Response:
    """Answer a provider that tries the address before it calls there; nothing is stored."""
    line = request.app[HOUSE].lines.find(request.match_info["kind"], request.match_info["key"])
    connector: Any = line.connector if line is not None else None
    if line is None or not hasattr(connector, "challenged"):
        raise NotFoundError
    asked: Challenged = connector
    call = HookCall(headers=_headers(request), body=b"", query=request.rel_url.raw_query_string)
    try:
        answer = asked.challenged(call)
    except UnsignedCallError:
        _count(request.app[TALLY], line)
        raise
    return web.Response(
        body=answer.body,
        content_type=answer.content_type,
        headers={"X-Content-Type-Options": "nosniff"},
    )


def _count(tally: HookTally, line: Line) -> None:
    """Log the first one and then ever fewer: a flood of them must not flood the log."""
    kind = line.account.kind
    tally.refused[kind] += 1
    count = tally.refused[kind]
    if count & (count - 1) == 0:
        logger.warning("a webhook call was refused", extra={"channel": kind, "refused": count})


def _headers(request: web.Request) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in request.headers.items()
        if len(value) <= HOOK_HEADER_CHARS
    }


async def _body(request: web.Request) -> bytes:
    """Read at most HOOK_BYTES; what is larger is cut off, not buffered."""
    if (request.content_length or 0) > HOOK_BYTES:
        raise InvalidInputError(f"larger than {HOOK_BYTES} bytes")
    held = bytearray()
    async for part in request.content.iter_chunked(65_536):
        held += part
        if len(held) > HOOK_BYTES:
            raise InvalidInputError(f"larger than {HOOK_BYTES} bytes")
    return bytes(held)


ROUTES = [
    web.post("/hooks/{kind}/{key}", receive),
    web.get("/hooks/{kind}/{key}", challenge, allow_head=False),
    web.post("/hooks/{kind}/{key}/{moment:[a-z]+}", moment),
    web.get("/telephone/music.wav", music),
]
