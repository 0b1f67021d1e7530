"""The lines to the outside: one running connector per connected account, kept as it is set."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from channels import accounts
from channels.catalogue import CHANNELS
from channels.channel import Channel
from channels.envelope import Account, Connector, Deliver, Health, Tell
from channels.tables import AccountRow
from kernel.clock import Clock
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError, NotFoundError, OverloadedError
from kernel.secrets import Sealer
from kernel.supervise import Supervisor

logger = logging.getLogger(__name__)

MakeConnector = Callable[[Account], Any]
"""Returns an async context manager that is the connector."""

_WORDS = {"bad_credentials": Health.BAD_CREDENTIALS, "misconfigured": Health.MISCONFIGURED}


class Carries(Protocol):
    async def carry_for(self, line: "Line", *, bulk: bool = False) -> None: ...


@dataclass(slots=True, kw_only=True)
class Line:
    """One account that is switched on, with its connector."""

    account: Account
    public_key: str
    connector: Connector
    traits: Channel
    queue_id: UUID | None
    version: int
    stack: AsyncExitStack = field(repr=False)


class Lines:
    """Opens, watches and closes lines as accounts are made, changed and switched off."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        supervisor: Supervisor,
        makers: Mapping[str, MakeConnector],
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._supervisor = supervisor
        self._makers = makers
        self._lines: dict[UUID, Line] = {}
        self._changed = asyncio.Event()
        self._deliver: Deliver | None = None
        self._courier: Carries | None = None

    def join(self, deliver: Deliver, courier: Carries) -> None:
        """Say where deliveries go and who carries what is promised."""
        self._deliver, self._courier = deliver, courier

    def hear(self, noted: Sequence[Noted]) -> None:
        """An account was made or changed: look again."""
        if any(entry.kind == "AccountChanged" for entry in noted):
            self._changed.set()

    def get(self, account_id: UUID) -> Line | None:
        return self._lines.get(account_id)

    def find(self, kind: str, public_key: str) -> Line | None:
        """Return the line that the outside calls so, of just this channel."""
        return next(
            (
                line
                for line in self._lines.values()
                if line.public_key == public_key and line.account.kind == kind
            ),
            None,
        )

    def all(self) -> list[Line]:
        """Return every line that is switched on, in a stable order."""
        return [self._lines[account_id] for account_id in sorted(self._lines)]

    def need(self, account_id: UUID) -> Line:
        line = self._lines.get(account_id)
        if line is None:
            raise NotFoundError("this channel is switched off")
        return line

    def make(self, account: Account) -> Any:
        """Make a connector that is not kept, to try settings with."""
        return self._makers[account.kind](account)

    async def run(self) -> None:
        """Keep the lines as the accounts say, for ever."""
        while True:
            self._changed.clear()
            await self.settle()
            await self._changed.wait()

    async def settle(self) -> None:
        """Open and close lines until they match the accounts."""
        async with self._database.reading() as session:
            wanted = {row.id: row for row in await accounts.list_accounts(session) if row.enabled}
        for account_id, line in list(self._lines.items()):
            row = wanted.get(account_id)
            if row is None or row.version != line.version:
                await self._close(line)
        for row in wanted.values():
            if row.id not in self._lines:
                await self._open(row)

    async def close(self) -> None:
        for line in list(self._lines.values()):
            await self._close(line)

    async def _open(self, row: AccountRow) -> None:
        if row.kind not in self._makers or self._deliver is None or self._courier is None:
            return
        stack = AsyncExitStack()
        try:
            account = accounts.open_account(self._sealer, row)
            connector = await stack.enter_async_context(self._makers[row.kind](account))
        except CenterError as error:
            await stack.aclose()
            health = _WORDS.get(error.code, Health.MISCONFIGURED)
            await self._store_health(row.id, health, error.message)
            return
        line = Line(
            account=account,
            public_key=row.public_key,
            connector=connector,
            traits=CHANNELS[row.kind],
            queue_id=row.queue_id,
            version=row.version,
            stack=stack,
        )
        self._lines[row.id] = line
        courier = self._courier
        self._supervisor.keep(f"courier {row.id}", lambda: courier.carry_for(line))
        self._supervisor.keep(f"bulk {row.id}", lambda: courier.carry_for(line, bulk=True))
        if hasattr(connector, "listen"):
            self._supervisor.keep(f"listen {row.id}", lambda: self._listen(line))
        else:
            await self._store_health(row.id, Health.CONNECTED, "")

    async def _close(self, line: Line) -> None:
        del self._lines[line.account.id]
        await self._supervisor.drop(f"listen {line.account.id}")
        await self._supervisor.drop(f"courier {line.account.id}")
        await self._supervisor.drop(f"bulk {line.account.id}")
        await line.stack.aclose()

    async def _listen(self, line: Line) -> None:
        """Listen from where the stored cursor stands; say why when it ends."""
        if self._deliver is None:
            return
        health = _HealthTeller(self, line.account.id)
        connector: Any = line.connector
        async with self._database.reading() as session:
            cursor = (await accounts.find_account(session, line.account.id)).cursor
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(health.run())
                if hasattr(connector, "resume"):
                    connector.resume(cursor)
                await connector.listen(self._deliver, health.tell)
                telling.cancel()
        except ExceptionGroup as failures:
            # That our own database is away explains whatever else failed with it.
            outages = [one for one in failures.exceptions if isinstance(one, OverloadedError)]
            failure = next(iter(outages or failures.exceptions))
            word = _WORDS.get(getattr(failure, "code", ""), Health.WAITING)
            words = failure.message if isinstance(failure, CenterError) else "lost the connection"
            await self._store_health(line.account.id, word, words)
            raise failure from None

    async def _store_health(self, account_id: UUID, health: Health, detail: str) -> None:
        async with self._database.transaction() as session:
            await accounts.tell_health(session, account_id, health, detail, self._clock.now())


class _HealthTeller:
    """Stores the newest health word of one line; words in between may be skipped."""

    def __init__(self, lines: Lines, account_id: UUID) -> None:
        self._lines = lines
        self._account_id = account_id
        self._word: tuple[Health, str] | None = None
        self._told = asyncio.Event()
        self.tell: Tell = self._tell

    def _tell(self, health: Health, detail: str) -> None:
        self._word = (health, detail)
        self._told.set()

    async def run(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            if self._word is not None:
                await self._lines._store_health(self._account_id, *self._word)  # noqa: SLF001
