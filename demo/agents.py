"""Agents who answer by themselves: they accept what rings, think a little, and write."""

import asyncio
import random
from typing import Any, Final
from uuid import uuid4

import aiohttp
from msgspec import Struct, field

from demo.staff import PASSWORD, Colleague
from demo.talking import Desk, RefusedError
from demo.words import tongue_of

_LOOK_SECONDS: Final = 1.5
_ANSWERS_MOST: Final = 3


class ScriptedAgent(Struct, kw_only=True):
    """One who works through what the router gives them, for ever."""

    who: Colleague
    url: str
    dice: random.Random
    pace: float
    answered: int = 0
    _said: dict[str, int] = field(default_factory=dict)

    async def work(self) -> None:
        async with Desk(self.url) as desk:
            await desk.sign_in(self.who.email, PASSWORD)
            while True:
                try:
                    await self._look(desk)
                except (RefusedError, aiohttp.ClientError):
                    # Somebody was faster, or the center is just stopping.
                    await self._rest(1, 2)
                await asyncio.sleep(_LOOK_SECONDS / self.pace)

    async def _look(self, desk: Desk) -> None:
        work = await desk.call("GET", "work")
        if work["presence"]["state"] != "available":
            await desk.call("PUT", "presence", {"state": "available"})
        for offer in work["offers"]:
            await self._rest(1, 5)
            await desk.call("POST", f"offers/{offer['id']}/accept")
        for contact in work["contacts"]:
            if contact["state"] == "active":
                await self._serve(desk, contact["ticket_id"])

    async def _serve(self, desk: Desk, ticket_id: str) -> None:
        """Answer what the client said last; close the case when they have said enough."""
        ticket = await desk.call("GET", f"tickets/{ticket_id}")
        asked = [one for one in ticket["messages"] if one["kind"] == "inbound"]
        if not asked or not ticket["ticket"]["awaiting_answer"]:
            return
        await self._rest(3, 10)
        told = self._said.get(ticket_id, 0)
        tongue = tongue_of(asked[-1]["text"])
        last = told >= min(_ANSWERS_MOST, len(tongue.answers)) - 1
        text = f"{tongue.answers[min(told, len(tongue.answers) - 1)]} {tongue.goodbye * last}"
        body: dict[str, Any] = {
            "id": str(uuid4()),
            "kind": "reply",
            "html": f"<p>{text.strip()}</p>",
            "after_message_id": asked[-1]["id"],
        }
        if last:
            body["set_status"] = "solved"
        await desk.call("POST", f"tickets/{ticket_id}/messages", body)
        self._said[ticket_id] = told + 1
        self.answered += 1

    async def _rest(self, least: float, most: float) -> None:
        await asyncio.sleep(self.dice.uniform(least, most) / self.pace)
