"""Where tests write: in memory when there is room, since nothing they write has to outlive them."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 4 << 30
"""What the files and databases of a whole run may grow to; with less free they lie on disk."""


def in_memory() -> Path | None:
    """Return where files lie in memory, when there is room; else None, for the usual place."""
    try:
        roomy = shutil.disk_usage(_IN_MEMORY).free >= _ROOM_BYTES
    except OSError:
        return None
    return _IN_MEMORY if roomy and os.access(_IN_MEMORY, os.W_OK) else None


def write_in_memory() -> None:
    """Let this process and those it starts put passing files there; TMPDIR says otherwise.

    A commit waits 2 ms for a disk and 20 µs for memory, and most tests are a row of commits.
    """
    place = in_memory()
    if place is not None and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(place)
        tempfile.tempdir = None  # asked for anew, should anybody have asked already
