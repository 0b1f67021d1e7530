"""The console's open line: journal entries out; what the agent looks at and types in."""

from collections.abc import Iterable
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from aiohttp import WSMsgType, web
from msgspec import Struct

from kernel.actor import Actor
from kernel.errors import ForbiddenError, InvalidInputError, NotFoundError
from kernel.frames import Wire
from kernel.limits import (
    LIVE_AHEAD_BYTES,
    LIVE_HEARTBEAT_SECONDS,
    LIVE_MESSAGE_BYTES,
    LIVE_SEND_SECONDS,
    LIVE_TICKETS_SHOWN,
)
from tickets.service import find_ticket
from web.house import HOUSE, House
from web.live import RESYNC, Seat, frame
from web.session import BEARER, actor_of, is_own_origin
from web.telling import Teller

FRAMES_PER_SECOND = 20.0
FRAMES_BURST = 60.0
FAREWELL_SECONDS = 5.0
POLICY_VIOLATION = 1008


class ViewFrame(Struct, tag_field="type", tag="view", forbid_unknown_fields=True):
    ticket_ids: Annotated[list[UUID], msgspec.Meta(max_length=LIVE_TICKETS_SHOWN)]


class TypingFrame(Struct, tag_field="type", tag="typing", forbid_unknown_fields=True):
    ticket_id: UUID
    typing: bool


class PingFrame(Struct, tag_field="type", tag="ping", forbid_unknown_fields=True):
    pass


_decoder = msgspec.json.Decoder(ViewFrame | TypingFrame | PingFrame)
Since = Annotated[int, msgspec.Meta(ge=0)]
Reason = Literal["hello", "resync", "bye"]


async def watch(request: web.Request) -> web.WebSocketResponse:
    """Tell the console what happens until either side hangs up."""
    house = request.app[HOUSE]
    # Only a token makes the origin not matter: a browser may add other credentials by itself.
    by_token = request.headers.get("Authorization", "").startswith(BEARER)
    if not by_token and not is_own_origin(request, house):
        raise ForbiddenError("this connection came from another site and was refused")
    rights_age = house.hub.rights_age
    actor = await actor_of(request, house)
    _since(request)  # refused before the upgrade when it is none
    socket = web.WebSocketResponse(
        heartbeat=LIVE_HEARTBEAT_SECONDS,
        compress=False,
        max_msg_size=LIVE_MESSAGE_BYTES,
        writer_limit=LIVE_AHEAD_BYTES,
    )
    try:
        await socket.prepare(request)
    except ConnectionResetError:
        # The page was closed while we answered: nobody is there to be told.
        return socket
    try:
        await _attend(request, socket, actor, rights_age)
    finally:
        # The seat is empty only now: the vigil begins when the agent's last console is gone.
        house.vigil.left(actor.agent_id)
    return socket


async def _attend(
    request: web.Request, socket: web.WebSocketResponse, actor: Actor, rights_age: int
) -> None:
    house, since = request.app[HOUSE], _since(request)
    with house.hub.seat(actor) as seat:
        # No await between the seat and the replay: nothing falls between the two.
        seat.put(frame("hello", seq=house.hub.seq, heartbeat=LIVE_HEARTBEAT_SECONDS))
        if since is not None and not house.hub.replay(seat, since):
            seat.put(frame("resync"))
        if house.hub.rights_age != rights_age:
            # Somebody's rights changed while this console came in: it must ask again.
            seat.end(RESYNC)
        house.vigil.came(actor.agent_id)
        if request.transport is not None:
            seat.wire = Wire(request.transport)
        teller = Teller(request, socket, seat, seconds=LIVE_SEND_SECONDS, slow=RESYNC)
        try:
            await _listen(socket, seat, house)
        finally:
            if seat.ended:
                # Who is hung up on shall hear the code: the farewell is said to its end.
                await teller.said(FAREWELL_SECONDS)
            await teller.stop()


async def _listen(socket: web.WebSocketResponse, seat: Seat, house: House) -> None:
    """Hear what the console says; reading is also how we notice that it left."""
    allowance, heard_at = FRAMES_BURST, house.clock.monotonic()
    async for message in socket:
        now = house.clock.monotonic()
        allowance = min(FRAMES_BURST, allowance + (now - heard_at) * FRAMES_PER_SECOND) - 1
        heard_at = now
        if message.type is not WSMsgType.TEXT or allowance < 0:
            await socket.close(code=POLICY_VIOLATION)
            return
        try:
            heard = _decoder.decode(message.data)
        except (msgspec.DecodeError, RecursionError):
            seat.put(frame("error", code="invalid"))
            continue
        await _heed(heard, seat, house)


async def _heed(heard: ViewFrame | TypingFrame | PingFrame, seat: Seat, house: House) -> None:
    if isinstance(heard, PingFrame):
        seat.put(frame("pong"))
    elif isinstance(heard, ViewFrame):
        await _look(frozenset(heard.ticket_ids), seat, house)
    elif await _seen({heard.ticket_id}, seat, house):
        house.hub.tell_typing(
            heard.ticket_id, agent_id=seat.actor.agent_id, name=seat.actor.name, typing=heard.typing
        )
        house.chat.agent_types(heard.ticket_id, seat.actor.name, typing=heard.typing)
        if heard.typing:
            house.typists.note(heard.ticket_id)


async def _look(ticket_ids: frozenset[UUID], seat: Seat, house: House) -> None:
    """Show those of the tickets that the agent sees; each that came new is looked at."""
    came = await _seen(ticket_ids - seat.viewing, seat, house)
    house.hub.view(seat, (ticket_ids & seat.viewing) | came)
    for ticket_id in came:
        house.chat.agent_looks(ticket_id)


async def _seen(ticket_ids: Iterable[UUID], seat: Seat, house: House) -> frozenset[UUID]:
    """Return the tickets that the agent sees; of each other the console hears `not_found`."""
    asked = [one for one in ticket_ids if one not in seat.viewing]
    hidden: set[UUID] = set()
    if asked:
        async with house.database.reading() as session:
            for ticket_id in asked:
                try:
                    await find_ticket(session, ticket_id, seen_by=seat.actor)
                except NotFoundError:
                    hidden.add(ticket_id)
                    seat.put(frame("error", code="not_found"))
    return frozenset(ticket_ids) - hidden


def _since(request: web.Request) -> int | None:
    given = request.query.get("since")
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise InvalidInputError("a sequence number is a whole number", field="since")
    return int(given)
