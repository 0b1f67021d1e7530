"""What the tests of every connector ask for."""

import pytest

from tests.channels.scene import Desk


@pytest.fixture
def stored() -> Desk:
    return Desk()
