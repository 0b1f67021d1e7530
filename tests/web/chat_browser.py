"""The widget in a real browser: one browser and one shop for all tests of a module."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer, unused_port
from playwright.async_api import Browser, Page, expect

from channels.tables import AccountRow
from contact_center.app import open_center
from kernel.clock import SystemClock
from tests.chromium import PATIENCE_MS, running_chromium
from tests.web.chat_scene import Scene, add_widget, furnished, settings_for

PHONE = {"width": 390, "height": 780}
QUIET: dict[str, Any] = {"pre_chat": {"name": "off", "email": "off"}}
"""Settings of a widget that asks nothing before the first word."""
OPENED = (
    # The shadow root is closed to pages; tests look in through this one opening.
    "const attach = Element.prototype.attachShadow;"
    "Element.prototype.attachShadow = function (init) {"
    " return attach.call(this, { ...init, mode: 'open' }) };"
)


@dataclass(slots=True)
class Shop:
    """A center reached at its public address, and a browser that visits its pages."""

    scene: Scene
    chromium: Browser
    forgiven: list[str] = field(default_factory=list)

    async def add_widget(self, **settings: Any) -> AccountRow:
        return await add_widget(self.scene.house, allowed_domains=[], **settings)

    @asynccontextmanager
    async def visit(
        self,
        widget: AccountRow,
        *,
        lang: str = "en",
        script: str = "",
        path: str = "",
        forgive: Callable[[str], bool] = lambda _: False,
        **options: Any,
    ) -> AsyncIterator[Page]:
        """Open the demonstration shop; whatever the page's policy blocks fails the test."""
        context = await self.chromium.new_context(locale=lang, **options)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        complaints: list[str] = []
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.add_init_script(OPENED + script)
        await page.goto(self.address(widget, lang) + path)
        yield page
        left = [one for one in complaints if not forgive(one)]
        assert left == [], left
        await context.close()

    @property
    def origin(self) -> str:
        return self.scene.house.options.public_url

    def address(self, widget: AccountRow, lang: str = "en") -> str:
        return str(self.scene.client.make_url(f"/demo/{widget.public_key}?lang={lang}"))


async def write(page: Page, text: str) -> None:
    """Say something in the open chat, and see that it is kept."""
    field = page.get_by_label("Message", exact=True)
    await field.fill(text)
    await field.press("Enter")
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()


@asynccontextmanager
async def open_shop(template: Path, data_dir: Path) -> AsyncIterator[Shop]:
    port = unused_port()
    furnished(template, data_dir)
    settings = settings_for(data_dir, public_url=f"http://127.0.0.1:{port}")
    async with (
        open_center(settings, SystemClock()) as center,
        TestClient(TestServer(center.site, port=port)) as client,
        running_chromium() as chromium,
    ):
        widget = await add_widget(center.house, allowed_domains=[])
        yield Shop(Scene(center.house, client, widget), chromium)
