"""One page on the simulated Graph API, and a desk that stores what it tells."""

from typing import Any
from uuid import UUID

from channels.envelope import Account, HookCall
from channels.meta.connector import InstagramConnector, MessengerConnector, MetaConnector
from kernel.clock import Clock
from tests.channels.scene import Desk, surroundings
from tests.simulators.meta import APP_SECRET, PAGE, TOKEN, VERIFY, MetaServer, proof

ACCOUNT = UUID(int=9)


def account(
    server: MetaServer, token: str = TOKEN, *, kind: str = "messenger", **settings: Any
) -> Account:
    usual = {"page_id": PAGE, "api_url": f"{server.url}/v", "media_hosts": ["127.0.0.1"]}
    return Account(
        id=ACCOUNT,
        kind=kind,
        name="Shop",
        settings={**usual, **settings},
        secrets={"app_secret": APP_SECRET, "page_token": token, "verify_token": VERIFY},
        public_key="key",
    )


def called(body: bytes, secret: str = APP_SECRET) -> HookCall:
    headers = {name.lower(): value for name, value in proof(body, secret).items()}
    return HookCall(headers=headers, body=body)


def made(
    server: MetaServer, desk: Desk, clock: Clock, *, kind: str = "messenger", **settings: Any
) -> MetaConnector:
    make = MessengerConnector if kind == "messenger" else InstagramConnector
    return make(account(server, kind=kind, **settings), surroundings(desk, clock))
