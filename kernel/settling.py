"""Does a transaction over that the database undid in favour of another."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from kernel.errors import ClashError

logger = logging.getLogger(__name__)

T = TypeVar("T")
TRIES: Final = 5


async def settled(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`, which is one whole transaction, and once more whenever it was undone.

    Nobody waits in between: what was undone queues up behind the one that it stood in the way of.
    Raises `ClashError` when even the last try was undone.
    """
    for _ in range(TRIES - 1):
        try:
            return await work()
        except ClashError:
            logger.info("a transaction is done over: another one wanted the same")
    return await work()
