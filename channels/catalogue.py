"""The one list of channel kinds the house can speak, and what each is like."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from channels.mail.account import secrets_bound_elsewhere

BoundElsewhere = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, str]]
"""Saved and wanted settings to the secrets that must be entered anew, each with why."""


def _bound_nowhere(_saved: Mapping[str, Any], _wanted: Mapping[str, Any]) -> Mapping[str, str]:
    """For secrets that we only compare with and send to nobody."""
    return {}


class Traits(Struct, frozen=True, kw_only=True):
    """What the desk must know of a channel to treat its messages rightly."""

    lasting: bool
    """One lasting conversation with each client, rather than a thread per matter."""
    live: bool
    """The client is there and waits: the contact stays open until somebody ends it."""
    bound_elsewhere: BoundElsewhere
    """A saved secret goes only where it was saved for; other settings ask for it anew."""


TRAITS: Final[Mapping[str, Traits]] = {
    "mail": Traits(lasting=False, live=False, bound_elsewhere=secrets_bound_elsewhere),
    "webchat": Traits(lasting=True, live=True, bound_elsewhere=_bound_nowhere),
}
