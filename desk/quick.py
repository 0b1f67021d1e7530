"""Quick replies at the end of an answer: buttons where a channel has them, else numbered lines."""

import html as entities
import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import count
from typing import Final

from msgspec import Struct

from channels.capabilities import Capabilities, length, refuse_unsendable
from channels.cutting import cut_in
from channels.webchat.choices import split_choices
from kernel.errors import InvalidInputError
from kernel.limits import QUICK_CHOICES

_CHOICE: Final = re.compile(r"\s*\[\[([^\[\]\n]{1,60})\]\]")


class Worded(Struct, frozen=True):
    """An answer as its channel takes it."""

    text: str
    html: str | None
    choices: tuple[str, ...] = ()


def worded(can: Capabilities, text: str, html: str | None, *, files: bool) -> Worded:
    """Take the quick replies off an answer, for the channel to show, or put them into words."""
    bare, choices = split_choices(text, most=QUICK_CHOICES)
    if not choices:
        return Worded(text, html)
    if not files and bare.strip() and _fit(can, bare, choices):
        return Worded(bare, _without(html, choices), tuple(choices))
    lines = numbered(choices)
    return Worded(f"{bare.rstrip()}\n\n{lines}".lstrip(), _numbered(html, choices))


def numbered(choices: Sequence[str]) -> str:
    """Return the choices as lines that are answered by number."""
    return "\n".join(f"{at}. {one}" for at, one in enumerate(choices, 1))


def messages_of(can: Capabilities, texts: Sequence[str], choices: Sequence[str]) -> list[str]:
    """Return texts and what can be chosen as one message, or, where together they are longer than
    the channel takes (or takes above buttons), as one for each text; a text that is too long by
    itself goes in parts."""
    if not texts:
        return []
    whole = _with_choices("\n\n".join(texts), choices)
    asked = _with_choices(texts[-1], choices)
    if fits(can, whole) and _has_buttons(can, whole) >= _has_buttons(can, asked):
        return [whole]
    before = [part for text in texts[:-1] for part in in_parts(can, text)]
    if fits(can, asked):
        return [*before, asked]
    *more, last = in_parts(can, texts[-1])
    if fits(can, asked := _with_choices(last, choices)):
        return [*before, *more, asked]
    return [*before, *more, last, *in_parts(can, numbered(choices))]


def _has_buttons(can: Capabilities, text: str) -> bool:
    return bool(worded(can, text, None, files=False).choices)


def in_parts(can: Capabilities, text: str) -> list[str]:
    """Return the text in pieces that the channel takes, cut between paragraphs, lines, sentences
    or words where that is possible."""
    parts = []
    rest = text
    while rest and not fits(can, rest):
        at = cut_in(rest[: _longest(can, rest)])
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _longest(can: Capabilities, text: str) -> int:
    """Return how many of its first characters the channel takes in one message, at least one."""
    sizes = range(1, len(text))
    return max(1, bisect_left(sizes, 1, key=lambda size: not fits(can, text[:size])))


def fits(can: Capabilities, text: str) -> bool:
    """Say whether the channel takes the text, its quick replies in their place."""
    try:
        refuse_unsendable("", can, worded(can, text, None, files=False).text, ())
    except InvalidInputError:
        return False
    return True


def _with_choices(text: str, choices: Sequence[str]) -> str:
    if not choices:
        return text
    if len(choices) > QUICK_CHOICES:
        return f"{text}\n\n{numbered(choices)}"
    return f"{text}\n\n" + " ".join(f"[[{one}]]" for one in choices)


def _fit(can: Capabilities, text: str, choices: list[str]) -> bool:
    if len(choices) > can.choices or length(text) > (can.choices_text_chars or can.text_chars):
        return False
    return all(length(one) <= can.choice_chars for one in choices)


def _without(html: str | None, choices: list[str]) -> str | None:
    """Take them off the markup as well; what stands in brackets elsewhere stays."""
    return html and _CHOICE.sub(lambda one: one[0] if _words(one) not in choices else "", html)


def _words(found: re.Match[str]) -> str:
    return entities.unescape(found[1]).strip()


def _numbered(html: str | None, choices: list[str]) -> str | None:
    """Number them in the markup as well; what stands in brackets elsewhere stays."""
    if html is None:
        return None
    numbers = count(1)
    wanted = set(choices)

    def line(found: re.Match[str]) -> str:
        if _words(found) not in wanted:
            return found[0]
        return f"<br>{next(numbers)}. {found[1].strip()}"

    return _CHOICE.sub(line, html)
