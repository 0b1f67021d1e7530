"""How long clients wait when so many agents work: Erlang B, C and A, each a few stable lines.

Rates are per second, times in seconds. A. K. Erlang (1917); C. Palm (1946); O. Garnett, A.
Mandelbaum and M. Reiman, "Designing a call center with impatient customers" (2002).
"""

from math import exp, expm1, inf, lgamma, log
from typing import Final

from msgspec import Struct

_NOTHING: Final = 1e-17


class Outlook(Struct, frozen=True):
    """What the theory says: the share that waits, the mean wait of all, and so on."""

    waiting: float
    mean_wait: float
    within_target: float
    abandoned: float
    occupancy: float


def erlang_b(load: float, servers: int) -> float:
    """Return the share that finds all `servers` busy and goes away at once."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(arrivals: float, handle: float, servers: int, target: float) -> Outlook:
    """All wait as long as it takes; with too few agents they wait for ever."""
    load = arrivals * handle
    if arrivals == 0:
        return Outlook(0.0, 0.0, 1.0, 0.0, 0.0)
    if load >= servers:
        return Outlook(1.0, inf, 0.0, 0.0, 1.0)
    busy = load / servers
    blocked = erlang_b(load, servers)
    waiting = blocked / (1 - busy * (1 - blocked))
    spare = servers / handle - arrivals
    return Outlook(waiting, waiting / spare, 1 - waiting * exp(-spare * target), 0.0, busy)


def erlang_a(
    arrivals: float, handle: float, servers: int, target: float, patience: float
) -> Outlook:
    """Who waits gives up after an exponential time of mean `patience`.

    `within_target` is the share of all clients that is answered in time. Some server is needed.
    """
    if arrivals == 0:
        return Outlook(0.0, 0.0, 1.0, 0.0, 0.0)
    first, states = _states(arrivals, handle, servers, patience)
    queue = states[max(servers - first, 0) :]
    ahead_of_first = max(first - servers, 0)
    in_queue = sum((ahead_of_first + k) * share for k, share in enumerate(queue))
    waiting = sum(queue)
    abandoned = in_queue / patience / arrivals
    in_time = _served_in_time(queue, ahead_of_first, servers * patience / handle, target / patience)
    within = max(0.0, 1 - waiting) + in_time
    occupancy = arrivals * (1 - abandoned) * handle / servers
    return Outlook(waiting, in_queue / arrivals, within, abandoned, occupancy)


def _states(
    arrivals: float, handle: float, servers: int, patience: float
) -> tuple[int, list[float]]:
    """Return how often each number of clients is there, from the first number that counts on.

    Both ways from the likeliest number, whose weight is 1: nothing can overflow.
    """
    rate = 1 / handle

    def leave(n: int) -> float:
        return min(n, servers) * rate + max(n - servers, 0) / patience

    load = arrivals / rate
    mode = int(load) if load < servers else servers + int((arrivals - servers * rate) * patience)
    below: list[float] = []
    weight, n = 1.0, mode
    while n > 0 and weight > _NOTHING:
        weight *= leave(n) / arrivals
        n -= 1
        below.append(weight)
    above = [1.0]
    weight, n = 1.0, mode
    while weight > _NOTHING or n < servers:
        n += 1
        weight *= arrivals / leave(n)
        above.append(weight)
    weights = [*reversed(below), *above]
    total = sum(weights)
    return mode - len(below), [weight / total for weight in weights]


def _served_in_time(queue: list[float], ahead: int, ratio: float, target: float) -> float:
    """Return the share of all that has to wait and is answered within `target` patiences.

    With k ahead the wait of somebody infinitely patient is a sum of exponential times of rates
    c mu + j theta, j = 0 … k; over the patience it is distributed as -ln U with U ~ Beta(r, k + 1),
    r = c mu / theta. Served in time is then E[U; U >= x], x = exp(-target), that is
    r / (r + k + 1) * (1 - I_x(r + 1, k + 1)); the incomplete beta function grows by one positive
    term with each k (DLMF 8.17.20).
    """
    a = ratio + 1
    log_x, log_rest = -target, log(-expm1(-target)) if target > 0 else -inf
    served, beyond = 0.0, 0.0
    for j in range(ahead + len(queue)):
        chance = a * log_x + lgamma(a + j) - lgamma(j + 1) - lgamma(a)
        if j > 0:
            chance += j * log_rest
        beyond += exp(chance)
        if j >= ahead:
            share = ratio / (ratio + j + 1)
            served += queue[j - ahead] * share * max(0.0, 1 - beyond)
    return served
