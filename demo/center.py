"""The demonstration's center: the real server in a process of its own, on throw-away data."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from scripts.shell import TroubleError

_READY: Final = re.compile(r"The contact center is at (http://\S+)")
_TOKEN: Final = re.compile(r"/setup\?token=(\S+)")
_START_SECONDS: Final = 90.0
_STOP_SECONDS: Final = 40.0


class Served(Struct, frozen=True):
    url: str
    setup_token: str


@asynccontextmanager
async def serving(data_dir: Path, port: int) -> AsyncIterator[Served]:
    """Serve until the block ends; TroubleError when it does not start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "contact_center",
        "serve",
        env=_environment(data_dir, port),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is told to us; we stop it when its callers have left.
    )
    reading: asyncio.Task[None] | None = None
    try:
        served = await _ready(process)
        reading = asyncio.create_task(_pass_on(process))
        yield served
    finally:
        await _stop(process)
        if reading is not None:
            await reading


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    plain = {name: text for name, text in os.environ.items() if not name.startswith("CONTACT_")}
    return plain | {
        "CONTACT_CENTER_DATA_DIR": str(data_dir),
        "CONTACT_CENTER_LISTEN_PORT": str(port),
        "CONTACT_CENTER_ALLOW_PRIVATE_HOSTS": "true",
        "CONTACT_CENTER_COMPANY_NAME": "Windowsill",
        "CONTACT_CENTER_LOG_LEVEL": "error",
        "CONTACT_CENTER_LOG_FORMAT": "pretty",
    }


async def _ready(process: asyncio.subprocess.Process) -> Served:
    assert process.stderr is not None  # noqa: S101 - it was asked for
    told = ""
    async with asyncio.timeout(_START_SECONDS):
        while raw := await process.stderr.readline():
            told += raw.decode(errors="replace")
            found, token = _READY.search(told), _TOKEN.search(told)
            if found and token:
                return Served(url=found[1], setup_token=token[1])
    raise TroubleError(f"the center did not start: {told.strip()[-2_000:]}")


async def _pass_on(process: asyncio.subprocess.Process) -> None:
    """Show what goes wrong, and keep the pipe empty."""
    assert process.stderr is not None  # noqa: S101 - it was asked for
    while raw := await process.stderr.readline():
        sys.stderr.buffer.write(raw)
        sys.stderr.flush()


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
