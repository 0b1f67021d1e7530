"""Waiting for what other processes make true, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_LOOK_SECONDS: Final = 0.01


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Return when it holds; TimeoutError when it does not in that time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - other processes make it true, none can tell us
            await asyncio.sleep(_LOOK_SECONDS)


async def until_asked(
    question: Callable[[], Awaitable[bool]], seconds: float, *, every: float = _LOOK_SECONDS
) -> None:
    """Ask again until the answer is yes; TimeoutError when it does not come in that time."""
    async with asyncio.timeout(seconds):
        while not await question():  # noqa: ASYNC110 - as above
            await asyncio.sleep(every)
