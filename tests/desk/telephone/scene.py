"""A center with a number at the simulated Twilio, its queue, and agents with telephones."""

from typing import Any

from tests.desk_api import DeskApi
from tests.simulators.twilio_gate import ACCOUNT, NUMBER, TOKEN
from tests.simulators.twilio_voice import Phone, VoiceSimulator

CALLER = "+380441234567"
OLENA = "+380501112233"
IVAN = "+380501112244"


async def connected(desk: DeskApi, sim: VoiceSimulator, **settings: Any) -> dict[str, Any]:
    """Connect the number; return its account when Twilio knows where to ask."""
    return await desk.connect(
        {
            "kind": "voice",
            "name": "Hotline",
            "settings": {
                "account_sid": ACCOUNT,
                "number": NUMBER,
                "api_url": sim.url,
                "ring_seconds": 20,
                "countries": ["UA", "US"],
                **settings,
            },
            "secrets": {"auth_token": TOKEN},
        }
    )


async def at_the_telephone(desk: DeskApi, sim: VoiceSimulator, number: str = OLENA) -> Phone:
    """Let an agent of the default queue be reached at a number, and be available."""
    await desk.patch("me", {"phone": number})
    (queue,) = [one for one in await desk.get("queues") if one["is_default"]]
    members = sorted({*queue["member_ids"], desk.me["agent"]["id"]})
    await desk.patch(f"queues/{queue['id']}", {"version": queue["version"], "member_ids": members})
    await desk.available()
    return await sim.phone(number)
