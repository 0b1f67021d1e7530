"""The list of crash points is the one in the code."""

import re
from pathlib import Path

import pytest

from tests.faults.crash_points import CRASH_POINTS, MOMENTS, TELEGRAM, TELEPHONE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROOMS = (
    "channels",
    "clients",
    "contact_center",
    "desk",
    "kernel",
    "knowledge_base",
    "routing",
    "staff",
    "supervision",
    "tickets",
    "web",
)
_CALL = re.compile(r'\bcrash_here\("([^"]+)"\)')


def test_every_crash_point_of_the_code_is_in_the_list_once() -> None:
    found = [
        name
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in _CALL.findall(path.read_text())
    ]

    assert sorted(found) == sorted([*CRASH_POINTS, *MOMENTS, *TELEGRAM, *TELEPHONE])
