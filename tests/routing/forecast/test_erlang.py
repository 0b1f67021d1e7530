"""The formulae give the published values, their limits, and survive what is large."""

import math

import pytest

from routing.forecast.erlang import erlang_a, erlang_b, erlang_c

HOUR = 3600.0


@pytest.mark.parametrize(
    ("per_hour", "handle", "servers", "waiting", "mean_wait", "within"),
    [
        (60, 180, 5, 0.2361516035, 21.253644, 0.8109045783),
        (100, 180, 7, 0.3241499492, 29.173495, 0.7404410115),
        (100, 300, 10, 0.4876106080, 87.769909, 0.5636668567),
    ],
)
def test_erlang_c_gives_the_published_values(
    per_hour: float, handle: float, servers: int, waiting: float, mean_wait: float, within: float
) -> None:
    seen = erlang_c(per_hour / HOUR, handle, servers, 20)

    assert seen.waiting == pytest.approx(waiting, abs=1e-10)
    assert seen.mean_wait == pytest.approx(mean_wait, abs=1e-6)
    assert seen.within_target == pytest.approx(within, abs=1e-10)
    assert seen.occupancy == pytest.approx(per_hour / HOUR * handle / servers)


def test_erlang_c_of_five_agents_and_a_load_of_four_is_exact() -> None:
    assert erlang_c(4 / 100, 100, 5, 20).waiting == pytest.approx(128 / 231, abs=1e-15)
    assert erlang_b(4, 5) == pytest.approx(128 / 643, abs=1e-15)


@pytest.mark.parametrize(
    ("case", "waiting", "abandoned", "mean_wait", "occupancy", "within"),
    [
        ((60, 60, 1, 60), 1 - 1 / math.e, 1 / math.e, 22.072766, 0.63212056, 0.47054926),
        ((100, 300, 9, 120), 0.3724564418, 0.1295202933, 15.542435, 0.80599973, 0.70622848),
    ],
    ids=["one agent", "nine agents"],
)
def test_erlang_a_gives_the_published_values(
    case: tuple[float, float, int, float],
    waiting: float,
    abandoned: float,
    mean_wait: float,
    occupancy: float,
    within: float,
) -> None:
    per_hour, handle, servers, patience = case

    seen = erlang_a(per_hour / HOUR, handle, servers, 20, patience)

    assert seen.waiting == pytest.approx(waiting, abs=1e-10)
    assert seen.abandoned == pytest.approx(abandoned, abs=1e-10)
    assert seen.mean_wait == pytest.approx(mean_wait, abs=1e-6)
    assert seen.occupancy == pytest.approx(occupancy, abs=1e-8)
    assert seen.within_target == pytest.approx(within, abs=1e-8)


def test_endless_patience_makes_erlang_c_of_erlang_a() -> None:
    patient, exact = erlang_a(1 / 60, 180, 5, 20, 1e8), erlang_c(1 / 60, 180, 5, 20)

    assert patient.waiting == pytest.approx(exact.waiting, rel=1e-5)
    assert patient.within_target == pytest.approx(exact.within_target, rel=1e-5)


def test_a_patience_as_long_as_the_work_makes_the_number_there_a_poisson_one() -> None:
    load, servers = 12.0, 10
    below = sum(math.exp(-load) * load**n / math.factorial(n) for n in range(servers))

    assert erlang_a(load / 60, 60, servers, 20, 60).waiting == pytest.approx(1 - below, abs=1e-12)


@pytest.mark.parametrize("servers", [1, 9, 40])
def test_without_a_target_all_are_answered_in_time_who_do_not_give_up(servers: int) -> None:
    seen = erlang_a(100 / HOUR, 300, servers, 86_400, 120)

    assert seen.within_target == pytest.approx(1 - seen.abandoned, abs=1e-9)


def test_a_target_of_nothing_counts_those_who_need_not_wait() -> None:
    seen = erlang_a(100 / HOUR, 300, 9, 0, 120)

    assert seen.within_target == pytest.approx(1 - seen.waiting, abs=1e-12)


def test_answered_within_a_time_agrees_with_stepping_through_it() -> None:
    """The chain "k ahead" followed in tiny steps, without any closed form."""
    arrivals, handle, servers, patience, target = 100 / HOUR, 300, 9, 120, 20.0
    leave = [min(n, servers) / handle + max(n - servers, 0) / patience for n in range(60)]
    weights = [1.0]
    for n in range(1, 60):
        weights.append(weights[-1] * arrivals / leave[n])
    ahead = [weight / sum(weights) for weight in weights[servers:]]
    served, steps = sum(weights[:servers]) / sum(weights), 4_000
    for _ in range(steps):
        moved = [
            share * (servers / handle + k / patience) * target / steps
            for k, share in enumerate(ahead)
        ]
        lost = [share / patience * target / steps for share in ahead]
        served += moved[0]
        ahead = [
            share - moved[k] - lost[k] + (moved[k + 1] if k + 1 < len(moved) else 0.0)
            for k, share in enumerate(ahead)
        ]

    seen = erlang_a(arrivals, handle, servers, target, patience)

    assert seen.within_target == pytest.approx(served, abs=5e-4)


@pytest.mark.parametrize("servers", [1, 900, 1_000, 1_100, 8_000])
def test_nothing_overflows_with_a_thousand_agents(servers: int) -> None:
    seen = erlang_a(1_000 / 300, 300, servers, 20, 180)

    shares = (seen.waiting, seen.abandoned, seen.within_target, seen.occupancy)
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in shares)
    assert seen.within_target <= 1 - seen.abandoned + 1e-9


def test_more_work_than_agents_waits_for_ever_if_nobody_gives_up() -> None:
    seen = erlang_c(1.0, 60, 59, 20)

    assert (seen.waiting, seen.mean_wait, seen.within_target) == (1.0, math.inf, 0.0)
