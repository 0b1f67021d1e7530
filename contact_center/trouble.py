"""Says in one sentence why the database of the settings cannot be used, instead of a traceback."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from contact_center.settings import Settings
from kernel.errors import SettingsError

CURE: Final = "see that it is up and that database_url is right"
_UNREACHABLE: Final = {errno.ENOENT, errno.EHOSTUNREACH, errno.ENETUNREACH}
_SQLITE_HEADER: Final = b"SQLite format 3\0"


@contextmanager
def database_trouble(settings: Settings) -> Iterator[None]:
    """Turn what a wrong database_url or an absent database raises into a SettingsError.

    The sentence names the database as it is set, without its password.
    """
    url = make_url(settings.database_url.reveal())
    if url.get_backend_name() == "sqlite":
        _refuse_other_file(Path(url.database or ""))
    try:
        yield
    except (DBAPIError, OSError, TypeError) as error:
        if not _is_from_connecting(error):
            raise
        where = url.set(query={}).render_as_string(hide_password=True)
        raise SettingsError(f"cannot use the database {where} ({said(error)}): {CURE}") from error


def said(error: Exception) -> str:
    """Return what the database or the system said, without the names of classes around it."""
    line = next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)
    return line.rpartition("'>: ")[2]


def _is_from_connecting(error: Exception) -> bool:
    """A full disk is an OSError too, and a TypeError is ours but for an option in the URL."""
    if isinstance(error, TypeError):
        return "keyword argument" in str(error)
    if isinstance(error, OSError):
        away = isinstance(error, ConnectionError | TimeoutError | socket.gaierror)
        return away or (error.errno in _UNREACHABLE and error.filename is None)
    return True


def _refuse_other_file(path: Path) -> None:
    if not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(len(_SQLITE_HEADER))
    if head not in {b"", _SQLITE_HEADER}:
        raise SettingsError(f"{path} is not a SQLite database; set database_url to one, or move it")
