"""The connection test of a telephone number at Twilio, one step at a time."""

from typing import Any
from urllib.parse import urlsplit

from channels.envelope import CheckStep
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.twilio.voice.account import VoiceSettings


class Checking:
    """Asks Twilio, changes nothing there, and says what would cure what is wrong."""

    def __init__(
        self,
        api: Any,
        settings: VoiceSettings,
        hook_url: str,
        *,
        public: bool,
        api_key: str,
    ) -> None:
        self._api = api
        self._settings = settings
        self._api_key = api_key
        self._hook_url = hook_url
        self._public = public

    async def steps(self) -> list[CheckStep]:
        try:
            name = await self._api.account()
            found = [CheckStep(name="twilio_account", ok=True, detail=name), await self._number()]
            if self._api_key:
                found.append(await self._browsers())
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
        own = await self._api.voice_number(number)
        if own is None:
            cure = "Choose a number that stands under Phone Numbers → Manage → Active numbers."
            return _failed("twilio_number", f"{number} is not a number of this account", cure)
        if not own.takes_calls:
            return _failed(
                "twilio_number", f"{number} takes no calls", "Choose a number that takes calls."
            )
        # An account that is not saved yet has no address of its own, only the center's.
        ours = self._hook_url.rpartition("/")[0] + "/"
        taken = bool(own.hook_url) and not own.hook_url.startswith(ours)
        host = urlsplit(own.hook_url).hostname or ""
        return CheckStep(
            name="twilio_number",
            ok=True,
            detail=f"{number}; its calls go to {host} now" if taken else number,
            cure="When you save, they come here instead." if taken else "",
        )

    async def _browsers(self) -> CheckStep:
        key = self._settings.api_key_sid
        if await self._api.takes_key(key, self._api_key):
            return CheckStep(name="twilio_browsers", ok=True, detail=key)
        cure = "Make an API key (standard) in Twilio's console and paste its SID and its secret."
        return _failed("twilio_browsers", f"Twilio refuses the API key {key}", cure)

    def _address(self) -> CheckStep:
        parts = urlsplit(self._hook_url)
        center = f"{parts.scheme}://{parts.netloc}"
        if self._public:
            return CheckStep(name="twilio_address", ok=True, detail=center)
        cure = "Set public_url to the https address that the world reaches."
        return _failed("twilio_address", f"Twilio cannot ask this center at {center}", cure)


def _failed(name: str, detail: str, cure: str) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=detail, cure=cure)
