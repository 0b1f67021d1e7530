"""Frames come out in the order they went in, bounded, to one reader who may come first."""

import asyncio

import pytest

from kernel.frames import Frames


async def test_a_reader_who_waits_gets_frames_in_order() -> None:
    frames = Frames(3)
    reading = asyncio.create_task(frames.get())
    await asyncio.sleep(0)

    frames.put_nowait(b"one")
    frames.put_nowait(b"two")

    assert await reading == b"one"
    assert await frames.get() == b"two"
    assert frames.empty()


async def test_more_than_the_bound_is_refused_and_what_waited_stays() -> None:
    frames = Frames(1)
    frames.put_nowait(b"one")

    with pytest.raises(asyncio.QueueFull):
        frames.put_nowait(b"two")

    assert frames.qsize() == 1
    assert frames.get_nowait() == b"one"
    with pytest.raises(asyncio.QueueEmpty):
        frames.get_nowait()


async def test_a_reader_who_gave_up_takes_no_frame_with_it() -> None:
    frames = Frames(1)
    reading = asyncio.create_task(frames.get())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    frames.put_nowait(b"one")

    assert await frames.get() == b"one"
