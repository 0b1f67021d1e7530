"""The center as a process of its own, which a test starts, kills, stops and starts again."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from tests.faults.nursery import NURSERY, ROOT, Born
from tests.ports import free_port

START_SECONDS: Final = 40.0
STOP_SECONDS: Final = 40.0
_LOOK_SECONDS: Final = 0.02
_NOT_INHERITED: Final = frozenset({"CC_CRASH_AT", "PYTHONDONTWRITEBYTECODE"})
"""Of the many starts each finds what this process has compiled, whatever the environment says."""
_SETUP = re.compile(r"/setup\?token=([\w-]+)")
_CRASH_LOG = re.compile(r'"(?:loop crashed, restarting|request failed)"')


@dataclass(slots=True)
class ServerProcess:
    """One center: always the same port and data, whichever process serves them now.

    `build` names a build of broken_builds.py. The first process is started as anybody starts it,
    the later ones are born in the nursery.
    """

    data_dir: Path
    build: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    starts: int = 0
    slowest_start: float = 0.0
    _process: asyncio.subprocess.Process | Born | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    async def start(self, *, crash_at: str = "", patiently: bool = True) -> None:
        """Start; with `patiently`, return when it is ready to serve."""
        began = time.monotonic()
        environment = self._environment(crash_at)
        if self.starts:
            self._process = await NURSERY.bear(self.build, environment, self.log)
        else:
            self._process = await self._first_process(environment)
        self.starts += 1
        if patiently:
            await self.until_ready()
            self.slowest_start = max(self.slowest_start, time.monotonic() - began)

    async def _first_process(self, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
        """Start it as anybody starts it; its later lives are born faster."""
        serve = ("contact_center",) if not self.build else ("tests.faults.broken_builds",)
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *serve, "serve"),
                cwd=ROOT,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def until_ready(self) -> None:
        async with aiohttp.ClientSession() as http, asyncio.timeout(START_SECONDS):
            while True:
                assert self._process is not None
                assert self._process.returncode is None, self.last_words()
                with suppress(aiohttp.ClientError):
                    async with http.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(_LOOK_SECONDS)

    async def kill(self) -> None:
        """End the process and its children as a power cut does, and wait until it is gone."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        self._process = None

    async def died(self, *, within: float) -> bool:
        """Say whether it dies by itself (at its crash point) in that time; sweep up after it."""
        assert self._process is not None
        try:
            async with asyncio.timeout(within):
                ended = await self._process.wait()
        except TimeoutError:
            return False
        await self.kill()
        return ended == -signal.SIGKILL

    async def terminate(self) -> float:
        """Ask it to stop as an operator does; return how many seconds it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            status = await self._process.wait()
        took = time.monotonic() - began
        await self.kill()
        assert status == 0, self.last_words()
        return took

    def setup_token(self) -> str:
        """Return the word that the first start prints for the first administrator."""
        found = _SETUP.search(self.log.read_text())
        assert found is not None, self.last_words()
        return found[1]

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def crashes(self) -> list[str]:
        """Return what the log says of loops and requests that failed in an unforeseen way."""
        return [line for line in self.log.read_text().splitlines() if _CRASH_LOG.search(line)]

    def last_words(self) -> str:
        return self.log.read_text()[-3_000:]

    def _environment(self, crash_at: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        return {
            **kept,
            "CONTACT_CENTER_LISTEN_PORT": str(self.port),
            "CONTACT_CENTER_DATA_DIR": str(self.data_dir),
            "CONTACT_CENTER_ALLOW_PRIVATE_HOSTS": "true",
            "CONTACT_CENTER_UNDO_SECONDS": "0",
            "CONTACT_CENTER_LOG_LEVEL": "warning",
            **({"CC_CRASH_AT": crash_at} if crash_at else {}),
            **({"FAULTS_BUILD": self.build} if self.build else {}),
            **self.environment,
        }


@asynccontextmanager
async def running_server(
    data_dir: Path, *, build: str = "", environment: Mapping[str, str] | None = None
) -> AsyncIterator[ServerProcess]:
    """Start a center on a free port; whatever is left of it afterwards is killed."""
    server = ServerProcess(data_dir, build=build, environment=environment or {})
    try:
        await server.start()
        yield server
    finally:
        await server.kill()
