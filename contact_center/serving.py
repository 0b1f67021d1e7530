"""Runs the center until it is told to stop, and says in one sentence why when it cannot."""

import asyncio
import errno
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from contact_center.app import Center, open_center
from contact_center.durability import require_safe_commits
from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.errors import SettingsError

logger = logging.getLogger(__name__)

REQUESTS_END_SECONDS: Final = 15.0
GARBAGE_OBJECTS: Final = 10_000
THREAD_TURN_SECONDS: Final = 0.0005
STOP_SECONDS: Final = 30.0
"""After so long the process ends whatever still runs: what was acknowledged is stored."""

_LISTENING: Final = {
    errno.EADDRINUSE: "another program has it; stop that one, or set listen_port to another port",
    errno.EACCES: "this user may not; set listen_port above 1023 and put a web server in front",
    errno.EADDRNOTAVAIL: "listen_host is not an address of this machine; set it to one, "
    "or to 0.0.0.0 for all",
}

Greet = Callable[[Settings, str | None], None]
"""Told once the center is ready: where, and the word for its first administrator, if needed."""


async def serve(settings: Settings, greet: Greet) -> None:
    """Run until SIGTERM or SIGINT, then stop within `STOP_SECONDS`; a second signal ends at once.

    Raises SettingsError, whose message has the cure, when the port, the data directory or the
    database cannot be used, or the database may forget what it committed.
    """
    stop = _stop_signal()
    if os.geteuid() == 0:
        logger.warning("running as root; a user of its own is safer")
    with _bound(settings) as listener, held_alone(settings.data_dir):
        await require_safe_commits(settings)
        settings = _with_real_port(settings, listener)
        async with AsyncExitStack() as stack:
            center = await stack.enter_async_context(open_center(settings, SystemClock()))
            await _start_site(stack, center, listener)
            _calm_collector()
            # The thread that has committed must not wait its turn five milliseconds (the default).
            sys.setswitchinterval(THREAD_TURN_SECONDS)
            logger.info("ready", extra={"url": settings.public_url})
            greet(settings, center.house.setup_token)
            await stop.wait()
            logger.info("stopping")
            _leave_by(STOP_SECONDS)


def _calm_collector() -> None:
    """Leave what every later moment needs out of the search for garbage, and search less often.

    Each search of the oldest generation would look at the whole program again, and a message in a
    burst would wait for it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, *gc.get_threshold()[1:])


async def _start_site(stack: AsyncExitStack, center: Center, listener: socket.socket) -> None:
    runner = web.AppRunner(
        center.site, access_log=None, shutdown_timeout=REQUESTS_END_SECONDS, handle_signals=False
    )
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    await web.SockSite(runner, listener).start()


@contextmanager
def held_alone(data_dir: Path) -> Iterator[None]:
    """Keep every other center off this data directory; it is made when there is none.

    The lock ends with the process, however that ends. Raises SettingsError when the directory
    cannot be written, or another center has it.
    """
    folder = _open_folder(data_dir)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(
                f"another center runs on {data_dir}; stop it, or set data_dir to another directory"
            ) from error
        yield
    finally:
        os.close(folder)


def _open_folder(data_dir: Path) -> int:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SettingsError(
            f"data_dir {data_dir} cannot be written ({error.strerror}): give it to the user who "
            "runs the center, or set data_dir to another directory"
        ) from error


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else: who cannot have it has changed nothing."""
    where = (settings.listen_host, settings.listen_port)
    family, kind, protocol, _, address = min(
        socket.getaddrinfo(*where, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    )
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            cure = _LISTENING.get(error.errno or 0, error.strerror)
            raise SettingsError(f"cannot listen on {where[0]}, port {where[1]}: {cure}") from error
        yield listener


def _with_real_port(settings: Settings, listener: socket.socket) -> Settings:
    """With port 0 the system chose one, and our own links must name it."""
    if settings.listen_port:
        return settings
    port = listener.getsockname()[1]
    own = settings.public_url.endswith(":0")
    url = f"{settings.public_url[:-2]}:{port}" if own else settings.public_url
    return msgspec.structs.replace(settings, listen_port=port, public_url=url)


def _stop_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told() -> None:
        if stop.is_set():
            logger.warning("told twice to stop; leaving at once")
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    return stop


def _leave_by(seconds: float) -> None:
    """End the process after so long, even if a thread or a provider hangs."""

    def leave() -> None:
        logger.error("not everything stopped in time; leaving", extra={"seconds": seconds})
        os._exit(1)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
