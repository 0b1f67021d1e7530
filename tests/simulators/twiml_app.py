"""A small telephone service written by hand, for trying the simulated Twilio itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.simulators.twilio_gate import Fields, signature

Page = str | Callable[[Fields], str]
_SOUND = b"RIFF\x00\x00\x00\x00WAVE"


class App:
    """Answers each path with the TwiML written for it, and keeps what it was told."""

    def __init__(self) -> None:
        self.url = ""
        self.pages: dict[str, Page] = {}
        self.told: list[tuple[str, Fields]] = []
        self.broken: dict[str, int] = {}
        """Paths that answer with a status, and no TwiML."""

    def told_at(self, path: str) -> list[Fields]:
        return [fields for where, fields in self.told if where == path]

    async def answer(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        assert request.headers["X-Twilio-Signature"] == signature(str(request.url), fields)
        self.told.append((request.path, fields))
        if request.path in self.broken:
            return web.Response(status=self.broken[request.path])
        page = self.pages.get(request.path, "<Response/>")
        text = page if isinstance(page, str) else page(fields)
        return web.Response(text=text, content_type="text/xml")

    async def sound(self, _request: web.Request) -> web.Response:
        return web.Response(body=_SOUND, content_type="audio/wav")


@asynccontextmanager
async def running_app() -> AsyncIterator[App]:
    app = App()
    served = web.Application()
    served.add_routes([web.get("/{name}.wav", app.sound), web.post("/{path:.*}", app.answer)])
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        app.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield app
    finally:
        await runner.cleanup()
