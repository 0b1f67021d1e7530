"""Ports for servers of a test."""

import secrets
import socket
from typing import Final

_FIRST: Final = 12_000
_LAST: Final = 32_000
"""Below what systems give to connections (32,768 and up on Linux): one of those, which other tests
make all the time, could take the port before its server does."""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
