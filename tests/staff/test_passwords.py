"""Passwords: kept as Argon2id, compared with the same work for everyone."""

import asyncio
import statistics
import time

import pytest

from kernel.errors import InvalidInputError, OverloadedError
from kernel.limits import HASH_WAITING, PASSWORD_CHARS_MAX
from staff.passwords import LANES, MEMORY_KIB, PASSES, Passwords, check_password
from tests.staff.people import quick_passwords


async def test_the_right_password_is_right_and_any_other_wrong() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("correct horse battery")

    assert (await passwords.verify("correct horse battery", stored)).right
    assert not (await passwords.verify("correct horse batterz", stored)).right
    assert not (await passwords.verify("", stored)).right


async def test_the_same_letters_typed_on_another_keyboard_are_the_same() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("ca\u0301vé пароль їжак")

    assert (await passwords.verify("c\u00e1ve\u0301 пароль \u0456\u0308жак", stored)).right


async def test_an_unknown_account_is_wrong_whatever_is_typed() -> None:
    assert not (await quick_passwords().verify("anything", None)).right


async def test_a_damaged_hash_is_wrong_and_breaks_nothing() -> None:
    assert not (await quick_passwords().verify("anything", "$argon2id$nonsense")).right


async def test_what_is_beyond_the_longest_password_does_not_match_its_beginning() -> None:
    passwords = quick_passwords()
    stored = await passwords.hash("ab" * (PASSWORD_CHARS_MAX // 2))

    assert not (await passwords.verify("ab" * PASSWORD_CHARS_MAX, stored)).right


async def test_a_hash_with_older_parameters_is_outdated() -> None:
    stored = await Passwords(memory_kib=32, passes=1, lanes=1).hash("correct horse battery")

    verdict = await quick_passwords().verify("correct horse battery", stored)

    assert verdict.right
    assert verdict.outdated


async def test_hashes_name_the_parameters_of_the_recommendation() -> None:
    stored = await Passwords().hash("correct horse battery")

    assert stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
    assert MEMORY_KIB == 64 * 1024


@pytest.mark.slow
async def test_an_unknown_account_costs_the_work_of_a_known_one() -> None:
    passwords = Passwords(memory_kib=8 * 1024, passes=1, lanes=1)
    stored = await passwords.hash("correct horse battery")
    times: dict[str | None, list[float]] = {stored: [], None: []}

    for _ in range(40):
        for account, taken in times.items():
            started = time.perf_counter()
            await passwords.verify("wrong", account)
            taken.append(time.perf_counter() - started)

    known, unknown = (statistics.median(taken) for taken in times.values())
    assert known / 2 < unknown < known * 2


async def test_more_waiting_than_there_is_room_for_are_refused_at_once() -> None:
    passwords = quick_passwords()

    answers = await asyncio.gather(
        *(passwords.verify("x", None) for _ in range(HASH_WAITING + 5)), return_exceptions=True
    )

    assert sum(isinstance(answer, OverloadedError) for answer in answers) == 5


@pytest.mark.parametrize(
    "password", ["short", "a" * 20, "abababababab", "olena@desk.example", "x" * 300]
)
def test_a_password_that_is_guessed_at_once_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_password(password, email="Olena@desk.example", name="Olena Shevchenko")

    assert refused.value.field == "password"
