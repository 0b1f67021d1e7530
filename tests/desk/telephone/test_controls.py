"""What agents and supervisors do with a call: each hears exactly whom they should."""

from typing import Any

import pytest

from tests.desk.telephone.scene import OUTSIDE, Office
from tests.desk_api import DeskApi, Live, RefusedError
from tests.simulators.twilio_voice import Phone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def over(office: Office, caller: Phone, who: DeskApi) -> None:
    """Let the caller hang up, and wait until that is known."""
    async with who.live() as live:
        await caller.hang_up()
        await live.next("CallChanged", state="ended")


async def joined(live: Live, role: str) -> None:
    """Wait until the center knows that somebody in this role is in the call."""
    while True:
        told = await live.next("CallChanged")
        if any(leg["role"] == role and leg["state"] == "joined" for leg in told["data"]["legs"]):
            return


def label(call: dict[str, Any], role: str) -> str:
    """What somebody is called in the room."""
    return str([leg["id"] for leg in call["legs"] if leg["role"] == role][-1])


async def test_a_client_on_hold_hears_music_and_nobody_and_is_back_afterwards(
    office: Office,
) -> None:
    caller, phone, call = await office.talking(office.olena)

    held = await office.olena.post(f"calls/{call['id']}/hold", {"on": True})
    await caller.until("on-hold")
    await caller.until_hears()
    await phone.until_hears()
    await caller.heard("music.wav", times=2)
    back = await office.olena.post(f"calls/{call['id']}/hold", {"on": False})
    await caller.until("in-progress")

    await caller.until_hears(label(call, "agent"))
    assert [leg["on_hold"] for leg in held["legs"] if leg["role"] == "client"] == [True]
    assert [leg["on_hold"] for leg in back["legs"] if leg["role"] == "client"] == [False]
    await over(office, caller, office.olena)


async def test_an_agent_who_is_muted_is_not_heard(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)

    await office.olena.post(f"calls/{call['id']}/mute", {"on": True})
    await caller.until_hears()
    await phone.until_hears(label(call, "client"))
    await office.olena.post(f"calls/{call['id']}/mute", {"on": False})

    await caller.until_hears(label(call, "agent"))
    await over(office, caller, office.olena)


async def test_keys_reach_the_other_end_and_are_kept_nowhere(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)

    await office.olena.post(f"calls/{call['id']}/keys", {"digits": "424242424242"})
    await caller.heard("424242424242")
    await caller.until_hears(label(call, "agent"))

    history = await office.olena.get(f"tickets/{call['ticket_id']}/history")
    assert "424242424242" not in str(history)
    await over(office, caller, office.olena)


async def test_a_colleague_is_asked_first_and_then_has_the_call(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)
    ivan = await office.phone(office.ivan)
    agent = {"agent_id": office.ivan.me["agent"]["id"]}

    async with office.olena.live() as seen:
        await office.olena.post(f"calls/{call['id']}/consult", agent)
        await ivan.ringing()
        await ivan.answer()
        await joined(seen, "consulted")
    await caller.until("on-hold")
    asked = await office.olena.get(f"calls/{call['id']}")
    await ivan.until_hears(label(asked, "agent"))
    async with office.ivan.live() as live:
        done = await office.olena.post(f"calls/{call['id']}/hand-over")
        await phone.until("completed")
        await caller.until("in-progress")

        await caller.until_hears(label(asked, "consulted"))
        assert done["agent_id"] == office.ivan.me["agent"]["id"]
        mine = (await office.ivan.get("work"))["contacts"]
        assert [one["id"] for one in mine] == [call["contact_id"]]
        await caller.hang_up()
        await live.next("CallChanged", state="ended")
    await ivan.until("completed")


async def test_who_was_asked_in_vain_leaves_the_client_to_the_agent(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)
    outside = await office.sim.phone(OUTSIDE)

    await office.olena.post(f"calls/{call['id']}/consult", {"number": OUTSIDE})
    await outside.ringing()
    await outside.answer()
    await office.olena.post(f"calls/{call['id']}/return")
    await outside.until("completed")

    await caller.until_hears(label(call, "agent"))
    await over(office, caller, office.olena)


async def test_a_call_that_is_given_to_a_colleague_rings_there_while_the_client_waits(
    office: Office,
) -> None:
    caller, phone, call = await office.talking(office.olena)
    ivan = await office.phone(office.ivan)

    async with office.ivan.live() as live:
        await office.olena.post(
            f"calls/{call['id']}/transfer", {"agent_id": office.ivan.me["agent"]["id"]}
        )
        await phone.until("completed")
        await ivan.ringing()
        await ivan.answer()
        await live.next("CallChanged", state="talking")
        await ivan.until_hears(label(call, "client"))
        await caller.hang_up()
        ended = await live.next("CallChanged", state="ended")

    assert ended["data"]["outcome"] == "answered"


async def test_who_is_given_a_call_can_hold_it_as_whoever_had_it_before(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)
    hold = f"calls/{call['id']}/hold"
    await office.olena.post(hold, {"on": True})
    await office.olena.post(hold, {"on": False})
    ivan = await office.phone(office.ivan)

    async with office.ivan.live() as live:
        await office.olena.post(
            f"calls/{call['id']}/transfer", {"agent_id": office.ivan.me["agent"]["id"]}
        )
        await ivan.ringing()
        await ivan.answer()
        theirs = office.ivan.me["agent"]["id"]
        shown = call
        while (shown["state"], shown["agent_id"]) != ("talking", theirs):
            await live.next("CallChanged")
            shown = await office.ivan.get(f"calls/{call['id']}")
    await office.ivan.post(hold, {"on": True})

    await caller.until("on-hold")
    await over(office, caller, office.ivan)


