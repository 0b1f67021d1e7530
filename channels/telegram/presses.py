"""Buttons under a message: what each carries, and which words a press of it says; no I/O."""

from collections.abc import Sequence
from typing import Final

from channels.telegram.updates import Press
from kernel.limits import TELEGRAM_PRESS_BYTES

_MARK: Final = ":"


def data_of(choices: Sequence[str]) -> list[str]:
    """Return what the buttons carry: their place, and as much of their words as there is room."""
    return [_cut(f"{at}{_MARK}{words}") for at, words in enumerate(choices)]


def label_of(press: Press) -> str:
    """Return the words of the button; of one so old that Telegram shows it no more, what it
    carried."""
    keys = press.message.reply_markup if press.message else None
    shown = (one for row in keys.inline_keyboard for one in row) if keys else ()
    label = next((one.text for one in shown if one.callback_data == press.data), "")
    return label or press.data.partition(_MARK)[2]


def _cut(data: str) -> str:
    return data.encode()[:TELEGRAM_PRESS_BYTES].decode(errors="ignore")
