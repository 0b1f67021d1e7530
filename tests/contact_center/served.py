"""Runs the commands of the operator as an operator does: as processes of their own."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

READY_SECONDS = 50.0
_ADDRESS = re.compile(rb"The contact center is at (http://\S+)")


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Serving:
    """A center that said it is ready."""

    process: Process
    url: str
    told: bytes


def environment(data_dir: object, **settings: object) -> dict[str, str]:
    """Return the environment of a center with its own data, on a free port."""
    plain = {name: text for name, text in os.environ.items() if not name.startswith("CONTACT_")}
    # Every start but the first then finds its modules compiled, as an operator's does.
    plain.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted: Mapping[str, object] = {"data_dir": data_dir, "listen_port": 0, **settings}
    return plain | {f"CONTACT_CENTER_{name.upper()}": str(value) for name, value in wanted.items()}


async def start(env: Mapping[str, str], *arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "contact_center", *arguments, env=env, stdout=PIPE, stderr=PIPE
    )


async def run(env: Mapping[str, str], *arguments: str) -> Ran:
    """Run a command to its end."""
    process = await start(env, *arguments)
    async with asyncio.timeout(READY_SECONDS):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def serving(env: Mapping[str, str]) -> AsyncIterator[Serving]:
    """Serve, and kill what still runs when the block ends."""
    process = await start(env, "serve")
    try:
        yield await _ready(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _ready(process: Process) -> Serving:
    assert process.stderr is not None
    told = b""
    async with asyncio.timeout(READY_SECONDS):
        while (line := await process.stderr.readline()) != b"":
            told += line
            if found := _ADDRESS.search(line):
                return Serving(process, found[1].decode(), told)
    raise AssertionError(f"it ended before it was ready: {told.decode()}")
