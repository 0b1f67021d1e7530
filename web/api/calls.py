"""The telephone at an agent's hand: calls, what can be done with them, and their recordings."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from channels.voice import calls, kept
from channels.voice.tables import CallRow
from clients import queries as clients
from desk.lines import Line
from desk.telephone.access import HEAR_RECORDINGS, find_seen
from desk.telephone.calling import Asked, begin_call
from desk.telephone.controls import Whom
from desk.telephone.own_phone import browser_passes
from kernel.blobs import blob_key
from kernel.errors import InvalidInputError
from kernel.limits import PAGE_ROWS, PAGE_ROWS_MAX
from staff import queries as staff
from staff.permissions import require_oneself
from tickets.queries import visible_ids
from tickets.service import find_ticket
from web.files import audio_response
from web.routes import Call, delete, get, post
from web.shapes import Page
from web.telephone_shapes import (
    BesideCall,
    BrowserPassView,
    CallKeys,
    CallView,
    CallWhom,
    HoldCall,
    MuteCall,
    NewCall,
    RecordCall,
    RecordingHeardView,
    TransferCall,
)
from web.telephone_views import call_views

REPLY = "ticket.reply"
LISTEN = "contact.listen"
SUPERVISE = "queue.supervise"


class CallQuery(Struct, forbid_unknown_fields=True):
    client_id: UUID | None = None
    ticket_id: UUID | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


async def list_calls(call: Call, query: CallQuery) -> Page[CallView]:
    """The log of calls, newest first; of tickets I may see"""
    of = None if call.actor.may(SUPERVISE) else visible_ids(call.actor)
    async with call.house.database.reading() as session:
        rows = await calls.page(
            session,
            client_id=query.client_id,
            ticket_id=query.ticket_id,
            of_tickets=of,
            before=query.cursor,
            limit=query.limit + 1,
        )
        page = rows[: query.limit]
        shown = await call_views(session, page, reader=call.actor)
    return Page(shown, str(page[-1].id) if len(rows) > query.limit else None)


async def list_my_calls(call: Call) -> list[CallView]:
    """The calls I am in, or am being called into"""
    async with call.house.database.reading() as session:
        legs = await calls.leg_of_agent(session, call.actor.agent_id)
        mine = await calls.of_agent(session, call.actor.agent_id)
        ids = sorted({leg.call_id for leg in legs} | {row.id for row in mine})
        rows = [await calls.find_call(session, call_id) for call_id in ids]
        return await call_views(session, rows, reader=call.actor)


async def open_browser_phone(call: Call) -> list[BrowserPassView]:
    """Make this browser my telephone for an hour: one pass for each provider account"""
    require_oneself(call.actor)
    async with call.house.database.reading(quick=True) as session:
        me = await staff.find_agent(session, call.actor.agent_id)
    return [
        BrowserPassView(
            realm=one.realm,
            identity=one.identity,
            token=one.token,
            ends_at=one.ends_at,
            signalling=one.signalling,
        )
        for one in browser_passes(call.house.lines, me)
    ]


async def get_call(call: Call) -> CallView:
    """One call, and everybody who is or was in it"""
    return await _shown(call, call.id())


async def post_call(call: Call, body: NewCall) -> CallView:
    """Call a client: my own telephone rings first, then theirs"""
    async with call.house.database.transaction() as session:
        asked = await _asked(call, session, body)
        me = await staff.find_agent(session, call.actor.agent_id)
        made = await begin_call(
            session, call.house.switchboard.errands, asked, by=me, now=call.house.clock.now()
        )
        call_id, contact_id = made.id, made.contact_id
    if contact_id is not None:
        await call.house.switchboard.taken_by(contact_id, call.actor.agent_id)
    return await _shown(call, call_id)


async def hold_call(call: Call, body: HoldCall) -> CallView:
    """Let the client, or somebody else in the call, hear music; or speak with them again"""
    controls = call.house.controls
    await controls.hold(call.actor, call.id(), on=body.on, leg_id=body.leg_id)
    return await _shown(call, call.id())


async def mute_call(call: Call, body: MuteCall) -> CallView:
    """Let nobody hear me, or somebody else in the call; or be heard again"""
    controls = call.house.controls
    await controls.mute(call.actor, call.id(), on=body.on, leg_id=body.leg_id)
    return await _shown(call, call.id())


async def press_keys(call: Call, body: CallKeys) -> CallView:
    """Send tones, which are kept nowhere"""
    controls = call.house.controls
    await controls.press(call.actor, call.id(), body.digits, leg_id=body.leg_id)
    return await _shown(call, call.id())


async def consult(call: Call, body: CallWhom) -> CallView:
    """Ask a colleague or somebody outside, while the client hears music"""
    await call.house.controls.consult(call.actor, call.id(), _whom(body))
    return await _shown(call, call.id())


async def hand_over(call: Call) -> CallView:
    """Leave the client with whom I consulted"""
    await call.house.controls.hand_over(call.actor, call.id())
    return await _shown(call, call.id())


async def return_to_client(call: Call) -> CallView:
    """End the consultation and speak with the client again"""
    await call.house.controls.return_to_client(call.actor, call.id())
    return await _shown(call, call.id())


async def transfer_call(call: Call, body: TransferCall) -> CallView:
    """Give the client to a colleague, a queue or a number, asking nobody first"""
    if sum((body.agent_id is not None, body.queue_id is not None, bool(body.number))) != 1:
        raise InvalidInputError("name a colleague, a queue or a number", field="agent_id")
    whom = Whom(agent_id=body.agent_id, number=body.number)
    await call.house.controls.transfer(call.actor, call.id(), whom, body.queue_id)
    return await _shown(call, call.id())


async def add_to_call(call: Call, body: CallWhom) -> CallView:
    """Let a colleague or somebody outside take part, beside the client"""
    await call.house.controls.add(call.actor, call.id(), _whom(body))
    return await _shown(call, call.id())


async def remove_from_call(call: Call) -> CallView:
    """Hang up on somebody who takes part"""
    await call.house.controls.remove(call.actor, call.id(), call.id("leg_id"))
    return await _shown(call, call.id())


async def record_call(call: Call, body: RecordCall) -> CallView:
    """Start recording, which the client is told, pause it (for card numbers), resume or stop it"""
    await call.house.controls.record(call.actor, call.id(), body.what)
    return await _shown(call, call.id())


async def hang_up(call: Call) -> CallView:
    """End the call for everybody"""
    await call.house.controls.hang_up(call.actor, call.id())
    return await _shown(call, call.id())


async def stand_beside(call: Call, body: BesideCall) -> CallView:
    """Listen to a call, whisper to its agent, or speak in it: my own telephone rings"""
    await call.house.beside.come(call.actor, call.id(), body.mode)
    return await _shown(call, call.id())


async def step_away(call: Call) -> CallView:
    """Listen, whisper or speak in the call no longer"""
    await call.house.beside.leave(call.actor, call.id())
    return await _shown(call, call.id())


async def get_recording(call: Call) -> web.Response:
    """The sound of a recording; that I listened is noted"""
    async with call.house.database.transaction() as session:
        found, _ = await find_seen(session, call.id(), by=call.actor)
        row = await kept.listen(
            session,
            found,
            call.id("recording_id"),
            by=call.actor.agent_id,
            now=call.house.clock.now(),
        )
        blob, name = row.blob or "", f"{found.started_at:%Y-%m-%d-%H%M}.wav"
    return audio_response(await call.house.blobs.read(blob_key(blob)), name=name)


async def list_listeners(call: Call) -> list[RecordingHeardView]:
    """Who listened to a recording, the latest first"""
    async with call.house.database.reading() as session:
        await find_seen(session, call.id(), by=call.actor)
        rows = await kept.heard_by(session, call.id("recording_id"))
        names = await staff.agent_names(session, {row.agent_id for row in rows})
    return [
        RecordingHeardView(agent_id=row.agent_id, agent_name=names.get(row.agent_id, ""), at=row.at)
        for row in rows
    ]


async def _shown(call: Call, call_id: UUID) -> CallView:
    async with call.house.database.reading() as session:
        row: CallRow
        row, _ = await find_seen(session, call_id, by=call.actor)
        return (await call_views(session, [row], reader=call.actor))[0]


def _whom(body: CallWhom) -> Whom:
    if (body.agent_id is None) == (not body.number):
        raise InvalidInputError("name a colleague or a number", field="agent_id")
    return Whom(agent_id=body.agent_id, number=body.number)


async def _asked(call: Call, session: AsyncSession, body: NewCall) -> Asked:
    """Say whom to call, from where: the client's own number unless another is given."""
    ticket = None
    client_id = body.client_id
    if body.ticket_id is not None:
        ticket = await find_ticket(session, body.ticket_id, seen_by=call.actor)
        client_id = ticket.client_id
    if client_id is None:
        raise InvalidInputError("say whom to call", field="client_id")
    page = await clients.client_page(session, client_id)
    handles = [one.handle for one in page.identities if one.channel in {"voice", "sms"}]
    number = body.number or next((one for one in handles if one.startswith("+")), page.phone or "")
    if not number:
        raise InvalidInputError("no number of this client is known; give one", field="number")
    return Asked(
        line=_line(call, body.account_id, ticket.account_id if ticket else None),
        client_id=page.id,
        client_name=page.name,
        number=number,
        ticket=ticket,
        anyway=body.anyway,
    )


