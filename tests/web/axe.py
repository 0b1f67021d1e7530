"""What axe thinks of a page of the console."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

_AXE: Final = (
    Path(__file__).parents[2] / "web" / "console" / "node_modules" / "axe-core" / "axe.min.js"
)
SETTLED: Final = """async () => {
  const frame = () => new Promise(requestAnimationFrame)
  await frame(); await frame()
  for (const one of document.getAnimations()) {
    if (Number.isFinite(one.effect.getComputedTiming().endTime)) one.finish()
  }
  await frame()
}"""
"""A theme is looked at when its colours have arrived, not on their way."""
_SERIOUS: Final = ("serious", "critical")


async def findings(page: Page, where: str, *rules: str) -> list[str]:
    """What axe thinks is seriously wrong on this page, in one line each; of all rules, or some."""
    await _bring(page)
    await page.evaluate(SETTLED)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{where}: {one['id']} {node['target']} {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in _SERIOUS
        for node in one["nodes"]
    ]


async def _bring(page: Page) -> None:
    """Load axe where it is used, in frames as well: in every page ever opened it costs 0.25 s."""
    for frame in page.frames:
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(_source())


@cache
def _source() -> str:
    return _AXE.read_text()
