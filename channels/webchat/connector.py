"""Web chat as a channel: translating is all there is to do, the sockets are our own."""

from collections.abc import Sequence
from types import TracebackType
from typing import ClassVar, Self

from channels.envelope import Account, CheckStep, Delivery, Envelope, Outbound, Receipt, Status
from channels.errors import UnreadableDeliveryError
from channels.webchat.account import KIND, read_settings
from channels.webchat.parse import read_raw


class WebChatConnector:
    """One widget.

    `send` needs no provider: a message counts as sent when the courier has stored that it is, and
    that journal entry is what brings it to the visitor's open pages, on whichever node they are,
    or to the next page they open. So no answer is lost between "sent" and a socket.
    """

    kind: ClassVar[str] = KIND

    def __init__(self, account: Account) -> None:
        """Raises MisconfiguredError when the settings cannot work."""
        self.settings = read_settings(account.settings, account.secrets)

    async def read(self, deliveries: Sequence[Delivery]) -> list[Sequence[Envelope] | Exception]:
        return [_read(delivery.raw) for delivery in deliveries]

    async def send(self, message: Outbound) -> Receipt:
        return Receipt(external_id=str(message.key), status=Status.SENT)

    async def check(self) -> list[CheckStep]:
        """Say where the widget may stand; there is no provider to ask."""
        sites = ", ".join(self.settings.allowed_domains)
        return [
            CheckStep(name="settings", ok=True),
            CheckStep(
                name="allowed_domains",
                ok=True,
                detail=sites or "only the center's own pages",
                cure="" if sites else "add the sites that shall show the widget",
            ),
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


def _read(raw: bytes) -> Sequence[Envelope] | Exception:
    try:
        return read_raw(raw)
    except UnreadableDeliveryError as error:
        return error
