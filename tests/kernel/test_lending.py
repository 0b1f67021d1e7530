"""A file is given to whoever holds our token, for as long as it says, and to nobody else."""

from datetime import timedelta

import pytest

from kernel.errors import NotFoundError
from kernel.lending import lend, lent
from kernel.secrets import Sealer
from tests.clock import ManualClock

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
HOUR = timedelta(hours=1)


def test_a_token_names_the_file_until_its_time_is_over(clock: ManualClock) -> None:
    sealer = Sealer(OLD)
    token = lend(sealer, "blob", "image/png", clock.now() + HOUR)

    found = lent(sealer, token, clock.now())
    rotated = lent(Sealer(NEW, OLD), token, clock.now())

    assert (found.blob, found.media_type) == ("blob", "image/png")
    assert rotated == found
    clock.advance(hours=1)
    with pytest.raises(NotFoundError):
        lent(sealer, token, clock.now())


def test_a_token_that_is_not_ours_names_nothing(clock: ManualClock) -> None:
    sealer = Sealer(OLD)
    good = lend(sealer, "blob", "image/png", clock.now() + HOUR)
    said, _, proof = good.partition(".")
    other = lend(sealer, "other", "image/png", clock.now() + HOUR).partition(".")[0]
    strange = lend(Sealer(NEW), "blob", "image/png", clock.now() + HOUR)

    for token in (
        "",
        ".",
        said,
        f"{said}.",
        f"{other}.{proof}",
        strange,
        f"é.{proof}",
        "a" * 9_000,
    ):
        with pytest.raises(NotFoundError):
            lent(sealer, token, clock.now())
