"""A small proof of work that new visitors show while a widget is being flooded.

A challenge is a signed text; its answer is a number that makes SHA-256 of both begin with so many
zero bits (Hashcash, Back 2002). Finding it costs a browser a moment and a flood its speed;
checking it costs us one hash. Challenges are not stored, only those that were used.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from typing import Final
from uuid import UUID

from kernel.clock import Clock
from kernel.errors import CenterError
from kernel.limits import (
    CHAT_CHALLENGE_BITS,
    CHAT_CHALLENGE_BITS_MAX,
    CHAT_CHALLENGE_SECONDS,
    CHAT_CHALLENGES_SPENT,
    CHAT_FLOOD_LASTS_SECONDS,
    CHAT_FLOOD_WIDGETS,
)

_MINUTE: Final = 60.0


class ChallengeNeededError(CenterError):
    """Many new visitors are coming at once; solve the challenge first."""

    code = "challenge"


class Flood:
    """How many new visitors each widget meets, and what they are asked to show meanwhile."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._came: OrderedDict[UUID, deque[float]] = OrderedDict()
        self._until: dict[UUID, float] = {}
        self._spent: OrderedDict[str, float] = OrderedDict()

    def came(self, account_id: UUID, *, most: int) -> None:
        """Count a new visitor; more than `most` within a minute switch the challenge on."""
        now = self._clock.monotonic()
        times = self._came.setdefault(account_id, deque(maxlen=most + 1))
        if times.maxlen != most + 1:
            times = self._came[account_id] = deque(times, maxlen=most + 1)
        self._came.move_to_end(account_id)
        times.append(now)
        if len(times) > most and times[0] > now - _MINUTE:
            self._until[account_id] = now + CHAT_FLOOD_LASTS_SECONDS
        if len(self._came) > CHAT_FLOOD_WIDGETS:
            oldest, _ = self._came.popitem(last=False)
            self._until.pop(oldest, None)

    def is_on(self, account_id: UUID) -> bool:
        """Say whether new visitors of this widget must show work now."""
        return self._until.get(account_id, 0.0) > self._clock.monotonic()

    def make(self, account_id: UUID, network: str, *, bits: int = CHAT_CHALLENGE_BITS) -> str:
        """Return a challenge for one widget and one network address, to be answered soon."""
        bits = min(bits, CHAT_CHALLENGE_BITS_MAX)
        until = int(self._clock.monotonic() + CHAT_CHALLENGE_SECONDS)
        told = f"{bits}.{until}.{secrets.token_urlsafe(12)}"
        return f"{told}.{self._sign(told, account_id, network)}"

    def accepts(self, account_id: UUID, network: str, challenge: str, answer: str) -> bool:
        """Say whether the work is done, for the first and only time."""
        told, _, signature = challenge.rpartition(".")
        expected = self._sign(told, account_id, network)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return False
        bits, until, _ = told.split(".", 2)
        now = self._clock.monotonic()
        if int(until) < now or challenge in self._spent:
            return False
        if zero_bits(f"{challenge}:{answer}") < int(bits):
            return False
        self._spend(challenge, float(until), now)
        return True

    def _spend(self, challenge: str, until: float, now: float) -> None:
        self._spent[challenge] = until
        while self._spent and (
            len(self._spent) > CHAT_CHALLENGES_SPENT or next(iter(self._spent.values())) < now
        ):
            self._spent.popitem(last=False)

    def _sign(self, told: str, account_id: UUID, network: str) -> str:
        words = f"{account_id}|{network}|{told}".encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()[:32]


def zero_bits(text: str) -> int:
    """Return how many zero bits the SHA-256 of a text begins with."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest())
    return 256 - number.bit_length()
