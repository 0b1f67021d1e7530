"""The one list of channel kinds the house can speak, and what each is like."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the desk must know of a channel to treat its messages rightly."""

    lasting: bool
    """One lasting conversation with each client, rather than a thread per matter."""
    live: bool
    """The client is there and waits: the contact stays open until somebody ends it."""


TRAITS: Final[Mapping[str, Traits]] = {
    "mail": Traits(lasting=False, live=False),
    "webchat": Traits(lasting=True, live=True),
}
