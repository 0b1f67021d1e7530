"""Catches up by listing: what Twilio tried to tell while nobody answered, it tells no more."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

from channels.channel import KnownOf
from channels.envelope import Deliver, Delivery, KeepCursor
from channels.twilio.contents import Fields
from channels.twilio.parse import STATUSES, key_of
from kernel.clock import Clock
from kernel.limits import (
    TWILIO_LOOK_AGE,
    TWILIO_LOOK_BACK,
    TWILIO_LOOK_CHUNK,
    TWILIO_LOOK_OVERLAP,
    TWILIO_LOOK_STEP,
    TWILIO_TOLD_BACK,
    TWILIO_TOLD_SECONDS,
)

_NAMES_AT_ONCE: Final = 500


class Listed(Struct, frozen=True, kw_only=True):
    """A message as Twilio lists it."""

    sid: str
    sender: str
    to: str
    text: str
    status: str
    error_code: int = 0
    files: int = 0
    service: str = ""
    made_at: datetime | None = None
    sent_at: datetime | None = None

    def as_form(self, files: Sequence[tuple[str, str]] = ()) -> bytes:
        """Return it as the form that Twilio would have called with; `files` are path and type."""
        fields = {
            "MessageSid": self.sid,
            "From": self.sender,
            "To": self.to,
            "Body": self.text,
            "NumMedia": str(len(files)),
            "SmsStatus": self.status,
            "DateSent": self.sent_at.isoformat() if self.sent_at else "",
            "ErrorCode": str(self.error_code) if self.error_code else "",
        }
        for at, (path, kind) in enumerate(files):
            fields |= {f"MediaUrl{at}": path, f"MediaContentType{at}": kind}
        return urlencode(fields).encode()


class Lists(Protocol):
    """What is asked of Twilio here."""

    async def heard_since(self, moment: datetime, number: str) -> list[Listed]: ...
    async def told_since(self, moment: datetime, number: str) -> list[Listed]: ...
    async def files_of(self, sid: str) -> list[tuple[str, str]]: ...


Make = Callable[[str, bytes, Fields], Awaitable[Delivery]]
"""Makes the delivery of a form, under its permanent name, its files fetched."""


class Looker:
    """Looks through one number's list from where the last look ended.

    A webhook names the same message alike, so what comes both ways is stored once; and what is
    younger than TWILIO_LOOK_AGE is left to the webhook, which tells more. Where a look ended is
    stored with what it brought.
    """

    def __init__(
        self, api: Lists, clock: Clock, number: str, *, known: KnownOf, make: Make, called: bool
    ) -> None:
        """`called`: Twilio calls us as well, so that nothing need be asked for at once."""
        self._api = api
        self._clock = clock
        self._number = number
        self._known = known
        self._make = make
        self._age = TWILIO_LOOK_AGE if called else TWILIO_LOOK_AGE * 0
        self._told_at: float | None = None

    async def look(self, since: datetime, deliver: Deliver, keep: KeepCursor) -> datetime:
        """Hand over what nobody told us since then; return where the next look begins."""
        until = self._clock.now() - self._age
        since = max(since, until - TWILIO_LOOK_BACK)
        fresh = [
            *await self._new(await self._heard(since, until)),
            *await self._new(await self._told(since)),
        ]
        for chunk, last in _chunks(fresh):
            made = [await self._delivery(key, one) for key, one in chunk]
            if last:
                made[-1] = replace(made[-1], cursor=cursor_of(until))
            await deliver(made)
        if not fresh and until - since >= TWILIO_LOOK_STEP:
            await keep(cursor_of(until))
        return until if fresh or until - since >= TWILIO_LOOK_STEP else since

    async def _heard(self, since: datetime, until: datetime) -> list[Listed]:
        heard = await self._api.heard_since(since - TWILIO_LOOK_OVERLAP, self._number)
        return [one for one in heard if one.sent_at is None or one.sent_at <= until]

    async def _told(self, since: datetime) -> list[Listed]:
        """What became of ours; asked for less often, for it comes late and is told three times."""
        now = self._clock.monotonic()
        if self._told_at is not None and now - self._told_at < TWILIO_TOLD_SECONDS:
            return []
        told = await self._api.told_since(since - TWILIO_TOLD_BACK, self._number)
        self._told_at = now
        return [one for one in told if one.status in STATUSES]

    async def _new(self, listed: Sequence[Listed]) -> list[tuple[str, Listed]]:
        named = {_key(one): one for one in listed if one.sid}
        names = list(named)
        known: set[str] = set()
        for at in range(0, len(names), _NAMES_AT_ONCE):
            known |= await self._known(names[at : at + _NAMES_AT_ONCE])
        return [(name, one) for name, one in named.items() if name not in known]

    async def _delivery(self, key: str, one: Listed) -> Delivery:
        files = await self._api.files_of(one.sid) if one.files and one.status == "received" else []
        form = one.as_form(files)
        return await self._make(key, form, dict(parse_qsl(form.decode(), keep_blank_values=True)))


def cursor_of(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def read_cursor(cursor: str | None) -> datetime | None:
    """Return where a cursor stands; None when there is none or it cannot be read."""
    try:
        moment = datetime.fromisoformat(cursor) if cursor else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _key(one: Listed) -> str:
    return key_of({"MessageSid": one.sid, "SmsStatus": one.status}, "", b"")


def _chunks(
    fresh: Sequence[tuple[str, Listed]],
) -> Iterator[tuple[Sequence[tuple[str, Listed]], bool]]:
    for at in range(0, len(fresh), TWILIO_LOOK_CHUNK):
        yield fresh[at : at + TWILIO_LOOK_CHUNK], at + TWILIO_LOOK_CHUNK >= len(fresh)
