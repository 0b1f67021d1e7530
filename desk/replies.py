"""An agent's answer: checked, stored and promised in one transaction."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts, outbox, templates
from channels.capabilities import Enclosed, Formatting, refuse_unsendable
from channels.envelope import Outbound, Party, TemplateUse
from channels.mail.recipients import Reached, reply_plan
from channels.mail.threads import without_plus
from channels.outbox import FileRef
from clients import queries as client_queries
from clients import reach
from desk.dressing import pictures_named, signed, signed_text
from desk.lines import Line, Lines
from desk.quick import Worded, worded
from desk.quiet_hours import QUIET, quiet_for
from desk.repeats import digest_of
from desk.ways import LEFT_ALONE, NUMBERED, Route, party_of, refuse_shut, ways_to
from kernel.actor import Actor
from kernel.crash import crash_here
from kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from kernel.html import from_editor, to_text
from kernel.limits import MAIL_REFERENCES, SEND_LATER_LONGEST, UNDO_WINDOW
from routing import service as routing
from staff import actors as staff
from staff import queries as staff_queries
from supervision import companions
from tickets import queries as ticket_queries
from tickets import reading, snoozing
from tickets import service as tickets
from tickets.access import sees
from tickets.arrivals import participants_of
from tickets.lifecycle import DONE
from tickets.service import Writing
from tickets.tables import AttachmentRow, MessageRow, TicketRow

MAIL = "mail"
TAKEN_BACK = frozenset({"pending", "scheduled", "paused"})
ENDS_THE_TURN = frozenset({"waiting", "solved", "closed"})


class Chosen(Struct, frozen=True, kw_only=True):
    """A template and what its variables stand for."""

    template_id: UUID
    values: Mapping[str, str]


class Answer(Struct, frozen=True, kw_only=True):
    """What an agent sends: the body as the editor gives it, and whom it shall reach."""

    id: UUID
    html: str
    account_id: UUID | None = None
    to: Sequence[Party] | None = None
    cc: Sequence[Party] = ()
    attachment_ids: Sequence[UUID] = ()
    article_ids: Sequence[UUID] = ()
    set_status: str | None = None
    after_message_id: UUID | None = None
    send_at: datetime | None = None
    """On a later day; absent: now."""
    unless_client_writes: bool = False
    """Of what leaves later: pause it when the client writes before."""
    template: Chosen | None = None
    """An approved text, which is sent instead of `html`."""


class Preview(Struct, frozen=True, kw_only=True):
    """What the client would get: by which way, who, and the words as they leave."""

    route: Route
    to: Sequence[Party]
    cc: Sequence[Party]
    subject: str | None
    html: str


class Plan(Struct, frozen=True, kw_only=True):
    """Every way to answer, the usual one first, and whom a mail would reach."""

    routes: Sequence[Route]
    to: Sequence[Reached] = ()
    cc: Sequence[Reached] = ()
    all_to: Sequence[Reached] = ()
    all_cc: Sequence[Reached] = ()
    warnings: Sequence[str] = ()


async def plan_reply(session: AsyncSession, lines: Lines, ticket: TicketRow) -> Plan:
    """Say before sending whom an answer reaches, and what deserves a second look.

    A blocked client is still answered: blocking ends what comes in, not what we owe.
    """
    plan = await _plan(session, lines, ticket)
    client = (await client_queries.briefs(session, {ticket.client_id})).get(ticket.client_id)
    warnings = list(plan.warnings)
    if client is not None and client.blocked:
        warnings.append("client_blocked")
    if client is not None and client.left_alone:
        warnings.append("client_left_alone")
    usual = plan.routes[0] if plan.routes else None
    if usual and usual.forbidden is None and await _is_gone(session, usual):
        warnings.append("client_gone")
    return replace(plan, warnings=warnings)


async def _is_gone(session: AsyncSession, route: Route) -> bool:
    """Whether nothing reaches them there any more; an answer may be tried all the same."""
    kind, handle = route.line.traits.people, route.recipient.handle
    return await reach.unreachable(session, kind, handle) is not None


async def _plan(session: AsyncSession, lines: Lines, ticket: TicketRow) -> Plan:
    routes = await ways_to(session, lines, ticket)
    if not routes or routes[0].line.account.kind != MAIL:
        return Plan(routes=routes)
    return await _mail_plan(session, ticket, routes)


async def send_reply(
    session: AsyncSession,
    lines: Lines,
    *,
    actor: Actor,
    ticket: TicketRow,
    answer: Answer,
    now: datetime,
    undo_window: timedelta = UNDO_WINDOW,
) -> MessageRow:
    """Store the answer and promise its sending; the same id again is the same answer.

    Raises InvalidInputError when the same id comes with other words or readers.
    """
    digest = digest_of(answer, leaving_out=["after_message_id"])
    known = await tickets.find_written(
        session, answer.id, ticket=ticket, author_id=actor.agent_id, digest=digest
    )
    if known is not None:
        return known
    await _refuse_if_client_wrote(session, ticket, answer)
    _check_moment(answer, now)
    plan = await _plan(session, lines, ticket)
    route = _chosen(plan, answer)
    answer, use = await _filled_in(session, route, answer)
    refuse_shut(route, answer.send_at or now, approved=use is not None)
    answer, held = await _as_begun(session, ticket, route, answer, now)
    to, cc = _recipients(plan, route, answer)
    written, pictures = pictures_named(answer.html, answer.attachment_ids)
    body = from_editor(written)
    text = to_text(body.html)
    if not text.strip() and not answer.attachment_ids:
        raise InvalidInputError("write something before sending", field="html")
    mail = route.line.account.kind == MAIL
    message = await tickets.write(
        session,
        ticket,
        Writing(
            id=answer.id,
            kind="outbound",
            author_id=actor.agent_id,
            author_name=actor.name,
            author_handle=str(route.line.account.settings.get("address", "")),
            text=text,
            html=body.html,
            channel=route.line.account.kind,
            account_id=route.line.account.id,
            subject=_subject(ticket.subject) if mail else None,
            to=[_party(party) for party in to],
            cc=[_party(party) for party in cc],
            attachment_ids=answer.attachment_ids,
            pictures=pictures,
            set_status=answer.set_status,
            later=answer.send_at is not None,
            digest=digest,
        ),
        now=now,
    )
    message.state_reason = held
    await _wake_done(session, ticket, actor)
    due_at = now if route.line.traits.live else now + undo_window
    await _promise(session, ticket, message, route, answer, now, due_at, use)
    await _after(session, ticket, route.line, answer, actor, now)
    crash_here("replies.after_promise_before_commit")
    return message


async def _as_begun(
    session: AsyncSession, ticket: TicketRow, route: Route, answer: Answer, now: datetime
) -> tuple[Answer, str]:
    """Of a first word: refuse it to who is to be left alone, and keep it while it is night there.

    Returns the answer as it leaves, and why it is kept.
    """
    if await ticket_queries.last_from_client(session, ticket.id) is not None:
        return answer, ""
    if await reach.left_alone(session, ticket.client_id):
        raise InvalidInputError(LEFT_ALONE, field="account_id")
    if route.line.traits.people not in NUMBERED:
        return answer, ""
    until = await quiet_for(
        session, ticket.client_id, route.recipient.handle, answer.send_at or now
    )
    if until is None:
        return answer, ""
    return replace(answer, send_at=until, unless_client_writes=True), QUIET


async def _promise(
    session: AsyncSession,
    ticket: TicketRow,
    message: MessageRow,
    route: Route,
    answer: Answer,
    now: datetime,
    due_at: datetime,
    use: TemplateUse | None,
) -> None:
    files = (await ticket_queries.files_of(session, [message.id])).get(message.id, [])
    _refuse_unsendable(route.line, message.text, files)
    keys = await ticket_queries.thread_keys(session, ticket.id, limit=MAIL_REFERENCES)
    asked = await ticket_queries.last_from_client(session, ticket.id)
    sign = await _signature(session, route, message.author_agent_id)
    said = _worded(route.line, message, with_files=bool(files))
    later = outbox.Later(yields=answer.unless_client_writes, asked_id=asked.id if asked else None)
    outbox.promise(
        session,
        Outbound(
            account_id=route.line.account.id,
            key=message.id,
            ticket_id=ticket.id,
            recipient=route.recipient,
            text=signed_text(said.text, sign),
            html=signed(said.html, sign),
            choices=said.choices,
            subject=message.subject,
            to=tuple(Party(**party) for party in message.to) or (route.recipient,),
            cc=tuple(Party(**party) for party in message.cc),
            in_reply_to=asked.thread_key if asked else None,
            references=tuple(keys),
            author_name=message.author_name,
            template=use,
        ),
        lane=ticket.id,
        now=now,
        due_at=answer.send_at or due_at,
        later=later if answer.send_at else None,
        files=[
            FileRef(
                blob=file.blob,
                name=file.name,
                media_type=file.media_type,
                content_id=file.content_id,
            )
            for file in files
        ],
    )


def _worded(line: Line, message: MessageRow, *, with_files: bool) -> Worded:
    """In a chat that is live the page itself makes buttons of what the text says."""
    if line.traits.live:
        return Worded(message.text, message.safe_html)
    return worded(line.traits.can, message.text, message.safe_html, files=with_files)


async def _filled_in(
    session: AsyncSession, route: Route, answer: Answer
) -> tuple[Answer, TemplateUse | None]:
    """Return the answer in the words of its template, and what is sent in their place."""
    if answer.template is None:
        return answer, None
    if answer.attachment_ids:
        raise InvalidInputError("a template takes no files beside it", field="attachment_ids")
    kept = await templates.find_template(session, answer.template.template_id)
    if kept.account_id != route.line.account.id:
        raise InvalidInputError(
            f"this template is not of “{route.line.account.name}”; choose one of its own",
            field="template",
        )
    use = templates.use_of(kept.template, answer.template.values)
    words = html.escape(kept.template.rendered(use.values)).replace("\n", "<br>")
    return replace(answer, html=f"<p>{words}</p>"), use


def _refuse_unsendable(line: Line, text: str, files: Sequence[AttachmentRow]) -> None:
    """What the channel cannot carry is refused before anything is promised."""
    enclosed = [Enclosed(name=one.name, media_type=one.media_type, size=one.size) for one in files]
    refuse_unsendable(line.traits.name, line.traits.can, text, enclosed)


async def preview(
    session: AsyncSession, lines: Lines, *, actor: Actor, ticket: TicketRow, answer: Answer
) -> Preview:
    """Say what would leave, without promising anything."""
    plan = await _plan(session, lines, ticket)
    route = _chosen(plan, answer)
    to, cc = _recipients(plan, route, answer)
    sign = await _signature(session, route, actor.agent_id)
    body = from_editor(pictures_named(answer.html, answer.attachment_ids)[0])
    mail = route.line.account.kind == MAIL
    rich = route.line.traits.can.formatting is Formatting.RICH
    shown = body.html if rich else "<br>".join(html.escape(to_text(body.html)).split("\n"))
    return Preview(
        route=route,
        to=to,
        cc=cc,
        subject=_subject(ticket.subject) if mail else None,
        html=signed(shown, sign) or "",
    )


async def _signature(session: AsyncSession, route: Route, agent_id: UUID | None) -> str:
    """The writer's signature stands below what leaves by mail, and nowhere else."""
    if route.line.account.kind != MAIL or agent_id is None:
        return ""
    card = (await staff_queries.agents_by_ids(session, {agent_id})).get(agent_id)
    return card.signature.strip() if card else ""


