"""The visitor's side of the web chat over HTTP: public, without cookies, for allowed sites only."""

from aiohttp import web

from channels.envelope import Status
from channels.webchat import visitors
from channels.webchat.challenge import ChallengeNeededError
from channels.webchat.identity import IdentityRefusedError, SignedUser, verify_identity
from channels.webchat.names import clean_page
from channels.webchat.texts import choose_locale
from channels.webchat.visitors import Visitor
from desk import chat_conversations, chat_history
from kernel.errors import InvalidInputError, SignInRequiredError
from kernel.limits import CHAT_PAGE_MESSAGES
from web.chat_about import post_attributes, post_details, visitor_view
from web.chat_articles import find_articles, get_article
from web.chat_cases import get_conversations, post_rating
from web.chat_endpoint import ChatCall, endpoint, id_of, preflight
from web.chat_files import get_file, post_upload
from web.chat_look import widget_view
from web.chat_room import conversation
from web.chat_shapes import (
    ChallengeView,
    KeptView,
    MessagesView,
    NewSession,
    Say,
    Seen,
    SessionView,
    Typing,
    WidgetView,
)
from web.chat_socket import open_line
from web.shapes import Done

HOUR = 3_600.0


async def get_widget(call: ChatCall) -> WidgetView:
    """How the widget looks and speaks, without making anybody a visitor."""
    wanted = call.request.query.get("locale", "")
    return widget_view(
        call.widget.settings,
        wanted,
        online=call.room.house.chat.online,
        articles=await call.room.has_articles(),
    )


async def post_session(call: ChatCall) -> SessionView:
    """Begin as a visitor, come back as one, or become the user whom the site has signed in."""
    body: NewSession = await call.body(NewSession)
    user = await _signed_user(call, body)
    known = await call.room.find_holder(call.widget, body.token) if body.token else None
    if user is not None and known is not None:
        handle = visitors.user_handle(call.widget.public_key, user)
        known = known if known.handle == handle else None
    if known is None:
        return await _begin(call, body, user)
    locale = choose_locale(body.locale, call.widget.settings.default_locale)
    async with call.room.house.database.transaction() as session:
        visitor = await visitors.renew_visitor(
            session,
            known,
            user=user,
            locale=locale,
            page=clean_page(body.page),
            now=call.room.house.clock.now(),
        )
    call.room.changed(visitor)
    return await _session_view(call, visitor, body.token or "")


async def _begin(call: ChatCall, body: NewSession, user: SignedUser | None) -> SessionView:
    settings, house = call.widget.settings, call.room.house
    if settings.identity_required and user is None:
        raise SignInRequiredError("sign in on this site to write here")
    if settings.consent and not body.consent:
        raise InvalidInputError("agree first; nothing is stored before that", field="consent")
    per_hour = settings.visitors_per_hour_per_address
    network = call.room.network(call.request)
    if user is None:
        _check_flood(call, body, network)
    call.room.pace.take(
        ("visitors", call.widget.account_id, network), per_second=per_hour / HOUR, burst=per_hour
    )
    async with house.database.transaction() as session:
        visitor, token = await visitors.make_visitor(
            session,
            account_id=call.widget.account_id,
            public_key=call.widget.public_key,
            user=user,
            locale=choose_locale(body.locale, settings.default_locale),
            page=clean_page(body.page),
            consented=body.consent,
            now=house.clock.now(),
        )
    return await _session_view(call, visitor, token)


def _check_flood(call: ChatCall, body: NewSession, network: str) -> None:
    """Ask for a little work while many come at once; whom the site has signed in is let through."""
    flood, account_id = call.room.flood, call.widget.account_id
    flood.came(account_id, most=call.widget.settings.flood_visitors_per_minute)
    if flood.is_on(account_id) and not (
        body.challenge and flood.accepts(account_id, network, body.challenge, body.answer)
    ):
        raise ChallengeNeededError


async def get_challenge(call: ChatCall) -> ChallengeView:
    """What a new visitor has to solve while the widget is being flooded."""
    network = call.room.network(call.request)
    call.room.pace.take(("challenge", network), per_second=1.0, burst=30.0)
    return ChallengeView(challenge=call.room.flood.make(call.widget.account_id, network))


async def _signed_user(call: ChatCall, body: NewSession) -> SignedUser | None:
    if body.identity is None:
        return None
    network = call.room.network(call.request)
    call.room.pace.take(("identity", network), per_second=1.0, burst=60.0)
    user = verify_identity(body.identity, call.widget.secret, call.room.house.clock.now())
    async with call.room.house.database.reading() as session:
        if await visitors.is_spent(session, call.widget.account_id, user.jti):
            raise IdentityRefusedError
    return user


