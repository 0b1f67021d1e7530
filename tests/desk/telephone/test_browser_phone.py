"""The console as an agent's telephone: who gets a pass for it, and what becomes of a call to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.desk.telephone.scene import IVAN, Office
from tests.desk_api import DeskApi, RefusedError
from tests.simulators.twilio_browser import identity_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def in_browser(who: DeskApi) -> str:
    """Let it be their telephone; return where they are called."""
    await who.patch("me", {"phone": "browser"})
    return f"client:agent_{who.me['agent']['id'].replace('-', '')}"


async def test_a_pass_lets_its_own_agent_be_called_for_an_hour_and_nothing_else(
    office: Office,
) -> None:
    address = await in_browser(office.ivan)
    (given,) = await office.ivan.post("calls/browser")

    identity, left = identity_in(given["token"])
    assert address == f"client:{identity}" == f"client:{given['identity']}"
    assert 3_500 < left <= 3_600
    ends = datetime.fromisoformat(given["ends_at"])
    assert timedelta(minutes=58) < ends - datetime.now(UTC) <= timedelta(hours=1)
    assert given["signalling"] == office.sim.signalling
    await office.ivan.patch("me", {"phone": IVAN})


async def test_who_has_another_telephone_gets_none(office: Office) -> None:
    with pytest.raises(RefusedError) as refused:
        await office.ivan.post("calls/browser")
    assert refused.value.reason == "phone.not_browser"


@pytest.mark.parametrize("phone", ["client:agent_of_somebody_else", "browser2", "Browser"])
async def test_nobody_takes_the_calls_of_somebody_else(office: Office, phone: str) -> None:
    with pytest.raises(RefusedError) as refused:
        await office.ivan.patch("me", {"phone": phone})
    assert "phone" in refused.value.field


async def test_an_api_token_gets_no_telephone(office: Office) -> None:
    await in_browser(office.ivan)
    made = await office.ivan.post("tokens", {"name": "robot", "scopes": ["ticket.reply"]})
    bearer = {"Authorization": f"Bearer {made['token']}"}
    url = office.ivan.url / "api/v1/calls/browser"
    async with office.ivan._http.post(url, json={}, headers=bearer) as answer:
        assert answer.status == 403
    await office.ivan.patch("me", {"phone": IVAN})


async def test_a_call_to_a_browser_that_is_closed_goes_back_to_its_place(office: Office) -> None:
    await in_browser(office.ivan)
    await office.only(office.ivan)
    async with office.ivan.live() as live:
        caller = await office.new_caller()
        offer = await live.next("OfferMade", agent_id=office.ivan.me["agent"]["id"])
        await office.ivan.post(f"offers/{offer['data']['offer_id']}/accept")
        away = await live.next("PresenceChanged", state="away")
        contact: Any = await live.next("ContactRequeued")
    assert away["data"]["reason"] == "missed_offer"
    assert contact["contact_id"] == offer["contact_id"]
    await caller.hang_up()
    await office.ivan.patch("me", {"phone": IVAN})


async def test_where_no_key_is_set_a_call_is_refused_with_the_cure(office: Office) -> None:
    await in_browser(office.ivan)
    await office.with_settings(api_key_sid="", secrets={"api_key_secret": ""})
    await office.only(office.ivan)
    async with office.ivan.live() as live:
        caller = await office.new_caller()
        offer = await live.next("OfferMade", agent_id=office.ivan.me["agent"]["id"])
        with pytest.raises(RefusedError) as refused:
            await office.ivan.post(f"offers/{offer['data']['offer_id']}/accept")
        assert refused.value.reason == "phone.no_browser"
        with pytest.raises(RefusedError) as refused:
            await office.ivan.post("calls/browser")
        assert refused.value.reason == "phone.no_browser"
    await caller.hang_up()
    await office.ivan.patch("me", {"phone": IVAN})
