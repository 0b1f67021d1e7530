"""One account on the simulated LINE, and a desk that stores what it tells."""

from typing import Any
from uuid import UUID

from channels.envelope import Account, HookCall
from channels.line.connector import LineConnector
from kernel.clock import Clock
from tests.channels.scene import Desk, surroundings
from tests.simulators.line import SECRET, TOKEN, LineServer, calling, proof

ACCOUNT = UUID(int=8)


def account(server: LineServer, token: str = TOKEN, **settings: Any) -> Account:
    return Account(
        id=ACCOUNT,
        kind="line",
        name="Shop",
        settings={"api_url": server.url, "data_url": server.url, **settings},
        secrets={"channel_secret": SECRET, "access_token": token},
        public_key="key",
    )


def call(*events: dict[str, Any] | bytes) -> HookCall:
    return called(calling(*events))


def called(body: bytes, secret: str = SECRET) -> HookCall:
    headers = {name.lower(): value for name, value in proof(body, secret).items()}
    return HookCall(headers=headers, body=body)


def made(server: LineServer, desk: Desk, clock: Clock, **settings: Any) -> LineConnector:
    return LineConnector(account(server, **settings), surroundings(desk, clock))
