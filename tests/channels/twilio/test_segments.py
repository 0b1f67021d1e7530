"""What a text takes as SMS; the console's own count is held against the same table."""

import json
from pathlib import Path

import pytest

from channels.twilio.segments import segments_of

TABLE = json.loads(Path(__file__).with_name("segments.json").read_text())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["what"]))
def test_a_text_takes_its_segments(row: dict[str, object]) -> None:
    text = "".join(str(piece) * times for piece, times in row["text"])  # type: ignore[attr-defined]

    found = segments_of(text)

    assert (found.encoding, found.count, found.room) == (row["encoding"], row["count"], row["room"])
