"""One connected system of somebody's own, and a desk that stores what it tells."""

import json
from typing import Any
from uuid import UUID

from channels.channel import Surroundings
from channels.custom.connector import CustomConnector
from channels.envelope import Account, HookCall
from tests.channels.scene import Desk, surroundings
from tests.clock import ManualClock
from tests.simulators.custom import SECRET, CustomServer, proof

ACCOUNT = UUID(int=6)


def account(server: CustomServer, secret: str = SECRET, **settings: Any) -> Account:
    return Account(
        id=ACCOUNT,
        kind="custom",
        name="Shop app",
        settings={"url": server.answers_url, **settings},
        secrets={"signing_secret": secret},
        public_key="key",
    )


def around(desk: Desk, clock: ManualClock, **more: Any) -> Surroundings:
    return surroundings(desk, clock, **more)


def call(event: dict[str, Any] | bytes, clock: ManualClock, **proved: Any) -> HookCall:
    """Return a signed call of this moment."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = proof(body, **{"at": clock.now().timestamp(), **proved})
    return HookCall(headers={name.lower(): value for name, value in headers.items()}, body=body)


def made(server: CustomServer, desk: Desk, clock: ManualClock, **settings: Any) -> CustomConnector:
    return CustomConnector(account(server, **settings), around(desk, clock))
