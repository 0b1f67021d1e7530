"""Keeps bytes by their SHA-256: whole on the disk before anybody is told that they are kept."""

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NewType, TypeVar

from kernel.crash import crash_here
from kernel.disk import sync_directory, write_synced
from kernel.errors import NotFoundError, OverloadedError
from kernel.limits import BLOB_SYNCS_AT_ONCE

BlobKey = NewType("BlobKey", str)
"""64 hexadecimal digits: the SHA-256 of the bytes, and all there is in the file's name."""

T = TypeVar("T")
Known = Callable[[Collection[BlobKey]], Awaitable[Collection[BlobKey]]]

_KEY = re.compile(r"[0-9a-f]{64}")
_ARRIVING = "arriving"
_LOCK = ".lock"


def blob_key(text: str) -> BlobKey:
    """Return `text` as a key; what has not the shape of one names no blob."""
    if _KEY.fullmatch(text) is None:
        raise NotFoundError("there is no such file")
    return BlobKey(text)


class BlobStore:
    """A directory of immutable files, each named by what is in it.

    Equal bytes are one file. The order is: written, synced, renamed, directory synced, and only
    then does `put_many` return; so a row written after it never names a file that a power cut
    can take away. No part of a path comes from outside.
    """

    def __init__(self, root: Path) -> None:
        """Use (and make) `root`; raises `OverloadedError` when it cannot be written."""
        self._root = root
        self._hands = ThreadPoolExecutor(BLOB_SYNCS_AT_ONCE, thread_name_prefix="blobs")
        with _as_overload():
            (root / _ARRIVING).mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / _LOCK).touch(mode=0o600)

    async def put(self, data: bytes) -> BlobKey:
        return (await self.put_many([data]))[0]

    async def put_many(self, parts: Sequence[bytes]) -> list[BlobKey]:
        """Store every part durably and return the keys in the same order.

        Raises `OverloadedError` when the disk is full or gone; no half-written blob is left.
        """
        if not parts:
            return []
        return await asyncio.to_thread(self._store, parts)

    async def read(self, key: BlobKey) -> bytes:
        """Return the bytes as they lie on the disk; `NotFoundError` when there are none."""
        return await asyncio.to_thread(_contents, self.path(key))

    async def verify(self, key: BlobKey) -> bool:
        """Say whether the bytes are still those that were stored."""
        return await asyncio.to_thread(lambda: _digest(_contents(self.path(key))) == key)

    def path(self, key: BlobKey) -> Path:
        """Return where the blob lies, for a reader that wants a file; it may be absent."""
        key = blob_key(key)
        return self._root / key[:2] / key

    async def sweep(self, known: Known, *, older_than: datetime) -> int:
        """Remove blobs that `known` does not return and nobody stored since `older_than`.

        `known` is asked for a directory at a time which of its keys are still referred to. The
        grace must be longer than any transaction lives between storing a blob and naming it: a
        day is plenty. Returns how many blobs were removed.
        """
        limit = older_than.timestamp()
        await asyncio.to_thread(self._sweep_arriving, limit)
        removed = 0
        for shard in await asyncio.to_thread(self._shards):
            old = await asyncio.to_thread(_keys_before, shard, limit)
            kept = frozenset(await known(old)) if old else frozenset()
            orphans = [key for key in old if key not in kept]
            removed += await asyncio.to_thread(self._remove, orphans, limit)
        return removed

    def _store(self, parts: Sequence[bytes]) -> list[BlobKey]:
        keys = [_digest(part) for part in parts]
        with _as_overload(), self._locked(fcntl.LOCK_SH):
            each = dict(zip(keys, parts, strict=True))
            self._all_at_once(lambda key: self._place(key, each[key]), list(each))
            # A blob that was already there may have been renamed a moment ago by somebody who
            # has not synced yet: its directory is synced again before we promise it too.
            self._all_at_once(sync_directory, sorted({self.path(key).parent for key in keys}))
        return keys

    def _all_at_once(self, do: Callable[[T], None], these: Sequence[T]) -> None:
        """Do it for all, several side by side: a disk syncs many files in the time of one."""
        if len(these) == 1:
            do(these[0])
            return
        done = [self._hands.submit(do, one) for one in these]
        wait(done)  # for every one, before the lock is let go and before the first error is raised
        for one in done:
            one.result()

    def _place(self, key: BlobKey, data: bytes) -> None:
        path = self.path(key)
        if path.exists():
            os.utime(path)  # renews its grace: the sweeper must not take what is being named now
            return
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._root)
        draft = self._root / _ARRIVING / secrets.token_hex(16)
        try:
            write_synced(draft, data)
            crash_here("blobs.after_writing_before_naming")
            draft.rename(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the store against its sweeper, also against one in another process."""
        with (self._root / _LOCK).open("rb") as lock:
            fcntl.flock(lock, how)
            yield

    def _shards(self) -> list[Path]:
        return sorted(path for path in self._root.iterdir() if len(path.name) == 2)

    def _sweep_arriving(self, limit: float) -> None:
        for draft in (self._root / _ARRIVING).iterdir():
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < limit:
                    draft.unlink()

    def _remove(self, orphans: Collection[BlobKey], limit: float) -> int:
        removed = 0
        for key in orphans:
            with self._locked(fcntl.LOCK_EX), suppress(FileNotFoundError):
                if self.path(key).stat().st_mtime < limit:
                    self.path(key).unlink()
                    removed += 1
        return removed


def _digest(data: bytes) -> BlobKey:
    return BlobKey(hashlib.sha256(data).hexdigest())


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError("this file is no longer stored") from error


def _keys_before(shard: Path, limit: float) -> list[BlobKey]:
    with os.scandir(shard) as entries:
        return [BlobKey(entry.name) for entry in entries if entry.stat().st_mtime < limit]


@contextmanager
def _as_overload() -> Iterator[None]:
    """Turn "the disk cannot take this now" into the one error every edge answers with 503."""
    try:
        yield
    except OSError as error:
        raise OverloadedError from error
