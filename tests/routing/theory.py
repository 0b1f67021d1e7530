"""Exact results of queueing theory, each a few lines, against which the engine is measured.

Erlang B and C: A. K. Erlang (1917). Erlang A: C. Palm (1946); O. Garnett, A. Mandelbaum and M.
Reiman, "Designing a call center with impatient customers" (2002). Strict priorities: A. Cobham
(1954). Accumulating priorities: L. Kleinrock, "A delay dependent queue discipline" (1964).
"""

from dataclasses import dataclass
from itertools import pairwise
from math import exp


def erlang_b(load: float, servers: int) -> float:
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


@dataclass(frozen=True, slots=True)
class ErlangC:
    """All wait as long as it takes: rates per second, `servers` agents."""

    arrivals: float
    handle: float
    servers: int

    @property
    def occupancy(self) -> float:
        return self.arrivals * self.handle / self.servers

    @property
    def waiting(self) -> float:
        """The probability of having to wait."""
        blocked = erlang_b(self.arrivals * self.handle, self.servers)
        return blocked / (1 - self.occupancy * (1 - blocked))

    @property
    def spare(self) -> float:
        return self.servers / self.handle - self.arrivals

    @property
    def mean_wait(self) -> float:
        return self.waiting / self.spare

    def answered_within(self, seconds: float) -> float:
        return 1 - self.waiting * exp(-self.spare * seconds)


@dataclass(frozen=True, slots=True)
class ErlangA:
    """As ErlangC, but a client gives up after an exponential time."""

    arrivals: float
    handle: float
    servers: int
    patience: float

    def _states(self, most: int = 400) -> list[float]:
        weights = [1.0]
        for n in range(1, most):
            gone = min(n, self.servers) / self.handle + max(n - self.servers, 0) / self.patience
            weights.append(weights[-1] * self.arrivals / gone)
        total = sum(weights)
        return [weight / total for weight in weights]

    @property
    def waiting(self) -> float:
        return sum(self._states()[self.servers :])

    @property
    def in_queue(self) -> float:
        return sum((n - self.servers) * p for n, p in enumerate(self._states()) if n > self.servers)

    @property
    def abandoned(self) -> float:
        return self.in_queue / self.patience / self.arrivals

    @property
    def mean_wait(self) -> float:
        """Over all clients, those who gave up as well."""
        return self.in_queue / self.arrivals

    @property
    def occupancy(self) -> float:
        return self.arrivals * (1 - self.abandoned) * self.handle / self.servers


def strict_waits(rates: list[float], handle: float, servers: int) -> list[float]:
    """Return the mean wait of each class, the first served first."""
    whole = ErlangC(sum(rates), handle, servers)
    shares = [rate * handle / servers for rate in rates]
    sums = [sum(shares[:k]) for k in range(len(rates) + 1)]
    start = whole.waiting * handle / servers
    return [start / ((1 - before) * (1 - upto)) for before, upto in pairwise(sums)]


def accumulating_waits(
    rates: list[float], speeds: list[float], handle: float, servers: int
) -> list[float]:
    """Return the mean wait of each class; `speeds` ascend, the last class ages fastest."""
    whole = ErlangC(sum(rates), handle, servers)
    share = [rate * handle / servers for rate in rates]
    waits: list[float] = []
    for p, speed in enumerate(speeds):
        slower = sum(share[i] * waits[i] * (1 - speeds[i] / speed) for i in range(p))
        faster = sum(share[i] * (1 - speed / speeds[i]) for i in range(p + 1, len(speeds)))
        waits.append((whole.mean_wait - slower) / (1 - faster))
    return waits
