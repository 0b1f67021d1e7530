"""What one channel is: the value that its folder declares and the catalogue lists."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from channels.capabilities import Capabilities
from channels.envelope import Account, KeepCursor, OutboundFile
from kernel.clock import Clock
from kernel.guests import Guests
from kernel.secrets import Sealer

BoundElsewhere = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, str]]
"""Saved and wanted settings to the secrets that must be entered anew, each with why."""

KeepFile = Callable[[bytes], Awaitable[str]]
"""Stores bytes durably before any row names them; returns their blob."""

KnownOf = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Returns which of these external ids the account has handed over before."""

SentOf = Callable[[Sequence[str]], Awaitable[Mapping[str, UUID]]]
"""Returns which messages of ours the account's provider knows by these names."""

Lend = Callable[[OutboundFile, timedelta], str]
"""Returns a public address of a file for so long, for a provider that fetches it itself."""

Reaches = Callable[[str, str], bool]
"""Whether an account, by its public key, reaches who is known by this handle."""


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the house lends to connectors."""

    clock: Clock
    sealer: Sealer
    guests: Guests
    public_url: str
    allow_private_hosts: bool
    cursor_keeper: Callable[[UUID], KeepCursor]
    keep_file: KeepFile
    known_of: Callable[[UUID], KnownOf]
    sent_of: Callable[[UUID], SentOf]
    lend: Lend


Make = Callable[[Account, Surroundings], Any]
"""Returns an async context manager that is the connector; raises MisconfiguredError at once when
the settings cannot work. A provider's library is imported here or later, never with the folder."""


def bound_nowhere(_saved: Mapping[str, Any], _wanted: Mapping[str, Any]) -> Mapping[str, str]:
    """For secrets that we only compare with and send to nobody."""
    return {}


def reaches_everybody(_handle: str, _public_key: str) -> bool:
    """Every account of the channel may write to whoever is known on it."""
    return True


class Channel(Struct, frozen=True, kw_only=True):
    """What the house must know of a channel to treat its messages rightly."""

    kind: str
    name: str
    """In words, for sentences that speak of it."""
    known_as: str = ""
    """The channel under which its clients are known, where another one reaches the same people by
    the same names; empty: its own kind."""
    can: Capabilities
    make: Make
    lasting: bool
    """One lasting conversation with each client, rather than a thread per matter."""
    live: bool
    """The client is there and waits: the contact stays open until somebody ends it."""
    repeatable: bool
    """The same message handed over twice is one message to the client. Where it is not, one whose
    fate is unknown is never sent again by itself: an agent decides."""
    answers_only: bool = False
    """An account may write only to who has written to this very account."""
    shuts_out: bool = False
    """Clients can shut us out there; who writes has let us in again."""
    opts_out: bool = False
    """Clients can forbid us to write there; nothing is promised or sent until they allow it."""
    speaks: bool = False
    """It carries calls and no texts: nobody is written to through it, and while an agent speaks to
    somebody nothing else is offered to them."""
    capacity: int = 0
    """What an agent handles at once when neither they nor their profile name the channel."""
    at_once: int = 1
    """So many messages, each of another conversation, may be on their way to the provider at once;
    with one, an answer that takes a fifth of a second is five messages a second."""
    bound_elsewhere: BoundElsewhere = bound_nowhere
    """A saved secret goes only where it was saved for; other settings ask for it anew."""
    reaches: Reaches = reaches_everybody

    @property
    def people(self) -> str:
        """The channel that its clients' identities are kept under."""
        return self.known_as or self.kind
