"""Telephone numbers at a simulated Twilio, to whom people wrote by SMS and who answer them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.ground.served import Served, until_it_opens
from kernel.ids import new_id
from tests.simulators.twilio import TwilioServer
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN
from tickets.tables import TicketRow

_AT_ONCE = 16
_LOOKS = 1_200
_LOOK_SECONDS = 0.1


class Number:
    """One number in the center; `tickets` are of people who wrote to it, one each."""

    def __init__(self, server: Served, twilio: TwilioServer, account_id: UUID) -> None:
        self.server = server
        self.twilio = twilio
        self.account_id = account_id
        self.tickets: list[UUID] = []

    async def hear(self, people: int, engine: AsyncEngine) -> None:
        """Let so many people write, and find their tickets."""
        senders = [f"+38067{at:07}" for at in range(people)]
        for at in range(0, people, _AT_ONCE):
            told = senders[at : at + _AT_ONCE]
            said = (self.twilio.write("Where is my parcel?", sender=one) for one in told)
            assert set(await asyncio.gather(*said)) == {200}
        async with engine.connect() as connection:
            mine = select(TicketRow.id).where(TicketRow.account_id == self.account_id)
            self.tickets = list(await connection.scalars(mine.order_by(TicketRow.id)))
        assert len(self.tickets) == people, (len(self.tickets), people)

    async def answer(self, ticket: UUID, words: str) -> float:
        """Answer; return the moment at which the server had promised it."""
        body = {"id": str(new_id()), "kind": "reply", "html": f"<p>{words}</p>"}
        await self.server.call("POST", f"/api/v1/tickets/{ticket}/messages", body)
        return time.time()

    def arrivals(self) -> dict[str, float]:
        """Return when the provider took each text."""
        return {one.body: one.made_at.timestamp() for one in self.twilio.sent}

    async def until_taken(self, words: Sequence[str]) -> dict[str, float]:
        """Return when each of these texts was taken, once all are."""
        for _ in range(_LOOKS):
            if set(words) <= (taken := self.arrivals()).keys():
                return taken
            await asyncio.sleep(_LOOK_SECONDS)
        raise TimeoutError("the provider was not sent everything")


async def connect_number(
    server: Served,
    twilio: TwilioServer,
    per_second: float,
    *,
    api_url: str = "",
    name: str = "Shop",
) -> Number:
    """Connect a number of its own provider; `api_url`: where the center finds that."""
    settings: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "number": NUMBER,
        "api_url": api_url or twilio.url,
        "per_second": per_second,
    }
    account = await server.call(
        "POST",
        "/api/v1/accounts",
        {"kind": "sms", "name": name, "settings": settings, "secrets": {"auth_token": TOKEN}},
    )
    await until_it_opens(server, account["public_key"])
    twilio.hook_url = f"{server.origin}/hooks/sms/{account['public_key']}"
    return Number(server, twilio, UUID(account["id"]))


def engine_of(url: str) -> AsyncEngine:
    return create_async_engine(url)
