"""Real telephones on a simulated network: a client's, and those that our people have in hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from demo.staff import STAFF
from tests.simulators import twilio_gate
from tests.simulators.twilio_voice import Phone, VoiceSimulator

_PAGE: Final = Path(__file__).with_name("telephone_page.html")
_LONGEST: Final = 500
_KEYS: Final = frozenset("0123456789*#")
SHOP: Final = "+380445550100"
CLIENT: Final = "+380442000001"
"""The number of the person who also writes from the other page."""


class Owner(Struct, frozen=True):
    """Whose telephone it is, and whether the owner works for us."""

    name: str
    number: str
    ours: bool = True


def owners() -> tuple[Owner, ...]:
    """Return the client and everybody of ours who does not work by themselves."""
    ours = [one for one in STAFF if one.phone]
    return (
        Owner("Olha Petrenko", CLIENT, ours=False),
        *(Owner(one.name, one.phone) for one in ours),
    )


class TelephoneLine:
    """The shop's number for calls, as the center connects it."""

    kind = "voice"
    name = "Telephone"

    def __init__(self, network: VoiceSimulator) -> None:
        self.settings: dict[str, Any] = {
            "account_sid": twilio_gate.ACCOUNT,
            "number": SHOP,
            "api_url": network.url,
            "api_key_sid": twilio_gate.API_KEY,
            "signalling_url": network.signalling,
        }
        self.secrets = {
            "auth_token": twilio_gate.TOKEN,
            "api_key_secret": twilio_gate.API_SECRET,
        }

    def connected(self, hook_url: str) -> None:
        """The center tells the provider where it listens."""


class Telephones:
    """Serves the page with the telephones, and does what is pressed on it."""

    def __init__(self, network: VoiceSimulator, held_by: Sequence[Owner]) -> None:
        self._network = network
        self._owners = {one.number: one for one in held_by}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/calls", self._show),
            web.get("/calls/telephones", self._list),
            web.post("/calls/telephones/{number}", self._use),
        ]

    async def _show(self, _request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.read_text(), content_type="text/html")

    async def _list(self, _request: web.Request) -> web.Response:
        phones = [(one, await self._network.phone(one.number)) for one in self._owners.values()]
        shown = [_shown(owner, phone) for owner, phone in phones]
        return web.json_response({"shop": self._network.own.number, "telephones": shown})

    async def _use(self, request: web.Request) -> web.Response:
        owner = self._owners.get(request.match_info["number"])
        if owner is None:
            raise web.HTTPNotFound(text="there is no such telephone")
        phone = await self._network.phone(owner.number)
        asked = await request.json()
        await self._do(phone, str(asked.get("do")), str(asked.get("text", ""))[:_LONGEST])
        return web.json_response(_shown(owner, phone))

    async def _do(self, phone: Phone, what: str, text: str) -> None:
        """Do it; a refusal says what the telephone is doing instead."""
        match what, phone.state:
            case "call", ("ringing" | "in-progress" | "waiting" | "on-hold"):
                raise web.HTTPConflict(text="this telephone is in a call")
            case "call", _:
                if not self._network.own.voice_url:
                    raise web.HTTPConflict(text="the shop has no telephone just now")
                await self._network.call(from_=phone.address)
            case "answer", "ringing" if _is_called(phone):
                await phone.answer()
            case "reject", "ringing" if _is_called(phone):
                await phone.reject()
            case "hang_up", ("ringing" | "in-progress" | "waiting" | "on-hold"):
                await phone.hang_up()
            case "press", _ if text and _KEYS.issuperset(text):
                if not phone.is_listened_to:
                    raise web.HTTPConflict(text="nothing listens to the keys just now")
                await phone.press(text)
            case "speak", ("in-progress" | "waiting") if text.strip():
                await phone.speak(text.strip())
            case _:
                raise web.HTTPConflict(text="the telephone cannot do that just now")


def _is_called(phone: Phone) -> bool:
    return phone.leg.direction != "inbound"


def _shown(owner: Owner, phone: Phone) -> dict[str, Any]:
    leg = phone.handset.leg
    return {
        "owner": owner.name,
        "number": owner.number,
        "ours": owner.ours,
        "state": phone.state,
        "call": leg.sid if leg is not None else "",
        "is_called": leg is not None and _is_called(phone),
        "from": leg.sender if leg is not None else "",
        "seconds": leg.seconds if leg is not None else 0,
        "hears": phone.hears(),
        "keys_work": phone.is_listened_to,
        "is_recorded": leg is not None and leg.ear is not None and leg.ear.kind == "record",
        "heard": [
            {"kind": one.kind, "text": one.text, "language": one.language, "who": one.who}
            for one in (leg.heard[-200:] if leg is not None else [])
        ],
    }
