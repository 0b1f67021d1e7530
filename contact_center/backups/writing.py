"""Writes everything the center holds to one file while it runs: rows, files and the key."""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct, field
from sqlalchemy import Connection

from contact_center import __version__
from contact_center.backups.archive import (
    FORMAT,
    HEADER,
    KEY,
    MANIFEST,
    MANIFEST_HASH,
    ArchiveWriter,
    Header,
    Manifest,
)
from contact_center.backups.rows import facts_of, pieces_of
from contact_center.backups.snapshot import open_database, referenced_blobs, snapshot
from contact_center.keys import KEY_FILE
from contact_center.migrate import newest_revision
from contact_center.settings import Settings
from contact_center.tables import metadata
from kernel.blobs import BlobStore, blob_key
from kernel.clock import Clock
from kernel.errors import NotFoundError, SettingsError
from kernel.secrets import load_master

logger = logging.getLogger(__name__)


class Written(Struct, frozen=True, kw_only=True):
    """What a backup holds, and how many files it should hold but were missing or damaged."""

    path: Path
    rows: int
    blobs: int
    size: int
    lost_blobs: int


class _Tally(Struct):
    """The archive so far, and what has been written to it."""

    archive: ArchiveWriter
    members: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    blobs: int = 0
    blob_bytes: int = 0
    lost_blobs: int = 0

    def add(self, name: str, data: bytes) -> None:
        self.archive.add(name, data)
        self.members[name] = hashlib.sha256(data).hexdigest()


async def write_backup(
    settings: Settings, target: Path, clock: Clock, *, with_key: bool = True
) -> Written:
    """Write the archive and return what is in it; only its owner may read the file.

    `target` is the new file, or a folder that gets one named by the time. The rows are those of
    one moment; nothing the center does meanwhile waits for us. Memory is bounded by the largest
    file; only the keys of the blobs go to a passing file. Raises FileExistsError when the target
    exists and SettingsError when there is no database, or one of another version.
    """
    target = _file_for(target, clock)
    with tempfile.TemporaryFile(dir=target.parent) as keys, ArchiveWriter(target) as archive:
        tally = _Tally(archive)
        async with open_database(settings, clock) as database:
            _write_header(tally, database.dialect, clock)
            async with snapshot(database) as connection:
                await connection.run_sync(_write_rows, tally, keys)
        if with_key:
            _write_key(tally, settings.data_dir / KEY_FILE)
        digest = await _write_blobs(tally, settings.data_dir / "blobs", keys)
        _write_manifest(tally, digest)
    return Written(
        path=target,
        rows=sum(tally.rows.values()),
        blobs=tally.blobs,
        size=target.stat().st_size,
        lost_blobs=tally.lost_blobs,
    )


def _file_for(target: Path, clock: Clock) -> Path:
    if target.is_dir():
        return target / f"contact-center-{clock.now():%Y%m%d-%H%M%S}.tar"
    return target


def _write_header(tally: _Tally, dialect: str, clock: Clock) -> None:
    header = Header(
        format=FORMAT,
        program=__version__,
        schema=newest_revision(),
        database=dialect,
        made_at=clock.now().isoformat(),
        tables=[facts_of(table) for table in metadata.sorted_tables],
    )
    tally.add(HEADER, msgspec.json.encode(header))


def _write_rows(connection: Connection, tally: _Tally, keys: BinaryIO) -> None:
    for table in metadata.sorted_tables:
        tally.rows[table.name] = 0
        for number, (count, lines) in enumerate(pieces_of(connection, table), start=1):
            tally.add(f"tables/{table.name}/{number:06}.jsonl", lines)
            tally.rows[table.name] += count
    # The blobs themselves never change, so they are copied after the snapshot is let go.
    keys.writelines(f"{key}\n".encode() for key in referenced_blobs(connection))


def _write_key(tally: _Tally, path: Path) -> None:
    if not path.is_file():
        raise SettingsError(f"there is no key at {path}; back up without it by --without-key")
    load_master(path)  # refuses one that could not be used after a restore
    tally.add(KEY, path.read_bytes())


async def _write_blobs(tally: _Tally, folder: Path, keys: BinaryIO) -> str:
    """Copy the blobs; return the digest of the names of those that could be."""
    store, names = BlobStore(folder), hashlib.sha256()
    for key in _keys_in(keys):
        try:
            data = await store.read(blob_key(key))
        except NotFoundError:
            data = b""
        if hashlib.sha256(data).hexdigest() != key:
            logger.error("a file is missing or damaged", extra={"blob": key})
            tally.lost_blobs += 1
            continue
        tally.archive.add(f"blobs/{key}", data)
        names.update(f"{key}\n".encode())
        tally.blobs += 1
        tally.blob_bytes += len(data)
    return names.hexdigest()


def _write_manifest(tally: _Tally, blobs_sha256: str) -> None:
    manifest = Manifest(
        members=tally.members,
        rows=tally.rows,
        blobs=tally.blobs,
        blob_bytes=tally.blob_bytes,
        blobs_sha256=blobs_sha256,
        lost_blobs=tally.lost_blobs,
    )
    data = msgspec.json.encode(manifest)
    tally.archive.add(MANIFEST, data)
    tally.archive.add(MANIFEST_HASH, hashlib.sha256(data).hexdigest().encode())


def _keys_in(keys: BinaryIO) -> Iterator[str]:
    keys.seek(0)
    for line in keys:
        yield line.decode().strip()
