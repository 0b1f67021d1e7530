"""How long `serve` takes until it is ready, and what it weighs then.

The reference is a process that imports the same two libraries everything stands on, opens a SQLite
database and listens on a port, and does nothing else.
"""

import asyncio
import os
import statistics
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.ground import figures
from bench.ground.figures import Figure
from bench.ground.folders import passing_folder

RUNS: Final = 7
READY_SECONDS_LIMIT: Final = 1.5
RSS_MB_LIMIT: Final = 120.0
SETTLES_SECONDS: Final = 2.0
START_SECONDS: Final = 60.0

BARE: Final = """
import asyncio, sys
from aiohttp import web
from sqlalchemy.ext.asyncio import create_async_engine

async def serve():
    engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[1]}")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("The contact center is at nowhere", file=sys.stderr, flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""
SERVE: Final = ("-m", "contact_center", "serve")


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until it said it was ready, those of them that a core worked for it (a
    busy machine lengthens only the former), and megabytes resident when idle.
    """

    seconds: float
    worked: float
    megabytes: float


async def measure() -> Sequence[Figure]:
    with passing_folder() as folder:
        env = _environment(folder)
        bare = ("-c", BARE, str(folder / "bare.db"))
        first = await _start(env, SERVE)  # makes the database, and the compiled modules
        await _start(env, bare)
        ours, theirs = list[Start](), list[Start]()
        for _ in range(RUNS):
            ours.append(await _start(env, SERVE))
            theirs.append(await _start(env, bare))
    return [
        Figure(
            name="serve_ready",
            value=statistics.median(start.seconds for start in ours),
            unit="s",
            n=RUNS,
            reference=statistics.median(start.seconds for start in theirs),
            limit=READY_SECONDS_LIMIT,
            at_most=True,
            details={
                "slowest": max(start.seconds for start in ours),
                "first": first.seconds,
                "worked": statistics.median(start.worked for start in ours),
                "reference_worked": statistics.median(start.worked for start in theirs),
            },
        ),
        Figure(
            name="serve_idle_memory",
            value=statistics.median(start.megabytes for start in ours),
            unit="MB",
            n=RUNS,
            reference=statistics.median(start.megabytes for start in theirs),
            limit=RSS_MB_LIMIT,
            at_most=True,
        ),
    ]


def _environment(folder: Path) -> dict[str, str]:
    """Without what would keep Python from storing compiled modules: an operator has them."""
    hidden = {"PYTHONDONTWRITEBYTECODE"}
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in hidden and not name.startswith("CONTACT_CENTER_")
    }
    return plain | {
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "CONTACT_CENTER_DATA_DIR": str(folder / "var"),
        "CONTACT_CENTER_LISTEN_PORT": "0",
    }


async def _start(env: dict[str, str], arguments: Sequence[str]) -> Start:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=env, stdout=DEVNULL, stderr=PIPE
    )
    try:
        await _ready(process)
        seconds, worked = time.perf_counter() - began, _worked_seconds(process.pid)
        await asyncio.sleep(SETTLES_SECONDS)
        return Start(seconds, worked, _resident_megabytes(process.pid))
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def _ready(process: Process) -> None:
    assert process.stderr is not None
    async with asyncio.timeout(START_SECONDS):
        while b"The contact center is at" not in (line := await process.stderr.readline()):
            assert line, "it ended before it was ready"


def _worked_seconds(pid: int) -> float:
    """User and system time, as proc(5) tells them after the name in parentheses."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kibibytes = int(status.partition("VmRSS:")[2].split()[0])
    return kibibytes * 1024 / 1_000_000


if __name__ == "__main__":
    figures.run(measure)
