"""Where every conversation is recorded, callers are told before, and it is."""

import pytest

from tests.desk.telephone.scene import Office

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_every_conversation_is_recorded_after_the_caller_was_told(office: Office) -> None:
    await office.with_settings(records=True)
    async with office.olena.live() as live:
        caller, phone, call = await office.talking(office.olena)
        told = await live.next("CallChanged", recording="on")
        await caller.speak("Where is my parcel?")
        await caller.hang_up()
        await phone.until("completed")
        while True:
            shown = await office.olena.get(f"calls/{call['id']}")
            if [one["state"] for one in shown["recordings"]] == ["kept"]:
                break
            await live.next("CallChanged")

    assert caller.transcript.index("This call is being recorded.") < len(caller.transcript) - 1
    assert told["data"]["call_id"] == call["id"]
    await office.sim.until_asked("remove recording")
