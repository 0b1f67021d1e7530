"""A bot on the simulated Bot API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.envelope import Account
from channels.telegram.connector import TelegramConnector
from tests.channels.scene import ACCOUNT, Desk
from tests.simulators.telegram import TOKEN, TelegramServer


def account(server: TelegramServer, token: str = TOKEN, **settings: Any) -> Account:
    return Account(
        id=ACCOUNT,
        kind="telegram",
        name="Shop",
        settings={"api_url": server.url, **settings},
        secrets={"bot_token": token},
        public_key="key",
    )


@asynccontextmanager
async def following(bot: TelegramConnector, desk: Desk) -> AsyncIterator[None]:
    """Let the bot listen while the block runs; what ends it early fails the block."""
    bot.resume(desk.cursor)
    listening = asyncio.create_task(bot.listen(desk.deliver, desk.tell))
    try:
        yield
        if listening.done():
            listening.result()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
