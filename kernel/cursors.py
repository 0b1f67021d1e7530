"""Cursors of keyset pages: the moment and id of the last row shown, as one opaque word."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from kernel.errors import InvalidInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def make_cursor(moment: datetime, last_id: UUID) -> str:
    return f"{(moment - _EPOCH) // _MICROSECOND}.{last_id.hex}"


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Return moment and id, or refuse what is no cursor of ours."""
    moment, _, last_id = cursor.partition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(moment)), UUID(hex=last_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            "this cursor is not one of ours; start from the first page", field="cursor"
        ) from error