def _check_moment(answer: Answer, now: datetime) -> None:
    if answer.send_at is not None and not now < answer.send_at <= now + SEND_LATER_LONGEST:
        raise InvalidInputError(
            f"an answer leaves at a moment ahead, at most {SEND_LATER_LONGEST.days} days",
            field="send_at",
        )
    if answer.unless_client_writes and answer.send_at is None:
        raise InvalidInputError(
            "only what leaves later can wait for the client", field="unless_client_writes"
        )


async def _after(
    session: AsyncSession,
    ticket: TicketRow,
    line: Line,
    answer: Answer,
    actor: Actor,
    now: datetime,
) -> None:
    """Remember what helped, drop the draft, and end the contact whose turn this answered."""
    for article_id in answer.article_ids:
        await tickets.link_article(session, ticket, article_id, agent_id=actor.agent_id, now=now)
    if answer.template is None:  # what is being written beside a template stays
        await tickets.drop_draft(session, ticket_id=ticket.id, agent_id=actor.agent_id)
    if ticket.assignee_id is None:
        await tickets.change(
            session, ticket, {"assignee_id": actor.agent_id}, actor_id=actor.agent_id, now=now
        )
    contact = await routing.open_contact_of(session, ticket.id)
    if contact is None:
        return
    if await companions.takes_part(session, contact.id, actor.agent_id):
        # Whoever only helps out leaves the contact with its agent, unless they end it in words.
        ends = answer.set_status in ENDS_THE_TURN
    else:
        ends = not line.traits.live or (answer.set_status or ticket.status) in ENDS_THE_TURN
    if ends:
        await routing.conclude(session, contact, by=actor.agent_id, now=now)


