"""The simulated telephone walks TwiML, puts through, records and complains as Twilio does."""

from collections.abc import AsyncIterator

import pytest
from twilio.rest import Client

from channels.twilio.wire import Pause, Unanswered, Wire
from kernel.http import HttpClient
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN
from tests.simulators.twilio_voice import VoiceSimulator, running_voice
from tests.simulators.twiml_app import App, running_app

CALLER = "+380441234567"
AGENT = "+380501112233"
OTHER = "+380501112244"
_ROOM = (
    '<Response><Dial><Conference waitUrl="/wait" startConferenceOnEnter="false" beep="false" '
    'endConferenceOnExit="true" statusCallback="/events" participantLabel="client" '
    'statusCallbackEvent="start end join leave mute hold">room</Conference></Dial></Response>'
)


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with running_app() as running:
        running.pages["/room"] = _ROOM.replace("/events", f"{running.url}/events")
        running.pages["/wait"] = "<Response><Play>/music.wav</Play></Response>"
        yield running


@pytest.fixture
async def sim(app: App) -> AsyncIterator[VoiceSimulator]:
    async with running_voice() as running:
        running.own.voice_url = f"{app.url}/in"
        running.own.status_url = f"{app.url}/status"
        yield running


@pytest.fixture
async def client(sim: VoiceSimulator) -> AsyncIterator[Client]:
    async with HttpClient(allow_private=True) as http:
        made = Client(
            ACCOUNT, TOKEN, http_client=Wire(http), environment={"TWILIO_ACCOUNT_SID": ""}
        )
        made.api.base_url = sim.url
        yield made


async def test_a_caller_hears_the_menu_and_a_digit_leads_on(app: App, sim: VoiceSimulator) -> None:
    app.pages["/in"] = (
        '<Response><Gather numDigits="1" action="/menu"><Say language="en-GB">For orders press 1'
        "</Say></Gather><Redirect>/in</Redirect></Response>"
    )
    app.pages["/menu"] = lambda told: f"<Response><Say>Pressed {told['Digits']}</Say></Response>"

    phone = await sim.call(from_=CALLER)
    await phone.heard("For orders press 1")
    await phone.stay_silent()
    await phone.press("1")
    await phone.until("completed")

    assert phone.transcript == ["For orders press 1", "For orders press 1", "Pressed 1"]
    assert [told["CallStatus"] for told in app.told_at("/in")] == ["ringing", "in-progress"]
    await sim.exchange.teller.settled()
    assert [told["CallStatus"] for told in app.told_at("/status")] == ["completed"]
    assert sim.faults == []


async def test_keys_are_gathered_until_the_finishing_one(app: App, sim: VoiceSimulator) -> None:
    app.pages["/in"] = '<Response><Gather action="/menu" finishOnKey="*"/></Response>'

    phone = await sim.call(from_=CALLER)
    await phone.press("4711*")
    await phone.until("completed")

    assert [told["Digits"] for told in app.told_at("/menu")] == ["4711"]


