"""How long a wait will be: measured flow of a queue, and the estimate that follows from it.

With `ahead` contacts in front and all agents busy, somebody is served or gives up at rate
cu + k*theta while k are ahead, so the mean wait is the sum of 1 / (cu + k*theta) for k = 0 .. ahead
(a pure death process, as in D. Y. Palm's Erlang A). cu is what really leaves towards an agent while
others wait, not a head-count; its quantiles are those of a gamma law with the same mean and
variance, by the Wilson-Hilferty approximation (1931).
"""

from math import exp, log, sqrt
from typing import Final

from routing.records import Estimate

HALF_LIFE_US: Final = 20 * 60 * 1_000_000
"""What was measured so long ago counts half."""
LONGEST_US: Final = 24 * 3600 * 1_000_000
FIRST_HANDLE_US: Final = 5 * 60 * 1_000_000
FIRST_WEIGHT: Final = 2.0
"""How many answers the guess from agents and handle times is worth, before there are any."""
HANDLE_FADE: Final = 0.99
_LN2: Final = 0.6931471805599453
_Z80: Final = 0.8416212335729143
_FEW: Final = 4_096


class Flow:
    """What one queue and channel does, forgetting slowly: answers while others wait, handle times,
    those who gave up, and how far announced waits were off."""

    __slots__ = (
        "_abandoned",
        "_answers",
        "_bias",
        "_busy_us",
        "_error",
        "_handled",
        "_handled_us",
        "_seen",
        "_waited_us",
        "announced",
        "expected",
    )

    def __init__(self) -> None:
        self._seen = 0
        self._answers = self._busy_us = 0.0
        self._handled = self._handled_us = 0.0
        self._abandoned = self._waited_us = 0.0
        self._error = self._bias = 0
        self.announced = 0
        self.expected: dict[int, int] = {}
        """By contact, when it was told that its wait would end."""

    @property
    def mean_error_us(self) -> int:
        return self._error // self.announced if self.announced else 0

    @property
    def bias_us(self) -> int:
        """Positive: waits were longer than announced, in the mean."""
        return self._bias // self.announced if self.announced else 0

    @property
    def handle_us(self) -> int:
        """Return the mean handle time measured, or a first guess."""
        known = self._handled_us + FIRST_WEIGHT * FIRST_HANDLE_US
        return int(known / (self._handled + FIRST_WEIGHT))

    @property
    def patience_rate(self) -> float:
        """Return how many give up per microsecond of waiting."""
        return self._abandoned / self._waited_us if self._waited_us else 0.0

    def pass_time(self, now: int, *, waiting: int) -> None:
        """Note that time went by with so many waiting; call it before what changes their number."""
        passed = now - self._seen
        self._seen = now
        if passed <= 0:
            return
        if self._answers or self._busy_us or self._waited_us or self._handled:
            kept = exp(-_LN2 * passed / HALF_LIFE_US)
            self._answers *= kept
            self._busy_us *= kept
            self._abandoned *= kept
            self._waited_us *= kept
        if waiting:
            self._busy_us += passed
            self._waited_us += passed * waiting

    def served(self) -> None:
        """Note that somebody who had to wait was answered."""
        self._answers += 1

    def gave_up(self) -> None:
        self._abandoned += 1

    def announce(self, contact: int, due_us: int) -> None:
        self.expected[contact] = due_us

    def came_true(self, contact: int, now: int) -> None:
        """Compare a wait that was announced with what it became."""
        due = self.expected.pop(contact, None)
        if due is not None:
            self.announced += 1
            self._error += abs(now - due)
            self._bias += now - due

    def handled(self, took_us: int) -> None:
        """Note a handle time; the last hundred or so count."""
        self._handled = self._handled * HANDLE_FADE + 1
        self._handled_us = self._handled_us * HANDLE_FADE + took_us

    def estimate(self, ahead: int, servers: int) -> Estimate:
        """Estimate the wait behind `ahead` others; `servers` is the guess while nothing is known.

        The guess counts as a few answers among those measured, so that it fades away.
        """
        guess = max(servers, 1) / self.handle_us
        rate = (self._answers + FIRST_WEIGHT) / (self._busy_us + FIRST_WEIGHT / guess)
        mean, variance = _death_process(ahead, rate, self.patience_rate)
        return Estimate(
            ahead=ahead,
            mean_us=min(int(mean), LONGEST_US),
            p50_us=min(int(_gamma_quantile(mean, variance, 0.0)), LONGEST_US),
            p80_us=min(int(_gamma_quantile(mean, variance, _Z80)), LONGEST_US),
        )


def _death_process(ahead: int, rate: float, patience: float) -> tuple[float, float]:
    """Return mean and variance of the time until `ahead` others and oneself have left the line."""
    steps = ahead + 1
    if not patience:
        return steps / rate, steps / rate**2
    if ahead > _FEW:  # the sums as integrals
        last = rate + steps * patience
        return log(last / rate) / patience, (1 / rate - 1 / last) / patience
    rates = [rate + k * patience for k in range(ahead + 1)]
    return sum(1 / one for one in rates), sum(1 / one**2 for one in rates)


def _gamma_quantile(mean: float, variance: float, z: float) -> float:
    shape = mean * mean / variance
    ninth = 1 / (9 * shape)
    root = max(1 - ninth + z * sqrt(ninth), 0.0)
    return mean * root * root * root
