"""Adds the sample data through the services that real work goes through."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from uuid import UUID

from msgspec import Struct
from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels import accounts
from channels.tables import AccountRow
from clients.identities import Arriving, ResolvedClient, resolve_many
from desk.connecting import NewLine
from desk.events import SamplesChanged
from desk.samples.script import Leaf, Line, Story
from desk.samples.shelf import ARTICLES, CATEGORY, PHRASES
from desk.samples.stories import STORIES
from desk.tables import SampleRow
from kernel.actor import Actor
from kernel.errors import ConflictError
from kernel.ids import new_id
from kernel.journal import record
from kernel.secrets import Sealer
from knowledge_base import categories
from knowledge_base import service as articles
from knowledge_base.service import ArticleChange
from knowledge_base.writing import write
from routing import service as routing
from routing.service import NewContact
from tickets import canned
from tickets import service as tickets
from tickets.arrivals import Arrival, Person, place_arrivals
from tickets.service import Writing
from tickets.tables import TicketRow

MAIL, CHAT = "mail", "webchat"
_MAILBOX = NewLine(
    kind=MAIL,
    name="Sample mailbox",
    enabled=False,
    settings={
        "address": "hello@windowsill.example.com",
        "imap_host": "imap.windowsill.example.com",
        "imap_user": "hello@windowsill.example.com",
        "smtp_host": "smtp.windowsill.example.com",
    },
)
_WIDGET = NewLine(kind=CHAT, name="Sample chat", settings={"colour": "#2f8f63"})


class _Stage(Struct, kw_only=True):
    """What every story is told with."""

    session: AsyncSession
    actor: Actor
    now: datetime
    lines: Mapping[str, AccountRow]
    queue_id: UUID | None
    team_id: UUID | None
    marks: list[tuple[str, UUID]]

    def mark(self, kind: str, subject_id: UUID) -> None:
        self.marks.append((kind, subject_id))


async def add_samples(
    session: AsyncSession, sealer: Sealer, *, actor: Actor, now: datetime
) -> dict[str, int]:
    """Add clients, tickets, articles and canned replies; return how many of each table.

    Answers and notes are in the actor's name; nothing is sent to anybody. Raises ConflictError
    when sample data is there already.
    """
    if await has_samples(session):
        raise ConflictError("the sample data is there already")
    stage = await _set_up(session, sealer, actor, now)
    await _fill_shelf(stage)
    people = await _meet(stage)
    for story in sorted(STORIES, key=lambda one: -one.hours_ago):
        await _tell(stage, story, people[_key(stage, story)])
    marks = list(dict.fromkeys(stage.marks))
    await session.execute(insert(SampleRow), [{"kind": kind, "id": one} for kind, one in marks])
    record(session, SamplesChanged(actor_id=actor.agent_id, present=True))
    return dict(Counter(kind for kind, _ in marks))


async def has_samples(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(exists().where(SampleRow.kind != ""))))


async def _set_up(session: AsyncSession, sealer: Sealer, actor: Actor, now: datetime) -> _Stage:
    lines = {
        wanted.kind: await accounts.create_account(session, sealer, wanted, now=now)
        for wanted in (_MAILBOX, _WIDGET)
    }
    queue = await routing.default_queue(session)
    return _Stage(
        session=session,
        actor=actor,
        now=now,
        lines=lines,
        queue_id=queue.id if queue else None,
        team_id=queue.team_id if queue else None,
        marks=[("account", row.id) for row in lines.values()],
    )


async def _fill_shelf(stage: _Stage) -> None:
    category = await categories.add_category(stage.session, stage.actor, names=CATEGORY)
    stage.mark("article_category", category.id)
    for leaf in ARTICLES:
        stage.mark("article", await _publish(stage, leaf, category.id))
    for phrase in PHRASES:
        values = {"shortcut": phrase.shortcut, "title": phrase.title, "html": phrase.html}
        row = await canned.create_canned(stage.session, {**values, "team_id": None}, stage.now)
        stage.mark("canned_reply", row.id)


async def _publish(stage: _Stage, leaf: Leaf, category_id: UUID) -> UUID:
    article_id = await articles.create(
        stage.session,
        stage.actor,
        texts=[write(locale, title, body) for locale, (title, body) in leaf.texts.items()],
        slug=leaf.slug,
        category_id=category_id,
        visibility="public" if leaf.public else "internal",
        now=stage.now,
    )
    change = ArticleChange(version=1, state="published")
    await articles.edit(stage.session, stage.actor, article_id, change, now=stage.now)
    return article_id


async def _meet(stage: _Stage) -> dict[tuple[str, str], ResolvedClient]:
    """Make the clients; one whom a real channel knew before is not marked and so never removed."""
    arriving = []
    for story in STORIES:
        channel, handle = _key(stage, story)
        told = {"locale": story.client.locale}
        if story.client.email:
            told["email"] = story.client.email
        arriving.append(
            Arriving(channel=channel, handle=handle, name=story.client.name, attributes=told)
        )
    people = await resolve_many(stage.session, arriving, stage.now - timedelta(days=9))
    for client in people.values():
        if client.created:
            stage.mark("client", client.id)
    return people


def _key(stage: _Stage, story: Story) -> tuple[str, str]:
    if story.client.email:
        return MAIL, story.client.email
    number = STORIES.index(story)
    return CHAT, f"{stage.lines[CHAT].public_key}:visitor:{number:032x}"


async def _tell(stage: _Stage, story: Story, client: ResolvedClient) -> None:
    """Let one story happen, line by line, each at its own time."""
    began = stage.now - timedelta(hours=story.hours_ago)
    ticket: TicketRow | None = None
    for line in story.lines:
        when = began + timedelta(minutes=line.minute)
        if line.who == "client":
            ticket = await _hear(stage, story, line, client, ticket, when)
        elif ticket is not None:
            await _answer(stage, line, ticket, when)
    if ticket is not None:
        await _leave(stage, story, ticket, client)


async def _hear(
    stage: _Stage,
    story: Story,
    line: Line,
    client: ResolvedClient,
    ticket: TicketRow | None,
    when: datetime,
) -> TicketRow:
    channel, handle = _key(stage, story)
    arrival = Arrival(
        delivery_id=new_id(),
        account_id=stage.lines[channel].id,
        channel=channel,
        external_id=f"sample:{new_id()}",
        author=Person(client_id=client.id, handle=handle, name=story.client.name),
        text=line.text,
        subject=story.subject,
        ticket_claim=ticket.id if ticket else None,
        queue_id=stage.queue_id,
        team_id=stage.team_id,
    )
    (placed,) = await place_arrivals(stage.session, [arrival], when)
    stage.mark("ticket", placed.ticket.id)
    return await stage.session.get_one(TicketRow, placed.ticket.id, populate_existing=True)


async def _answer(stage: _Stage, line: Line, ticket: TicketRow, when: datetime) -> None:
    outbound = line.who == "agent"
    message = await tickets.write(
        stage.session,
        ticket,
        Writing(
            id=new_id(),
            kind="outbound" if outbound else "note",
            author_id=stage.actor.agent_id,
            author_name=stage.actor.name,
            text=line.text,
            html=_html(line.text),
            channel=ticket.channel if outbound else "note",
            account_id=ticket.account_id if outbound else None,
            to=[dict(ticket.recipient)] if outbound else [],
        ),
        now=when,
    )
    if outbound:
        await tickets.move_state(stage.session, message.id, "sent", now=when)
        await tickets.move_state(stage.session, message.id, "read", now=when)


async def _leave(stage: _Stage, story: Story, ticket: TicketRow, client: ResolvedClient) -> None:
    """Put the ticket into its last state; what waits goes into the queue by its own time."""
    mine = stage.actor.agent_id
    changes = {
        "status": story.status,
        "priority": story.priority,
        "tags": list(story.tags),
        "assignee_id": mine if story.assigned else None,
    }
    when = ticket.last_activity_at
    await tickets.change(stage.session, ticket, changes, actor_id=mine, now=when)
    if story.waits and stage.queue_id is not None:
        contact = NewContact(
            ticket_id=ticket.id,
            client_id=client.id,
            queue_id=stage.queue_id,
            channel=ticket.channel,
            account_id=ticket.account_id,
            team_id=ticket.team_id,
            assignee_id=ticket.assignee_id,
        )
        await routing.queue_contacts(stage.session, [contact], when)


def _html(text: str) -> str:
    parts: Sequence[str] = text.split("\n\n")
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts)