def _line(call: Call, wanted: UUID | None, usual: UUID | None) -> Line:
    """The account asked for, or that of the ticket, or the only one there is."""
    speaking = {line.account.id: line for line in call.house.lines.all() if line.traits.speaks}
    if wanted is not None:
        if wanted not in speaking:
            raise InvalidInputError("this telephone is switched off", field="account_id")
        return speaking[wanted]
    if usual in speaking:
        return speaking[usual]
    if not speaking:
        raise InvalidInputError("no telephone is connected", field="account_id")
    return next(iter(speaking.values()))


ROUTES = [
    get("/calls", list_calls),
    get("/calls/mine", list_my_calls),
    post("/calls/browser", open_browser_phone),
    get("/calls/{id}", get_call),
    post("/calls", post_call, REPLY, status=201),
    post("/calls/{id}/hold", hold_call, REPLY),
    post("/calls/{id}/mute", mute_call, REPLY),
    post("/calls/{id}/keys", press_keys, REPLY),
    post("/calls/{id}/consult", consult, REPLY),
    post("/calls/{id}/hand-over", hand_over, REPLY),
    post("/calls/{id}/return", return_to_client, REPLY),
    post("/calls/{id}/transfer", transfer_call, REPLY),
    post("/calls/{id}/parties", add_to_call, REPLY),
    delete("/calls/{id}/parties/{leg_id}", remove_from_call, REPLY),
    post("/calls/{id}/recording", record_call, REPLY),
    post("/calls/{id}/hang-up", hang_up, REPLY),
    post("/calls/{id}/beside", stand_beside, LISTEN),
    post("/calls/{id}/away", step_away),
    get("/calls/{id}/recordings/{recording_id}", get_recording, HEAR_RECORDINGS),
    get("/calls/{id}/recordings/{recording_id}/heard", list_listeners, SUPERVISE),
]
