"""Answers the telephone: what a caller hears at each moment, and what follows from what they press.

Everything of one moment is one transaction: that it was told, what it changed, what was answered.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.deliveries import keep, move_cursors, store_new
from channels.envelope import Delivery
from channels.voice import calls, flows
from channels.voice.destinations import refused
from channels.voice.flow import Callback, Flow, HangUp, Queue, Transfer, Voicemail
from channels.voice.legs import ASKING, LegState, Moment, What
from channels.voice.steps import (
    Dial,
    Gather,
    Go,
    Heard,
    Pause,
    Play,
    Record,
    Reject,
    Say,
    Step,
)
from channels.voice.steps import HangUp as HangUpNow
from channels.voice.tables import CallLegRow, CallRow
from channels.voice.walking import Ask, Place, Turn, World, begin, pressed
from channels.voice.words import phrase, wait_words
from desk.calling_back import ask_to_call
from desk.dispatch import Dispatcher
from desk.lines import Line
from desk.telephone import ending, recordings
from desk.telephone.queueing import come_to_queue
from desk.telephone.welcome import caller_of, language_of, world_of
from kernel.errors import CenterError
from kernel.ids import new_id
from kernel.limits import (
    VOICE_CALL_SECONDS,
    VOICE_CALLBACKS_A_DAY,
    VOICE_RING_SECONDS,
    VOICE_VOICEMAIL_SECONDS,
)
from routing import queries as routing_queries
from routing import service as routing
from routing.callbacks import Wish
from routing.tables import ContactRow

_CALL_BACK: Final = "1"
_LEAVE_MESSAGE: Final = "2"
_DAY: Final = timedelta(days=1)
_SECOND_US: Final = 1_000_000


class Reception:
    """Answers for every telephone number of the house."""

    def __init__(self, dispatcher: Dispatcher, music_url: str) -> None:
        self._dispatcher = dispatcher
        self._music_url = music_url

    async def take(
        self, session: AsyncSession, line: Line, moment: Moment, now: datetime
    ) -> list[Step] | None:
        """Store the moment and what follows from it; return what is answered, None: nothing is.

        The same moment again changes nothing and hears the same.
        """
        account_id = line.account.id
        if not await calls.first_told(session, account_id, moment, now):
            return await self._again(session, line, moment)
        await _store(session, line, moment, now)
        steps = await self._answer(session, line, moment, now)
        if steps is not None:
            await calls.keep_answer(session, account_id, moment.key, steps)
        return steps

    async def _again(self, session: AsyncSession, line: Line, moment: Moment) -> list[Step] | None:
        known = await calls.answer_to(session, line.account.id, moment.key)
        if known is None and moment.what in ASKING:
            return [HangUpNow()]
        return known

    async def _answer(
        self, session: AsyncSession, line: Line, moment: Moment, now: datetime
    ) -> list[Step] | None:
        if moment.what is What.CALLED:
            return await self._called(session, line, moment, now)
        if moment.what not in ASKING:
            await _told(session, line, moment, now)
            return None
        call = await self._own_call(session, line, moment)
        if call is None or call.ended_at is not None:
            return [HangUpNow()]
        before = call.state
        steps = await self._next(session, line, call, moment, now)
        if call.state != before:
            await calls.note_change(session, call, now)
        return steps

    @staticmethod
    async def _own_call(session: AsyncSession, line: Line, moment: Moment) -> CallRow | None:
        """A call of this very account, by its id: nothing signed for one account is another's."""
        if moment.call_id is None:
            return None
        call = await session.get(CallRow, moment.call_id, with_for_update=True)
        return call if call is not None and call.account_id == line.account.id else None

    async def _called(
        self, session: AsyncSession, line: Line, moment: Moment, now: datetime
    ) -> list[Step]:
        provider: Any = line.connector
        settings = provider.settings
        if await calls.by_sid(session, moment.sid) is not None:
            return [HangUpNow()]  # it was found in the provider's list, over already
        client = await caller_of(session, moment.caller, moment.sid, now)
        call = CallRow(
            id=new_id(),
            account_id=line.account.id,
            sid=moment.sid,
            direction="inbound",
            number=moment.caller,
            own_number=provider.number,
            state="menu",
            client_id=client.id,
            locale=await language_of(session, client.id, settings.languages),
            started_at=now,
        )
        session.add(call)
        await session.flush()
        leg = calls.add_leg(
            session, call, now, sid=moment.sid, role="client", name=client.name, number=call.number
        )
        leg.state = "ringing"
        if client.blocked:
            await ending.end_call(session, call, "turned_away", now)
            return [Reject(reason="busy")]
        flow, _ = await flows.flow_of(session, line.account.id)
        world = await world_of(session, settings.languages, settings.greeting, now)
        turn = begin(flow, call.locale, world)
        steps = await self._follow(session, line, call, turn, now)
        await calls.note_change(session, call, now)
        return steps

    async def _next(
        self, session: AsyncSession, line: Line, call: CallRow, moment: Moment, now: datetime
    ) -> list[Step]:
        """Say what comes next in a call that goes on."""
        call.astray = False
        if moment.what is What.DIALLED and moment.turn != call.turn:
            # They left a room because we moved them elsewhere, where they are in a moment.
            provider: Any = line.connector
            return [Pause(seconds=2), Go(to=provider.address(What.DIALLED, call.id, call.turn))]
        if moment.what is What.RECORDED and not moment.recording:
            # Nothing was said after the tone.
            await ending.end_call(session, call, "abandoned", now)
            return [_own("goodbye", call), HangUpNow()]
        if moment.what is What.RECORDED:
            await recordings.left(session, line, call, moment, now)
            kept = _own("message_kept", call)
            await ending.end_call(session, call, "voicemail", now)
            return [kept, HangUpNow()]
        if call.state == "menu":
            flow, world = await self._flow(session, line, now)
            place = Place(node=call.node, language=call.locale, tries=call.tries)
            turn = pressed(flow, place, moment.digits, world)
            return await self._follow(session, line, call, turn, now)
        if call.state == "waiting" or moment.what is What.STEP:
            # Who was just sent back to the music may ask before that is noted.
            return await self._waited(session, line, call, moment.digits, now)
        if call.state == "voicemail":
            await ending.end_call(session, call, "abandoned", now)
            return [HangUpNow()]
        # A room or a number outside was left: whoever was there has hung up.
        outcome = call.outcome or ("answered" if call.answered_at else "abandoned")
        await ending.end_call(session, call, outcome, now)
        return [HangUpNow()]

    async def _flow(self, session: AsyncSession, line: Line, now: datetime) -> tuple[Flow, World]:
        provider: Any = line.connector
        flow, _ = await flows.flow_of(session, line.account.id)
        settings = provider.settings
        return flow, await world_of(session, settings.languages, settings.greeting, now)

    async def _follow(
        self, session: AsyncSession, line: Line, call: CallRow, turn: Turn, now: datetime
    ) -> list[Step]:
        """Turn a turn of the flow into steps; a node that hands the call over is done here."""
        call.node, call.locale, call.tries = turn.place.node, turn.place.language, turn.place.tries
        match turn.then:
            case Ask():
                go = self._next_address(line, call)
                seconds = turn.then.seconds
                return [Gather(heard=turn.heard, seconds=seconds, then=go), Go(to=go)]
            case Queue():
                await self._come(session, line, call, turn.then.queue_id, now)
                call.state = "waiting"
                steps = await self._wait(session, line, call, turn.then)
                return [*_consent(line, call), *turn.heard, *steps]
            case Callback():
                await self._come(session, line, call, turn.then.queue_id, now)
                return [*turn.heard, *await self._call_back(session, line, call, now)]
            case Voicemail():
                call.state = "voicemail"
                call.queue_id = turn.then.queue_id or line.queue_id
                return [*turn.heard, *self._record(line, call, turn.then.seconds)]
            case Transfer():
                return [*turn.heard, *await self._transfer(session, line, call, turn.then, now)]
            case HangUp():
                await ending.end_call(session, call, "announced", now)
                return [*turn.heard, HangUpNow()]

    async def _come(
        self, session: AsyncSession, line: Line, call: CallRow, queue_id: UUID | None, now: datetime
    ) -> None:
        legs = await calls.legs(session, call)
        name = legs[0].name if legs else ""
        await come_to_queue(session, call, queue_id=queue_id or line.queue_id, name=name, now=now)

    # While they wait.

    async def _waited(
        self, session: AsyncSession, line: Line, call: CallRow, digits: str, now: datetime
    ) -> list[Step]:
        flow, _ = await self._flow(session, line, now)
        node = flow.find(call.node)
        queue = node if isinstance(node, Queue) else Queue(id="queue")
        contact = await _contact(session, call)
        if contact is None or contact.state not in routing.WAITING_STATES:
            return await self._wait(session, line, call, queue)
        if digits == _CALL_BACK and queue.offers_callback:
            return await self._call_back(session, line, call, now)
        if digits == _LEAVE_MESSAGE and queue.offers_voicemail:
            call.state = "voicemail"
            call.waiting_since = contact.virtual_arrival
            await routing.end_contact(session, contact, state="flowed_out", now=now)
            said = _own("leave_message", call)
            return [said, *self._record(line, call, VOICE_VOICEMAIL_SECONDS)]
        return await self._wait(session, line, call, queue)

    async def _wait(
        self, session: AsyncSession, line: Line, call: CallRow, queue: Queue
    ) -> list[Step]:
        """Say the place and the probable wait, then play music; a key may be pressed all along."""
        go = self._next_address(line, call)
        heard: list[Heard] = []
        if queue.tells_wait:
            heard += await self._standing(session, call)
        offers = [
            phrase(name, call.locale)
            for name, offered in (
                ("press_callback", queue.offers_callback and bool(call.number)),
                ("press_voicemail", queue.offers_voicemail),
            )
            if offered
        ]
        if offers:
            heard.append(Say(text=" ".join(offers), language=call.locale))
        heard.append(Play(url=queue.music_url or self._music_url))
        return [Gather(heard=tuple(heard), seconds=1, then=go), Go(to=go)]

    def wait_steps(self, line: Line, call: CallRow) -> list[Step]:
        """Return what brings a client back to the music, from wherever they are."""
        go = self._next_address(line, call)
        return [Gather(heard=(Play(url=self._music_url),), seconds=1, then=go), Go(to=go)]

    async def _standing(self, session: AsyncSession, call: CallRow) -> list[Heard]:
        """The place alone, as long as the router does not know the contact; nothing for a contact
        that somebody has."""
        contact = await _contact(session, call)
        if contact is None or contact.state not in routing.WAITING_STATES:
            return []
        seconds: float | None = None
        try:
            found = self._dispatcher.estimate(contact.id)
            ahead, seconds = found.ahead, found.p50_us / _SECOND_US
        except CenterError:
            ahead = await routing_queries.ahead_of(session, contact)
        return [Say(text=wait_words(ahead, seconds, call.locale), language=call.locale)]

    async def _call_back(
        self, session: AsyncSession, line: Line, call: CallRow, now: datetime
    ) -> list[Step]:
        """Promise it where the number may be called at all, and not too often."""
        provider: Any = line.connector
        contact = await _contact(session, call)
        often = await calls.callbacks_since(session, call.number, now - _DAY)
        forbidden = refused(call.number, provider.settings.callable)
        if contact is None or forbidden is not None or often >= VOICE_CALLBACKS_A_DAY:
            call.state = "waiting"
            again = self.wait_steps(line, call)
            return [_own("callback_refused", call), *again]
        await ask_to_call(session, contact, Wish(number=call.number), by=None, now=now)
        promised = _own("callback_promised", call)
        await ending.end_call(session, call, "callback", now)
        return [promised, HangUpNow()]

    def _record(self, line: Line, call: CallRow, seconds: int) -> list[Step]:
        provider: Any = line.connector
        call.turn += 1
        then = provider.address(What.RECORDED, call.id, call.turn)
        told = provider.address(What.RECORDING, call.id)
        return [Record(most_seconds=seconds, then=then, told=told), Go(to=then)]

    async def _transfer(
        self, session: AsyncSession, line: Line, call: CallRow, node: Transfer, now: datetime
    ) -> list[Step]:
        provider: Any = line.connector
        made = await calls.made_since(session, line.account.id, now - _DAY)
        most = provider.settings.calls_a_day
        spoken = await calls.minutes_since(session, line.account.id, now - _DAY, now)
        dear = made >= most or spoken >= provider.settings.minutes_a_day
        if dear or refused(node.number, provider.settings.callable):
            await ending.end_call(session, call, "failed", now)
            return [_own("trouble", call), HangUpNow()]
        call.state, call.outcome = "connecting", "transferred"
        call.turn += 1
        calls.add_leg(session, call, now, role="third", number=node.number, name=node.number)
        then = provider.address(What.DIALLED, call.id, call.turn)
        return [
            Dial(
                to=node.number,
                shown=provider.number,
                seconds=VOICE_RING_SECONDS,
                most_seconds=VOICE_CALL_SECONDS,
                then=then,
            )
        ]

    @staticmethod
    def _next_address(line: Line, call: CallRow) -> str:
        provider: Any = line.connector
        call.turn += 1
        address: str = provider.address(What.STEP, call.id, call.turn)
        return address


