"""Frames come out in the order they went in, bounded; whoever attends a seat is nudged."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from kernel.frames import BoundedSeat, Frames, Wire
from kernel.limits import LIVE_AHEAD_BYTES


def test_frames_come_out_in_the_order_they_went_in() -> None:
    frames = Frames(3)

    frames.put_nowait(b"one")
    frames.put_nowait(b"two")

    assert [frames.get_nowait(), frames.get_nowait()] == [b"one", b"two"]
    assert frames.empty()


def test_whoever_attends_a_seat_is_nudged_for_all_that_waits() -> None:
    seat, waiting = BoundedSeat(2, 4008), []
    seat.put(b"before anybody came")

    seat.attend(lambda: waiting.append(seat.frames.qsize()))
    seat.put(b"one")
    seat.put(b"too much")
    seat.put(b"after the end")

    assert waiting == [1, 2, 1]
    assert seat.frames.get_nowait() == 4008


async def test_more_than_the_bound_is_refused_and_what_waited_stays() -> None:
    frames = Frames(1)
    frames.put_nowait(b"one")

    with pytest.raises(asyncio.QueueFull):
        frames.put_nowait(b"two")

    assert frames.qsize() == 1
    assert frames.get_nowait() == b"one"
    with pytest.raises(asyncio.QueueEmpty):
        frames.get_nowait()


class Pipe(asyncio.WriteTransport):
    """A transport that keeps what is written, and says how much of it still waits."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.waiting = 0
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def is_closing(self) -> bool:
        return self.closing


def read_back(data: bytes) -> tuple[int, bytes]:
    """Read one unmasked frame as RFC 6455, 5.2 describes it: the first byte and the payload."""
    size, at = data[1], 2
    if size in (126, 127):
        wide = 2 if size == 126 else 8
        size, at = int.from_bytes(data[2 : 2 + wide]), 2 + wide
    assert len(data) == at + size
    return data[0], data[at:]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
async def test_a_frame_says_how_long_it_is(size: int) -> None:
    pipe = Pipe()

    Wire(pipe).send(b"x" * size)

    assert read_back(pipe.written[0]) == (0x81, b"x" * size)


async def test_who_listens_is_told_at_once_and_who_lags_after_what_waits() -> None:
    pipe, seat = Pipe(), BoundedSeat(3, 4008)
    seat.wire = Wire(pipe)

    for waiting, word in (
        (0, b"one"),
        (LIVE_AHEAD_BYTES, b"two"),
        (LIVE_AHEAD_BYTES + 1, b"three"),
        (0, b"four"),
    ):
        pipe.waiting = waiting
        seat.put(word)

    assert [read_back(one)[1] for one in pipe.written] == [b"one", b"two"]
    assert [seat.frames.get_nowait(), seat.frames.get_nowait()] == [b"three", b"four"]


async def test_who_lags_too_far_is_cut_off_and_told_no_more() -> None:
    pipe, seat = Pipe(), BoundedSeat(2, 4008)
    seat.wire = Wire(pipe)
    pipe.waiting = LIVE_AHEAD_BYTES + 1

    for word in (b"one", b"two", b"three", b"four"):
        seat.put(word)

    assert seat.ended
    assert seat.frames.get_nowait() == 4008
    assert seat.frames.empty()


async def test_nothing_is_written_to_what_is_closing() -> None:
    pipe, seat = Pipe(), BoundedSeat(2, 4008)
    seat.wire = Wire(pipe)
    pipe.closing = True

    seat.put(b"one")

    assert pipe.written == []


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_the_loop_of_the_server_lets_frames_leave_at_once(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """The server runs on uvloop, whose transports are of none of asyncio's classes."""

    async def told() -> tuple[bytes, bool]:
        came: asyncio.Future[asyncio.BaseTransport] = asyncio.Future()
        server = await asyncio.get_running_loop().create_server(
            lambda: _Caught(came), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        seat = BoundedSeat(3, 4008)
        seat.wire = Wire(await came)
        for word in (b"one", b"two"):
            seat.put(word)
        heard, waited = await reader.readexactly(10), not seat.frames.empty()
        writer.close()
        await writer.wait_closed()
        server.close()
        return heard, waited

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(told()) == (b"\x81\x03one\x81\x03two", False)


class _Caught(asyncio.Protocol):
    def __init__(self, came: asyncio.Future[asyncio.BaseTransport]) -> None:
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._came.set_result(transport)
