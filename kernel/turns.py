"""Who waits for a connection: first come, first served."""

import asyncio
from types import TracebackType

from kernel.errors import OverloadedError

WAIT_SECONDS = 10.0


class Turns:
    """Lets so many in at once, in the order in which they came.

    SQLAlchemy's pool of connections is not fair: whoever gives one back and asks again at once has
    it before those who were woken for it could run, and a worker with much to write kept everybody
    else waiting until it was done. Whoever waits for too long is refused with OverloadedError.
    """

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def __aenter__(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise OverloadedError from error

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._free.release()
