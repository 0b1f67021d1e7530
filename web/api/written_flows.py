"""A conversation through a flow that nobody has: what a client would read, and where they wait."""

from collections.abc import Iterator, Sequence

from channels.voice import flows
from channels.voice.answering import Answered, Step, answered, step_of
from channels.voice.flow import Flow
from channels.voice.walking import World, begin
from desk.menus import written_world
from web.api.call_flows import MANAGE, led_account
from web.routes import Call, post
from web.telephone_shapes import WrittenFlowTried, WrittenFlowTry, WrittenTurnView


async def try_written(call: Call, body: WrittenFlowTry) -> WrittenFlowTried:
    """What a client would read who begins to write and answers so; nobody is written to"""
    async with call.house.database.reading() as session:
        account = await led_account(session, call.id())
        flow = body.flow or (await flows.flow_of(session, account.id))[0]
        at = body.at or call.house.clock.now()
        world = await written_world(session, flow, account.settings, at)
    language = body.language if body.language in world.languages else world.languages[0]
    return WrittenFlowTried(turns=list(_walk(flow, world, language, body.answers)))


def _walk(
    flow: Flow, world: World, language: str, answers: Sequence[str]
) -> Iterator[WrittenTurnView]:
    answer = Answered(turn=begin(flow, language, world), chose="")
    step = step_of(flow, answer, None, world)
    yield _turn("", answer, step)
    for text in answers:
        found = answered(flow, step.place, text, world) if step.place is not None else None
        if found is None:
            yield _left(text, language)
            continue
        step = step_of(flow, found, step.place, world)
        language = found.turn.place.language
        yield _turn(text, found, step)


def _turn(wrote: str, answer: Answered, step: Step) -> WrittenTurnView:
    return WrittenTurnView(
        wrote=wrote,
        chose=answer.chose,
        says=step.says,
        options=list(step.options),
        language=answer.turn.place.language,
        waits=step.queue is not None,
        queue_id=step.queue.queue_id if step.queue is not None else None,
    )


def _left(wrote: str, language: str) -> WrittenTurnView:
    """Words that are no choice stay with whoever will read them."""
    return WrittenTurnView(
        wrote=wrote, chose="", says="", options=[], language=language, waits=False, queue_id=None
    )


ROUTES = [post("/accounts/{id}/flow/try-written", try_written, MANAGE)]
