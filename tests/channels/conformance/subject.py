"""The one shape in which the suite takes a connector: ready, with how its provider behaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from channels.envelope import Delivery, HookCall, Outbound, Party
from tests.channels.scene import Desk

NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
Trouble = tuple[Callable[[], None], type[Exception]]


@dataclass(kw_only=True)
class Subject:
    """One connector, ready: how its provider would deliver, fail and call."""

    connector: Any
    desk: Desk
    delivery: Callable[[str], Delivery]
    longest: int
    hostile: Sequence[bytes]
    wrap: Callable[[bytes], bytes] = lambda raw: raw
    """What the desk stores of a provider's raw bytes."""
    recipient: str = ""
    sent: Callable[[], list[Any]] = list
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    rest: Callable[[], None] = lambda: None
    """Lets the pause pass that the provider asked for."""
    away: Callable[[], Any] = list
    """A connector whose provider is not there."""
    secrets: Sequence[str] = ()
    call: Callable[[str], HookCall] = lambda _: HookCall(headers={}, body=b"")

    def message(self, text: str = "On its way.") -> Outbound:
        party = Party(handle=self.recipient, name="Ann")
        return Outbound(
            account_id=uuid4(), key=uuid4(), ticket_id=uuid4(), recipient=party, text=text
        )


def stored(external: str, raw: bytes) -> Delivery:
    return Delivery(account_id=UUID(int=1), external_id=external, raw=raw, received_at=NOW)


HOSTILE = (
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[" * 100_000,
    b'{"update_id": "one"}',
    b'{"update_id": 1, "message": 7}',
    b'{"update_id": 1e400, "message": {}}',
    b'{"type": "said", "id": "nobody"}',
)
"""What no provider sends; a mail of any bytes at all is a mail, so it has none."""
