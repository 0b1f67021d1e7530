"""Speaks to the demonstration's center over HTTP, as a console or a visitor's page does."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp


class RefusedError(Exception):
    """The center refused; `status` says how."""

    def __init__(self, status: int, words: object) -> None:
        super().__init__(f"{status} {words}")
        self.status = status


class Desk:
    """One signed-in browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Call a path of the API; raises RefusedError for an answer above 399."""
        return await _call(
            self._http, method, f"{self.url}/api/v1/{path}", body, {"Origin": self.url}
        )

    async def sign_in(self, email: str, password: str) -> Any:
        return await self.call("POST", "session", {"email": email, "password": password})


class VisitorPage:
    """One page of the shop with the chat open."""

    def __init__(self, http: aiohttp.ClientSession, url: str, key: str) -> None:
        self._http, self._url, self._at = http, url, f"{url}/chat/{key}"
        self._token = ""

    async def enter(self, name: str, locale: str) -> None:
        page = f"{self._url}/demo/shop#{locale}"
        answer = await self._call("POST", "session", {"locale": locale, "page": page})
        self._token = answer["token"]
        await self._call("POST", "details", {"name": name})

    async def say(self, message_id: str, text: str) -> None:
        await self._call("POST", "messages", {"id": message_id, "text": text})

    async def answers(self) -> list[dict[str, Any]]:
        page = await self._call("GET", "messages")
        return [one for one in page["items"] if one["from"] == "agent"]

    async def read(self, message_id: str) -> None:
        await self._call("POST", "read", {"message_id": message_id})

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Origin": self._url}
        if self._token:
            headers["Authorization"] = f"Visitor {self._token}"
        return await _call(self._http, method, f"{self._at}/{path}", body, headers)


async def _call(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    body: object,
    headers: Mapping[str, str],
) -> Any:
    async with http.request(method, url, json=body, headers=headers) as answer:
        given = await answer.json(content_type=None)
        if answer.status >= 400:
            raise RefusedError(answer.status, given)
        return given
