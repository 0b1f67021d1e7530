"""A center with a number at the simulated Twilio, its queue, and two people with telephones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from contact_center.app import open_center
from contact_center.settings import Settings
from kernel.clock import SystemClock
from kernel.secrets import Secret
from tests.desk_api import WAIT_SECONDS, DeskApi, serving
from tests.ports import free_port
from tests.simulators.twilio_gate import ACCOUNT, API_KEY, API_SECRET, NUMBER, TOKEN
from tests.simulators.twilio_voice import Phone, VoiceSimulator, running_voice
from tests.templates import lay_migrated

OLENA: Final = "+380501112233"
IVAN: Final = "+380501112244"
VERA: Final = "+380501112255"
OUTSIDE: Final = "+380671112233"
_callers = count(1)

FLOW: Final = {
    "start": "welcome",
    "nodes": [
        {"kind": "greeting", "id": "welcome", "text": {"en": "Wonder Shop."}, "next": "menu"},
        {
            "kind": "menu",
            "id": "menu",
            "text": {"en": "For orders press 1.", "uk": "Щоб замовити, натисніть 1."},
            "choices": {"1": "queue", "2": "message", "3": "outside"},
            "otherwise": "over",
        },
        {"kind": "queue", "id": "queue"},
        {"kind": "voicemail", "id": "message", "seconds": 30},
        {"kind": "transfer", "id": "outside", "number": OUTSIDE},
        {"kind": "announcement", "id": "over", "text": {"en": "Call again."}},
    ],
}


@dataclass(slots=True, kw_only=True)
class Office:
    """Olena, who administers and answers; Ivan, who answers; Vera, who supervises."""

    sim: VoiceSimulator
    account: dict[str, Any]
    queue: str
    olena: DeskApi
    ivan: DeskApi
    vera: DeskApi

    async def new_caller(self, keys: str = "1") -> Phone:
        """Somebody nobody knows calls, and goes through the menu to the queue."""
        return await self.calls(f"+38044{next(_callers):07}", keys)

    async def calls(self, number: str, keys: str = "1") -> Phone:
        phone = await self.sim.call(from_=number)
        if keys:
            await phone.heard("For orders press 1.", times=1)
            await phone.press(keys)
        return phone

    async def with_settings(self, *, secrets: Any = None, **changes: Any) -> None:
        """Change the number's settings, and wait until it works by them."""
        house = self.olena.center.house
        rows = await self.olena.get("accounts")
        (row,) = [one for one in rows if one["id"] == self.account["id"]]
        settings = {**self.account["settings"], **changes}
        body = {"version": row["version"], "settings": settings, "secrets": secrets or {}}
        changed = await self.olena.patch(f"accounts/{row['id']}", body)
        async with asyncio.timeout(WAIT_SECONDS):
            line = house.lines.get(UUID(row["id"]))
            while line is None or line.version != changed["version"]:
                await asyncio.sleep(0.02)
                line = house.lines.get(UUID(row["id"]))

    async def listening(self, phone: Phone) -> None:
        """Wait until what is said or pressed there is heard."""
        await self.sim.exchange.news.until(
            lambda: phone.is_listened_to, lambda: f"nobody listens to {phone.address}"
        )

    async def phone(self, who: DeskApi) -> Phone:
        numbers = {id(self.olena): OLENA, id(self.ivan): IVAN, id(self.vera): VERA}
        return await self.sim.phone(numbers[id(who)])

    async def only(self, *there: DeskApi) -> None:
        """Let these people be available, and no others."""
        for who in (self.olena, self.ivan):
            wanted = "available" if who in there else "away"
            await who.put("presence", {"state": wanted})

    async def talking(self, who: DeskApi) -> tuple[Phone, Phone, dict[str, Any]]:
        """Return a caller and an agent who speak with one another, and their call."""
        await self.only(who)
        async with who.live() as live:
            caller = await self.new_caller()
            offer = await live.next("OfferMade", agent_id=who.me["agent"]["id"])
            await caller.heard("music.wav")  # nothing cuts it off before it is heard
            await who.post(f"offers/{offer['data']['offer_id']}/accept")
            phone = await self.phone(who)
            await phone.ringing()
            await phone.answer()
            told = await live.next("CallChanged", state="talking")
        await caller.until("in-progress")
        return caller, phone, await who.get(f"calls/{told['data']['call_id']}")


def settings_in(folder: Path) -> Settings:
    return Settings(
        data_dir=folder / "var",
        database_url=Secret(lay_migrated(folder / "center.db")),
        listen_port=free_port(),
        allow_private_hosts=True,
        company_name="Wonder Shop",
        undo_seconds=0,
    )


@asynccontextmanager
async def open_office(folder: Path) -> AsyncIterator[Office]:
    settings = settings_in(folder)
    async with (
        running_voice() as sim,
        open_center(settings, SystemClock()) as center,
        serving(center) as olena,
        olena.colleague("Ivan") as ivan,
        olena.colleague("Vera", "supervisor") as vera,
    ):
        for who, number in ((olena, OLENA), (ivan, IVAN), (vera, VERA)):
            await who.patch("me", {"phone": number})
        account = await connected(olena, sim)
        await olena.put(f"accounts/{account['id']}/flow", {"version": 0, "flow": FLOW})
        (queue,) = [one for one in await olena.get("queues") if one["is_default"]]
        members = [olena.me["agent"]["id"], ivan.me["agent"]["id"]]
        await olena.patch(
            f"queues/{queue['id']}", {"version": queue["version"], "member_ids": members}
        )
        yield Office(sim=sim, account=account, queue=queue["id"], olena=olena, ivan=ivan, vera=vera)


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
                "languages": ["en", "uk"],
                "api_key_sid": API_KEY,
                "signalling_url": sim.signalling,
                **settings,
            },
            "secrets": {"auth_token": TOKEN, "api_key_secret": API_SECRET},
        }
    )
