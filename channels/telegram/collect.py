"""Makes deliveries of updates: albums joined, files fetched, each under its permanent name."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from channels.channel import KeepFile, KnownOf
from channels.envelope import Delivery
from channels.errors import ProviderUnavailableError, UnreadableDeliveryError
from channels.files import Fetched
from channels.telegram.contents import Wanted, wanted_files
from channels.telegram.cursor import Position
from channels.telegram.parse import pack
from channels.telegram.updates import Message, Press, key_of, read_update
from kernel.clock import Clock
from kernel.limits import (
    TELEGRAM_DOWNLOAD_BYTES,
    TELEGRAM_FILE_TRIES,
    TELEGRAM_FILE_WAIT_SECONDS,
)
from kernel.sniff import media_type

logger = logging.getLogger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns a file's bytes by its id; raises FileGoneError when it can never be fetched."""

_FILES_AT_ONCE = 4


class FileGoneError(Exception):
    """This file can never be fetched; `problem` is the word for why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Pressed(Struct, frozen=True):
    """A button that spins at the client until Telegram hears that its press was heard."""

    id: str
    chat_id: int = 0
    message_id: int = 0
    """Under which it stands; 0: Telegram no longer says."""


class Glimpse(Struct, frozen=True, kw_only=True):
    """What must be known of an update before it is stored."""

    raw: bytes
    key: str
    number: int | None = None
    album: str = ""
    wanted: tuple[Wanted, ...] = ()
    pressed: Pressed | None = None


class Collector:
    """Joins an album into the delivery of its first piece; the other pieces are stored beside it,
    so that each is known when it comes again, alone or in other company."""

    def __init__(
        self, account_id: UUID, clock: Clock, *, fetch: Fetch, keep_file: KeepFile, known: KnownOf
    ) -> None:
        self._account_id = account_id
        self._clock = clock
        self._fetch = fetch
        self._keep_file = keep_file
        self._known = known

    async def collect(self, glimpses: Sequence[Glimpse]) -> list[Delivery]:
        """Return the deliveries of these updates in their order; the last one moves the cursor."""
        deliveries: list[Delivery] = []
        for pieces in _bundles(glimpses):
            deliveries.extend(await self._bundle(pieces))
        numbers = [one.number for one in glimpses if one.number is not None]
        if deliveries and numbers:
            last = deliveries[-1]
            position = Position(offset=max(numbers) + 1, at=self._clock.now())
            deliveries[-1] = self._delivery(last.external_id, last.raw, str(position))
        return deliveries

    async def _bundle(self, pieces: Sequence[Glimpse]) -> list[Delivery]:
        if len(pieces) > 1:
            known = await self._known([one.key for one in pieces])
            pieces = [one for one in pieces if one.key not in known] or pieces[:1]
        files = {wanted.key: await self._fetched(wanted) for one in pieces for wanted in one.wanted}
        lead = pieces[0]
        raw = pack([one.raw for one in pieces], files)
        return [
            self._delivery(lead.key, raw),
            *(self._delivery(one.key, pack([one.raw], {}, part_of=lead.key)) for one in pieces[1:]),
        ]

    def _delivery(self, key: str, raw: bytes, cursor: str | None = None) -> Delivery:
        return Delivery(
            account_id=self._account_id,
            external_id=key,
            raw=raw,
            received_at=self._clock.now(),
            cursor=cursor,
        )

    async def _fetched(self, wanted: Wanted) -> Fetched:
        if wanted.size > TELEGRAM_DOWNLOAD_BYTES:
            return Fetched(problem="file_too_large")
        for tries in range(1, TELEGRAM_FILE_TRIES + 1):
            try:
                data = await self._fetch(wanted.key)
            except FileGoneError as gone:
                return Fetched(problem=gone.problem)
            except ProviderUnavailableError:
                if tries == TELEGRAM_FILE_TRIES:
                    logger.warning("a file could not be fetched")
                    break
                await self._clock.sleep(TELEGRAM_FILE_WAIT_SECONDS * tries)
            else:
                kind = media_type(data, wanted.name)
                return Fetched(blob=await self._keep_file(data), size=len(data), media_type=kind)
        return Fetched(problem="file_missing")


def glimpse(raw: bytes) -> Glimpse:
    """Look at an update without judging it; what is none has a name all the same."""
    key = key_of(raw)
    try:
        update = read_update(raw)
    except UnreadableDeliveryError:
        return Glimpse(raw=raw, key=key)
    message = update.message or update.edited_message
    private = message is not None and message.chat.type == "private"
    return Glimpse(
        raw=raw,
        key=key,
        number=update.update_id,
        album=_album(update.message) if private else "",
        wanted=tuple(wanted_files(message)) if message is not None and private else (),
        pressed=_pressed(update.callback_query),
    )


def chunks(glimpses: Sequence[Glimpse]) -> Iterator[list[Glimpse]]:
    """Cut a batch so that nobody waits for more than a few files of others; albums stay whole."""
    chunk: list[Glimpse] = []
    files = 0
    for one in glimpses:
        if files >= _FILES_AT_ONCE and not (one.album and one.album == chunk[-1].album):
            yield chunk
            chunk, files = [], 0
        chunk.append(one)
        files += len(one.wanted)
    if chunk:
        yield chunk


def _pressed(press: Press | None) -> Pressed | None:
    if press is None:
        return None
    under = press.message
    return Pressed(press.id, under.chat.id, under.message_id) if under else Pressed(press.id)


def _album(message: Message | None) -> str:
    if message is None or not message.media_group_id:
        return ""
    return f"{message.chat.id}:{message.media_group_id}"


def _bundles(glimpses: Sequence[Glimpse]) -> list[list[Glimpse]]:
    """Put an album's pieces together where its first one stands."""
    found: list[list[Glimpse]] = []
    albums: dict[str, list[Glimpse]] = {}
    for one in glimpses:
        if one.album and one.album in albums:
            albums[one.album].append(one)
            continue
        bundle = [one]
        found.append(bundle)
        if one.album:
            albums[one.album] = bundle
    return found
