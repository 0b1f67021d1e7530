"""Quick replies: `[[Yes]] [[No]]` at the end of a message are buttons in the chat.

They are part of the text and of nothing else: an agent, a canned reply or a greeting writes them,
and a visitor who presses one has written its words. Messengers have buttons of their own, and
elsewhere they are numbered lines (`desk/quick.py`).
"""

import re
from typing import Final

from kernel.limits import CHAT_CHOICES

_CHOICE: Final = re.compile(r"\[\[([^\[\]\n]{1,60})\]\]")
_TAIL: Final = re.compile(r"(?:\s*\[\[[^\[\]\n]{1,60}\]\])+\s*\Z")


def split_choices(text: str, *, most: int = CHAT_CHOICES) -> tuple[str, list[str]]:
    """Return the text without its buttons, and their words; at most so many, each once."""
    tail = _TAIL.search(text)
    if tail is None:
        return text, []
    words = dict.fromkeys(one.strip() for one in _CHOICE.findall(tail.group()))
    chosen = [one for one in words if one]
    return text[: tail.start()], chosen[:most]


def as_words(text: str) -> str:
    """Return the text as it reads where there are no buttons; works on HTML, too."""
    return _CHOICE.sub(r"\1", text)
