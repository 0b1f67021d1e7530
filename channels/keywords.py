"""The words by which clients forbid us to write to them, and allow it again; no I/O.

Twilio obeys its own words on SMS before we hear of them (“Default handling of opt-out keywords”);
we obey the same there, and on WhatsApp those that can hardly mean anything else.
"""

import unicodedata
from enum import StrEnum
from typing import Final


class Wish(StrEnum):
    """What a client asks of the machine."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


_STOP: Final = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "opt-out"),
        *("стоп", "відписатися", "відписатись", "відписка", "отписаться", "отписка"),
        *("stopp", "abmelden", "arret", "arrêt", "desabonner", "désabonner", "parar", "baja"),
        *("alto", "sair", "cancelar suscripción", "ferma", "wypisz", "dur"),
    }
)
_START: Final = frozenset({"start", "unstop", "старт", "підписатися", "подписаться"})
_HELP: Final = frozenset({"help", "info"})
_STOP_BY_TWILIO: Final = frozenset({"cancel", "end", "quit", "revoke"})
"""Twilio takes these for STOP as well, though people also say them to people."""
_START_BY_TWILIO: Final = frozenset({"yes"})


def wish_of(text: str, *, on_sms: bool, told: str = "") -> Wish | None:
    """Return what a whole message asks for; None when it is said to people.

    `told` is Twilio's own reading (`OptOutType`), which counts before ours; `on_sms`: where
    Twilio obeys its list, that is, on SMS.
    """
    if told.upper() in set(Wish):
        return Wish(told.upper())
    word = _plain(text)
    if word in _STOP or (on_sms and word in _STOP_BY_TWILIO):
        return Wish.STOP
    if word in _START or (on_sms and word in _START_BY_TWILIO):
        return Wish.START
    return Wish.HELP if word in _HELP else None


def says_nothing_else(text: str) -> bool:
    """Whether the words are meant for the machine alone, so that no agent need read them."""
    word = _plain(text)
    return word in _STOP or word in _START


def _plain(text: str) -> str:
    """Drop case, quotes and points around, and doubled spaces; Twilio ignores them as well."""
    folded = unicodedata.normalize("NFKC", text[:200]).casefold()
    return " ".join(folded.strip(" \t\r\n.!¡?…\"'«»“”„()[]*").split())
