"""What a guest of the tests does with its jobs: echo, and misbehave when told to."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from kernel.errors import InvalidInputError


def handle(job: bytes) -> bytes:
    return DEEDS.get(job, lambda: job)()


def hang() -> bytes:
    time.sleep(60)
    return b"hung"


def spin() -> NoReturn:
    while True:
        pass


def fail() -> NoReturn:
    raise ValueError("secret of the mail")


def refuse() -> NoReturn:
    raise InvalidInputError("not like this")


def recurse() -> bytes:
    sys.setrecursionlimit(10**6)
    return recurse()


def chatter() -> bytes:
    print("noise", flush=True)
    os.write(1, b"noise")
    return b"chatter"


def write() -> bytes:
    Path(f"/tmp/guest-{os.getpid()}").write_bytes(b"x")
    return b"written"


DEEDS: dict[bytes, Callable[[], bytes]] = {
    b"hang": hang,
    b"spin": spin,
    b"die": lambda: os._exit(3),
    b"raise": fail,
    b"refuse": refuse,
    b"eat": lambda: b"x" * (3 * 1024**3),
    b"chatter": chatter,
    b"write": write,
    b"environment": lambda: "\n".join(os.environ).encode(),
    b"pid": lambda: str(os.getpid()).encode(),
    b"recurse": recurse,
}
