"""A cursor says where the reading stands, and what cannot be read begins anew."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.cursor import Position, read_position


@given(
    st.builds(
        Position,
        validity=st.integers(0, 2**32),
        uid=st.integers(0, 2**32),
        folder=st.text(max_size=30),
        floor=st.none()
        | st.integers(1, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
        reread=st.integers(0, 2**32),
    )
)
def test_what_was_written_is_read_back(position: Position) -> None:
    assert read_position(str(position)) == position


@pytest.mark.parametrize(
    "cursor", [None, "", "7", "1:2:3", "a:b:c:d:e", "1:2:3:-4:INBOX", "١:2:3:4:x"]
)
def test_what_is_no_cursor_is_none(cursor: str | None) -> None:
    assert read_position(cursor) is None
