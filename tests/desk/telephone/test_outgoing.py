"""Calls that the center makes: to whom, how often, and never where it only costs money."""

from typing import Any

import pytest

from tests.desk.telephone.scene import Office
from tests.desk_api import RefusedError
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

CLIENT = "+380671234567"


async def a_client(office: Office, phone: str = CLIENT) -> str:
    made = await office.olena.post("clients", {"name": "Ann", "phone": phone})
    return str(made["id"])


async def test_a_click_calls_the_agent_first_and_then_the_client(office: Office) -> None:
    await office.only(office.olena)
    client = await a_client(office)
    phone, theirs = await office.phone(office.olena), await office.sim.phone(CLIENT)

    async with office.olena.live() as live:
        made = await office.olena.post("calls", {"client_id": client})
        await phone.ringing()
        assert theirs.state == "idle"
        await phone.answer()
        await theirs.ringing()
        assert theirs.leg.sender == "+15005550006"
        await theirs.answer()
        await live.next("CallChanged", state="talking")
        await theirs.hang_up()
        ended = await live.next("CallChanged", state="ended")

    await phone.until("completed")
    shown = await office.olena.get(f"calls/{made['id']}")
    thread = await office.olena.get(f"tickets/{shown['ticket_id']}")
    assert [one["call_id"] for one in thread["messages"]] == [made["id"]]
    assert (shown["direction"], shown["unverified"]) == ("outbound", False)
    assert ended["data"]["outcome"] == "answered"


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 429, "code": 20429, "words": "Too many requests", "retry_after": "1"},
        {"status": 503, "code": 20503, "words": "Service unavailable"},
    ],
    ids=["pause", "broken"],
)
async def test_a_provider_that_cannot_call_just_now_is_asked_a_moment_later(
    office: Office, trouble: dict[str, Any]
) -> None:
    await office.only(office.olena)
    client = await a_client(office)
    phone = await office.phone(office.olena)
    before = office.sim.asked.count("participant")
    office.sim.fail("participant", **trouble)

    async with office.olena.live() as live:
        made = await office.olena.post("calls", {"client_id": client})
        await phone.ringing()
        await phone.reject()
        await live.next("CallChanged", state="ended")

    assert office.sim.asked.count("participant") == before + 2
    shown = await office.olena.get(f"calls/{made['id']}")
    assert [one["role"] for one in shown["legs"]] == ["agent"]


async def test_a_client_who_does_not_answer_is_said_so_and_the_agent_is_free(
    office: Office,
) -> None:
    await office.only(office.olena)
    client = await a_client(office)
    phone, theirs = await office.phone(office.olena), await office.sim.phone(CLIENT)

    async with office.olena.live() as live:
        await office.olena.post("calls", {"client_id": client})
        await phone.ringing()
        await phone.answer()
        await theirs.ringing()
        await theirs.reject()
        ended = await live.next("CallChanged", state="ended")

    await phone.until("completed")
    assert ended["data"]["outcome"] == "busy"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+19005551234", "premium or satellite"),
        ("+88216123456", "premium or satellite"),
        ("+252612345678", "this country"),
        ("12345", "as + and digits"),
    ],
)
async def test_nobody_is_called_where_it_only_costs_money(
    office: Office, number: str, words: str
) -> None:
    asked = list(office.sim.asked)
    client = await a_client(office, number)

    for body in ({"client_id": client}, {"client_id": client, "number": number}):
        with pytest.raises(RefusedError) as refused:
            await office.olena.post("calls", body)
        assert (refused.value.status, refused.value.field) == (422, "number")
        assert words in str(refused.value)
    assert [one for one in office.sim.asked if one == "participant"] == [
        one for one in asked if one == "participant"
    ]


async def test_no_control_of_a_call_reaches_such_a_number(office: Office) -> None:
    caller, _, call = await office.talking(office.olena)

    for path in ("consult", "parties", "transfer"):
        with pytest.raises(RefusedError) as refused:
            await office.olena.post(f"calls/{call['id']}/{path}", {"number": "+19005551234"})
        assert refused.value.status == 422
    async with office.olena.live() as live:
        await caller.hang_up()
        await live.next("CallChanged", state="ended")


async def test_a_flow_cannot_lead_to_such_a_number(office: Office) -> None:
    path = f"accounts/{office.account['id']}/flow"
    flow = {"start": "a", "nodes": [{"kind": "transfer", "id": "a", "number": "+88216123456"}]}

    (problem,) = await office.olena.post(f"{path}/check", {"flow": flow})
    with pytest.raises(RefusedError) as refused:
        await office.olena.put(path, {"version": 1, "flow": flow})

    assert (problem["node"], problem["code"]) == ("a", "number_refused")
    assert refused.value.status == 422


async def test_after_so_many_calls_a_day_no_more_are_made(office: Office) -> None:
    client = await a_client(office)
    await office.with_settings(calls_a_day=0)
    with pytest.raises(RefusedError, match="as many calls today"):
        await office.olena.post("calls", {"client_id": client})
    await office.with_settings()


async def test_a_flow_is_tried_without_a_call(office: Office) -> None:
    path = f"accounts/{office.account['id']}/flow"

    tried = await office.olena.post(f"{path}/try", {"presses": ["7", "1"], "language": "uk"})

    assert [(one["node"], one["then"], one["pressed"]) for one in tried["turns"]] == [
        ("menu", "ask", "7"),
        ("menu", "ask", "1"),
        ("queue", "queue", None),
    ]
    assert tried["turns"][0]["heard"][-1]["text"] == "Щоб замовити, натисніть 1."


async def test_a_flow_that_somebody_changed_meanwhile_is_not_overwritten(office: Office) -> None:
    path = f"accounts/{office.account['id']}/flow"
    flow = (await office.olena.get(path))["flow"]

    with pytest.raises(RefusedError) as refused:
        await office.olena.put(path, {"version": 0, "flow": flow})

    assert refused.value.status == 409
    (change,) = (await office.olena.get("setting-changes", area="flow", limit=1))["items"]
    assert change["name"] == "Hotline"


async def test_who_is_left_alone_is_called_only_after_a_second_question(office: Office) -> None:
    await office.only(office.olena)
    client = await a_client(office, "+380671234599")
    await office.olena.patch(f"clients/{client}", {"version": 1, "left_alone": True})
    phone = await office.phone(office.olena)

    with pytest.raises(RefusedError) as refused:
        await office.olena.post("calls", {"client_id": client})
    async with office.olena.live() as live:
        await office.olena.post("calls", {"client_id": client, "anyway": True})
        await phone.ringing()
        await phone.reject()
        await live.next("CallChanged", state="ended")

    assert refused.value.field == "anyway"


async def test_who_called_can_be_written_to_at_the_number_they_called_from(office: Office) -> None:
    await office.only()
    number = "+380671230001"
    async with office.olena.live() as live:
        caller = await office.calls(number)
        queued = await live.next("ContactQueued", channel="voice")
        await caller.hang_up()
        await live.next("ContactEnded")
        plan = f"tickets/{queued['ticket_id']}/reply-plan"
        before = await office.olena.get(plan)
        settings = {"account_sid": ACCOUNT, "number": NUMBER, "api_url": office.sim.url}
        sms = {"kind": "sms", "name": "Texts", "settings": settings}
        await office.olena.post("accounts", {**sms, "secrets": {"auth_token": TOKEN}})
        await live.next("AccountChanged")
        after = await office.olena.get(plan)
        while after["route"] is None:
            await live.next("AccountChanged")
            after = await office.olena.get(plan)

    assert before["route"] is None
    assert after["route"]["recipient"]["handle"] == number
