"""The page on which a person of the demonstration holds every messenger in their own hands."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from msgspec import Struct, field

from demo.phones import Owner, Phone

_PAGE: Final = Path(__file__).with_name("phone_page.html")
_LONGEST: Final = 4_000
YOU: Final = Owner("Olha Petrenko", 1)


class _Hand(Struct):
    """One messenger as the person sees it: what they said stands among what they heard."""

    phone: Phone
    said: list[tuple[int, str]] = field(default_factory=list)
    """(how many answers had come before, the words)"""

    def thread(self) -> list[dict[str, object]]:
        heard = self.phone.heard(YOU)
        lines: list[dict[str, object]] = []
        waiting = list(self.said)
        for at in range(len(heard) + 1):
            while waiting and waiting[0][0] <= at:
                lines.append({"mine": True, "text": waiting.pop(0)[1]})
            if at < len(heard):
                # Buttons of an older answer are out of sight on most telephones.
                buttons = heard[at].buttons if at == len(heard) - 1 else ()
                lines.append({"mine": False, "text": heard[at].text, "buttons": buttons})
        return lines


@asynccontextmanager
async def serving_phones(
    phones: Sequence[Phone], more: Sequence[web.RouteDef] = ()
) -> AsyncIterator[str]:
    """Serve the page on this machine until the block ends; yields its address."""
    hands = {one.kind: _Hand(one) for one in phones}
    app = web.Application(client_max_size=64 * 1024)
    app.add_routes(
        [
            web.get("/", _shown),
            web.get("/phones", partial(_listed, hands)),
            web.get("/phones/{kind}", partial(_read, hands)),
            web.post("/phones/{kind}", partial(_say, hands)),
            *more,
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _shown(_request: web.Request) -> web.Response:
    return web.Response(text=_PAGE.read_text(), content_type="text/html")


async def _listed(hands: Mapping[str, _Hand], _request: web.Request) -> web.Response:
    phones = [{"kind": kind, "name": one.phone.name} for kind, one in hands.items()]
    return web.json_response({"owner": YOU.name, "phones": phones})


async def _read(hands: Mapping[str, _Hand], request: web.Request) -> web.Response:
    hand = _hand(hands, request)
    with suppress(aiohttp.ClientError):  # the center is just not there: the next look tells it
        await hand.phone.look(YOU)
    return web.json_response(hand.thread())


async def _say(hands: Mapping[str, _Hand], request: web.Request) -> web.Response:
    hand = _hand(hands, request)
    text = str((await request.json())["text"]).strip()[:_LONGEST]
    if not text:
        raise web.HTTPUnprocessableEntity(text="write something first")
    try:
        await hand.phone.say(YOU, text)
    except aiohttp.ClientError as error:
        raise web.HTTPServiceUnavailable(text="the center is not there just now") from error
    hand.said.append((len(hand.phone.heard(YOU)), text))
    return web.json_response(hand.thread())


def _hand(hands: Mapping[str, _Hand], request: web.Request) -> _Hand:
    hand = hands.get(request.match_info["kind"])
    if hand is None:
        raise web.HTTPNotFound(text="there is no such telephone")
    return hand
