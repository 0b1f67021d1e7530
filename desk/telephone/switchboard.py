"""The telephone of the house: answers its provider, and brings every call to what it needs."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from channels.voice import calls
from channels.voice.legs import Moment, What
from channels.voice.steps import Play, Step
from desk.dispatch import Dispatcher
from desk.lines import Line, Lines
from desk.telephone import outgoing
from desk.telephone.deciding import Having, Todo, needs_of
from desk.telephone.errands import Errands
from desk.telephone.own_phone import refuse_without_phone
from desk.telephone.rebuilding import Rebuilding
from desk.telephone.reception import Reception
from desk.telephone.recordings import Fetching
from desk.telephone.welcome import CHANNEL
from kernel.blobs import BlobStore
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError, ConflictError, OverloadedError
from kernel.limits import VOICE_REBUILD_SECONDS, VOICE_SETTLED
from kernel.settling import settled
from kernel.supervise import first_of
from routing import callbacks
from routing import queries as routing_queries
from staff import queries as staff

logger = logging.getLogger(__name__)

_ALL_CALLS: Final = frozenset({"CallbackAsked", "AccountChanged"})
_CONTACTS: Final = frozenset(
    {"ContactAnswered", "ContactEnded", "ContactRequeued", "ContactReopened", "WrapUpBegun"}
)


_TAKING_TRIES: Final = 2
_TAKING_SECONDS: Final = 2.0
"""So long the router may take to hear of a contact that was stored."""
_HOLD_TIMES: Final = 20
"""So often the music is played before it is asked for again."""


class Switchboard:
    """A call is looked at when something happens to it, and every call now and then.

    What it needs follows from how it stands; each call is served by itself, so that a provider that
    hangs at one of them holds up no other.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lines: Lines,
        dispatcher: Dispatcher,
        blobs: BlobStore,
        music_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._lines = lines
        self._dispatcher = dispatcher
        self._reception = Reception(dispatcher, music_url)
        self.errands = Errands(database, clock, dispatcher, self._reception)
        self._fetching = Fetching(database, clock, blobs, lines)
        self._rebuilding = Rebuilding(database, clock)
        self._nudged = asyncio.Event()
        self._due: set[UUID] = set()
        """The calls that something happened to since they were looked at."""
        self._all_due = True
        self._call_of: dict[UUID, UUID] = {}
        """By its contact, each call that goes on."""
        self._promised: set[UUID] = set()
        """The contacts of those who are to be called back."""
        self._awaited: dict[UUID, asyncio.Event] = {}
        """The contacts that somebody takes as soon as the router knows them."""
        self._serving: dict[UUID, asyncio.Task[None]] = {}
        self._comparing = asyncio.Event()
        self._compared = False
        """Since the start, with a line that was open."""
        self._next_fetch: datetime | None = None
        self._fetch: asyncio.Task[None] | None = None
        self.music_url = music_url

    async def answer(self, line: Line, moment: Moment) -> list[Step] | None:
        """Return what the caller hears now, once all that the moment tells is committed."""
        if moment.what is What.HELD:
            return [Play(url=self.music_url, times=_HOLD_TIMES)]
        # Whoever calls would be sent to the fallback for no other reason than a busy moment.
        steps = await settled(lambda: self._take(line, moment))
        if steps is not None:
            crash_here("telephone.after_commit_before_answering")
        return steps

    async def _take(self, line: Line, moment: Moment) -> list[Step] | None:
        async with self._database.transaction() as session:
            steps = await self._reception.take(session, line, moment, self._clock.now())
            if steps is not None:
                crash_here("telephone.before_commit")
            else:
                crash_here("telephone.told.before_commit")
        return steps

    async def taken_by(self, contact_id: UUID, agent_id: UUID) -> None:
        """Give the contact of a call that an agent makes to that agent, past the queue."""
        # The router hears of a contact a moment after it was stored, and before us.
        heard = self._awaited[contact_id] = asyncio.Event()
        try:
            for _ in range(_TAKING_TRIES):
                try:
                    await self._dispatcher.assign(contact_id, agent_id, by=agent_id)
                except ConflictError:
                    await first_of(heard.wait(), self._clock.sleep(_TAKING_SECONDS))
                else:
                    return
        finally:
            self._awaited.pop(contact_id, None)
        raise OverloadedError

    async def refuse_deaf(self, offer_id: UUID, agent_id: UUID) -> None:
        """Raise ConflictError, with the cure, when a call is offered that cannot reach them."""
        if not self._speaks():
            return
        async with self._database.reading() as session:
            offered = await routing_queries.offered_contact(session, offer_id)
            call = None if offered is None else await calls.of_contact(session, offered)
            if call is not None and call.ended_at is None:
                card = await staff.find_agent(session, agent_id)
                line = self._lines.get(call.account_id)
                await refuse_without_phone(session, line, card)

    async def come_back(self) -> None:
        """Say, before anybody can ask us, that whoever waits was left alone meanwhile."""
        async with self._database.transaction() as session:
            await calls.lead_astray(session)

    def hear(self, noted: Sequence[Noted]) -> None:
        """Subscribe this to the feed. Most of what happens has nothing to do with a call."""
        for entry in noted:
            if entry.kind == "CallChanged":
                self._hear_of(UUID(str(entry.data["call_id"])), entry.contact_id)
            elif entry.kind in _ALL_CALLS or self._is_promised(entry):
                self._look_at_all()
            elif entry.kind in _CONTACTS and entry.contact_id in self._call_of:
                self._hear_of(self._call_of[entry.contact_id], entry.contact_id)
            elif entry.kind == "ContactQueued" and entry.contact_id in self._awaited:
                self._awaited[entry.contact_id].set()

    def _hear_of(self, call_id: UUID, contact_id: UUID | None) -> None:
        """Look at this call, and at it again when something happens to its contact."""
        if contact_id is not None:
            self._call_of[contact_id] = call_id
        self._due.add(call_id)
        self._nudged.set()

    def _look_at_all(self) -> None:
        self._all_due = True
        self._nudged.set()

    def _is_promised(self, entry: Noted) -> bool:
        return entry.kind in _CONTACTS and entry.contact_id in self._promised

    def compare_soon(self) -> None:
        """Compare calls with the provider now, rather than in its turn."""
        self._comparing.set()

    async def run(self) -> None:
        """Bring every call to what it needs, for ever."""
        self._compared = False
        self._rebuilding.begin()
        comparing = asyncio.create_task(self._compare_on())
        try:
            while True:
                self._nudged.clear()
                await self.look()
                await first_of(self._nudged.wait(), self._clock.sleep(self._rest()))
                if not self._nudged.is_set():
                    self._all_due = True
        finally:
            tasks = [comparing, *self._serving.values()]
            if self._fetch is not None:
                tasks.append(self._fetch)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._serving.clear()

    def _speaks(self) -> bool:
        return any(line.traits.speaks for line in self._lines.all())

    async def look(self) -> None:
        """Look at what happened to each call since the last time, and begin what it needs."""
        now = self._clock.now()
        if not self._speaks():
            return
        if not self._compared:
            # After a start nothing is done before what we were not told is asked for.
            self._comparing.set()
            return
        only = None if self._all_due else frozenset(self._due)
        self._all_due = False
        self._due.clear()
        if only is None:
            await self._keep_promises(now)
        for line, call_id, todos in await self._todos(only):
            if todos and call_id not in self._serving:
                self._serving[call_id] = asyncio.create_task(self._serve(line, call_id))
        if self._fetch is None and (self._next_fetch is None or self._next_fetch <= now):
            self._fetch = asyncio.create_task(self._fetch_due())

    async def _keep_promises(self, now: datetime) -> None:
        """Begin the calls to those who are to be called back, in their turn."""
        async with self._database.reading() as session:
            promised = await callbacks.of_channel(session, CHANNEL)
        self._promised = {row.contact_id for row in promised if row.contact_id is not None}
        if promised:
            async with self._database.transaction() as session:
                await outgoing.begin_callbacks(session, self._lines, now)

    async def _fetch_due(self) -> None:
        """Fetch what was recorded; a provider that hangs at it holds up no call."""
        try:
            self._next_fetch = await self._fetching.fetch_due()
        except Exception:
            logger.exception("recordings could not be fetched")
            self._next_fetch = self._clock.now() + timedelta(seconds=VOICE_REBUILD_SECONDS)
        finally:
            self._fetch = None
            if self._next_fetch is not None:
                self._nudged.set()

    async def _todos(
        self, only: Collection[UUID] | None = None
    ) -> list[tuple[Line, UUID, list[Todo]]]:
        """Return every call that goes on, or those of `only`, with what each needs."""
        if only is not None and not only:
            return []
        async with self._database.reading() as session:
            rows = await calls.unfinished(session, only=only)
            legs = await calls.legs_of(session, [row.id for row in rows])
            ids = [row.contact_id for row in rows if row.contact_id is not None]
            contacts = await routing_queries.by_ids(session, ids)
        if only is None:
            self._call_of = {row.contact_id: row.id for row in rows if row.contact_id is not None}
        found = []
        for row in rows:
            line = self._lines.get(row.account_id)
            contact = contacts.get(row.contact_id) if row.contact_id else None
            having = Having(state=contact.state, agent_id=contact.agent_id) if contact else None
            if line is not None:
                settled = self._clock.now() - row.started_at > VOICE_SETTLED
                todos = needs_of(row, legs[row.id], having, settled=settled)
                found.append((line, row.id, todos))
        return found

    async def _serve(self, line: Line, call_id: UUID) -> None:
        """Do what the call needs, as it stands now that nobody else serves it."""
        try:
            for _, _, todos in await self._todos({call_id}):
                for todo in todos:
                    await self.errands.run(line, call_id, todo)
        except CenterError as error:
            # It stands as before: the next look finds it, and tries again.
            logger.warning("a call could not be served", extra={"why": error.message})
            await self._clock.sleep(1.0)
        except Exception:
            logger.exception("a call could not be served")
            await self._clock.sleep(1.0)
        finally:
            self._serving.pop(call_id, None)
            self._hear_of(call_id, None)

    async def _compare_on(self) -> None:
        """Compare again now and then; a provider that hangs at it holds up no call."""
        while True:
            await first_of(self._comparing.wait(), self._clock.sleep(VOICE_REBUILD_SECONDS))
            self._comparing.clear()
            await self._compare()
            self._look_at_all()

    async def _compare(self) -> None:
        """What we were not told is asked for."""
        speaking = [line for line in self._lines.all() if line.traits.speaks]
        for line in speaking:
            try:
                await self._rebuilding.rebuild(line)
            except CenterError as error:
                logger.warning("calls could not be compared: %s", error.message)
            except Exception:
                logger.exception("calls could not be compared")
        self._compared = bool(speaking)

    def _rest(self) -> float:
        if self._next_fetch is None or self._fetch is not None:
            return VOICE_REBUILD_SECONDS
        left = (self._next_fetch - self._clock.now()).total_seconds()
        return min(max(left, 0.05), VOICE_REBUILD_SECONDS)
