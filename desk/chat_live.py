"""Carries what agents let go to the visitors' open pages, on every node, from the journal."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from channels.webchat import visitors
from channels.webchat.hub import TOO_SLOW, VisitorHub
from desk import chat_conversations, chat_history
from desk.chat_history import Conversation
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import NotFoundError, OverloadedError
from kernel.limits import CHAT_SEEN_EVERY_SECONDS, CHAT_UPLOAD_KEPT
from staff import presence

WAITING_HINTS = 1_000
TIDY_EVERY_SECONDS = 3_600.0


class _Hint(Struct, frozen=True):
    """What an agent does on a ticket: writes (or stops), or, without `typing`, reads it."""

    ticket_id: UUID
    name: str
    typing: bool | None


class ChatLive:
    """Hears of commits, and from them tells visitors: answers, who types, whether anybody is here.

    When too much waits or the database is away, every page is hung up on: it comes back and reads
    on from its cursor, so an answer is never lost, only late.
    """

    def __init__(self, database: Database, clock: Clock, hub: VisitorHub) -> None:
        self._database = database
        self._clock = clock
        self._hub = hub
        self._let_go: dict[UUID, int] = {}
        self._agents: list[_Hint] = []
        self._moved: set[UUID] = set()
        self._presence_changed = True
        self._nudged = asyncio.Event()
        self._left: dict[UUID, datetime] = {}
        self._on_accounts: list[Callable[[], None]] = []
        self.online = False

    def on_account_change(self, listener: Callable[[], None]) -> None:
        self._on_accounts.append(listener)

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed."""
        for entry in noted:
            if entry.kind == "MessageStateChanged" and entry.data["state"] == "sent":
                self._hear_answer(entry)
            elif entry.kind == "TicketChanged" and "status" in entry.data["changes"]:
                self._hear_status(entry)
            elif entry.kind == "PresenceChanged":
                self._presence_changed = True
                self._nudged.set()
            elif entry.kind == "AccountChanged":
                for listener in self._on_accounts:
                    listener()

    def _hear_answer(self, entry: Noted) -> None:
        if not len(self._hub):
            return
        if len(self._let_go) >= WAITING_HINTS:
            self._hub.hang_up_all(TOO_SLOW)
            return
        self._let_go[UUID(str(entry.data["message_id"]))] = entry.seq
        self._nudged.set()

    def _hear_status(self, entry: Noted) -> None:
        if len(self._hub) and entry.ticket_id is not None and len(self._moved) < WAITING_HINTS:
            self._moved.add(entry.ticket_id)
            self._nudged.set()

    def agent_types(self, ticket_id: UUID, name: str, *, typing: bool) -> None:
        """An agent began or stopped writing on a ticket; its visitor sees it."""
        self._hint(_Hint(ticket_id, name, typing))

    def agent_looks(self, ticket_id: UUID) -> None:
        """An agent has opened a ticket: what its visitor wrote so far has been seen."""
        self._hint(_Hint(ticket_id, "", None))

    def left(self, visitor_id: UUID, at: datetime) -> None:
        """A page was closed; stored a little later, many at once."""
        self._left[visitor_id] = at

    async def run(self) -> None:
        """Tell, and keep the books, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_for_ever())
            group.create_task(self._keep_books())

    async def _tell_for_ever(self) -> None:
        while True:
            await self.tell()
            await self._nudged.wait()
            self._nudged.clear()

    async def tell(self) -> None:
        """Tell every open page what was heard of since the last time."""
        let_go, self._let_go = self._let_go, {}
        agents, self._agents = self._agents, []
        moved, self._moved = self._moved, set()
        if self._presence_changed:
            await self._tell_presence()
        if let_go and len(self._hub):
            await self._tell_answers(let_go)
        if moved and len(self._hub):
            await self._tell_moved(moved)
        if agents and len(self._hub):
            await self._tell_agents(agents)

    async def note_seen(self) -> None:
        """Store when visitors were last here: those who left, and now for who is here."""
        left, self._left = self._left, {}
        now = self._clock.now()
        seen = left | {visitor.id: now for visitor in self._hub.seated()}
        if seen:
            async with self._database.transaction() as session:
                await visitors.mark_seen(session, seen)

    async def _keep_books(self) -> None:
        tidied = self._clock.monotonic()
        while True:
            await self._clock.sleep(CHAT_SEEN_EVERY_SECONDS)
            await self.note_seen()
            if self._clock.monotonic() - tidied > TIDY_EVERY_SECONDS:
                tidied = self._clock.monotonic()
                async with self._database.transaction() as session:
                    await visitors.forget_uploads(
                        session, before=self._clock.now() - CHAT_UPLOAD_KEPT
                    )

    async def _tell_presence(self) -> None:
        self._presence_changed = False
        async with self._database.reading() as session:
            agents = await presence.list_presence(session)
        online = any(agent.state == presence.AVAILABLE for agent in agents)
        if online != self.online:
            self.online = online
            self._hub.tell_all(msgspec.json.encode({"type": "status", "online": online}))

    async def _tell_answers(self, let_go: dict[UUID, int]) -> None:
        try:
            async with self._database.reading() as session:
                answers = await chat_history.answers_by_id(session, list(let_go))
        except OverloadedError:
            self._hub.hang_up_all(TOO_SLOW)
            return
        answers.sort(key=lambda answer: let_go[answer[1].id])
        for whose, line in answers:
            frame = {"type": "message", "message": line, "cursor": let_go[line.id]}
            self._hub.tell(whose.handle, msgspec.json.encode(frame))

    async def _tell_moved(self, moved: set[UUID]) -> None:
        """A conversation was ended, or goes on: its visitor may rate it, or write on."""
        async with self._database.reading() as session:
            for ticket_id in moved:
                to = await chat_history.addressee(session, ticket_id)
                if to is None or not self._hub.present(to.handle):
                    continue
                try:
                    ticket = await chat_conversations.conversation_of(session, to, ticket_id)
                except NotFoundError:
                    continue
                case = await chat_conversations.case_of(session, to, ticket)
                frame = msgspec.json.encode({"type": "conversation", "conversation": case})
                self._hub.tell(to.handle, frame)

    async def _tell_agents(self, agents: Sequence[_Hint]) -> None:
        whose: dict[UUID, Conversation | None] = {}
        async with self._database.reading() as session:
            for ticket_id in {hint.ticket_id for hint in agents}:
                whose[ticket_id] = await chat_history.addressee(session, ticket_id)
        for hint in agents:
            to = whose[hint.ticket_id]
            if to is not None:
                self._hub.tell(to.handle, _frame(hint))

    def _hint(self, hint: "_Hint") -> None:
        if len(self._hub) and len(self._agents) < WAITING_HINTS:
            self._agents.append(hint)
            self._nudged.set()


def _frame(hint: _Hint) -> bytes:
    if hint.typing is None:
        return msgspec.json.encode({"type": "seen"})
    return msgspec.json.encode({"type": "typing", "name": hint.name, "typing": hint.typing})