async def test_those_who_speak_are_compared_by_one_question(office: Office) -> None:
    caller, _, _ = await office.talking(office.olena)
    switchboard = office.olena.center.house.switchboard
    seen = len(office.sim.asked)

    switchboard.compare_soon()
    await office.sim.until_asked("list calls", office.sim.asked.count("list calls") + 1)

    assert "look at call" not in office.sim.asked[seen:]
    assert "list participants" in office.sim.asked[seen:]
    await over(office, caller, office.olena)


async def test_a_call_that_is_given_to_a_queue_waits_there_again(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)
    other = await office.olena.post("queues", {"name": "Second line"})

    async with office.olena.live() as live:
        await office.olena.post(f"calls/{call['id']}/transfer", {"queue_id": other["id"]})
        await phone.until("completed")
        await live.next("CallChanged", state="waiting")
        await caller.heard("music.wav", times=2)
        await caller.hang_up()
        ended = await live.next("CallChanged", state="ended")

    assert ended["contact_id"] == call["contact_id"]


async def test_a_call_that_is_given_to_a_number_leaves_the_center(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)
    outside = await office.sim.phone(OUTSIDE)

    async with office.olena.live() as live:
        await office.olena.post(f"calls/{call['id']}/transfer", {"number": OUTSIDE})
        await outside.ringing()
        await phone.until("completed")
        await outside.answer()
        await outside.hang_up()
        ended = await live.next("CallChanged", state="ended")

    assert ended["data"]["outcome"] == "transferred"
    await caller.until("completed")


async def test_a_third_takes_part_until_they_are_removed(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)
    outside = await office.sim.phone(OUTSIDE)

    async with office.olena.live() as seen:
        await office.olena.post(f"calls/{call['id']}/parties", {"number": OUTSIDE})
        await outside.ringing()
        await outside.answer()
        await joined(seen, "third")
    shown = await office.olena.get(f"calls/{call['id']}")
    await caller.until_hears(label(call, "agent"), label(shown, "third"))
    await office.olena.delete(f"calls/{call['id']}/parties/{label(shown, 'third')}")
    await outside.until("completed")

    await caller.until_hears(label(call, "agent"))
    await over(office, caller, office.olena)


async def test_a_recording_is_announced_paused_and_heard_by_who_may_alone(office: Office) -> None:
    caller, phone, call = await office.talking(office.ivan)
    path = f"calls/{call['id']}/recording"

    started = await office.ivan.post(path, {"what": "start"})
    await caller.heard("This call is being recorded.")
    await caller.until_hears(label(call, "agent"))
    await phone.speak("What is your card number?")
    paused = await office.ivan.post(path, {"what": "pause"})
    await caller.speak("4242 4242")
    resumed = await office.ivan.post(path, {"what": "resume"})
    await over(office, caller, office.ivan)
    async with office.olena.live() as live:
        while True:
            shown = await office.olena.get(f"calls/{call['id']}")
            if shown["recordings"][0]["state"] == "kept":
                break
            await live.next("CallChanged")

    (kept,) = shown["recordings"]
    status, headers, body = await office.olena.raw("GET", kept["url"])
    assert (status, headers["Content-Type"], body[:4]) == (200, "audio/wav", b"RIFF")
    (listener,) = await office.olena.get(f"{kept['url'].removeprefix('/api/v1/')}/heard")
    assert listener["agent_name"] == "Olena"
    assert (await office.ivan.get(f"calls/{call['id']}"))["recordings"][0]["url"] is None
    assert (await office.ivan.raw("GET", kept["url"]))[0] == 403
    states = [one["recording"] for one in (started, paused, resumed)]
    assert states == ["on", "paused", "on"]


async def test_a_supervisor_listens_whispers_and_speaks(office: Office) -> None:
    caller, phone, call = await office.talking(office.ivan)
    vera = await office.phone(office.vera)

    async with office.vera.live() as seen:
        await office.vera.post(f"calls/{call['id']}/beside", {"mode": "listen"})
        await vera.ringing()
        await vera.answer()
        await joined(seen, "supervisor")
    await vera.until_hears(label(call, "agent"), label(call, "client"))
    shown = await office.vera.get(f"calls/{call['id']}")
    own = label(shown, "supervisor")
    assert own not in caller.hears() + phone.hears()

    await office.vera.post(f"calls/{call['id']}/beside", {"mode": "whisper"})
    await phone.until_hears(label(call, "client"), own)
    assert own not in caller.hears()

    await office.vera.post(f"calls/{call['id']}/beside", {"mode": "barge"})
    await caller.until_hears(label(call, "agent"), own)
    await office.vera.post(f"calls/{call['id']}/away")
    await vera.until("completed")

    await caller.until_hears(label(call, "agent"))
    await over(office, caller, office.ivan)


async def test_whoever_has_nothing_to_do_with_a_call_changes_nothing_of_it(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)

    for path, body in (("hold", {"on": True}), ("keys", {"digits": "1"}), ("hang-up", {})):
        with pytest.raises(RefusedError) as refused:
            await office.ivan.post(f"calls/{call['id']}/{path}", body)
        assert refused.value.status in {403, 404}
    with pytest.raises(RefusedError) as refused:
        await office.ivan.post(f"calls/{call['id']}/beside", {"mode": "listen"})
    assert refused.value.status == 403
    await over(office, caller, office.olena)


async def test_an_agent_ends_the_call_for_everybody(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)

    ended = await office.olena.post(f"calls/{call['id']}/hang-up")

    await caller.until("completed")
    await phone.until("completed")
    assert (ended["state"], ended["outcome"]) == ("ended", "answered")
    assert office.sim.faults == []
