"""A call from its first ring to the wrap-up, walked by a simulated caller."""

from collections.abc import AsyncIterator

import pytest

from tests.desk.telephone.scene import CALLER, at_the_telephone, connected
from tests.desk_api import DeskApi
from tests.simulators.twilio_voice import VoiceSimulator, running_voice


@pytest.fixture
async def sim() -> AsyncIterator[VoiceSimulator]:
    async with running_voice() as running:
        yield running


async def test_a_caller_waits_is_put_through_to_an_agent_and_hangs_up(
    desk: DeskApi, sim: VoiceSimulator
) -> None:
    await connected(desk, sim)
    agent = await at_the_telephone(desk, sim)

    async with desk.live() as live:
        caller = await sim.call(from_=CALLER)
        offer = await live.next("OfferMade")
        await caller.heard("music.wav")
        await desk.post(f"offers/{offer['data']['offer_id']}/accept")
        await agent.ringing()
        await agent.answer()
        await live.next("CallChanged", state="talking")
        (call,) = await desk.get("calls/mine")
        assert call["state"] == "talking"
        assert {leg["role"]: leg["state"] for leg in call["legs"]} == {
            "client": "joined",
            "agent": "joined",
        }
        await caller.hang_up()
        ended = await live.next("CallChanged", state="ended")

    assert ended["data"]["outcome"] == "answered"
    await agent.until("completed")
    assert sim.faults == []
