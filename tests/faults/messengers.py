"""The messengers whose provider calls us, each with its simulator, as the kill test needs them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from tests.faults.people import Desk
from tests.faults.waiting import until_asked
from tests.simulators import custom as custom_simulator
from tests.simulators import line as line_simulator
from tests.simulators import meta as meta_simulator
from tests.simulators import viber as viber_simulator
from tests.simulators.custom import CustomServer, running_custom
from tests.simulators.hooked import HookedServer
from tests.simulators.line import LineServer, running_line
from tests.simulators.meta import MetaServer, running_meta
from tests.simulators.viber import ViberServer, running_viber

Told = dict[str, Any]
SECONDS: Final = 90.0
_PAUSE_SECONDS: Final = 0.05
_CUT_OFF: Final = 0


@dataclass(kw_only=True)
class Messenger:
    """One account at one provider, which keeps what nobody said 200 to and tells it again."""

    kind: str
    repeatable: bool
    """The provider knows our message again by its key."""
    server: HookedServer[Told]
    settings: Told
    secrets: dict[str, str]
    make: Callable[[str, bytes], Told]
    """Return what a client of this name tells by sending this file."""
    push: Callable[[Told], Awaitable[int]]
    words_of: Callable[[Told], str]
    hook: str = ""
    waiting: list[Told] = field(default_factory=list)

    async def connect(self, desk: Desk) -> None:
        """Make the account; return once the provider knows where to call, which it learns after
        the account was saved.
        """
        account = {
            "kind": self.kind,
            "name": "Shop",
            "settings": self.settings,
            "secrets": self.secrets,
        }
        made = await desk.surely("POST", "accounts", account)
        self.hook = f"{desk.url}/hooks/{self.kind}/{made['public_key']}"

        async def is_connected() -> bool:
            accounts = await desk.surely("GET", "accounts")
            return any(one["id"] == made["id"] and one["health"] == "connected" for one in accounts)

        await until_asked(is_connected, SECONDS)

    async def tell(self, client: str, data: bytes) -> bool:
        """A client sends a file and the provider calls; return whether it was acknowledged."""
        self.waiting.append(self.make(client, data))
        return await self._call(self.waiting[-1])

    async def tell_again(self) -> bool:
        """The provider calls again, with all that was not acknowledged."""
        return all([await self._call(told) for told in tuple(self.waiting)])

    async def _call(self, told: Told) -> bool:
        """Call until it is acknowledged, or cut off in the middle: who is refused asks again."""
        status = _CUT_OFF

        async def is_decided() -> bool:
            nonlocal status
            status = await self._once(told)
            return status in {200, _CUT_OFF}

        await until_asked(is_decided, SECONDS, every=_PAUSE_SECONDS)
        if status == 200:
            self.waiting.remove(told)
        return status == 200

    async def _once(self, told: Told) -> int:
        try:
            return await self.push(told)
        except aiohttp.ClientError:
            return _CUT_OFF

    def said(self) -> list[str]:
        """Return what the provider took of us."""
        return [self.words_of(one) for one in self.server.sent]


@asynccontextmanager
async def running_messengers() -> AsyncIterator[Sequence[Messenger]]:
    """Every messenger whose provider calls us and has no fault test of its own."""
    async with AsyncExitStack() as stack:
        yield [
            _viber(await stack.enter_async_context(running_viber())),
            _meta(await stack.enter_async_context(running_meta("messenger")), "messenger"),
            _meta(await stack.enter_async_context(running_meta("instagram")), "instagram"),
            _line(await stack.enter_async_context(running_line())),
            _custom(await stack.enter_async_context(running_custom())),
        ]


def _viber(server: ViberServer) -> Messenger:
    def made(client: str, data: bytes) -> Told:
        address = server.keep(client, data)
        return server.said(client, client=client, type="picture", media=address)

    return Messenger(
        kind="viber",
        repeatable=False,
        server=server,
        settings={"api_url": f"{server.url}/pa", "media_hosts": ["127.0.0.1"]},
        secrets={"auth_token": viber_simulator.TOKEN},
        make=made,
        push=server.push,
        words_of=lambda sent: str(sent["text"]),
    )


def _meta(server: MetaServer, kind: str) -> Messenger:
    async def pushed(told: Told) -> int:
        body = server.calling(told)
        return await server.call(one.hook, body, meta_simulator.proof(body))

    one = Messenger(
        kind=kind,
        repeatable=False,
        server=server,
        settings={
            "page_id": meta_simulator.PAGE,
            "api_url": f"{server.url}/v",
            "media_hosts": ["127.0.0.1"],
        },
        secrets={
            "app_secret": meta_simulator.APP_SECRET,
            "page_token": meta_simulator.TOKEN,
            "verify_token": meta_simulator.VERIFY,
        },
        make=lambda client, data: server.attached("image", data, text=client, client=client),
        push=pushed,
        words_of=lambda sent: str(sent["message"]["text"]),
    )
    return one


def _line(server: LineServer) -> Messenger:
    return Messenger(
        kind="line",
        repeatable=True,
        server=server,
        settings={"api_url": server.url, "data_url": server.url},
        secrets={
            "channel_secret": line_simulator.SECRET,
            "access_token": line_simulator.TOKEN,
        },
        make=lambda client, data: server.attached("image", data, client=client),
        push=server.push,
        words_of=lambda sent: str(sent["messages"][0]["text"]),
    )


def _custom(server: CustomServer) -> Messenger:
    def made(client: str, data: bytes) -> Told:
        file = {"name": "photo.jpg", "url": server.keep(client, data)}
        return custom_simulator.written(client, number=client, client=client, files=[file])

    async def pushed(told: Told) -> int:
        return await server.tell(one.hook, told)

    one = Messenger(
        kind="custom",
        repeatable=True,
        server=server,
        settings={"url": server.answers_url},
        secrets={"signing_secret": custom_simulator.SECRET},
        make=made,
        push=pushed,
        words_of=lambda sent: str(sent["text"]),
    )
    return one
