"""A report that is faster than the commit of what was sent waits for it, and nobody else does."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from channels.channel import SentOf
from channels.viber.connector import ViberConnector
from tests.channels.scene import Desk, surroundings
from tests.channels.viber.scene import account, call
from tests.channels.viber.test_sending import to_ann
from tests.clock import ManualClock
from tests.simulators.viber import ViberServer


class Settled:
    """What is committed of what was sent."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.asked = 0

    def of(self, _account: UUID) -> SentOf:
        async def sent(names: Sequence[str]) -> dict[str, UUID]:
            self.asked += 1
            return {name: uuid4() for name in names if name in self.names}

        return sent


async def test_a_report_waits_until_what_it_reports_of_is_committed(
    server: ViberServer, stored: Desk, clock: ManualClock
) -> None:
    settled = Settled()
    around = surroundings(stored, clock, sent_of=settled.of)
    async with ViberConnector(account(server), around) as bot:
        receipt = await bot.send(to_ann())
        told = {**server.callback("delivered"), "message_token": int(receipt.external_id)}
        reporting = asyncio.create_task(bot.receive(call(told), stored.deliver))
        await clock.until_asleep()
        waited = dict(stored.stored)
        settled.names.add(receipt.external_id)
        clock.advance(seconds=0.5)
        await reporting

    assert waited == {}
    assert len(stored.stored) == 1


async def test_a_report_of_what_is_not_ours_waits_for_nothing(
    server: ViberServer, stored: Desk, clock: ManualClock
) -> None:
    settled = Settled()
    around = surroundings(stored, clock, sent_of=settled.of)
    async with ViberConnector(account(server), around) as bot:
        await bot.send(to_ann())
        clock.advance(seconds=6)
        await bot.receive(call(server.callback("seen")), stored.deliver)

    assert settled.asked == 0
    assert len(stored.stored) == 1
