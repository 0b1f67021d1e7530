"""Where a text that is too long for one message is cut, so that it hurts least; no I/O."""

from typing import Final

_ENDS: Final = ("\n\n", "\n", ". ", " ")
"""The best first: between paragraphs, lines, sentences, words."""


def cut_in(room: str) -> int:
    """Return how many signs of what there is room for make the next part: at least half of it."""
    for end in _ENDS:
        at = room.rfind(end, len(room) // 2)
        if at >= 0:
            return at + len(end)
    return len(room)
