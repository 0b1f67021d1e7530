"""How often a sign-in may be tried: per address, per account from there, per account at large."""

import ipaddress
from collections import OrderedDict, deque
from datetime import timedelta
from functools import lru_cache

from kernel.clock import Clock
from kernel.errors import TooManyTriesError
from kernel.limits import (
    SIGN_IN_KEYS,
    SIGN_IN_STRANGERS_WINDOW,
    SIGN_IN_TRIES_BY_STRANGERS,
    SIGN_IN_TRIES_PER_ACCOUNT,
    SIGN_IN_TRIES_PER_ADDRESS,
    SIGN_IN_WINDOW,
)


class Tries:
    """The moments of the last tries by key, at most `most` in any `window`.

    Memory is bounded: beyond `keys` keys the one longest untouched is forgotten, which costs an
    attacker as many addresses as it takes to fill the table.
    """

    def __init__(self, clock: Clock, *, most: int, window: timedelta, keys: int) -> None:
        self._clock = clock
        self._most = most
        self._window = window.total_seconds()
        self._keys = keys
        self._moments: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._moments)

    def full(self, *key: str) -> bool:
        moments = self._moments.get(key)
        if moments is None:
            return False
        horizon = self._clock.monotonic() - self._window
        while moments and moments[0] <= horizon:
            moments.popleft()
        if not moments:
            del self._moments[key]
        return len(moments) >= self._most

    def count(self, *key: str) -> None:
        moments = self._moments.setdefault(key, deque(maxlen=self._most))
        moments.append(self._clock.monotonic())
        self._moments.move_to_end(key)
        if len(self._moments) > self._keys:
            self._moments.popitem(last=False)

    def take_back(self, *key: str) -> None:
        moments = self._moments.get(key)
        if moments:
            moments.pop()

    def clear(self, *key: str) -> None:
        self._moments.pop(key, None)


class Throttle:
    """Bounds guessing without letting a stranger lock a colleague out.

    Guesses at one account are counted per address, and together only where they come from
    addresses the account has never signed in from; who comes from a known one is not counted
    among strangers. An account that does not exist is counted like one that does.
    """

    def __init__(self, clock: Clock) -> None:
        self._by_address = Tries(
            clock, most=SIGN_IN_TRIES_PER_ADDRESS, window=SIGN_IN_WINDOW, keys=SIGN_IN_KEYS
        )
        self._by_pair = Tries(
            clock, most=SIGN_IN_TRIES_PER_ACCOUNT, window=SIGN_IN_WINDOW, keys=SIGN_IN_KEYS
        )
        self._by_strangers = Tries(
            clock,
            most=SIGN_IN_TRIES_BY_STRANGERS,
            window=SIGN_IN_STRANGERS_WINDOW,
            keys=SIGN_IN_KEYS,
        )

    def take(self, account: str, address: str, *, known: bool) -> None:
        """Count one try before it is made, so that many at once are not all let through.

        `known`: the account has signed in from this address before. Raises TooManyTriesError.
        """
        place = network_of(address)
        if (
            self._by_address.full(place)
            or self._by_pair.full(account, place)
            or (not known and self._by_strangers.full(account))
        ):
            raise TooManyTriesError
        self._by_address.count(place)
        self._by_pair.count(account, place)
        if not known:
            self._by_strangers.count(account)

    def forgive(self, account: str, address: str, *, known: bool) -> None:
        """The try was right: it does not count, and the account's mistypings here are over."""
        place = network_of(address)
        self._by_address.take_back(place)
        self._by_pair.clear(account, place)
        if not known:
            self._by_strangers.take_back(account)


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or an IPv6 /64 network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
