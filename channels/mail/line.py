"""A connection whose every wait ends: with an answer, with its loss or with a deadline."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from aioimaplib import AioImapException, CommandTimeout

from channels.errors import ProviderUnavailableError

T = TypeVar("T")


class Line:
    """Whether the connection stands, and everything that still waits for an answer on it."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self._waits: set[asyncio.Future[Any]] = set()

    async def ask(self, wait: Awaitable[T], seconds: float | None) -> T:
        """Wait for an answer, the loss of the connection, or the deadline, whichever is first."""
        asked, cut = asyncio.ensure_future(wait), asyncio.ensure_future(self.lost.wait())
        self._waits.update((asked, cut))
        try:
            await asyncio.wait({asked, cut}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            if cut.done():
                raise ProviderUnavailableError("the connection to the mail server was lost")
            self.lost.set()  # whoever leaves one command unanswered will not answer a goodbye
            raise ProviderUnavailableError(f"the mail server did not answer in {seconds} seconds")
        except (CommandTimeout, TimeoutError) as error:
            raise ProviderUnavailableError("the mail server did not answer in time") from error
        except AioImapException as error:
            raise ProviderUnavailableError("the mail server broke off the conversation") from error
        finally:
            # Not awaited here: the library's own locks may hold a cancelled wait until `end`.
            asked.cancel()
            cut.cancel()
            self._waits = {each for each in self._waits if not each.done()}

    async def end(self, *others: asyncio.Future[Any]) -> None:
        for each in (*others, *self._waits):
            each.cancel()
        await asyncio.gather(*others, *self._waits, return_exceptions=True)