async def _store(session: AsyncSession, line: Line, moment: Moment, now: datetime) -> None:
    """Keep the raw delivery, without the keys that were pressed, before anything is answered."""
    delivery = Delivery(
        account_id=line.account.id,
        external_id=moment.key,
        raw=moment.raw,
        received_at=now,
    )
    await store_new(session, [keep(delivery)])
    await move_cursors(session, {}, [line.account.id], now)


async def _told(session: AsyncSession, line: Line, moment: Moment, now: datetime) -> None:
    """Somebody's telephone rings, somebody came or left, a recording is ready."""
    if moment.what is What.RECORDING:
        await recordings.told(session, line, moment, now)
        return
    leg = await calls.leg_by_sid(session, moment.sid) if moment.sid else None
    if leg is None and moment.leg_id is not None:
        leg = await calls.find_leg(session, moment.leg_id)
    if leg is None and moment.label:
        leg = await _labelled(session, moment)
    if leg is None:
        return
    call = await calls.find_call(session, leg.call_id, lock=True)
    if call.account_id != line.account.id:
        return
    leg.sid = leg.sid or moment.sid
    if not _has_moved(leg, moment, now):
        return
    await ending.leg_moved(session, call, leg, now)


async def _labelled(session: AsyncSession, moment: Moment) -> CallLegRow | None:
    try:
        return await calls.find_leg(session, UUID(moment.label))
    except ValueError:
        return None


