"""How fast somebody may go on: token buckets, bounded in number."""

from collections import OrderedDict

from kernel.clock import Clock
from kernel.errors import TooManyTriesError
from kernel.limits import CHAT_PACE_KEYS

Key = tuple[object, ...]


class Pace:
    """Buckets by key. Beyond the bound the one longest unused is forgotten, which is a full one
    in every case but an attack with as many addresses as there are buckets."""

    def __init__(self, clock: Clock, *, keys: int = CHAT_PACE_KEYS) -> None:
        self._clock = clock
        self._keys = keys
        self._buckets: OrderedDict[Key, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Key, *, per_second: float, burst: float, amount: float = 1.0) -> None:
        """Use up `amount`, or raise TooManyTriesError and use up nothing."""
        now = self._clock.monotonic()
        left, at = self._buckets.get(key, (burst, now))
        left = min(burst, left + (now - at) * per_second)
        if left < amount:
            self._keep(key, left, now)
            raise TooManyTriesError
        self._keep(key, left - amount, now)

    def _keep(self, key: Key, left: float, now: float) -> None:
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
