"""Fetches the files that clients sent, from the provider's own hosts alone and within bounds."""

import logging
from collections.abc import Collection

from yarl import URL

from channels.channel import KeepFile
from channels.files import Fetched
from channels.hooked.packing import Wanted
from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.http import AnswerTooLargeError, Credential, HttpClient, RemoteUnavailableError
from kernel.limits import (
    HOOKED_FILE_BYTES,
    HOOKED_FILE_SECONDS,
    HOOKED_FILE_TRIES,
    HOOKED_FILE_WAIT_SECONDS,
)
from kernel.sniff import media_type

logger = logging.getLogger(__name__)


class Fetcher:
    """Brings files here before the event that names them is stored.

    A signed call may still name any address: only `hosts`, and what stands below them, are asked.
    No redirect is followed, and `credential` goes to its own host alone.
    """

    def __init__(
        self,
        http: HttpClient,
        clock: Clock,
        keep_file: KeepFile,
        hosts: Collection[str],
        credential: Credential | None = None,
    ) -> None:
        self._http = http
        self._clock = clock
        self._keep_file = keep_file
        self._hosts = tuple(host.lower() for host in hosts)
        self._credential = credential

    async def fetch(self, wanted: Wanted, credential: Credential | None = None) -> Fetched:
        """Return where the file lies now, or why it could not be fetched.

        `credential` proves us for this file instead of the usual one.
        """
        if wanted.size > HOOKED_FILE_BYTES:
            return Fetched(problem="file_too_large")
        if not is_of(wanted.url, self._hosts):
            return Fetched(problem="file_refused")
        for tries in range(1, HOOKED_FILE_TRIES + 1):
            try:
                return await self._once(wanted, credential or self._credential)
            except RemoteUnavailableError:
                if tries < HOOKED_FILE_TRIES:
                    await self._clock.sleep(HOOKED_FILE_WAIT_SECONDS)
        logger.warning("a file could not be fetched")
        return Fetched(problem="file_missing")

    async def _once(self, wanted: Wanted, credential: Credential | None) -> Fetched:
        try:
            answer = await self._http.request(
                "GET",
                wanted.url,
                credential=credential,
                max_bytes=HOOKED_FILE_BYTES,
                seconds=HOOKED_FILE_SECONDS,
            )
        except AnswerTooLargeError:
            return Fetched(problem="file_too_large")
        except RemoteUnavailableError:
            raise
        except CenterError:
            return Fetched(problem="file_refused")
        if answer.status in {202, 429} or answer.status >= 500:  # 202: it is being prepared
            raise RemoteUnavailableError
        if not answer.ok:
            return Fetched(problem="file_missing")
        kind = media_type(answer.body, wanted.name)
        blob = await self._keep_file(answer.body)
        return Fetched(blob=blob, size=len(answer.body), media_type=kind)


def is_of(url: str, hosts: Collection[str]) -> bool:
    """Say whether a URL leads to one of these hosts, or to what stands below one."""
    try:
        host = (URL(url).host or "").lower().removesuffix(".")
    except ValueError:
        return False
    return any(host == one or host.endswith(f".{one}") for one in hosts if one)
