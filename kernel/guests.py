"""Parsers are guests: code that reads hostile bytes runs in child processes with limits.

A child speaks length-prefixed msgpack over its pipes: a job in, an answer out, in order. It may
use so much memory and time per job and may not write files; a job that breaks a limit costs that
child its life and that job its answer, and nobody else anything.
"""

import asyncio
import contextlib
import importlib
import os
import resource
import struct
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import BinaryIO, ClassVar, Final, Self

import msgspec

from kernel.errors import CenterError
from kernel.limits import (
    GUEST_ANSWER_BYTES,
    GUEST_IDLE_SECONDS,
    MAIL_PARSE_MEMORY_BYTES,
    MAIL_PARSE_SECONDS,
)

_LENGTH: Final = struct.Struct(">I")
_PIPE_BYTES: Final = 1024 * 1024
_START_SECONDS: Final = 20.0


class GuestFailedError(CenterError):
    """The parser broke a limit of time or memory, or died, on this job."""

    code: ClassVar[str] = "unreadable"


class Answer(msgspec.Struct, array_like=True):
    """What a child says to one job: the result, or in `error` the words of a refusal."""

    result: bytes = b""
    error: str | None = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Answer)


class Guests:
    """A bounded pool of such children, started when needed and ended when idle."""

    def __init__(
        self,
        module: str,
        size: int = 1,
        *,
        job_seconds: float = MAIL_PARSE_SECONDS,
        memory_bytes: int = MAIL_PARSE_MEMORY_BYTES,
        idle_seconds: float = GUEST_IDLE_SECONDS,
    ) -> None:
        """`module` has a function `handle(job: bytes) -> bytes`."""
        self._all = [_Guest(module, job_seconds, memory_bytes) for _ in range(size)]
        self._idle_seconds = idle_seconds
        self._free: asyncio.LifoQueue[_Guest] = asyncio.LifoQueue(size)
        for guest in self._all:
            self._free.put_nowait(guest)
        self._reaper: asyncio.Task[None] | None = None

    async def call(self, jobs: Sequence[bytes]) -> list[bytes | Exception]:
        """Return an answer for each job, in order; a job that failed has its error instead.

        Raises nothing but cancellation: a cancelled call ends its child.
        """
        if not jobs:
            return []
        guest = await self._free.get()
        try:
            return await guest.work(jobs)
        finally:
            guest.idle_since = time.monotonic()
            self._free.put_nowait(guest)

    async def __aenter__(self) -> Self:
        self._reaper = asyncio.create_task(self._reap(), name="guests-reaper")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
            await asyncio.gather(self._reaper, return_exceptions=True)
        await asyncio.gather(*(guest.end() for guest in self._all))

    async def _reap(self) -> None:
        """End children that nobody needed for a while: each holds tens of megabytes."""
        while True:
            await asyncio.sleep(self._idle_seconds / 2)
            for _ in range(self._free.qsize()):
                guest = self._free.get_nowait()
                if time.monotonic() - guest.idle_since >= self._idle_seconds:
                    await guest.end()
                self._free.put_nowait(guest)


class _Guest:
    """One child process and the pipes to it."""

    def __init__(self, module: str, job_seconds: float, memory_bytes: int) -> None:
        self._module = module
        self._job_seconds = job_seconds
        self._memory_bytes = memory_bytes
        self._process: asyncio.subprocess.Process | None = None
        self.idle_since = time.monotonic()

    async def work(self, jobs: Sequence[bytes]) -> list[bytes | Exception]:
        answers: list[bytes | Exception] = []
        try:
            while len(answers) < len(jobs):
                failure = await self._run(jobs[len(answers) :], answers)
                if failure is not None:
                    answers.append(failure)
                    await self.end()
        except BaseException:
            await self.end()  # answers would no longer belong to their jobs
            raise
        return answers

    async def _run(
        self, jobs: Sequence[bytes], answers: list[bytes | Exception]
    ) -> GuestFailedError | None:
        """Answer jobs until one breaks the child; return why."""
        try:
            process = await self._started()
        except (OSError, TimeoutError) as error:
            return GuestFailedError(f"the parser could not be started: {error}")
        assert process.stdin is not None  # noqa: S101 - both are pipes
        writing = asyncio.create_task(_write(process.stdin, jobs))
        try:
            for _ in jobs:
                answers.append(await self._answer(process))  # noqa: PERF401 - kept when it fails
        except TimeoutError:
            return GuestFailedError(f"reading it took longer than {self._job_seconds:.0f} seconds")
        except (asyncio.IncompleteReadError, OSError, msgspec.MsgspecError):
            return GuestFailedError("the parser died while reading it")
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        return None

    async def _answer(self, process: asyncio.subprocess.Process) -> bytes | Exception:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(self._job_seconds):
            (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
            if length > GUEST_ANSWER_BYTES:
                raise OSError("the answer is too large")
            answer = _DECODER.decode(await process.stdout.readexactly(length))
        return answer.result if answer.error is None else GuestFailedError(answer.error)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self.end()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from kernel.guests import serve; serve()",
            self._module,
            str(self._memory_bytes),
            str(int(self._job_seconds) + 1),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_PIPE_BYTES,
            env=_environment(),
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async with asyncio.timeout(_START_SECONDS):
            if await process.stdout.read(1) != b"+":
                raise OSError("it did not start")
        return process

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        # Closing the transport itself keeps the interpreter from warning about open pipes.
        transport = getattr(process, "_transport", None)
        if transport is not None:
            transport.close()


async def _write(pipe: asyncio.StreamWriter, jobs: Sequence[bytes]) -> None:
    with contextlib.suppress(ConnectionError):
        for job in jobs:
            pipe.write(_LENGTH.pack(len(job)))
            pipe.write(job)
            await pipe.drain()


def _environment() -> dict[str, str]:
    """Give the child the way to our code and none of our secrets."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path) or os.getcwd(),  # noqa: PTH109
        "PYTHONUTF8": "1",
        "PATH": os.defpath,
    }


def serve() -> None:
    """Be the child: answer jobs from standard input until it closes."""
    module, memory_bytes, job_seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # prints must not break the protocol
    handle: Callable[[bytes], bytes] = importlib.import_module(module).handle
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sink.write(b"+")
    sink.flush()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        while (job := _read(source)) is not None:
            _allow_seconds(job_seconds)
            _send(sink, _answered(handle, job))


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    job = source.read(length)
    return job if len(job) == length else None


def _allow_seconds(seconds: int) -> None:
    """Move the processor limit so far ahead that it ends this job, not a long life."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, resource.RLIM_INFINITY))


def _answered(handle: Callable[[bytes], bytes], job: bytes) -> Answer:
    try:
        return Answer(result=handle(job))
    except CenterError as error:
        return Answer(error=error.message)
    except MemoryError:
        return Answer(error="reading it takes more memory than allowed")
    except Exception as error:  # noqa: BLE001 - whatever a parser raises is the answer to this job
        return Answer(error=f"the parser failed: {type(error).__name__}")


def _send(sink: BinaryIO, answer: Answer) -> None:
    frame = _ENCODER.encode(answer)
    sink.write(_LENGTH.pack(len(frame)))
    sink.write(frame)
    sink.flush()
