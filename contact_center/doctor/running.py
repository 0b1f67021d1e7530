"""Asks the center that runs here how it is."""

from collections.abc import Iterator
from typing import Any, Final

import aiohttp

from contact_center.doctor.finding import Finding, bad, good, warning
from contact_center.settings import Settings

ANSWER_SECONDS: Final = 5.0
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what one listens on, not with


async def examine_running(settings: Settings) -> list[Finding]:
    """Look at the center's own word on itself; that it does not run is a warning only."""
    host = _ANY.get(settings.listen_host, settings.listen_host)
    url = f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{settings.listen_port}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as http,
            http.get(f"{url}/readyz") as answer,
        ):
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        refused = isinstance(error, aiohttp.ClientConnectorError)
        why = "nothing listens" if refused else "no sensible answer"
        return [warning("server", f"{why} at {url}", "start it: contact-center serve")]
    return list(_told(told, url))


def _told(told: Any, url: str) -> Iterator[Finding]:
    status = told.get("status") if isinstance(told, dict) else None
    if status == "ready":
        yield good("server", f"ready at {url}")
    elif status == "degraded":
        loops = ", ".join(map(str, told.get("loops", ())))
        yield bad("server", f"these loops do not run: {loops}", "the log says why each stopped")
    elif status == "unavailable":
        yield bad("server", "it cannot reach its database", "see that the database is up")
    else:
        yield warning("server", f"another program answers at {url}", "correct listen_port")
