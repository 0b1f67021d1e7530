"""Writes that are on the disk, not on their way to it, when the call returns."""

import os
from pathlib import Path


def write_synced(path: Path, data: bytes) -> None:
    """Create `path`, readable by us alone, and sync it; it must not exist.

    A crash may leave it half written, so write under a passing name and rename (or link) it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Make the names in `path` durable: what was created, renamed or removed there before."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
