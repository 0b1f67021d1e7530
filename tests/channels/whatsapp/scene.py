"""One number on the simulated Cloud API, and a desk that stores what it tells."""

from typing import Any
from uuid import UUID

from channels.envelope import Account, HookCall
from channels.whatsapp.connector import WhatsAppConnector
from kernel.clock import Clock
from tests.channels.scene import Desk, surroundings
from tests.simulators.meta import APP_SECRET, proof
from tests.simulators.whatsapp import ACCOUNT as BUSINESS
from tests.simulators.whatsapp import NUMBER, TOKEN, VERIFY, WhatsAppServer

ACCOUNT = UUID(int=11)


def settings_of(server: WhatsAppServer, **more: Any) -> dict[str, Any]:
    usual = {
        "phone_number_id": NUMBER,
        "business_account_id": BUSINESS,
        "api_url": f"{server.url}/v",
        "media_hosts": ["127.0.0.1"],
    }
    return {**usual, **more}


def secrets_of(token: str = TOKEN) -> dict[str, str]:
    return {"app_secret": APP_SECRET, "access_token": token, "verify_token": VERIFY}


def account(server: WhatsAppServer, token: str = TOKEN, **settings: Any) -> Account:
    return Account(
        id=ACCOUNT,
        kind="whatsapp_cloud",
        name="Shop",
        settings=settings_of(server, **settings),
        secrets=secrets_of(token),
        public_key="key",
    )


def called(body: bytes, secret: str = APP_SECRET) -> HookCall:
    headers = {name.lower(): value for name, value in proof(body, secret).items()}
    return HookCall(headers=headers, body=body)


def made(
    server: WhatsAppServer, desk: Desk, clock: Clock | None = None, **settings: Any
) -> WhatsAppConnector:
    return WhatsAppConnector(account(server, **settings), surroundings(desk, clock))