def _has_moved(leg: CallLegRow, moment: Moment, now: datetime) -> bool:
    match moment.event:
        case "join":
            return calls.move_leg(leg, "joined", now)
        case "leave":
            # It may only be on its way elsewhere: that the leg has ended is told by its own state.
            return False
        case "hold" | "unhold":
            leg.on_hold = moment.event == "hold"
            return leg.state != "ended"
        case "mute" | "unmute":
            leg.muted = moment.event == "mute"
            return leg.state != "ended"
    match moment.state:
        case LegState.RINGING:
            return calls.move_leg(leg, "ringing", now)
        case LegState.ANSWERED if moment.what is What.LEG:
            # They are in the room a moment later, which may be told before or after this.
            return calls.move_leg(leg, "joined", now)
        case LegState.ENDED:
            return calls.move_leg(leg, "ended", now, why=moment.why)
        case _:
            return False


async def _contact(session: AsyncSession, call: CallRow) -> ContactRow | None:
    if call.contact_id is None:
        return None
    return await routing.find_contact(session, call.contact_id)


def _consent(line: Line, call: CallRow) -> Sequence[Step]:
    """Who is recorded is told so before anybody speaks."""
    provider: Any = line.connector
    return [_own("recording", call)] if provider.settings.records else []


def _own(name: str, call: CallRow) -> Say:
    return Say(text=phrase(name, call.locale), language=call.locale)
