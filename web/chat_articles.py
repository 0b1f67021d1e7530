"""Articles for visitors: found before they ask, and read inside the chat."""

from channels.webchat.markup import tree_of
from channels.webchat.texts import choose_locale
from kernel.errors import NotFoundError
from kernel.limits import CHAT_ARTICLE_QUERY_CHARS, CHAT_ARTICLES_FOUND
from knowledge_base import queries
from knowledge_base.audience import Audience
from web.chat_endpoint import ChatCall
from web.chat_shapes import ArticleFound, ArticlesView, ArticleView


async def find_articles(call: ChatCall) -> ArticlesView:
    """The public articles that answer some words, the best first; without words the newest."""
    _pace(call)
    text = call.request.query.get("q", "").strip()[:CHAT_ARTICLE_QUERY_CHARS]
    locale = _locale(call)
    async with call.room.house.database.reading() as session:
        if text:
            found = await queries.search(
                session, Audience.EVERYONE, text, locale=locale, limit=CHAT_ARTICLES_FOUND
            )
        else:
            found, _ = await queries.list_articles(
                session, Audience.EVERYONE, locale=locale, limit=CHAT_ARTICLES_FOUND
            )
    return ArticlesView(
        items=[ArticleFound(slug=one.slug, title=one.title, excerpt=one.excerpt) for one in found]
    )


async def get_article(call: ChatCall) -> ArticleView:
    """One public article as a tree to draw, and where it stands in the help center."""
    _pace(call)
    locale = _locale(call)
    async with call.room.house.database.reading() as session:
        found = await queries.find_by_slug(
            session, call.request.match_info["slug"], Audience.EVERYONE
        )
    text = found.text(locale)
    base = call.room.house.options.public_url
    return ArticleView(
        slug=found.slug,
        title=text.title,
        locale=text.locale,
        body=tree_of(text.html),
        url=f"{base}/help/{found.slug}?lang={locale}",
    )


def _pace(call: ChatCall) -> None:
    if not call.widget.settings.articles:
        raise NotFoundError
    network = call.room.network(call.request)
    call.room.pace.take(("articles", network), per_second=5.0, burst=60.0)


def _locale(call: ChatCall) -> str:
    return choose_locale(call.request.query.get("locale", ""), call.widget.settings.default_locale)
