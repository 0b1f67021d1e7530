"""CSV that a spreadsheet may open: no cell of it is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK: Final = "\ufeff"
"""So that a spreadsheet reads UTF-8."""

Cell = str | int | float | None


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the table as UTF-8 with CRLF (RFC 4180); numbers stay numbers.

    A text that begins like a formula gets an apostrophe before it, as OWASP advises against CSV
    injection; the writer quotes what needs quotes.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
    return (BYTE_ORDER_MARK + written.getvalue()).encode()


def safe(cell: Cell) -> Cell:
    """Return the cell such that no spreadsheet computes it."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
