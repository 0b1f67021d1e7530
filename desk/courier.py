"""Carries promised messages from the outbox to the provider, at least once, in order."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts, outbox, spending
from channels.envelope import OutboundFile, Receipt
from channels.errors import (
    BadCredentialsError,
    MessageRejectedError,
    MisconfiguredError,
    OptedOutError,
    OutcomeUnknownError,
    ProviderUnavailableError,
    RecipientGoneError,
)
from channels.outbox import Leased
from clients import reach
from clients.reach import note_reach
from desk.holding import Holding
from desk.lines import Line
from kernel.blobs import BlobStore, blob_key
from kernel.clock import Clock
from kernel.crash import crash_here
from kernel.database import Database
from kernel.entries import Noted
from kernel.errors import CenterError, NotFoundError
from kernel.limits import (
    COURIER_BATCH,
    COURIER_FIRST_WAIT,
    COURIER_GIVES_UP_AFTER,
    COURIER_LONGEST_WAIT,
    COURIER_RECALL_WAIT,
    COURIER_SEND_SECONDS,
)
from kernel.settling import settled
from kernel.supervise import first_of
from tickets import queries as ticket_queries
from tickets import service as tickets

logger = logging.getLogger(__name__)

REST_SECONDS = 5.0
SPENT = "spent_today"
LEFT_ALONE = "left_alone"
CUT_OFF = (
    "the center stopped while this was being sent: the client may have it; look before you send it"
    " again"
)
_random = SystemRandom()


class Courier:
    """Two lanes per account, so that a provider that hangs holds up nobody else, and what is sent
    to very many holds up no answer."""

    def __init__(self, database: Database, clock: Clock, blobs: BlobStore) -> None:
        self._database = database
        self._clock = clock
        self._blobs = blobs
        self._nudges: set[asyncio.Event] = set()

    def hear(self, noted: Sequence[Noted]) -> None:
        """Something was committed; an outbox may have grown."""
        if any(_promises(entry) for entry in noted):
            for nudge in self._nudges:
                nudge.set()

    async def carry_for(self, line: Line, *, bulk: bool = False) -> None:
        """Carry this account's messages as they fall due, for ever: those to very many (`bulk`),
        or all others."""
        nudge = asyncio.Event()
        self._nudges.add(nudge)
        try:
            while True:
                nudge.clear()
                if not await self.round(line, bulk=bulk):
                    pause = await self._until_next(line, bulk=bulk)
                    await first_of(nudge.wait(), self._clock.sleep(pause))
        finally:
            self._nudges.discard(nudge)

    async def round(self, line: Line, *, bulk: bool = False) -> int:
        """Carry what is due now; return how many messages were taken up."""
        async with self._database.transaction() as session:
            due = await outbox.lease_due(
                session, line.account.id, self._clock.now(), limit=COURIER_BATCH, bulk=bulk
            )
        async with Holding(self._database, self._clock, due).kept() as holding:
            await self._carry_all(line, due, holding)
        return len(due)

    async def _carry_all(self, line: Line, due: Sequence[Leased], holding: Holding) -> None:
        """Carry as many at once as the channel allows; what breaks one cuts off none of those that
        are under way, but no more begin."""
        waiting = iter(due)
        broken: list[Exception] = []

        async def carry_on() -> None:
            for leased in waiting:
                if broken:
                    return
                crash_here("courier.after_lease_before_sending")
                try:
                    if await holding.has(leased):
                        await self._carry(line, leased, holding)
                except Exception as error:  # noqa: BLE001 - raised below
                    broken.append(error)

        await asyncio.gather(*(carry_on() for _ in range(min(line.traits.at_once, len(due)))))
        if broken:
            raise broken[0]

    async def _carry(self, line: Line, leased: Leased, holding: Holding) -> None:
        if not line.traits.repeatable and not await self._begin(line, leased, holding):
            return
        if line.traits.repeatable and not await self._is_wanted(line, leased, holding):
            return
        try:
            try:
                receipt = await self._send(line, leased)
            finally:
                await holding.let_go(leased)
        except (MessageRejectedError, NotFoundError) as refusal:
            await self._refused(line, leased, refusal)
        except OutcomeUnknownError as doubt:
            await self._unknown(line, leased, doubt.message)
        except ProviderUnavailableError as outage:
            await self._later(leased, outage.message, outage.retry_after)
        except (BadCredentialsError, MisconfiguredError) as trouble:
            await self._later(leased, trouble.message, COURIER_LONGEST_WAIT)
        except TimeoutError:
            await self._doubted(line, leased, "the provider did not answer in time")
        except Exception:  # one message that breaks us must not hold up its whole account
            logger.exception("a message could not be carried")
            await self._doubted(line, leased, "something broke here; see the server's log")
        else:
            crash_here("courier.after_sending_before_settling")
            await self._settle(line, leased, receipt)

    async def _begin(self, line: Line, leased: Leased, holding: Holding) -> bool:
        """Note that the provider may have it from now on, unless the client forbade it meanwhile;
        one that was cut off there before goes again only when the provider never took it."""
        if leased.begun and not await self._was_not_taken(line, leased, holding):
            return False
        async with self._database.transaction() as session:
            refusal = await _forbidden(session, line, leased)
            refusal = refusal or await self._too_much(session, line, leased)
            if refusal is None:
                return await outbox.begin(session, leased)
        await holding.let_go(leased)
        await self._end(leased, "failed", refusal)
        return False

    async def _too_much(self, session: AsyncSession, line: Line, leased: Leased) -> str | None:
        """Count what it costs; say so when the account may spend no more today."""
        connector: Any = line.connector
        most = getattr(connector, "most_a_day", None)
        if most is None or leased.paid:
            return None
        cost, now = connector.cost_of(leased.parcel), self._clock.now()
        paid = await spending.spend(session, line.account.id, cost, most=most, now=now)
        return None if paid else SPENT

    async def _is_wanted(self, line: Line, leased: Leased, holding: Holding) -> bool:
        """The same for a channel that knows repetition: nothing is noted before it is sent."""
        async with self._database.reading() as session:
            refusal = await _forbidden(session, line, leased)
        if refusal is None:
            return True
        await holding.let_go(leased)
        await self._end(leased, "failed", refusal)
        return False

    async def _was_not_taken(self, line: Line, leased: Leased, holding: Holding) -> bool:
        """Ask the provider about a message that was cut off, where it can be asked."""
        connector: Any = line.connector
        if not hasattr(connector, "recall"):
            await holding.let_go(leased)
            await self._end(leased, "uncertain", CUT_OFF)
            return False
        try:
            async with asyncio.timeout(COURIER_SEND_SECONDS):
                parcel = replace(leased.parcel, files=await self._files(leased))
                receipt = await connector.recall(parcel, leased.promised_at)
        except (CenterError, TimeoutError) as trouble:
            words = trouble.message if isinstance(trouble, CenterError) else CUT_OFF
            wish = getattr(trouble, "retry_after", None)
            await holding.let_go(leased)
            await self._later(leased, words, wish, begun=True)
            return False
        if receipt is None:
            return True
        await holding.let_go(leased)
        await self._settle(line, leased, receipt)
        return False

    async def _unknown(self, line: Line, leased: Leased, reason: str) -> None:
        """The provider may have it: ask it in a while, or let an agent decide."""
        if hasattr(line.connector, "recall"):
            await self._later(leased, reason, COURIER_RECALL_WAIT, begun=True)
        else:
            await self._end(leased, "uncertain", reason)

    async def _doubted(self, line: Line, leased: Leased, reason: str) -> None:
        if line.traits.repeatable:
            await self._later(leased, reason, None)
        else:
            await self._unknown(line, leased, reason)

    async def _refused(self, line: Line, leased: Leased, refusal: CenterError) -> None:
        """It will never be sent; where nothing reaches the client, that is kept with them."""
        if not isinstance(refusal, RecipientGoneError):
            await self._end(leased, "failed", refusal.message)
            return
        forbids = True if isinstance(refusal, OptedOutError) else None
        await self._end(leased, "failed", refusal.message, gone_from=line, opted_out=forbids)

    async def _send(self, line: Line, leased: Leased) -> Receipt:
        parcel = replace(leased.parcel, files=await self._files(leased))
        async with asyncio.timeout(COURIER_SEND_SECONDS):
            receipt: Receipt = await line.connector.send(parcel)
        return receipt

    async def _settle(self, line: Line, leased: Leased, receipt: Receipt) -> None:
        await settled(lambda: self._note_receipt(line, leased, receipt))

    async def _note_receipt(self, line: Line, leased: Leased, receipt: Receipt) -> None:
        now = self._clock.now()
        async with self._database.transaction() as session:
            await outbox.settle(session, leased, state="sent")
            await tickets.move_state(
                session,
                leased.id,
                receipt.status.value,
                thread_key=receipt.external_id,
                external_id=receipt.external_id,
                now=now,
            )
            await accounts.touch_out(session, line.account.id, now)
            crash_here("courier.before_commit")

    async def _end(
        self,
        leased: Leased,
        state: str,
        reason: str,
        *,
        gone_from: Line | None = None,
        opted_out: bool | None = None,
    ) -> None:
        """End the promise; on a line that its recipient is `gone_from`, the client says so too."""
        async with self._database.transaction() as session:
            if await outbox.settle(session, leased, state=state, error=reason):
                await tickets.move_state(
                    session, leased.id, state, reason=reason, now=self._clock.now()
                )
                if gone_from is not None:
                    kind, handle = gone_from.traits.people, leased.parcel.recipient.handle
                    await note_reach(session, kind, handle, reason, opted_out=opted_out)

    async def _later(
        self, leased: Leased, reason: str, wish: timedelta | None, *, begun: bool = False
    ) -> None:
        """Try again after a growing, jittered wait, or give up after days, saying why.

        `begun`: the provider may have it already.
        """
        now = self._clock.now()
        if now - leased.promised_at > COURIER_GIVES_UP_AFTER:
            state = "uncertain" if begun else "failed"
            await self._end(leased, state, f"gave up after days of trying: {reason}")
            return
        due_at = now + next_wait(leased.attempt, wish)
        logger.warning("provider unavailable", extra={"account": str(leased.parcel.account_id)})
        async with self._database.transaction() as session:
            await outbox.postpone(session, leased, due_at=due_at, error=reason, begun=begun)

    async def _files(self, leased: Leased) -> tuple[OutboundFile, ...]:
        return tuple(
            [
                OutboundFile(
                    name=file.name,
                    media_type=file.media_type,
                    content_id=file.content_id,
                    data=await self._blobs.read(blob_key(file.blob)),
                    blob=file.blob,
                )
                for file in leased.files
            ]
        )

    async def _until_next(self, line: Line, *, bulk: bool) -> float:
        async with self._database.reading() as session:
            due = await outbox.next_due(session, line.account.id, bulk=bulk)
        return seconds_until(due, self._clock.now())


def _promises(entry: Noted) -> bool:
    """What clients write fills no outbox; only an answer, or one tried again, does."""
    if entry.kind == "MessageAdded":
        return bool(entry.data["kind"] == "outbound")
    return entry.kind == "MessageStateChanged" and entry.data["state"] == "pending"


async def _forbidden(session: AsyncSession, line: Line, leased: Leased) -> str | None:
    """Looked at in the moment of sending: nothing leaves after a client's STOP is stored, and
    nothing but answers after somebody noted that the client is to be left alone."""
    if line.traits.opts_out:
        people, handle = line.traits.people, leased.parcel.recipient.handle
        refusal = await reach.forbidden(session, people, handle)
        if refusal is not None:
            return refusal
    client_id = await ticket_queries.client_of(session, leased.parcel.ticket_id)
    if client_id is None or not await reach.left_alone(session, client_id):
        return None
    asked = await ticket_queries.last_from_client(session, leased.parcel.ticket_id)
    return LEFT_ALONE if asked is None or leased.parcel.bulk else None


def next_wait(attempt: int, wish: timedelta | None) -> timedelta:
    """Return the provider's wish when sensible, else doubling waits with full jitter."""
    if wish is not None and timedelta(0) <= wish <= COURIER_LONGEST_WAIT:
        return wish
    ceiling = min(COURIER_FIRST_WAIT * 2 ** min(attempt - 1, 12), COURIER_LONGEST_WAIT)
    return timedelta(seconds=ceiling.total_seconds() * _random.uniform(0.5, 1.0))


def seconds_until(due: datetime | None, now: datetime) -> float:
    if due is None:
        return REST_SECONDS
    return min(max((due - now).total_seconds(), 0.01), REST_SECONDS)
