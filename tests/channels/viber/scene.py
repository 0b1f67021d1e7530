"""One bot on the simulated Viber, and a desk that stores what it tells."""

import json
from typing import Any
from uuid import UUID

from channels.envelope import Account, HookCall
from channels.viber.connector import ViberConnector
from kernel.clock import Clock
from tests.channels.scene import Desk, surroundings
from tests.simulators.viber import TOKEN, ViberServer, proof

ACCOUNT = UUID(int=7)


def account(server: ViberServer, token: str = TOKEN, **settings: Any) -> Account:
    return Account(
        id=ACCOUNT,
        kind="viber",
        name="Shop",
        settings={"api_url": f"{server.url}/pa", "media_hosts": ["127.0.0.1"], **settings},
        secrets={"auth_token": token},
        public_key="key",
    )


def call(told: dict[str, Any] | bytes, token: str = TOKEN) -> HookCall:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = proof(body, token)
    return HookCall(headers={name.lower(): value for name, value in headers.items()}, body=body)


def made(server: ViberServer, desk: Desk, clock: Clock, **settings: Any) -> ViberConnector:
    return ViberConnector(account(server, **settings), surroundings(desk, clock))
