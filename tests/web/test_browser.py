"""A hostile mail in a real browser: no script runs, and nothing is fetched from anywhere else."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext

from tests.chromium import running_chromium
from tests.web.test_safety import hostile_mail
from tests.web.world import World
from web.routes import API
from web.session import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SHELL = """<!doctype html><title>shell</title><script>
window.ran = []; window.addEventListener("message", one => window.ran.push(one.data))
</script><iframe id="mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="{src}">
</iframe>"""


@pytest_asyncio.fixture(loop_scope="module")
async def browser(world: World) -> AsyncIterator[BrowserContext]:
    """Chromium, signed in as the northern agent."""
    cookies = {one.key: one.value for one in world.north.agent._http.cookie_jar}
    async with running_chromium() as chromium:
        context = await chromium.new_context()
        await context.add_cookies(
            [{"name": COOKIE, "value": cookies[COOKIE], "url": str(world.admin.url)}]
        )
        yield context


@pytest.mark.parametrize("images", ["0", "1"])
async def test_a_hostile_mail_runs_nothing_and_fetches_only_what_was_asked_for(
    world: World, browser: BrowserContext, images: str
) -> None:
    seen = await hostile_mail(world, f"browser-{images}")
    src = f"{API}/messages/{seen['messages'][0]['id']}/html?images={images}"
    asked: list[str] = []
    dialogs: list[str] = []
    page = await browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.route(
        "**/shell",
        lambda route: route.fulfill(body=SHELL.format(src=src), content_type="text/html"),
    )

    await page.goto(str(world.admin.url / "shell"), wait_until="load")

    ours = (str(world.admin.url), "data:")
    hosts = {one.split("/")[2] for one in asked if not one.startswith(ours)}
    assert page.frames[1].url.endswith(src)
    assert "kept" in await page.frame_locator("#mail").locator("body").inner_text()
    assert await page.evaluate("window.ran") == []
    assert dialogs == []
    assert hosts == ({"remote.example"} if images == "1" else set())
    await page.close()


async def test_a_script_of_the_console_travels_packed(world: World) -> None:
    async with world.admin._http.get(world.admin.url) as page:
        (script,) = re.findall(r'src="(/assets/[\w.-]+\.js)"', await page.text())
    url = f"{world.admin.url}{script}"
    async with world.admin._http.get(url, headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "javascript" in packed.headers["Content-Type"]
    async with world.admin._http.get(url, headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
