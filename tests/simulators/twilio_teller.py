"""Calls the product's webhooks as Twilio does: signed, each call's in order, again on command."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp

from tests.simulators.twilio_gate import Fields, signature
from tests.simulators.twilio_legs import News

_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a webhook; status 0 when there was no answer."""

    url: str
    fields: Fields
    status: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """What Twilio's debugger would show."""

    code: int
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    body: bytes


class Teller:
    """Posts to webhooks; reports of one subject (a call, a conference) are told in order."""

    def __init__(self, news: News) -> None:
        self._news = news
        self.ledger: list[Called] = []
        self.faults: list[Fault] = []
        self.held: list[tuple[str, Fields]] | None = None
        """Reports that are kept back until `release`; None: told at once."""
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        for one in self._telling:
            one.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def complain(self, fault: Fault) -> None:
        self.faults.append(fault)
        self._news.stir()

    def hold(self) -> None:
        """Keep reports back from now on."""
        self.held = []

    async def release(self, *, backwards: bool = False, times: int = 1) -> None:
        """Tell the reports kept back, backwards or several times when asked to."""
        kept, self.held = self.held or [], None
        for url, fields in reversed(kept) if backwards else kept:
            for _ in range(times):
                await self._report(url, fields)

    async def settled(self) -> None:
        """Wait until every report was told."""
        while self._telling:
            await asyncio.wait(set(self._telling))

    def tell(self, subject: str, url: str, fields: Mapping[str, str]) -> None:
        """Report something; of one subject the earlier is told before the later."""
        if not url:
            return
        if self.held is not None:
            self.held.append((url, dict(fields)))
            return
        before = self._lanes.get(subject)

        async def told() -> None:
            if before is not None:
                await asyncio.wait([before])
            await self._report(url, dict(fields))

        task = self._lanes[subject] = asyncio.create_task(told())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def post(self, url: str, fields: Fields, method: str = "POST") -> Answer:
        """Ask a webhook; raises aiohttp.ClientError or TimeoutError without an answer."""
        where = url.partition("#")[0]
        try:
            answer = await self._sent(where, fields, method)
        except (aiohttp.ClientError, TimeoutError):
            self._called(where, fields, 0)
            raise
        self._called(where, fields, answer.status)
        return answer

    def _called(self, url: str, fields: Fields, status: int) -> None:
        self.ledger.append(Called(url, fields, status, datetime.now(UTC)))
        self._news.stir()

    async def _sent(self, url: str, fields: Fields, method: str) -> Answer:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        whole = url
        if method == "GET":
            whole += ("&" if "?" in url else "?") + urlencode(fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(whole, {} if method == "GET" else fields),
        }
        body = BytesIO(urlencode(fields).encode()) if method == "POST" else None
        async with self._http.request(method, whole, data=body, headers=headers) as answer:
            return Answer(answer.status, answer.content_type, await answer.read())

    async def fetch(self, url: str) -> Answer:
        """Fetch a sound, without a signature."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        async with self._http.get(url) as answer:
            return Answer(answer.status, answer.content_type, await answer.read())

    async def _report(self, url: str, fields: Fields) -> None:
        """Tell it as often as the overrides behind `#` allow (`rc`, for connections and 5xx)."""
        left = int(parse_qs(urlsplit(url).fragment).get("rc", ["0"])[0])
        while True:
            try:
                answer = await self.post(url, fields)
            except (aiohttp.ClientError, TimeoutError) as error:
                fault = Fault(11205, url, f"no answer: {type(error).__name__}")
            else:
                if answer.status < 400:
                    return
                fault = Fault(15003, url, f"answered {answer.status}")
                left = left if answer.status >= 500 else 0
            if left == 0:
                break
            left -= 1
        self.complain(fault)
