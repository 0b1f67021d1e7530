"""Fetches the files of a message: from Twilio's own hosts only, with the account's credentials."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from channels.channel import KeepFile
from channels.files import Fetched
from channels.twilio.account import TwilioSettings
from channels.twilio.wire import basic
from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.http import AnswerTooLargeError, Credential, HttpAnswer, HttpClient
from kernel.limits import (
    TWILIO_FILE_IN_BYTES,
    TWILIO_FILE_SECONDS,
    TWILIO_FILE_TRIES,
    TWILIO_FILE_WAIT_SECONDS,
)
from kernel.sniff import media_type

logger = logging.getLogger(__name__)

_MEDIA: Final = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/((?:MM|SM)[0-9a-f]{32})/Media/(ME[0-9a-f]{32})"
)
_STORES: Final = (".twiliocdn.com", ".twilio.com")
_BUCKET: Final = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")
_CARDS: Final = frozenset({"text/vcard", "text/x-vcard"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({400, 401, 403, 404, 410})


class Media:
    """The files of one account's messages.

    An address is never followed as it came: from its path the account's own file is asked for at
    the account's own server, and where that sends us on must be a store of Twilio's, which is not
    told the credentials.
    """

    def __init__(
        self,
        settings: TwilioSettings,
        token: str,
        http: HttpClient,
        clock: Clock,
        keep_file: KeepFile,
    ) -> None:
        self._server = settings.api_url
        self._account_sid = settings.account_sid
        self._http = http
        self._clock = clock
        self._keep_file = keep_file
        self._credential = Credential(
            host=urlsplit(settings.api_url).hostname or "",
            headers={"Authorization": basic(settings.account_sid, token)},
        )

    async def fetched(self, wanted: Sequence[tuple[str, str]]) -> Mapping[str, Fetched]:
        """Return, by address, each file stored, or why it could not be had."""
        return {url: await self._fetch(url, kind) for url, kind in wanted}

    async def _fetch(self, url: str, kind: str) -> Fetched:
        found = _MEDIA.search(urlsplit(url).path)
        if found is None or found[1] != self._account_sid:
            logger.warning("a file was named that is not the account's own")
            return Fetched(problem="file_missing")
        for tries in range(1, TWILIO_FILE_TRIES + 1):
            try:
                answer = await self._ask(f"{self._server}{found[0]}")
            except AnswerTooLargeError:
                return Fetched(problem="file_too_large")
            except CenterError:
                answer = None
            if answer is not None and answer.ok and answer.body:
                return await self._kept(answer.body, kind)
            if answer is not None and answer.status in _GONE:
                break
            if tries < TWILIO_FILE_TRIES:
                await self._clock.sleep(TWILIO_FILE_WAIT_SECONDS * tries)
        logger.warning("a file could not be fetched")
        return Fetched(problem="file_missing")

    async def _kept(self, data: bytes, told: str) -> Fetched:
        """The type is what the bytes are; Twilio's word tells apart only kinds of text."""
        hint = "card.vcf" if told.partition(";")[0] in _CARDS else ""
        blob = await self._keep_file(data)
        return Fetched(blob=blob, size=len(data), media_type=media_type(data, hint))

    async def _ask(self, url: str) -> HttpAnswer:
        answer = await self._get(url, self._credential)
        if answer.status not in _REDIRECTS:
            return answer
        there = urljoin(url, answer.headers.get("Location", ""))
        if not self._is_store(there):
            logger.warning("a file was sent on to a host that is not Twilio's")
            return HttpAnswer(status=404, headers={}, url=url, body=b"")
        return await self._get(there, None)

    async def _get(self, url: str, credential: Credential | None) -> HttpAnswer:
        return await self._http.request(
            "GET",
            url,
            credential=credential,
            max_bytes=TWILIO_FILE_IN_BYTES,
            seconds=TWILIO_FILE_SECONDS,
        )

    def _is_store(self, url: str) -> bool:
        parts, own = urlsplit(url), urlsplit(self._server)
        host = parts.hostname or ""
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        if parts.scheme != "https":
            return False
        bucket, folder = _BUCKET
        return host.endswith(_STORES) or (host == bucket and parts.path.startswith(folder))
