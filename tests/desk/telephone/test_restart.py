"""Calls survive us: they go on while the center is away, and it knows of them when it is back."""

from pathlib import Path

import pytest

from contact_center.app import open_center
from kernel.clock import SystemClock
from tests.desk.telephone.scene import OLENA, connected, settings_in
from tests.desk_api import serving
from tests.simulators.twilio_voice import running_voice

pytestmark = pytest.mark.slow


async def test_who_speaks_speaks_on_and_what_ended_meanwhile_is_found_over(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with running_voice() as sim:
        phone = await sim.phone(OLENA)
        async with open_center(settings, SystemClock()) as center, serving(center) as desk:
            await desk.patch("me", {"phone": OLENA})
            await connected(desk, sim)
            (queue,) = [one for one in await desk.get("queues") if one["is_default"]]
            me = desk.me["agent"]["id"]
            await desk.patch(
                f"queues/{queue['id']}", {"version": queue["version"], "member_ids": [me]}
            )
            await desk.available()
            async with desk.live() as live:
                speaking = await sim.call(from_="+380440000001")
                offer = await live.next("OfferMade")
                await desk.post(f"offers/{offer['data']['offer_id']}/accept")
                await phone.ringing()
                await phone.answer()
                told = await live.next("CallChanged", state="talking")
            await speaking.until("in-progress")

        assert speaking.state == phone.state == "in-progress"
        await speaking.until_speaks_with(1)
        await speaking.hang_up()
        await phone.until("completed")

        async with (
            open_center(settings, SystemClock()) as center,
            serving(center, empty=True) as desk,
        ):
            await desk.sign_in("olena@wonder.example")
            async with desk.live() as live:
                shown = await desk.get(f"calls/{told['data']['call_id']}")
                while shown["state"] != "ended":
                    await live.next("CallChanged")
                    shown = await desk.get(f"calls/{told['data']['call_id']}")
            over = await desk.get("contacts", state="closed")

    assert shown["outcome"] == "answered"
    assert told["contact_id"] in {one["id"] for one in over["items"]}
