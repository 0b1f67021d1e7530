"""The chat as the edge knows it: which widget, which visitor, how fast, and where words go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from aiohttp import web
from msgspec import Struct

from channels import accounts
from channels.envelope import Delivery, Status
from channels.errors import MisconfiguredError
from channels.webchat import parse, visitors
from channels.webchat.account import IDENTITY_SECRET, KIND, WidgetSettings, read_settings
from channels.webchat.challenge import Flood
from channels.webchat.choices import as_words
from channels.webchat.guestbook import Guestbook
from channels.webchat.hub import VisitorSeat
from channels.webchat.names import clean_text
from channels.webchat.origins import Site, allows
from channels.webchat.pace import Pace
from channels.webchat.visitors import Upload, Visitor
from desk import chat_conversations, chat_history
from desk.chat_history import Conversation
from kernel.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    SignInRequiredError,
)
from kernel.limits import CHAT_ARTICLES_KNOWN_SECONDS
from kernel.sniff import INLINE_IMAGES
from knowledge_base import queries
from knowledge_base.audience import Audience
from staff.throttle import network_of
from web.chat_look import greeting_text
from web.chat_shapes import Echo, MessageFrame, Say, UploadView
from web.house import House
from web.session import address_of, same_origin

SCHEME = "Visitor "
_TOKEN_CHARS = 100
_UNKNOWN_KEYS_BURST = 30.0


class Widget(Struct, frozen=True, kw_only=True):
    """One widget that is switched on."""

    account_id: UUID
    public_key: str
    settings: WidgetSettings
    secret: str
    sites: tuple[Site, ...]


class Kept(Struct, frozen=True, kw_only=True):
    """When a message was said, and the conversation it named or began."""

    at: datetime
    conversation: UUID | None


class ChatRoom:
    """Shared by every handler of the chat; knows nothing that the database does not."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hub = house.visitors
        self.pace = Pace(house.clock)
        self._guests = Guestbook(house.clock)
        self._widgets: dict[str, Widget] = {}
        self.flood = Flood(house.clock)
        self._articles = (False, 0.0)
        house.chat.on_account_change(self._widgets.clear)

    # --- Which widget, from where ---

    async def widget(self, request: web.Request) -> Widget:
        """Return the widget that the path names; one that is off does not exist."""
        public_key = request.match_info["public_key"]
        known = self._widgets.get(public_key)
        return known or await self._find_widget(public_key, self.network(request))

    async def _find_widget(self, public_key: str, network: str) -> Widget:
        self.pace.take(("unknown", network), per_second=1.0, burst=_UNKNOWN_KEYS_BURST)
        async with self.house.database.reading() as session:
            row = await accounts.find_by_key(session, public_key[:_TOKEN_CHARS])
        if row is None or row.kind != KIND or not row.enabled:
            raise NotFoundError("there is no such widget")
        try:
            settings = read_settings(row.settings)
        except MisconfiguredError as error:
            raise NotFoundError("this widget is not set up yet") from error
        account = accounts.open_account(self.house.sealer, row)
        widget = Widget(
            account_id=row.id,
            public_key=row.public_key,
            settings=settings,
            secret=account.secrets.get(IDENTITY_SECRET, ""),
            sites=settings.sites(),
        )
        self._widgets[public_key] = widget
        return widget

    def check_origin(self, request: web.Request, widget: Widget, *, needed: bool = False) -> str:
        """Return the page's origin when the widget may stand there, or refuse (G-04).

        Browsers send `Origin` with everything that matters here; who sends none is no foreign
        page, unless the browser itself says that it is.
        """
        origin = request.headers.get("Origin")
        if origin is None:
            site = request.headers.get("Sec-Fetch-Site", "none")
            if needed or site not in {"same-origin", "none"}:
                raise ForbiddenError("this widget may not be used from there")
            return ""
        if not same_origin(origin, self.house.options.public_url) and not allows(
            widget.sites, origin
        ):
            raise ForbiddenError(
                "this widget may not be used on this site; an administrator can allow it"
            )
        return origin

    def network(self, request: web.Request) -> str:
        return network_of(address_of(request, self.house))

    async def has_articles(self) -> bool:
        """Say whether visitors can find anything; looked up anew after a minute."""
        found, until = self._articles
        now = self.house.clock.monotonic()
        if now >= until:
            async with self.house.database.reading() as session:
                some, _ = await queries.list_articles(session, Audience.EVERYONE, limit=1)
            found = bool(some)
            self._articles = (found, now + CHAT_ARTICLES_KNOWN_SECONDS)
        return found

    # --- Which visitor ---

    async def visitor(self, request: web.Request, widget: Widget) -> Visitor:
        """Return who holds the token in the header, or raise SignInRequiredError."""
        header = request.headers.get("Authorization", "")
        if not header.startswith(SCHEME):
            raise SignInRequiredError("this conversation is not known here; start again")
        return await self.holder(widget, header.removeprefix(SCHEME))

    async def holder(self, widget: Widget, token: str) -> Visitor:
        found = await self.find_holder(widget, token)
        if found is None:
            raise SignInRequiredError("this conversation is not known here; start again")
        return found

    async def find_holder(self, widget: Widget, token: str) -> Visitor | None:
        if len(token) > _TOKEN_CHARS:
            return None
        hashed = visitors.token_hash(token)
        known = self._guests.get(hashed)
        if known is not None:
            return known if known.account_id == widget.account_id else None
        async with self.house.database.reading(quick=True) as session:
            found = await visitors.find_visitor(
                session, widget.account_id, hashed, self.house.clock.now()
            )
        if found is not None:
            self._guests.keep(hashed, found)
        return found

    def changed(self, visitor: Visitor) -> None:
        """The visitor said who they are: every page and every cache knows from now on."""
        self._guests.forget(visitor.id)
        self.hub.change(visitor)

    def gone(self, visitor: Visitor) -> None:
        self._guests.forget(visitor.id)
        self.hub.hang_up(visitor.id, visitor.handle)

    # --- What they do ---

    async def say(
        self,
        widget: Widget,
        visitor: Visitor,
        network: str,
        message: Say | MessageFrame,
        *,
        seat: VisitorSeat | None = None,
    ) -> Kept:
        """Take a message in; return when it was said. Returning means that it is committed."""
        message_id, written, file_ids = message.id, message.text, message.attachment_ids
        if widget.settings.identity_required and not visitor.verified:
            raise SignInRequiredError("sign in on this site to write here")
        text = clean_text(written)
        if not text and not file_ids:
            raise InvalidInputError("write something before sending", field="text")
        self._pace_words(widget, visitor, network)
        files = await self._uploads(visitor, file_ids) if file_ids else ()
        at = self.house.clock.now()
        ticket_id = await self._where(widget, visitor, message, text)
        said = parse.said_by(
            visitor,
            message_id,
            text,
            files,
            at,
            ticket_id=ticket_id,
            greeting=_greeting(widget, visitor, message.greeting),
        )
        await self._deliver(widget, said, at)
        kept = Kept(at=at, conversation=ticket_id)
        if self.hub.others(visitor.handle, seat):
            self._echo(visitor, message_id, text, files, kept, seat)
        return kept

    async def _where(
        self, widget: Widget, visitor: Visitor, message: Say | MessageFrame, text: str
    ) -> UUID | None:
        """Return the ticket a message names or begins; None is the visitor's latest, or a first."""
        if message.begins is not None:
            line = self.house.lines.get(widget.account_id)
            if line is None:
                raise OverloadedError
            self.pace.take(("begins", visitor.id), per_second=0.2, burst=20.0)
            now = self.house.clock.now()
            async with self.house.database.transaction() as session:
                return await chat_conversations.begin(
                    session, line, visitor, message.begins, text, now
                )
        if message.conversation is not None:
            async with self.house.database.reading() as session:
                ticket = await chat_conversations.conversation_of(
                    session, conversation(visitor), message.conversation
                )
            return ticket.id
        return None

    async def mark(self, widget: Widget, visitor: Visitor, up_to: UUID, status: Status) -> None:
        """Note how far the visitor came with our answers."""
        whose = conversation(visitor)
        async with self.house.database.reading() as session:
            ids = await chat_history.unmarked(session, whose, up_to, status=status.value)
        if ids:
            told = parse.Marked(visitor_id=visitor.id, status=status, message_ids=tuple(ids))
            await self._deliver(widget, told, self.house.clock.now())

    async def types(
        self, visitor: Visitor, *, typing: bool, seat: VisitorSeat | None = None
    ) -> None:
        """Tell the agents who look at the conversation that the visitor writes."""
        ticket_id = seat.ticket_id if seat else None
        if ticket_id is None:
            async with self.house.database.reading() as session:
                ticket_id = await chat_history.latest_ticket(session, conversation(visitor))
            if seat is not None:
                seat.ticket_id = ticket_id
        if ticket_id is not None:
            self.house.hub.tell_typing(ticket_id, agent_id=None, name=visitor.name, typing=typing)

    def _pace_words(self, widget: Widget, visitor: Visitor, network: str) -> None:
        settings = widget.settings
        for key, per_minute in (
            (("words", network), settings.messages_per_minute_per_address),
            (("words", visitor.id), settings.messages_per_minute),
        ):
            self.pace.take(key, per_second=per_minute / 60, burst=max(5.0, per_minute / 3))

    async def _uploads(self, visitor: Visitor, ids: Sequence[UUID]) -> tuple[Upload, ...]:
        async with self.house.database.reading() as session:
            found = await visitors.uploads_of(session, visitor.id, ids)
        if set(found) != set(ids):
            raise InvalidInputError(
                "a file is not there any more; attach it again", field="attachment_ids"
            )
        return tuple(found[one] for one in dict.fromkeys(ids))

    async def _deliver(self, widget: Widget, told: parse.Said | parse.Marked, at: datetime) -> None:
        if self.house.lines.get(widget.account_id) is None:
            # Switched on a moment ago, or about to be: nothing is stored, the page tries again.
            raise OverloadedError
        await self.house.intake.accept(
            [
                Delivery(
                    account_id=widget.account_id,
                    external_id=parse.external_id(told),
                    raw=parse.to_raw(told),
                    received_at=at,
                )
            ]
        )

    def _echo(
        self,
        visitor: Visitor,
        message_id: UUID,
        text: str,
        files: Sequence[Upload],
        kept: Kept,
        seat: VisitorSeat | None,
    ) -> None:
        echo = Echo(
            id=f"~{message_id}",
            client_id=message_id,
            text=text,
            conversation=kept.conversation,
            at=kept.at,
            files=[upload_view(file) for file in files],
        )
        frame = {"type": "message", "message": echo, "cursor": 0}
        self.hub.tell(visitor.handle, msgspec.json.encode(frame), but=seat)


def _greeting(widget: Widget, visitor: Visitor, rule_id: str) -> str:
    """Return what the widget said first: the rule's own words, never the browser's."""
    rule = next((one for one in widget.settings.greetings if one.id == rule_id), None)
    if rule is None:
        return ""
    return as_words(greeting_text(widget.settings, rule, visitor.locale))


def conversation(visitor: Visitor) -> Conversation:
    return Conversation(account_id=visitor.account_id, handle=visitor.handle)


def upload_view(upload: Upload) -> UploadView:
    return UploadView(
        id=upload.id,
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        image=upload.media_type in INLINE_IMAGES,
    )


CHAT = web.AppKey("chat", ChatRoom)