async def test_who_waits_is_put_through_to_the_agent_and_held_and_muted(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    app.pages["/in"] = app.pages["/room"]
    phone = await sim.call(from_=CALLER)
    await phone.heard("music.wav", times=2)
    assert phone.state == "waiting"

    agent = await sim.phone(AGENT)
    room = client.conferences("room")
    await room.participants.create_async(from_=NUMBER, to=AGENT, label="agent")
    await agent.answer()
    await phone.until_hears("agent")
    assert agent.hears() == ["client"]
    await agent.speak("Good morning")
    await phone.heard("Good morning")

    await room.participants("client").update_async(hold=True, hold_url=f"{app.url}/wait")
    assert (phone.state, phone.hears(), agent.hears()) == ("on-hold", [], [])
    await room.participants("client").update_async(hold=False)
    await room.participants("agent").update_async(muted=True)
    assert (phone.hears(), agent.hears()) == ([], ["client"])

    await phone.hang_up()
    await agent.until("completed")
    await sim.exchange.teller.settled()
    events = app.told_at("/events")
    assert [told["StatusCallbackEvent"] for told in events] == [
        "participant-join", "participant-join", "conference-start", "participant-hold",
        "participant-unhold", "participant-mute", "participant-leave", "participant-leave",
        "conference-end",
    ]  # fmt: skip
    numbers = [int(told["SequenceNumber"]) for told in events]
    assert numbers == sorted(set(numbers))
    assert sim.faults == []


async def test_a_coach_is_heard_by_the_agent_alone(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    app.pages["/in"] = app.pages["/room"]
    phone, agent, coach = (
        await sim.call(from_=CALLER),
        await sim.phone(AGENT),
        await sim.phone(OTHER),
    )
    await phone.until("waiting")
    parties = client.conferences("room").participants
    await parties.create_async(from_=NUMBER, to=AGENT, label="agent")
    await agent.answer()
    await parties.create_async(
        from_=NUMBER, to=OTHER, label="coach", coaching=True, call_sid_to_coach=agent.leg.sid
    )
    await coach.answer()
    await agent.until_hears("client", "coach")

    assert phone.hears() == ["agent"]
    assert coach.hears() == ["agent", "client"]


async def test_a_phone_that_nobody_answers_or_that_rejects_is_told(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    agent = await sim.phone(AGENT)
    for outcome in ("no-answer", "busy"):
        await client.calls.create_async(
            to=AGENT, from_=NUMBER, url=f"{app.url}/in", status_callback=f"{app.url}/leg",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )  # fmt: skip
        await agent.ringing()
        await (agent.let_it_ring() if outcome == "no-answer" else agent.reject())
        await agent.until(outcome)

    await sim.exchange.teller.settled()
    seen = sorted(told["CallStatus"] for told in app.told_at("/leg"))
    assert seen == ["busy", "initiated", "initiated", "no-answer", "ringing", "ringing"]
    assert app.told_at("/in") == []


async def test_a_waiting_caller_is_sent_elsewhere_by_the_api(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    app.pages["/in"] = (
        "<Response><Gather><Play>/music.wav</Play></Gather><Redirect>/in</Redirect></Response>"
    )
    phone = await sim.call(from_=CALLER)
    await phone.heard("music.wav")

    await client.calls(phone.leg.sid).update_async(url=f"{app.url}/room")
    await phone.until("waiting")
    await client.calls(phone.leg.sid).update_async(status="completed")

    assert phone.state == "completed"
    (shown,) = await client.conferences.list_async(friendly_name="room")
    assert shown.status == "completed"


async def test_a_recording_leaves_out_what_was_said_in_its_pause(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    app.pages["/in"] = app.pages["/room"]
    phone, agent = await sim.call(from_=CALLER), await sim.phone(AGENT)
    await phone.until("waiting")
    await client.conferences("room").participants.create_async(
        from_=NUMBER, to=AGENT, conference_record="true",
        conference_recording_status_callback=f"{app.url}/tape",
    )  # fmt: skip
    await agent.answer()
    (room,) = await client.conferences.list_async(friendly_name="room", status="in-progress")
    current = client.conferences(room.sid).recordings("Twilio.CURRENT")

    await phone.speak("I want to pay")
    await current.update_async(status="paused", pause_behavior="skip")
    await phone.speak("4111 1111")
    await current.update_async(status="in-progress")
    await agent.speak("Thank you")
    await phone.hang_up()
    await sim.exchange.teller.settled()

    (told,) = app.told_at("/tape")
    kept = sim.exchange.recordings[told["RecordingSid"]]
    assert kept.words == ["I want to pay", "Thank you"]
    assert kept.wav().startswith(b"RIFF")


async def test_a_message_is_left_and_hanging_up_ends_it(app: App, sim: VoiceSimulator) -> None:
    app.pages["/in"] = '<Response><Record maxLength="60" action="/left"/></Response>'

    phone = await sim.call(from_=CALLER)
    await phone.heard("")
    await phone.speak("Please call me back")
    await phone.hang_up()
    await sim.exchange.news.until(lambda: bool(app.told_at("/left")), lambda: str(app.told))

    (told,) = app.told_at("/left")
    assert (told["Digits"], told["CallStatus"]) == ("hangup", "completed")
    assert sim.exchange.recordings[told["RecordingSid"]].words == ["Please call me back"]


async def test_dial_puts_through_and_its_action_learns_what_became_of_it(
    app: App, sim: VoiceSimulator
) -> None:
    app.pages["/in"] = (
        f'<Response><Dial action="/dialled" answerOnBridge="true"><Number>{AGENT}</Number></Dial>'
        "</Response>"
    )
    app.pages["/dialled"] = "<Response><Say>Goodbye</Say></Response>"

    phone, agent = await sim.call(from_=CALLER), await sim.phone(AGENT)
    await agent.ringing()
    assert phone.state == "ringing"
    await agent.answer()
    await phone.until_hears(AGENT)
    await agent.hang_up()
    await phone.heard("Goodbye")

    assert [told["DialCallStatus"] for told in app.told_at("/dialled")] == ["completed"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("not XML at all", 12100),
        ("<Response><Shout>hello</Shout></Response>", 12200),
        ("<Response><Say colour='red'>hello</Say></Response>", 12200),
        ("<Response><Gather numDigits='none'/></Response>", 12200),
        ("<Response><Say><Gather/></Say></Response>", 12200),
    ],
)
async def test_what_is_not_twiml_is_a_fault_and_the_fallback_takes_over(
    app: App, sim: VoiceSimulator, document: str, code: int
) -> None:
    sim.own.fallback_url = f"{app.url}/fallback"
    app.pages["/in"] = document
    app.pages["/fallback"] = "<Response><Say>Please call later</Say></Response>"

    phone = await sim.call(from_=CALLER)
    await phone.until("completed")

    assert phone.transcript == ["Please call later"]
    assert [one.code for one in sim.faults] == [code]
    assert app.told_at("/fallback")[0]["ErrorCode"] == str(code)


async def test_without_a_fallback_the_caller_hears_an_apology(
    app: App, sim: VoiceSimulator
) -> None:
    app.broken["/in"] = 500

    phone = await sim.call(from_=CALLER)
    await phone.heard("application error")

    assert [one.code for one in sim.faults] == [11200]


async def test_keys_are_not_gathered_in_a_waiting_room(app: App, sim: VoiceSimulator) -> None:
    app.pages["/in"] = app.pages["/room"]
    app.pages["/wait"] = "<Response><Gather><Play>/music.wav</Play></Gather></Response>"

    phone = await sim.call(from_=CALLER)
    await sim.exchange.news.until(lambda: bool(sim.faults), lambda: "no fault")

    assert (sim.faults[0].code, phone.state) == (13238, "waiting")


async def test_reports_come_backwards_and_twice_on_command(
    app: App, sim: VoiceSimulator, client: Client
) -> None:
    agent = await sim.phone(AGENT)
    agent.handset.picks_up = True
    sim.exchange.teller.hold()
    await client.calls.create_async(
        to=AGENT, from_=NUMBER, twiml="<Response><Say>Hello</Say></Response>",
        status_callback=f"{app.url}/leg", status_callback_event=["ringing", "completed"],
    )  # fmt: skip
    await agent.until("completed")
    await sim.exchange.teller.release(backwards=True, times=2)

    assert [told["SequenceNumber"] for told in app.told_at("/leg")] == ["3", "3", "1", "1"]


async def test_the_api_fails_on_command_and_may_have_done_it(
    sim: VoiceSimulator, client: Client
) -> None:
    sim.fail("call", status=429, code=20429, words="Too many requests")
    sim.fail("call", cut="after")

    with pytest.raises(Pause):
        await client.calls.create_async(to=AGENT, from_=NUMBER, twiml="<Response/>")
    with pytest.raises(Unanswered):
        await client.calls.create_async(to=AGENT, from_=NUMBER, twiml="<Response/>")

    (made,) = await client.calls.list_async(to=AGENT)
    assert made.status in {"queued", "initiated", "ringing"}
