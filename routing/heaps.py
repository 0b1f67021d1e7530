"""Heaps whose entries die lazily: an entry counts while its version is its subject's."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final, TypeVar

T = TypeVar("T")

SLACK: Final = 64
"""Dead entries a heap may keep besides as many as are alive, before it is built anew."""


def in_order(heap: list[T]) -> Iterator[T]:
    """Yield a heap's entries smallest first without changing it: the first k cost O(k log k)."""
    frontier = [(heap[0], 0)] if heap else []
    while frontier:
        entry, at = heappop(frontier)
        yield entry
        for child in (2 * at + 1, 2 * at + 2):
            if child < len(heap):
                heappush(frontier, (heap[child], child))
