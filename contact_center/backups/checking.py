"""Reads a whole archive and believes it only when everything in it is as it was written."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import create_engine, inspect

from contact_center.backups.archive import (
    BLOB_MEMBER,
    FORMAT,
    HEADER,
    KEY,
    MANIFEST,
    MANIFEST_HASH,
    TABLE_MEMBER,
    ArchiveError,
    Header,
    Manifest,
    Member,
    read_members,
)
from contact_center.backups.rows import RowReader, facts_of
from contact_center.migrate import newest_revision, revisions, upgrade_connection
from contact_center.tables import metadata
from kernel.search_index import is_search_internal

T = TypeVar("T")

_TABLES, _KEY, _BLOBS, _MANIFEST, _HASH = range(1, 6)
_STAGES: Final = {HEADER: 0, KEY: _KEY, MANIFEST: _MANIFEST, MANIFEST_HASH: _HASH}
_REVISION_TABLE: Final = "alembic_version"


class Checked(Struct, frozen=True, kw_only=True):
    """An archive that was read to its end and holds what its manifest says."""

    path: Path
    header: Header
    manifest: Manifest

    @property
    def has_key(self) -> bool:
        return KEY in self.manifest.members


def check_archive(path: Path) -> Checked:
    """Read the archive once, storing nothing; ArchiveError names what is wrong with it.

    What is checked: the kind, names and order of the members, every hash, every row against its
    table, and the tables against the schema the archive names, which this version must know.
    """
    members = read_members(path)
    first = next(members, Member("", b""))
    if first.name != HEADER:
        raise ArchiveError("this is not a backup of the center, or it is damaged")
    header = read_header(first.data)
    contents = _Contents(first.data, header)
    for member in members:
        contents.take(member)
    return Checked(path=path, header=header, manifest=contents.end())


def read_header(data: bytes) -> Header:
    """Return the header of an archive that this version can restore, or refuse."""
    header = _decoded(data, Header)
    if header.format != FORMAT or header.schema not in revisions():
        raise ArchiveError(
            f"version {header.program} made this backup (schema {header.schema}); "
            f"this version knows up to {newest_revision()}: restore with that version"
        )
    if {table.name: set(table.columns) for table in header.tables} != _layout(header.schema):
        raise ArchiveError(f"the tables of this backup are not those of schema {header.schema}")
    ours = [facts_of(table) for table in metadata.sorted_tables]
    if header.schema == newest_revision() and header.tables != ours:
        raise ArchiveError(f"the columns of this backup are not those of schema {header.schema}")
    return header


class _Contents:
    """What was found in the archive so far, to be compared with its manifest at the end."""

    def __init__(self, header_data: bytes, header: Header) -> None:
        self._readers = {table.name: RowReader(table) for table in header.tables}
        self._members = {HEADER: _sha256(header_data)}
        self._rows = dict.fromkeys(self._readers, 0)
        self._places = {name: place for place, name in enumerate(self._readers)}
        self._last_piece = (0, 0)
        self._stage = 0
        self._last_blob = ""
        self._blobs = 0
        self._blob_bytes = 0
        self._blob_names = hashlib.sha256()
        self._closing: dict[str, bytes] = {}

    def take(self, member: Member) -> None:
        """Check the next member; ArchiveError when it should not be there or so."""
        self._advance(member.name)
        if table := TABLE_MEMBER.fullmatch(member.name):
            self._take_piece(table[1], int(table[2]), member.data)
        if blob := BLOB_MEMBER.fullmatch(member.name):
            self._take_blob(blob[1], member.data)
        elif self._stage >= _MANIFEST:
            self._closing[member.name] = member.data
        else:
            self._members[member.name] = _sha256(member.data)

    def end(self) -> Manifest:
        """Return the manifest when it tells of exactly what was there."""
        if set(self._closing) != {MANIFEST, MANIFEST_HASH}:
            raise ArchiveError("the archive ends too early; it was not written to its end")
        if self._closing[MANIFEST_HASH] != _sha256(self._closing[MANIFEST]).encode():
            raise ArchiveError("the manifest of the archive was changed or damaged")
        manifest = _decoded(self._closing[MANIFEST], Manifest)
        if manifest.members != self._members:
            unlike = min(name for name, _ in manifest.members.items() ^ self._members.items())
            raise ArchiveError(f"{unlike} is not as it was written: changed, damaged or missing")
        if manifest.rows != self._rows:
            raise ArchiveError("the archive does not hold as many rows as it says")
        found = (self._blobs, self._blob_bytes, self._blob_names.hexdigest())
        if found != (manifest.blobs, manifest.blob_bytes, manifest.blobs_sha256):
            raise ArchiveError("the archive does not hold the files it says")
        return manifest

    def _advance(self, name: str) -> None:
        stage = _STAGES.get(name, _TABLES if TABLE_MEMBER.fullmatch(name) else _BLOBS)
        if stage < self._stage or (stage == self._stage and stage not in {_TABLES, _BLOBS}):
            raise ArchiveError(f"{name} is not where it belongs in the archive")
        self._stage = stage

    def _take_piece(self, table: str, number: int, lines: bytes) -> None:
        place, last = self._places.get(table, -1), self._last_piece
        if place < last[0] or number != (last[1] if place == last[0] else 0) + 1:
            raise ArchiveError(f"the archive holds rows of {table} that do not belong there")
        self._last_piece = (place, number)
        self._rows[table] += len(self._readers[table].read(lines))

    def _take_blob(self, key: str, data: bytes) -> None:
        if key <= self._last_blob:
            raise ArchiveError(f"blobs/{key} is not where it belongs in the archive")
        if _sha256(data) != key:
            raise ArchiveError(f"blobs/{key} was changed or damaged")
        self._last_blob = key
        self._blobs += 1
        self._blob_bytes += len(data)
        self._blob_names.update(f"{key}\n".encode())


@cache
def _layout(revision: str) -> dict[str, set[str]]:
    """Return the columns of each table at `revision`, by making that schema in memory."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade_connection(connection, revision)
        tables = inspect(connection).get_multi_columns()
    engine.dispose()
    return {
        name: {column["name"] for column in columns}
        for (_, name), columns in tables.items()
        if name != _REVISION_TABLE and not is_search_internal(name)
    }


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise ArchiveError("this is not a backup of the center, or it is damaged") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
