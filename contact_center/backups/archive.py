"""The file a backup is: a plain tar whose every member is known, numbered and hashed.

The order is fixed: `header.json`, the tables in numbered pieces, `secret.key` if it is included,
the blobs in the order of their names, `manifest.json`, `manifest.sha256`. Only the oldest common
kind of tar (ustar, POSIX.1-1988) is written and read: no links, no folders, no extensions. So
reading needs no list of what is to come, and memory for one member at most.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tarfile import REGTYPE, USTAR_FORMAT, TarError, TarInfo
from types import TracebackType
from typing import BinaryIO, Final, Self

from msgspec import Struct

from kernel.disk import sync_directory
from kernel.errors import CenterError
from kernel.limits import MIB

FORMAT: Final = 1
HEADER: Final = "header.json"
KEY: Final = "secret.key"
MANIFEST: Final = "manifest.json"
MANIFEST_HASH: Final = "manifest.sha256"
TABLE_MEMBER: Final = re.compile(r"tables/([a-z][a-z_]{0,62})/(\d{6})\.jsonl")
BLOB_MEMBER: Final = re.compile(r"blobs/([0-9a-f]{64})")

_BLOCK: Final = 512
_END: Final = bytes(2 * _BLOCK)
MEMBER_BYTES_MAX: Final = 128 * MIB
_SHOWN_NAME_CHARS: Final = 80


class ArchiveError(CenterError):
    """This file is not a whole and unchanged backup; take another one."""

    code = "archive"


class TableFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the archive: its columns in the order of each row, by the words of `rows`."""

    name: str
    columns: dict[str, str]


class Header(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reader must know before the first row."""

    format: int
    program: str
    schema: str
    database: str
    made_at: str
    tables: list[TableFacts]


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the archive must be found to hold, written last."""

    members: dict[str, str]
    """SHA-256 by name; a blob's is its own name."""
    rows: dict[str, int]
    blobs: int
    blob_bytes: int
    blobs_sha256: str
    """Over the names of the blobs in their order, each followed by a line feed."""
    lost_blobs: int
    """How many files the rows name that were missing from the disk, or no longer what they were."""


class Member(Struct, frozen=True):
    name: str
    data: bytes


class ArchiveWriter:
    """Writes a new archive under a passing name; it appears, whole and synced, at the end.

    Leaving the block with an error leaves no file. Raises FileExistsError when `target` exists.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._draft = target.with_name(f".{target.name}.part")
        if target.exists():
            raise FileExistsError(f"{target} exists already")
        self._draft.unlink(missing_ok=True)
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def add(self, name: str, data: bytes) -> None:
        """Append one member."""
        if len(data) > MEMBER_BYTES_MAX:
            raise ArchiveError(f"{name} is larger than an archive can hold")
        info = TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._file.write(info.tobuf(USTAR_FORMAT))
        self._file.write(data)
        self._file.write(bytes(-len(data) % _BLOCK))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._file.close()
            self._draft.unlink(missing_ok=True)

    def _finish(self) -> None:
        self._file.write(_END)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._draft.rename(self._target)
        sync_directory(self._target.parent)


def read_members(path: Path) -> Iterator[Member]:
    """Yield every member in order; ArchiveError on anything this file would not have written."""
    with path.open("rb") as file:
        while (info := _next_header(file)) is not None:
            data = file.read(info.size)
            padding = file.read(-info.size % _BLOCK)
            if len(data) + len(padding) != info.size + (-info.size % _BLOCK):
                raise ArchiveError("the archive ends too early; it was not written to its end")
            yield Member(info.name, data)


def _next_header(file: BinaryIO) -> TarInfo | None:
    block = file.read(_BLOCK)
    if block == bytes(_BLOCK):
        if file.read(_BLOCK + 1) != bytes(_BLOCK):
            raise ArchiveError("the archive does not end where it should")
        return None
    try:
        info = TarInfo.frombuf(block, "ascii", "strict")
    except (TarError, UnicodeDecodeError) as error:
        raise ArchiveError("this is not a backup of the center, or it is damaged") from error
    if info.type != REGTYPE or not 0 <= info.size <= MEMBER_BYTES_MAX or not _expected(info.name):
        shown = ascii(info.name[:_SHOWN_NAME_CHARS])
        raise ArchiveError(f"the archive holds something that does not belong there: {shown}")
    return info


def _expected(name: str) -> bool:
    fixed = {HEADER, KEY, MANIFEST, MANIFEST_HASH}
    return name in fixed or bool(TABLE_MEMBER.fullmatch(name) or BLOB_MEMBER.fullmatch(name))