async def _session_view(call: ChatCall, visitor: Visitor, token: str) -> SessionView:
    house, whose = call.room.house, conversation(visitor)
    cursor = house.feed.seq
    async with house.database.reading() as session:
        page = await chat_history.page_before(session, whose, before=None, limit=CHAT_PAGE_MESSAGES)
        cases = await chat_conversations.conversations(session, whose)
    return SessionView(
        token=token,
        visitor=visitor_view(visitor),
        messages=page.lines,
        cursor=cursor,
        conversations=cases,
        earlier=page.more,
        online=house.chat.online,
    )


async def delete_session(call: ChatCall) -> Done:
    """Sign out: this token, and the identity that made it, open nothing any more (G-08)."""
    visitor = await call.visitor()
    async with call.room.house.database.transaction() as session:
        await visitors.revoke(session, visitor.id, call.room.house.clock.now())
    call.room.gone(visitor)
    return Done()


async def get_messages(call: ChatCall) -> MessagesView:
    """The visitor's own conversation: the newest page, what came after a cursor, what was before"""
    visitor = await call.visitor()
    call.room.pace.take(("reads", visitor.id), per_second=2.0, burst=60.0)
    house, whose = call.room.house, conversation(visitor)
    now_at = house.feed.seq
    after, before = call.request.query.get("after"), call.request.query.get("before")
    async with house.database.reading() as session:
        if after is not None:
            caught = await chat_history.lines_after(
                session, whose, cursor=_cursor(after), now_at=now_at
            )
            return MessagesView(items=caught.lines, cursor=caught.cursor, more=caught.more)
        only = call.request.query.get("conversation")
        page = await chat_history.page_before(
            session,
            whose,
            before=id_of(before) if before else None,
            limit=CHAT_PAGE_MESSAGES,
            only=id_of(only) if only else None,
        )
    return MessagesView(items=page.lines, cursor=now_at, more=page.more)


async def post_message(call: ChatCall) -> KeptView:
    """Say something; the answer means that it is kept. The same id again is the same message."""
    visitor = await call.visitor()
    body: Say = await call.body(Say)
    network = call.room.network(call.request)
    kept = await call.room.say(call.widget, visitor, network, body)
    return KeptView(id=body.id, at=kept.at, conversation=kept.conversation)


async def post_read(call: ChatCall) -> Done:
    """Everything up to and with this answer has been read."""
    visitor = await call.visitor()
    call.room.pace.take(("marks", visitor.id), per_second=2.0, burst=60.0)
    body: Seen = await call.body(Seen)
    await call.room.mark(call.widget, visitor, body.message_id, Status.READ)
    return Done()


async def post_typing(call: ChatCall) -> Done:
    visitor = await call.visitor()
    call.room.pace.take(("typing", visitor.id), per_second=1.0, burst=10.0)
    body: Typing = await call.body(Typing)
    await call.room.types(visitor, typing=body.typing)
    return Done()


def _cursor(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInputError("a cursor is a whole number", field="after")
    return int(text)


_AT = "/chat/{public_key}"
ROUTES: list[web.RouteDef] = [
    web.get(f"{_AT}/widget", endpoint(get_widget)),
    web.post(f"{_AT}/session", endpoint(post_session)),
    web.get(f"{_AT}/challenge", endpoint(get_challenge)),
    web.delete(f"{_AT}/session", endpoint(delete_session)),
    web.get(f"{_AT}/messages", endpoint(get_messages)),
    web.post(f"{_AT}/messages", endpoint(post_message, status=201)),
    web.get(f"{_AT}/conversations", endpoint(get_conversations)),
    web.post(f"{_AT}/rating", endpoint(post_rating)),
    web.post(f"{_AT}/read", endpoint(post_read)),
    web.post(f"{_AT}/typing", endpoint(post_typing)),
    web.post(f"{_AT}/details", endpoint(post_details)),
    web.post(f"{_AT}/attributes", endpoint(post_attributes)),
    web.post(f"{_AT}/uploads", endpoint(post_upload, status=201)),
    web.get(f"{_AT}/articles", endpoint(find_articles)),
    web.get(f"{_AT}/articles/{{slug}}", endpoint(get_article)),
    web.get(f"{_AT}/files/{{id}}", endpoint(get_file)),
    web.get(f"{_AT}/socket", open_line),
    web.options(f"{_AT}/{{rest:.*}}", preflight),
]
