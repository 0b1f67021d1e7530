"""The connection test of a number at Twilio, one step at a time."""

from typing import Any
from urllib.parse import urlsplit

from channels.envelope import CheckStep
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.twilio.account import TwilioSettings
from channels.twilio.kinds import SMS, Kind


class Checking:
    """Asks Twilio, changes nothing there, and says what would cure what is wrong."""

    def __init__(
        self, api: Any, kind: Kind, settings: TwilioSettings, hook_url: str, *, public: bool
    ) -> None:
        self._api = api
        self._kind = kind
        self._settings = settings
        self._hook_url = hook_url
        self._public = public

    async def steps(self) -> list[CheckStep]:
        try:
            name = await self._api.account()
            found = [CheckStep(name="twilio_account", ok=True, detail=name)]
            if self._kind == SMS and self._settings.number.startswith("+"):
                found.append(await self._number())
        except (BadCredentialsError, MisconfiguredError) as error:
            cure = (
                "Open console.twilio.com and copy Account SID and Auth Token from its first page."
            )
            return [_failed("twilio_account", error.message, cure)]
        except ProviderUnavailableError as error:
            cure = "Check api_url, and that the server may connect to it."
            return [_failed("twilio_account", error.message, cure)]
        return [*found, self._address()]

    async def _number(self) -> CheckStep:
        number = self._settings.number
        own = await self._api.own_number(number)
        if own is None:
            cure = "Choose a number that stands under Phone Numbers → Manage → Active numbers."
            return _failed("twilio_number", f"{number} is not a number of this account", cure)
        if not own.takes_sms:
            cure = "Choose a number that can send and receive SMS."
            return _failed("twilio_number", f"{number} cannot send SMS", cure)
        # An account that is not saved yet has no address of its own, only the center's.
        ours = self._hook_url.rpartition("/")[0] + "/"
        taken = bool(own.hook_url) and not own.hook_url.startswith(ours)
        host = urlsplit(own.hook_url).hostname or ""
        moves = taken and not self._settings.messaging_service
        return CheckStep(
            name="twilio_number",
            ok=True,
            detail=f"{number}; its messages go to {host} now" if moves else number,
            cure="When you save, they come here instead." if moves else "",
        )

    def _address(self) -> CheckStep:
        if not self._public:
            return CheckStep(
                name="twilio_address",
                ok=True,
                detail="Twilio cannot call this center: messages are asked for every few seconds,"
                " and files cannot be sent",
                cure="Set public_url to the https address that the world reaches.",
            )
        by_hand = self._kind != SMS or bool(self._settings.messaging_service)
        cure = "After saving, enter the address for calls at Twilio, where a message comes in."
        return CheckStep(
            name="twilio_address", ok=True, detail=self._center, cure=cure if by_hand else ""
        )

    @property
    def _center(self) -> str:
        parts = urlsplit(self._hook_url)
        return f"{parts.scheme}://{parts.netloc}"


def _failed(name: str, detail: str, cure: str) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=detail, cure=cure)