async def _refuse_if_client_wrote(session: AsyncSession, ticket: TicketRow, answer: Answer) -> None:
    if answer.after_message_id is None:
        return
    seen = await reading.place_of(session, ticket_id=ticket.id, message_id=answer.after_message_id)
    if seen is None:
        raise InvalidInputError("this ticket has no such message", field="after_message_id")
    asked = await ticket_queries.last_from_client(session, ticket.id)
    if asked is not None and asked.place > seen:
        raise ConflictError("the client wrote meanwhile; read it before you send")


async def _mail_plan(session: AsyncSession, ticket: TicketRow, routes: Sequence[Route]) -> Plan:
    settings = routes[0].line.account.settings
    own = _own_addresses(settings)
    known = (await participants_of(session, [ticket.id])).get(ticket.id, set())
    known = {without_plus(handle) for handle in known} | known
    asked = await ticket_queries.last_from_client(session, ticket.id)
    if asked is None or asked.channel != MAIL:
        plan = reply_plan(sender=routes[0].recipient, own=own, known=known)
        return Plan(routes=routes, to=plan.to, cc=plan.cc, all_to=plan.to, all_cc=plan.cc)
    said = {
        "sender": Party(handle=asked.author_handle, name=asked.author_name),
        "reply_to": [party_of(party) for party in asked.reply_to],
        "to": [party_of(party) for party in asked.to],
        "cc": [party_of(party) for party in asked.cc],
    }
    one = reply_plan(**said, own=own, known=known)  # type: ignore[arg-type]
    everyone = reply_plan(**said, own=own, known=known, everyone=True)  # type: ignore[arg-type]
    warnings = ["reply_to_differs"] if one.reply_to_differs else []
    return Plan(
        routes=routes,
        to=one.to,
        cc=one.cc,
        all_to=everyone.to,
        all_cc=everyone.cc,
        warnings=warnings,
    )


