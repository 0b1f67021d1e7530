"""Identifiers grow with time and are never drawn twice, not even by a fork of the process."""

import os
from uuid import RFC_4122, UUID

from kernel.ids import new_id


def test_each_id_is_greater_than_the_one_before_it() -> None:
    drawn = [new_id() for _ in range(1_000)]

    assert drawn == sorted(set(drawn))
    assert {(one.version, one.variant) for one in drawn} == {(7, RFC_4122)}


def test_who_is_forked_draws_other_random_bits() -> None:
    new_id()  # from here on this process has bits in store
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_id().bytes)
        os._exit(0)

    ours = new_id()

    os.waitpid(child, 0)
    theirs = UUID(bytes=os.read(reader, 16))
    os.close(reader)
    os.close(writer)
    assert ours.int & (1 << 62) - 1 != theirs.int & (1 << 62) - 1
