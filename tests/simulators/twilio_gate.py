"""The gate of Twilio's REST API: who may ask, and what fails on command."""

import asyncio
import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import encode_basic_auth, web

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "simulated0auth0token0for0tests00"
API_KEY = "SK" + "0" * 31 + "1"
API_SECRET = "simulated0api0secret0of0browsers"
NUMBER = "+15005550006"
WAIT_SECONDS = 20.0
API = f"/2010-04-01/Accounts/{ACCOUNT}"
Fields = dict[str, str]


@dataclass(slots=True)
class Trouble:
    """What happens to the next request: a refusal, or a cut before or after its work."""

    status: int = 0
    code: int = 0
    words: str = ""
    retry_after: str = ""
    plain: bool = False
    """Answered by something before the API, in HTML."""
    cut: str = ""
    """`before` or `after` the work is done."""


class TwilioGate:
    """Names what is made, lets in who knows the token, and keeps what was asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.troubles: dict[str, list[Trouble]] = defaultdict(list)
        self.asked: list[str] = []
        self._made = 0
        self._changed = asyncio.Condition()

    def fail(self, what: str, **trouble: Any) -> None:
        """Let the next request for `what` (as in `asked`) fail."""
        self.troubles[what].append(Trouble(**trouble))

    def sid(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._made:032x}"

    async def until_asked(self, what: str, times: int = 1) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.asked.count(what) >= times)

    async def answer(
        self, request: web.Request, what: str, work: Callable[[], web.Response]
    ) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        wanted = encode_basic_auth(ACCOUNT, TOKEN), encode_basic_auth(API_KEY, API_SECRET)
        known = any(hmac.compare_digest(given, one) for one in wanted)
        trouble = self.troubles[what].pop(0) if self.troubles[what] else Trouble()
        if not known:
            answer: web.Response = refused(401, 20003, "Authenticate")
        elif trouble.cut == "before":
            answer = _cut(request)
        elif trouble.plain:
            answer = web.Response(status=trouble.status, text="<html>gateway</html>")
        elif trouble.status:
            answer = refused(trouble.status, trouble.code, trouble.words)
            if trouble.retry_after:
                answer.headers["Retry-After"] = trouble.retry_after
        else:
            answer = work()
            if trouble.cut == "after":
                answer = _cut(request)
        async with self._changed:
            self.asked.append(what)
            self._changed.notify_all()
        return answer


def signature(url: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """By Twilio's “Webhooks Security”."""
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def refused(status: int, code: int, words: str) -> web.Response:
    body = {"code": code, "message": words, "status": status, "more_info": ""}
    return web.json_response(body, status=status)


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
