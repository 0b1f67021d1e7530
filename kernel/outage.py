"""Tells a database that cannot take this now from one that was asked wrongly."""

from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_CLASHES: Final = (
    "40001",  # could not be put in order with others: the same again may succeed
    "40P01",  # deadlock: it was undone so that another could go on
)

# Whole classes of SQLSTATE: connection, resources, and what operators and crashes do to sessions.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES: Final = (
    "08",  # the connection failed or is gone
    "25006",  # read-only: a standby that is not yet the primary
    *_CLASHES,
    "53",  # disk full, out of memory, too many connections
    "57P01",  # shut down by an operator
    "57P02",  # shut down by a crash
    "57P03",  # starting, stopping or recovering: it accepts no connections yet
    "58030",  # the disk failed
)

# What has no SQLSTATE: SQLite's errors, and those of the driver about its own connection.
_WORDS: Final = (
    "database is locked",
    "database or disk is full",
    "disk i/o error",
    "unable to open database",
    "connection is closed",
    "connection was closed",
)


def is_clash(error: BaseException) -> bool:
    """Say whether the database undid it in favour of another: the same again may succeed."""
    return isinstance(error, DBAPIError) and _state_of(error) in _CLASHES


def is_outage(error: BaseException) -> bool:
    """Say whether the database is away, locked or out of room, rather than asked wrongly."""
    if isinstance(error, PoolTimeoutError | ConnectionError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = _state_of(error)
    if state:
        return state.startswith(_STATES)
    words = str(error.orig).lower()
    return error.connection_invalidated or any(sign in words for sign in _WORDS)


def _state_of(error: DBAPIError) -> str:
    """Return PostgreSQL's code of the error; SQLite has none."""
    return str(getattr(error.orig, "sqlstate", None) or "")
