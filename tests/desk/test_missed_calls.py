"""Who called while the center was away is found afterwards, with what they said elsewhere."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from channels.voice.legs import LegSeen, LegState, PartySeen, RecordingSeen
from channels.voice.tables import CallRecordingRow, CallRow
from desk.lines import Line
from desk.telephone.rebuilding import Rebuilding
from desk.telephone.recordings import Fetching
from tests.desk.scene import Desk
from tickets.tables import AttachmentRow

ANN = "+380671112233"
AWAY = timedelta(minutes=10)
"""So long ago Ann called, for twenty seconds."""


class Exchange:
    """What the provider knows: one call that its own fallback answered, and its tapes."""

    number = "+15550100"
    settings = SimpleNamespace(languages=("en",))

    def __init__(self, began_at: datetime) -> None:
        self.call = LegSeen(
            sid="CA1", caller=ANN, called=self.number, state=LegState.ENDED, seconds=20,
            began_at=began_at, inbound=True,
        )  # fmt: skip
        self.tapes: list[RecordingSeen] = []
        self.forgotten: list[str] = []

    async def came_since(self, _moment: datetime) -> list[LegSeen]:
        return [self.call]

    async def recordings(self, sid: str) -> list[RecordingSeen]:
        return list(self.tapes) if sid == self.call.sid else []

    async def parties(self, _room: str) -> list[PartySeen]:
        return []

    async def fetch_recording(self, recording: str) -> bytes | None:
        return b"RIFF" + recording.encode()

    async def forget_recording(self, recording: str) -> None:
        self.forgotten.append(recording)


class Hotline:
    """A desk whose line is that exchange's, and what it does when it is back."""

    def __init__(self, desk: Desk, account_id: UUID) -> None:
        self.desk = desk
        self.exchange = Exchange(desk.clock.now())
        self.line: Line = desk.lines.need(account_id)
        connector: Any = self.exchange
        self.line.connector = connector
        self.begin()

    def begin(self) -> None:
        """Begin anew, as a process does that remembers nothing."""
        desk = self.desk
        self.rebuilding = Rebuilding(desk.database, desk.clock)
        self.fetching = Fetching(desk.database, desk.clock, desk.blobs, desk.lines)

    async def look(self) -> None:
        await self.rebuilding.rebuild(self.line)
        await self.fetching.fetch_due()

    def left(self, *names: str, state: Any = "ended") -> None:
        self.exchange.tapes = [RecordingSeen(name=one, state=state, seconds=9) for one in names]

    async def call(self) -> CallRow:
        (found,) = await self.desk.rows(CallRow)
        assert isinstance(found, CallRow)
        return found

    async def files(self) -> list[str]:
        """Return what hangs on the one message of the one ticket."""
        (ticket,) = await self.desk.tickets()
        (message,) = await self.desk.messages()
        rows = await self.desk.rows(AttachmentRow)
        assert {(one.ticket_id, one.message_id) for one in rows} <= {(ticket.id, message.id)}
        return [one.name for one in rows]


@pytest.fixture
async def hotline(office: Desk) -> Hotline:
    account_id = await office.mailbox()
    hotline = Hotline(office, account_id)
    office.clock.advance(seconds=AWAY.total_seconds())
    return hotline


async def test_a_message_left_with_the_fallback_hangs_on_the_ticket_of_who_was_missed(
    hotline: Hotline,
) -> None:
    hotline.left("RE1")

    await hotline.look()

    call, (contact,) = await hotline.call(), await hotline.desk.contacts()
    assert (call.number, call.outcome, call.contact_id) == (ANN, "voicemail", contact.id)
    assert (contact.state, contact.virtual_arrival) == ("queued", hotline.exchange.call.began_at)
    assert await hotline.files() == ["voicemail.wav"]
    assert hotline.exchange.forgotten == ["RE1"]


async def test_a_second_look_adds_nothing_whoever_looks(hotline: Hotline) -> None:
    hotline.left("RE1", "RE2")
    await hotline.look()

    await hotline.look()
    hotline.begin()
    await hotline.look()

    assert await hotline.files() == ["voicemail.wav", "voicemail.wav"]
    assert len(await hotline.desk.contacts()) == 1
    assert len(await hotline.desk.rows(CallRecordingRow)) == 2


async def test_who_dies_between_finding_and_fetching_fetches_afterwards(hotline: Hotline) -> None:
    hotline.left("RE1")
    await hotline.rebuilding.rebuild(hotline.line)
    assert await hotline.files() == []

    hotline.begin()
    await hotline.look()

    assert await hotline.files() == ["voicemail.wav"]


async def test_what_the_provider_still_works_on_is_asked_for_until_it_is_ready(
    hotline: Hotline,
) -> None:
    hotline.left("RE1", state="running")
    await hotline.look()
    hotline.desk.clock.advance(minutes=30)
    await hotline.look()
    assert await hotline.files() == []

    hotline.left("RE1")
    await hotline.look()

    assert await hotline.files() == ["voicemail.wav"]


async def test_what_is_shown_only_a_moment_after_the_call_is_found(
    office: Desk,
) -> None:
    hotline = Hotline(office, await office.mailbox())
    office.clock.advance(seconds=25)  # the call took twenty
    await hotline.look()

    hotline.left("RE1")
    office.clock.advance(seconds=10)
    await hotline.look()

    assert await hotline.files() == ["voicemail.wav"]


@pytest.mark.parametrize(
    ("tapes", "waited"),
    [((), timedelta(minutes=1)), (("RE1",), timedelta(days=1))],
    ids=["nothing was said", "it never becomes ready"],
)
async def test_nobody_asks_for_ever(
    hotline: Hotline, tapes: tuple[str, ...], waited: timedelta
) -> None:
    hotline.left(*tapes, state="running")
    hotline.desk.clock.advance(seconds=waited.total_seconds())

    await hotline.look()

    assert not (await hotline.call()).astray
    assert await hotline.files() == []
