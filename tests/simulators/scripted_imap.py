"""An IMAP server that follows a script: for what no well-behaved server can be made to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.ports import free_port

GREETING = "* OK ready"
SILENCE = "silence"
"""As an answer: say nothing and keep the connection open."""


class ScriptedImap:
    """Answers each command from `answers` (by its first words) or with a plain OK."""

    def __init__(self, port: int, greeting: str, answers: dict[str, str]) -> None:
        self.port = port
        self.asked: list[str] = []
        self._greeting = greeting
        self._answers = {
            "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE",
            "SELECT": "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] UIDs\r\n* OK [UIDNEXT 1] next",
            "UID SEARCH": "* SEARCH",
            **answers,
        }
        self._idles = asyncio.Event()

    async def until_idle(self) -> None:
        async with asyncio.timeout(5):
            await self._idles.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._say(writer, self._greeting)
            while line := (await reader.readline()).decode().strip():
                if line != "DONE":
                    await self._answer(writer, line)
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, line: str) -> None:
        tag, _, command = line.partition(" ")
        self.asked.append(command)
        answer = next(
            (text for name, text in self._answers.items() if command.startswith(name)), ""
        )
        if command == "IDLE":
            await self._say(writer, "+ idling")
            self._idles.set()
        if answer == SILENCE:
            return
        if answer.startswith(("NO", "BAD")):
            await self._say(writer, f"{tag} {answer}")
            return
        if answer:
            await self._say(writer, answer)
        if command != "IDLE":
            await self._say(writer, f"{tag} OK done")

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(text.encode() + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def scripted_imap(*, greeting: str = GREETING, **answers: str) -> AsyncIterator[ScriptedImap]:
    """Run one; write the blanks of a command's name as underscores (`UID_SEARCH="* SEARCH 1"`)."""
    named = {name.replace("_", " "): answer for name, answer in answers.items()}
    script = ScriptedImap(free_port(), greeting, named)
    server = await asyncio.start_server(script.serve, "127.0.0.1", script.port)
    try:
        yield script
    finally:
        server.close()
        await server.wait_closed()
