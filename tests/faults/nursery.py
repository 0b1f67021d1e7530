"""Centers that are born grown up: one process imports the whole house, and each center is a fork of
it. A start is mostly imports, and the fault tests start a center a hundred times.

`python -m tests.faults.nursery SOCKET` is that process. Whoever connects sends one line of JSON:
the build, the environment, the log; and is told the new center's pid, and later how it ended. What
is killed is a process like any other, with a session, files and memory of its own.
"""

import asyncio
import gc
import importlib
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import configure_mappers

ROOT: Final = Path(__file__).parents[2]
_READY_SECONDS: Final = 60.0
_LONGEST_LINE: Final = 65_536
_ONCE: Final = (
    "uvloop",
    "contact_center.cli",
    "contact_center.serving",
    "channels.mail.connector",
    "channels.webchat.connector",
    "tests.faults.broken_builds",
)


class Born:
    """A center that was born here; speaks as a subprocess of asyncio does."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: Any) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._reader = reader
        self._writer = writer

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def wait(self) -> int:
        """Return how it ended: minus the signal that killed it, or its exit code."""
        if self.returncode is None:
            self.returncode = int(await self._reader.readline())
            self._writer.close()
        return self.returncode


class Nursery:
    """Where this test process has its centers born."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nursery-")
        self._address = f"{self._folder.name}/s"
        self._process: subprocess.Popen[bytes] | None = None

    async def bear(self, build: str, environment: Mapping[str, str], log: Path) -> Born:
        """Start a center; its output is added to `log`."""
        if self._process is None:
            self._process = await self._opened()
        reader, writer = await asyncio.open_unix_connection(self._address)
        asked = {"build": build, "environment": dict(environment), "log": str(log)}
        writer.write(json.dumps(asked).encode() + b"\n")
        return Born(int(await reader.readline()), reader, writer)

    async def _opened(self) -> "subprocess.Popen[bytes]":
        """It lives as long as this process does: it ends when its standard input does."""
        process = subprocess.Popen(  # outlives the loop of the test that needs it first
            [sys.executable, "-m", "tests.faults.nursery", self._address],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        async with asyncio.timeout(_READY_SECONDS):
            while not Path(self._address).exists():
                if process.poll() is not None:
                    raise RuntimeError(f"the nursery ended with {process.returncode}")
                await asyncio.sleep(0.02)
        return process


NURSERY: Final = Nursery()


def main(address: str) -> None:
    """Fork a center for everyone who asks, until standard input ends."""
    for name in _ONCE:
        importlib.import_module(name)
    configure_mappers()
    gc.collect()
    gc.freeze()
    waiting: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as selector, socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{address}~")
        door.listen()
        Path(f"{address}~").rename(address)  # who finds it finds it open
        selector.register(door, selectors.EVENT_READ)
        selector.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == 0:
                    return
                if key.fileobj is door:
                    pid, asking = _bear(door)
                    watched = os.pidfd_open(pid)
                    waiting[watched] = (pid, asking)
                    selector.register(watched, selectors.EVENT_READ)
                else:
                    selector.unregister(key.fd)
                    _tell_end(*waiting.pop(key.fd))
                    os.close(key.fd)


def _bear(door: socket.socket) -> tuple[int, socket.socket]:
    asking, _ = door.accept()
    line = b""
    while not line.endswith(b"\n"):
        line += asking.recv(_LONGEST_LINE)
    pid = os.fork()
    if not pid:
        _live(json.loads(line), asking)
    return pid, asking


def _tell_end(pid: int, asking: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(OSError), asking:
        asking.sendall(b"%d\n" % code)


def _live(asked: Mapping[str, Any], asking: socket.socket) -> None:
    """Be a center, from the first line of its log to its end; never returns."""
    os.setsid()
    asking.sendall(b"%d\n" % os.getpid())
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["contact-center", "serve"]
    code = 1
    try:
        from kernel import crash  # noqa: PLC0415 - reads at its import where it is to die

        importlib.reload(crash)
        from tests.faults import broken_builds  # noqa: PLC0415 - read by the first process

        broken_builds.begin(asked["build"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the log is where a process says why it ended
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
