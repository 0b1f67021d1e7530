"""The real server, in a process of its own, and one signed-in administrator."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.ground.centers import database_url
from bench.ground.folders import passing_folder
from tests.ports import free_port

PASSWORD: Final = "correct horse battery"
_TOKEN = re.compile(rb"/setup\?token=(\S+)")
_START_SECONDS: Final = 60.0


@dataclass(slots=True)
class Served:
    """A server that is ready; `cookie` is the administrator's."""

    process: asyncio.subprocess.Process
    port: int
    http: aiohttp.ClientSession
    cookie: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Call a path of the site and return its JSON; anything but success ends the benchmark."""
        headers = {"Origin": self.origin, **headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        url = self.origin + path
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            given = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {given}")
            return given

    async def sign_in(self, path: str, body: dict[str, str]) -> str:
        """Post somebody's credentials and return their cookie."""
        url = self.origin + path
        async with self.http.post(url, json=body, headers={"Origin": self.origin}) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            return "; ".join(f"{name}={morsel.value}" for name, morsel in answer.cookies.items())

    def processor_seconds(self) -> float:
        """Return the processor time the process has used: what it costs, however busy we are."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Return the memory the process holds (VmRSS)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")


@asynccontextmanager
async def served(**settings: str) -> AsyncIterator[Served]:
    """Serve an empty center on a free port; `settings` are more of its environment."""
    with passing_folder() as folder, database_url(folder) as url:
        async with serving(folder / "var", url, **settings) as server:
            yield server


@asynccontextmanager
async def serving(data_dir: Path, url: str, **settings: str) -> AsyncIterator[Served]:
    """Serve the center in `data_dir` and make its first account."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "contact_center",
        "serve",
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "CONTACT_CENTER_DATA_DIR": str(data_dir),
            "CONTACT_CENTER_DATABASE_URL": url,
            "CONTACT_CENTER_LISTEN_PORT": str(port),
            "CONTACT_CENTER_LOG_LEVEL": "error",
            **{f"CONTACT_CENTER_{name.upper()}": value for name, value in settings.items()},
        },
    )
    try:
        token = await _setup_token(process)
        draining = asyncio.create_task(_drain(process))
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            server = Served(process, port, http)
            first = {"name": "Olena", "email": "olena@wonder.example", "password": PASSWORD}
            server.cookie = await server.sign_in("/api/v1/setup", {"token": token, **first})
            yield server
        draining.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _setup_token(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(_START_SECONDS):
        while line := await process.stderr.readline():
            if found := _TOKEN.search(line):
                return found[1].decode("ascii")
            if b'"error"' in line:
                sys.stderr.buffer.write(line)
    raise RuntimeError("the server ended before it was ready")


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Pass on what the server says, so that it never waits for a full pipe."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        sys.stderr.buffer.write(line)


async def add_widget(server: Served) -> str:
    """Make a widget without paces and return its public key."""
    most = 1_000_000
    settings = {
        "messages_per_minute": most,
        "messages_per_minute_per_address": most,
        "visitors_per_hour_per_address": most,
        "flood_visitors_per_minute": most,
    }
    account = await server.call(
        "POST", "/api/v1/accounts", {"kind": "webchat", "name": "Shop", "settings": settings}
    )
    await until_it_opens(server, account["public_key"])
    return str(account["public_key"])


async def until_it_opens(server: Served, key: str) -> None:
    for _ in range(200):
        accounts = await server.call("GET", "/api/v1/accounts")
        if any(one["public_key"] == key and one["health"] == "connected" for one in accounts):
            return
        await asyncio.sleep(0.02)
    raise RuntimeError("the account did not open")


async def visitor_token(server: Served, key: str) -> str:
    """Begin as a new visitor."""
    return str((await server.call("POST", f"/chat/{key}/session", {}))["token"])
