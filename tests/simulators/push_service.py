"""A push service as a real HTTPS server: checks who sends, and reads what only a browser could."""

import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.web_push import CURVE, decode, encode, new_key, point_of
from tests.ports import free_port
from tests.simulators.mail_servers import Certificate


@dataclass(slots=True)
class Browser:
    """One browser with its keys; `shown` is what it could read."""

    endpoint: str
    key: EllipticCurvePrivateKey = field(default_factory=new_key)
    auth: bytes = b"sixteen bytes ok"
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        return {
            "p256dh": encode(point_of(self.key.public_key())),
            "auth": encode(self.auth),
        }

    def read(self, body: bytes) -> dict[str, Any]:
        """Open a message as RFC 8291 and RFC 8188 say a browser does."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size == 4096
        theirs = EllipticCurvePublicKey.from_encoded_point(CURVE, sender)
        info = b"WebPush: info\x00" + point_of(self.key.public_key()) + sender
        shared = _derive(self.auth, self.key.exchange(ECDH(), theirs), info, 32)
        key = _derive(salt, shared, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(salt, shared, b"Content-Encoding: nonce\x00", 12)
        text = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert text.endswith(b"\x02")
        read: dict[str, Any] = json.loads(text[:-1])
        return read


@dataclass(slots=True)
class PushService:
    """What was asked of it; `answers` are the statuses it gives before it takes anything."""

    origin: str
    public_key: str = ""
    """Of the only sender it takes messages from."""
    browsers: dict[str, Browser] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def browser(self, name: str = "phone") -> Browser:
        return self.browsers.setdefault(name, Browser(f"{self.origin}/send/{name}"))

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        browser = self.browsers.get(request.match_info["name"])
        if browser is None:
            return web.Response(status=410)
        if not self._knows(request.headers["Authorization"]):
            return web.Response(status=403)
        browser.shown.append(browser.read(await request.read()))
        return web.Response(status=201)

    def _knows(self, said: str) -> bool:
        token, _, public = said.removeprefix("vapid t=").partition(", k=")
        head, claims, signature = token.split(".")
        raw = decode(signature, "")
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = EllipticCurvePublicKey.from_encoded_point(CURVE, decode(public, ""))
        key.verify(der, f"{head}.{claims}".encode(), ECDSA(SHA256()))
        facts = json.loads(decode(claims, ""))
        assert facts["exp"] > time.time() - 86_400
        return public == self.public_key and facts["aud"] == self.origin


@asynccontextmanager
async def push_service(certificate: Certificate) -> AsyncIterator[PushService]:
    """Serve one on a free port of this machine, by https."""
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_tls.load_cert_chain(certificate.cert, certificate.key)
    service = PushService(origin="")
    site = web.Application()
    site.router.add_post("/send/{name}", service.take)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    port = free_port()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=server_tls).start()
        service.origin = f"https://127.0.0.1:{port}"
        yield service
    finally:
        await runner.cleanup()


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    key: bytes = HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)
    return key
