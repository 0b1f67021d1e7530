"""Messengers seen from their client's side, all alike: what is written, read and pressed there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.desk_api import DeskApi
from tests.journeys import test_custom_round_trip as by_custom
from tests.journeys import test_line_round_trip as by_line
from tests.journeys import test_meta_round_trip as by_meta
from tests.journeys import test_viber_round_trip as by_viber
from tests.simulators.custom import running_custom, written
from tests.simulators.hooked import HookedServer
from tests.simulators.line import running_line
from tests.simulators.meta import running_meta
from tests.simulators.viber import running_viber

Heard = tuple[str, list[str]]
"""A text, and the buttons beneath it."""


@dataclass(slots=True, kw_only=True)
class Messenger:
    """A connected account, and the client at the other end of it."""

    server: HookedServer[dict[str, Any]]
    write: Callable[[str], Awaitable[int]]
    read: Callable[[dict[str, Any]], Heard]

    async def heard(self) -> Heard:
        """Return the next message that the client got."""
        return self.read(await self.server.next_sent())


@asynccontextmanager
async def viber(desk: DeskApi) -> AsyncIterator[Messenger]:
    def read(sent: dict[str, Any]) -> Heard:
        keys = sent.get("keyboard", {}).get("Buttons", [])
        return sent["text"], [one["ActionBody"] for one in keys]

    async with running_viber() as server:
        await by_viber.connected(desk, server)
        yield Messenger(server=server, write=server.write, read=read)


@asynccontextmanager
async def meta(desk: DeskApi, kind: str) -> AsyncIterator[Messenger]:
    def read(sent: dict[str, Any]) -> Heard:
        said = sent["message"]
        return said["text"], [one["title"] for one in said.get("quick_replies", [])]

    async with running_meta(kind) as server:
        await by_meta.connected(desk, server, kind)
        yield Messenger(server=server, write=server.write, read=read)


@asynccontextmanager
async def line(desk: DeskApi) -> AsyncIterator[Messenger]:
    def read(sent: dict[str, Any]) -> Heard:
        (said,) = sent["messages"]
        items = said.get("quickReply", {}).get("items", [])
        return said["text"], [one["action"]["text"] for one in items]

    async with running_line() as server:
        await by_line.connected(desk, server)
        yield Messenger(server=server, write=server.write, read=read)


@asynccontextmanager
async def custom(desk: DeskApi) -> AsyncIterator[Messenger]:
    numbers = count(1)

    async with running_custom() as server:
        hook = await by_custom.connected(desk, server.answers_url)

        async def write(text: str) -> int:
            return await server.tell(hook, written(text, number=next(numbers)))

        yield Messenger(server=server, write=write, read=lambda sent: (sent["text"], []))


@asynccontextmanager
async def opened(desk: DeskApi, kind: str) -> AsyncIterator[Messenger]:
    """Connect an account of this kind."""
    if kind in {"messenger", "instagram"}:
        way = meta(desk, kind)
    else:
        way = {"viber": viber, "line": line, "custom": custom}[kind](desk)
    async with way as messenger:
        yield messenger
