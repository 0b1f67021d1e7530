"""Guessing is bounded; nobody is locked out by the guesses of others."""

import pytest

from kernel.errors import TooManyTriesError
from kernel.limits import (
    SIGN_IN_TRIES_BY_STRANGERS,
    SIGN_IN_TRIES_PER_ACCOUNT,
    SIGN_IN_TRIES_PER_ADDRESS,
    SIGN_IN_WINDOW,
)
from staff.throttle import Throttle, Tries, network_of
from tests.clock import ManualClock


def _tries(throttle: Throttle, account: str, address: str, *, known: bool = False) -> bool:
    try:
        throttle.take(account, address, known=known)
    except TooManyTriesError:
        return False
    return True


def test_one_address_guesses_at_one_account_ten_times() -> None:
    throttle = Throttle(ManualClock())

    allowed = sum(_tries(throttle, "olena", "192.0.2.1", known=True) for _ in range(1_000))

    assert allowed == SIGN_IN_TRIES_PER_ACCOUNT


def test_a_thousand_addresses_guess_at_one_account_twenty_times_an_hour(
    clock: ManualClock,
) -> None:
    throttle = Throttle(clock)
    allowed = 0

    for number in range(10_000):
        allowed += _tries(throttle, "olena", f"10.0.{number // 250 % 4}.{number % 250}")
        clock.advance(seconds=0.3)

    assert allowed == SIGN_IN_TRIES_BY_STRANGERS <= 20


def test_one_password_over_a_thousand_accounts_is_bounded_by_the_address() -> None:
    throttle = Throttle(ManualClock())

    allowed = sum(_tries(throttle, f"agent{number}", "192.0.2.1") for number in range(1_000))

    assert allowed == SIGN_IN_TRIES_PER_ADDRESS


def test_who_signs_in_from_a_known_address_is_not_locked_out_by_strangers() -> None:
    throttle = Throttle(ManualClock())

    for number in range(100):
        _tries(throttle, "olena", f"10.0.0.{number}")

    assert _tries(throttle, "olena", "192.0.2.1", known=True)
    assert not _tries(throttle, "olena", "192.0.2.1", known=False)


def test_a_right_password_ends_the_count_of_mistypings(clock: ManualClock) -> None:
    throttle = Throttle(clock)

    for _ in range(5):
        for _ in range(SIGN_IN_TRIES_PER_ACCOUNT - 1):
            assert _tries(throttle, "olena", "192.0.2.1", known=True)
        assert _tries(throttle, "olena", "192.0.2.1", known=True)
        throttle.forgive("olena", "192.0.2.1", known=True)
        clock.advance(seconds=SIGN_IN_WINDOW.total_seconds() / 4)


def test_ones_own_account_does_not_buy_more_guesses_at_others() -> None:
    throttle = Throttle(ManualClock())
    allowed = 0

    for number in range(1_000):
        allowed += _tries(throttle, f"victim{number}", "192.0.2.1")
        if _tries(throttle, "mallory", "192.0.2.1", known=True):
            throttle.forgive("mallory", "192.0.2.1", known=True)

    assert allowed <= SIGN_IN_TRIES_PER_ADDRESS


def test_tries_are_forgotten_after_the_window(clock: ManualClock) -> None:
    throttle = Throttle(clock)
    while _tries(throttle, "olena", "192.0.2.1", known=True):
        pass

    clock.advance(seconds=SIGN_IN_WINDOW.total_seconds())

    assert _tries(throttle, "olena", "192.0.2.1", known=True)


def test_memory_is_bounded_whoever_comes(clock: ManualClock) -> None:
    tries = Tries(clock, most=3, window=SIGN_IN_WINDOW, keys=100)

    for number in range(10_000):
        tries.count(str(number))

    assert len(tries) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_what_one_subscriber_holds_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
