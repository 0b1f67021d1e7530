"""Keeps a provider calling us: its webhook is looked at now and then, and set when not ours."""

from abc import abstractmethod
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from channels.envelope import CheckStep, Deliver, Health, Tell
from channels.errors import BadCredentialsError, MisconfiguredError, ProviderUnavailableError
from channels.hooked.connector import HookedConnector
from kernel.limits import HOOKED_LOOK_SECONDS

FAILURES: Final = (BadCredentialsError, MisconfiguredError, ProviderUnavailableError)
_HEALTH_OF: Final = {
    BadCredentialsError: Health.BAD_CREDENTIALS,
    MisconfiguredError: Health.MISCONFIGURED,
    ProviderUnavailableError: Health.WAITING,
}


class Seen(Struct, frozen=True, kw_only=True):
    """What the provider says of an account: its name there, and where its calls go."""

    name: str
    hook_url: str = ""
    trouble: str = ""
    """Why its calls would not come all the same, and `cure` what helps."""
    cure: str = ""


class KeptConnector(HookedConnector):
    """Keeps its provider calling us; a channel says how that is looked at and set."""

    @abstractmethod
    async def _look(self) -> Seen:
        """Ask whose account it is and where its calls go; raises the errors of `FAILURES`."""

    @abstractmethod
    async def _set_hook(self) -> None:
        """Let the provider call `_hook_url`, which answers already; raises them as well."""

    async def listen(self, deliver: Deliver, tell: Tell) -> None:
        """Let the provider call us until cancelled or it fails; raises what `tell` was told of."""
        tell(Health.CONNECTING, f"connecting to {self.provider}")
        try:
            while True:
                seen = await self._look()
                if seen.hook_url != self._hook_url:
                    self._refuse_private()
                    await self._set_hook()
                if seen.trouble:
                    tell(Health.WAITING, f"{seen.trouble}: {seen.cure}")
                else:
                    tell(Health.CONNECTED, seen.name)
                await self._around.clock.sleep(HOOKED_LOOK_SECONDS)
        except FAILURES as error:
            tell(_HEALTH_OF[type(error)], error.message)
            raise

    async def check(self) -> list[CheckStep]:
        """Say whose account it is, whether it is free, and whether calls can reach us.

        The steps are `<provider>_account`, `_hook` when it is switched off there, and `_address`.
        """
        name = self.provider.lower()
        try:
            seen = await self._look()
        except FAILURES as error:
            return [_failed(f"{name}_account", error.message, _CURES[type(error)])]
        taken = bool(seen.hook_url) and seen.hook_url != self._hook_url
        host = urlsplit(seen.hook_url).hostname or ""
        detail = f"{seen.name}; its calls go to {host} now" if taken else seen.name
        cure = "When you save, they come here instead." if taken else ""
        steps = [CheckStep(name=f"{name}_account", ok=True, detail=detail, cure=cure)]
        if seen.trouble:
            steps.append(_failed(f"{name}_hook", seen.trouble, seen.cure))
        try:
            self._refuse_private()
        except MisconfiguredError as error:
            cure = "Set public_url to the https address that the world reaches."
            return [*steps, _failed(f"{name}_address", error.message, cure)]
        return [*steps, CheckStep(name=f"{name}_address", ok=True, detail=self._hook_url)]

    def _refuse_private(self) -> None:
        """Raise MisconfiguredError when the provider, out on the Internet, cannot call us."""
        parts = urlsplit(self._hook_url)
        public = parts.scheme == "https" and parts.port in {None, 443}
        if not public and not self._around.allow_private_hosts:
            raise MisconfiguredError(
                f"{self.provider} calls only https addresses on port 443, and public_url is"
                f" {parts.scheme}://{parts.netloc}"
            )


_CURES: Final = {
    BadCredentialsError: "Copy the token anew from the provider's page, whole.",
    MisconfiguredError: "Correct what it says, here or on the provider's page.",
    ProviderUnavailableError: "Check the address, and that the server may connect to it.",
}


def _failed(name: str, detail: str, cure: str) -> CheckStep:
    return CheckStep(name=name, ok=False, detail=detail, cure=cure)