def _own_addresses(settings: Mapping[str, object]) -> list[str]:
    aliases = settings.get("aliases", ())
    more = [str(alias) for alias in aliases] if isinstance(aliases, list | tuple) else []
    return [str(settings.get("address", "")), *more]


def _chosen(plan: Plan, answer: Answer) -> Route:
    if not plan.routes:
        raise ConflictError(
            "no channel that is switched on reaches this client; see the channels' page"
        )
    if answer.account_id is None:
        return plan.routes[0]
    for route in plan.routes:
        if route.line.account.id == answer.account_id:
            return route
    raise InvalidInputError("the client cannot be reached this way", field="account_id")


def _recipients(
    plan: Plan, route: Route, answer: Answer
) -> tuple[Sequence[Party], Sequence[Party]]:
    if route.line.account.kind != MAIL:
        return [route.recipient], []
    if answer.to is not None:
        if not answer.to:
            raise InvalidInputError("an answer by mail needs a recipient", field="to")
        return answer.to, answer.cc
    if route is plan.routes[0] and plan.to:
        return [one.party for one in plan.to], answer.cc
    return [route.recipient], answer.cc


def _subject(subject: str) -> str:
    return subject if subject.casefold().startswith("re:") else f"Re: {subject}"


def _party(party: Party) -> dict[str, str]:
    return {"handle": party.handle, "name": party.name}


