"""What the provider tells: proven, once, in any order, and found out when it was not told."""

import asyncio
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from channels.tables import DeliveryRow
from channels.voice.tables import CallMomentRow
from tests.desk.telephone.scene import Office
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, signature

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


def fields(sid: str, **more: str) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "CallSid": sid,
        "From": "+380931234567",
        "To": NUMBER,
        "CallStatus": "ringing",
        "Direction": "inbound",
        **more,
    }


async def told(
    office: Office, path: str, form: dict[str, str], *, proven: bool = True
) -> tuple[int, bytes]:
    origin = office.olena.center.house.options.public_url
    url = f"{origin}/hooks/voice/{office.account['public_key']}/{path}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(url, form) if proven else "forged",
    }
    bare, _, query = url.removeprefix(origin).partition("?")
    status, _, body = await office.olena.raw(
        "POST", bare, headers=headers, data=urlencode(form).encode(), params=query
    )
    return status, body


async def test_a_call_that_proves_nothing_stores_nothing(office: Office) -> None:
    before = len((await office.olena.get("calls"))["items"])

    for path in ("called", "step?call=x&turn=1", "status", "leg", "room", "recording", "held"):
        assert (await told(office, path, fields("CA" + "f" * 32), proven=False))[0] == 403

    assert len((await office.olena.get("calls"))["items"]) == before


async def test_the_same_moment_told_many_times_at_once_is_answered_the_same_and_done_once(
    office: Office,
) -> None:
    await office.only()
    form = fields("CA" + "a" * 32)
    answers = await asyncio.gather(*(told(office, "called", form) for _ in range(5)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    step = answers[0][1].decode().partition('action="')[2].partition('"')[0]
    path = step.rpartition("/")[2].replace("&amp;", "&")
    pressed = fields("CA" + "a" * 32, Digits="1", CallStatus="in-progress")

    async with office.olena.live() as live:
        queued = [await told(office, path, pressed) for _ in range(3)]
        contact = await live.next("ContactQueued", channel="voice")
        ended = fields("CA" + "a" * 32, CallStatus="completed")
        for _ in range(2):
            assert (await told(office, "status", ended))[0] == 200
        await live.next("ContactEnded", state="abandoned")

    assert len(set(queued)) == 1
    waiting = await office.olena.get(f"tickets/{contact['ticket_id']}")
    assert len([one for one in waiting["messages"] if one["call_id"]]) == 1


async def test_no_key_that_was_pressed_is_kept(office: Office) -> None:
    _, first = await told(office, "called", fields("CA" + "b" * 32))
    step = first.decode().partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    secret = "98765432109876"

    await told(
        office, step.rpartition("/")[2], fields("CA" + "b" * 32, Digits=secret, FinishedOnKey="#")
    )

    async with office.olena.center.house.database.reading() as session:
        raw = [row or b"" for row in await session.scalars(select(DeliveryRow.raw))]
        kept = [str(row) for row in await session.scalars(select(CallMomentRow.steps))]
    assert not [one for one in raw if secret.encode() in one]
    assert not [one for one in kept if secret in one]
    await told(office, "status", fields("CA" + "b" * 32, CallStatus="completed"))


async def test_an_unknown_moment_or_call_is_hung_up_and_never_breaks_us(office: Office) -> None:
    status, _ = await told(office, "nonsense", fields("CA" + "c" * 32))
    assert status in {404, 422}
    status, body = await told(
        office, "step?call=01a204c2-d2ef-79d4-a21e-ae68538a53cc&turn=3", fields("CA" + "c" * 32)
    )
    assert (status, b"<Hangup" in body) == (200, True)


async def test_who_called_while_nobody_answered_is_found_and_waits(office: Office) -> None:
    await office.only()
    own = office.sim.own
    url, own.voice_url = own.voice_url, ""
    house = office.olena.center.house

    async with office.olena.live() as live:
        caller = await office.sim.call(from_="+380937777777")
        await caller.until("completed", "failed", "busy", "no-answer")
        own.voice_url = url
        house.switchboard.compare_soon()
        queued = await live.next("ContactQueued", channel="voice")

    shown = (await office.olena.get("calls"))["items"][0]
    assert (shown["outcome"], shown["number"]) == ("abandoned", "+380937777777")
    assert shown["contact_id"] == queued["contact_id"]
    await office.olena.post(f"contacts/{queued['contact_id']}/close")


async def test_a_call_whose_end_was_never_told_is_found_over(office: Office) -> None:
    caller, phone, call = await office.talking(office.olena)
    for leg in (caller.leg, phone.leg):
        leg.told.url = ""
    if caller.leg.seat is not None:
        caller.leg.seat.room.told.url = ""
    async with office.olena.live() as live:
        await caller.hang_up()
        await phone.until("completed")
        office.olena.center.house.switchboard.compare_soon()
        ended = await live.next("CallChanged", state="ended")

    assert (ended["data"]["call_id"], ended["data"]["outcome"]) == (call["id"], "answered")


async def test_what_is_told_late_brings_no_call_back(office: Office) -> None:
    await office.only()
    sid = "CA" + "d" * 32
    _, greeting = await told(office, "called", fields(sid))
    step = greeting.decode().partition('action="')[2].partition('"')[0]
    path = step.rpartition("/")[2].replace("&amp;", "&")
    pressed = fields(sid, Digits="1", CallStatus="in-progress")

    async with office.olena.live() as live:
        await told(office, path, pressed)
        contact = await live.next("ContactQueued", channel="voice")
        await told(office, "status", fields(sid, CallStatus="completed"))
        await live.next("ContactEnded", state="abandoned")
        ended = (await office.olena.get("calls"))["items"]
        late = [
            (await told(office, "status", fields(sid, CallStatus=status)))[0]
            for status in ("ringing", "in-progress", "completed")
        ]
        late.append((await told(office, path, pressed))[0])
    calls = (await office.olena.get("calls"))["items"]
    waiting = [one["ticket_id"] for one in (await office.olena.get("contacts"))["items"]]

    assert late == [200] * 4
    assert calls == ended
    newest = next(one for one in calls if one["ticket_id"] == contact["ticket_id"])
    assert newest["state"] == "ended"
    assert contact["ticket_id"] not in waiting
