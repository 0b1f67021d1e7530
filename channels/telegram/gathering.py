"""Joins the pieces of an album that Telegram hands to a webhook one by one, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from channels.telegram.collect import Glimpse
from kernel.clock import Clock
from kernel.errors import CenterError, OverloadedError
from kernel.limits import TELEGRAM_ALBUM_SECONDS

Give = Callable[[Sequence[Glimpse]], Awaitable[None]]


class Gathering:
    """Holds albums open for TELEGRAM_ALBUM_SECONDS; a later piece becomes a message of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, _Album] = {}

    async def join(self, piece: Glimpse, give: Give) -> None:
        """Return once the album of this piece is stored, which its first piece sees to."""
        album = self._open.get(piece.album)
        if album is not None:
            album.pieces.append(piece)
            await asyncio.shield(album.stored)
            return
        album = self._open[piece.album] = _Album(piece)
        try:
            try:
                await self._clock.sleep(TELEGRAM_ALBUM_SECONDS)
            finally:
                del self._open[piece.album]
            await give(album.pieces)
        except BaseException as error:
            album.fail(error if isinstance(error, CenterError) else OverloadedError())
            raise
        album.stored.set_result(None)


class _Album:
    def __init__(self, first: Glimpse) -> None:
        self.pieces = [first]
        self.stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(self, error: CenterError) -> None:
        """Whoever waits is refused too, so that Telegram brings every piece again."""
        self.stored.set_exception(error)
        self.stored.exception()  # looked at: it may be that nobody waits