class Note(Struct, frozen=True, kw_only=True):
    """What an agent leaves for colleagues; clients never see it."""

    id: UUID
    html: str
    kind: Literal["note", "whisper"] = "note"
    mentions: Sequence[UUID] = ()
    attachment_ids: Sequence[UUID] = ()
    set_status: str | None = None


async def leave_note(
    session: AsyncSession, *, actor: Actor, ticket: TicketRow, note: Note, now: datetime
) -> MessageRow:
    """Store a note, also told to whom it mentions; the same id again is the same note.

    Raises InvalidInputError when the same id comes with other words, or when somebody it mentions
    cannot see the ticket and so would never learn of it.
    """
    digest = digest_of(note)
    known = await tickets.find_written(
        session, note.id, ticket=ticket, author_id=actor.agent_id, digest=digest
    )
    if known is not None:
        return known
    await _refuse_blind(session, ticket, note.mentions)
    body = from_editor(note.html)
    text = to_text(body.html)
    if not text.strip() and not note.attachment_ids:
        raise InvalidInputError("write something before saving the note", field="html")
    message = await tickets.write(
        session,
        ticket,
        Writing(
            id=note.id,
            kind=note.kind,
            author_id=actor.agent_id,
            author_name=actor.name,
            text=text,
            html=body.html,
            channel="note",
            mentions=note.mentions,
            attachment_ids=note.attachment_ids,
            set_status=note.set_status,
            digest=digest,
        ),
        now=now,
    )
    if note.kind == "note":
        await _wake_done(session, ticket, actor)
        await tickets.drop_draft(session, ticket_id=ticket.id, agent_id=actor.agent_id)
    return message


async def _wake_done(session: AsyncSession, ticket: TicketRow, actor: Actor) -> None:
    """What is done sleeps no more: reopened later, it must stand in the lists."""
    if ticket.status in DONE:
        await snoozing.wake(session, ticket, reason=snoozing.DONE, actor_id=actor.agent_id)


async def _refuse_blind(session: AsyncSession, ticket: TicketRow, mentions: Sequence[UUID]) -> None:
    """Refuse to call somebody to a ticket that is not theirs to see, naming them."""
    standings = await staff.standing_of(session, mentions) if mentions else {}
    blind = [
        agent_id
        for agent_id, standing in standings.items()
        if not sees(
            standing.as_actor(agent_id), team_id=ticket.team_id, assignee_id=ticket.assignee_id
        )
    ]
    if blind:
        known = await staff_queries.agents_by_ids(session, set(blind))
        names = ", ".join(known[agent_id].name for agent_id in blind)
        raise InvalidInputError(
            f"{names} cannot see this ticket: give it to their team first, or take the mention out",
            field="mentions",
        )


async def undo(
    session: AsyncSession, message_id: UUID, *, actor: Actor, now: datetime
) -> MessageRow:
    """Take an answer back that no courier has touched; the client's turn is open again."""
    message, ticket = await tickets.find_message(session, message_id, seen_by=actor)
    if message.author_agent_id != actor.agent_id:
        raise ForbiddenError("only its author can take an answer back")
    if message.state not in TAKEN_BACK or not await outbox.withdraw(session, message.id):
        raise ConflictError("this answer is on its way already")
    await tickets.set_state(session, message, "withdrawn")
    ticket.awaiting_answer = True
    await tickets.change(session, ticket, {"status": "open"}, actor_id=actor.agent_id, now=now)
    await routing.reopen_latest(session, ticket.id, agent_id=actor.agent_id)
    return message


async def retry(
    session: AsyncSession, message_id: UUID, *, actor: Actor, now: datetime
) -> MessageRow:
    """Promise once more what failed or ended uncertain: a person decided so."""
    message, _ = await tickets.find_message(session, message_id, seen_by=actor)
    if message.account_id is not None:
        account = await accounts.find_account(session, message.account_id)
        if account.archived_at is not None:
            raise ConflictError("its channel was removed; answer on another one")
    failed = message.state == "failed"
    if not await outbox.promise_again(session, message.id, now, undelivered=failed):
        raise ConflictError("only an answer that failed can be sent again")
    await tickets.set_state(session, message, "pending")
    return message
