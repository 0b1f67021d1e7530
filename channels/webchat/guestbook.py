"""Remembers who holds which token, so that a message costs no look into the database."""

from collections import OrderedDict
from uuid import UUID

from channels.webchat.visitors import Visitor
from kernel.clock import Clock
from kernel.limits import CHAT_VISITOR_CACHED_SECONDS, CHAT_VISITORS_CACHED


class Guestbook:
    """A bounded memory of visitors by the hash of their token.

    What this process changes is forgotten at once; what another node changed is read again after
    CHAT_VISITOR_CACHED_SECONDS at the latest.
    """

    def __init__(self, clock: Clock, *, size: int = CHAT_VISITORS_CACHED) -> None:
        self._clock = clock
        self._size = size
        self._known: OrderedDict[str, tuple[Visitor, float]] = OrderedDict()
        self._hashes: dict[UUID, str] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, hashed: str) -> Visitor | None:
        found = self._known.get(hashed)
        if found is None:
            return None
        visitor, until = found
        if until < self._clock.monotonic():
            self.forget(visitor.id)
            return None
        self._known.move_to_end(hashed)
        return visitor

    def keep(self, hashed: str, visitor: Visitor) -> None:
        self._known[hashed] = (visitor, self._clock.monotonic() + CHAT_VISITOR_CACHED_SECONDS)
        self._known.move_to_end(hashed)
        self._hashes[visitor.id] = hashed
        if len(self._known) > self._size:
            _, (oldest, _) = self._known.popitem(last=False)
            self._hashes.pop(oldest.id, None)

    def forget(self, visitor_id: UUID) -> None:
        hashed = self._hashes.pop(visitor_id, None)
        if hashed is not None:
            self._known.pop(hashed, None)
