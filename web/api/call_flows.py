"""What callers and writers are led through: read, changed, checked, and tried without a call."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts
from channels.catalogue import CHANNELS
from channels.tables import AccountRow
from channels.voice import flows
from channels.voice.checking import Known, Problem, problems_of
from channels.voice.destinations import refused
from channels.voice.fitting import excesses_of
from channels.voice.flow import Callback, Flow, Queue, Transfer, Voicemail
from channels.voice.walking import Ask, Then, Turn, World, begin, pressed
from desk.menus import LED, spoken_in
from desk.telephone.welcome import world_of
from kernel.errors import InvalidInputError, NotFoundError
from routing import administration
from routing import service as routing
from routing.tables import CalendarRow
from web.routes import Call, get, post, put
from web.telephone_shapes import (
    CallFlowCheck,
    CallFlowPut,
    CallFlowTried,
    CallFlowTry,
    CallFlowView,
    FlowProblemView,
    TriedTurnView,
)

MANAGE = "account.manage"


async def get_flow(call: Call) -> CallFlowView:
    """What callers of a telephone number, or writers to messengers, are led through"""
    async with call.house.database.reading() as session:
        account = await led_account(session, call.id())
        flow, version = await flows.flow_of(session, account.id)
        return await _view(call, session, account, flow, version)


async def put_flow(call: Call, body: CallFlowPut) -> CallFlowView:
    """Change what callers and writers are led through; who is in it goes on by the new one"""
    async with call.house.database.transaction() as session:
        account = await led_account(session, call.id())
        serves = await _serves(session, account, body.serves)
        found = await _problems(call, session, account, body.flow, serves)
        first = next((one for one in found if not one.warns), None)
        if first is not None:
            raise InvalidInputError(
                f"“{first.node}”: {first.message}. {first.cure}", field=f"flow.{first.node}"
            )
        version = await flows.change_flow(
            session,
            account.id,
            body.flow,
            name=account.name,
            version=body.version,
            now=call.house.clock.now(),
        )
        await flows.serve(session, account.id, serves, name=account.name)
        return await _view(call, session, account, body.flow, version)


async def check_flow(call: Call, body: CallFlowCheck) -> list[FlowProblemView]:
    """What is wrong with a flow, each with its node and the cure; nothing is saved"""
    async with call.house.database.reading() as session:
        account = await led_account(session, call.id())
        return _shown(await _problems(call, session, account, body.flow, body.serves))


async def try_flow(call: Call, body: CallFlowTry) -> CallFlowTried:
    """What a caller would hear who presses these keys; nobody is called"""
    async with call.house.database.reading() as session:
        account = await led_account(session, call.id())
        flow = body.flow or (await flows.flow_of(session, account.id))[0]
        languages, greeting = spoken_in(flow, account.settings)
        world = await world_of(session, languages, greeting, body.at or call.house.clock.now())
    language = body.language if body.language in languages else languages[0]
    return CallFlowTried(turns=_walk(flow, world, language, body.presses))


def _walk(flow: Flow, world: World, language: str, presses: Sequence[str]) -> list[TriedTurnView]:
    turn = begin(flow, language, world)
    turns = [_turn(turn)]
    for key in presses:
        if not isinstance(turn.then, Ask):
            break
        turns[-1].pressed = key
        turn = pressed(flow, turn.place, key, world)
        turns.append(_turn(turn))
    return turns


def _turn(turn: Turn) -> TriedTurnView:
    return TriedTurnView(
        node=turn.place.node,
        language=turn.place.language,
        heard=[msgspec.to_builtins(one) for one in turn.heard],
        then=_then(turn.then),
        pressed=None,
    )


def _then(then: Then) -> Any:
    match then:
        case Ask():
            return "ask"
        case Queue():
            return "queue"
        case Callback():
            return "callback"
        case Voicemail():
            return "voicemail"
        case Transfer():
            return "transfer"
        case _:
            return "hang_up"


async def led_account(session: AsyncSession, account_id: UUID) -> AccountRow:
    """Return the telephone or messenger account whose flow it is."""
    row = await accounts.find_account(session, account_id)
    if row.kind != "voice" and row.kind not in LED:
        raise NotFoundError("this account is neither a telephone nor a messenger")
    return row


async def _serves(
    session: AsyncSession, account: AccountRow, wanted: Sequence[UUID] | None
) -> Sequence[UUID]:
    """Return the accounts that the flow shall serve, each a messenger that is there."""
    known = {one.id for one in await accounts.list_accounts(session) if one.kind in LED}
    if wanted is None:
        return [one for one in await flows.served_by(session, account.id) if one in known]
    if not known.issuperset(wanted):
        raise InvalidInputError("a flow serves messenger accounts only", field="serves")
    return wanted


async def _problems(
    call: Call, session: AsyncSession, account: AccountRow, flow: Flow, serves: Sequence[UUID]
) -> list[Problem]:
    numbers = [node.number for node in flow.nodes if isinstance(node, Transfer)]
    line = call.house.lines.get(account.id)
    called = account.kind == "voice" and line is not None
    allowed = cast("Any", line.connector).settings.callable if called and line else frozenset()
    known = await accounts.list_accounts(session)
    kinds = {one.kind for one in known if one.id in set(serves)}
    wrong = problems_of(
        flow,
        Known(
            queues={queue.id for queue in await routing.list_queues(session)},
            calendars={row.id for row in await administration.listed(session, CalendarRow)},
            languages=spoken_in(flow, account.settings)[0],
            refuses={number for number in numbers if refused(number, allowed) is not None},
            spoken=account.kind == "voice",
            written=bool(serves),
        ),
    )
    return [*wrong, *excesses_of(flow, [CHANNELS[kind] for kind in sorted(kinds)])]


async def _view(
    call: Call, session: AsyncSession, account: AccountRow, flow: Flow, version: int
) -> CallFlowView:
    serves = await _serves(session, account, None)
    return CallFlowView(
        account_id=account.id,
        flow=flow,
        version=version,
        languages=list(spoken_in(flow, account.settings)[0]),
        serves=list(serves),
        problems=_shown(await _problems(call, session, account, flow, serves)),
    )


def _shown(found: Sequence[Problem]) -> list[FlowProblemView]:
    return [FlowProblemView(**msgspec.structs.asdict(one)) for one in found]


ROUTES = [
    get("/accounts/{id}/flow", get_flow, MANAGE),
    put("/accounts/{id}/flow", put_flow, MANAGE),
    post("/accounts/{id}/flow/check", check_flow, MANAGE),
    post("/accounts/{id}/flow/try", try_flow, MANAGE),
]
