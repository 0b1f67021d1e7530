"""What the tests of the chat's rules share."""

import pytest

from tests.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
