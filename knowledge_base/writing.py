"""What an editor hands in, made ready before the transaction: checked, rendered, analysed."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from msgspec import Struct

from kernel.analyser import terms
from kernel.errors import InvalidInputError
from kernel.html import VERSION
from kernel.ids import new_id
from kernel.limits import ARTICLE_CHARS, SUBJECT_CHARS
from kernel.search_index import Indexed

LOCALES: Final = ("en", "uk", "ru")
_SLUG_CHARS: Final = 80
_SLUG_TRIES: Final = 200
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
_LATIN: Final = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ё": "e",
    "ж": "zh", "з": "z", "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y", "э": "e", "ю": "iu", "я": "ia",
    "ь": "", "ъ": "", "'": "", "’": "", "ʼ": "",
}  # fmt: skip
_TO_LATIN: Final = str.maketrans(_LATIN)


class Written(Struct, frozen=True, kw_only=True):
    """One language of an article, ready to be stored."""

    locale: str
    title: str
    markdown: str
    html: str
    excerpt: str
    title_terms: tuple[str, ...]
    body_terms: tuple[str, ...]

    def indexed(self, text_id: UUID) -> Indexed:
        return Indexed(text_id, self.title_terms, self.body_terms)


def write(locale: str, title: str, markdown: str) -> Written:
    """Check, render and analyse one text; takes CPU time, so run it off the loop when it is long.

    Raises InvalidInputError for an unknown locale, an empty title or too long a text.
    """
    title = " ".join(title.split())
    if locale not in LOCALES:
        raise InvalidInputError(f"a locale is one of {', '.join(LOCALES)}", field="locale")
    if not title or len(title) > SUBJECT_CHARS:
        raise InvalidInputError(f"give it a title of 1 to {SUBJECT_CHARS} letters", field="title")
    if len(markdown) > ARTICLE_CHARS:
        raise InvalidInputError(f"an article has up to {ARTICLE_CHARS} letters", field="markdown")
    # Loaded when somebody writes: Markdown is a large part of the time a start takes.
    from knowledge_base.render import render  # noqa: PLC0415

    rendered = render(markdown)
    return Written(
        locale=locale,
        title=title,
        markdown=markdown,
        html=rendered.html,
        excerpt=rendered.excerpt,
        title_terms=tuple(terms(title)),
        body_terms=tuple(terms(rendered.text)),
    )


def shown_html(html: str, markdown: str, version: int) -> str:
    """Return stored HTML, rendered anew from its Markdown when the sanitiser's rules changed."""
    if version == VERSION:
        return html
    from knowledge_base.render import render  # noqa: PLC0415

    return render(markdown).html


def check_locales(texts: Iterable[Written]) -> None:
    """Refuse two texts of one language."""
    locales = [text.locale for text in texts]
    if len(set(locales)) != len(locales):
        raise InvalidInputError("there are two texts in one language", field="texts")


def check_slug(slug: str) -> None:
    """Refuse what does not read well in an address."""
    if len(slug) > _SLUG_CHARS or not _SLUG.fullmatch(slug):
        raise InvalidInputError(
            "an address is small letters and digits joined by hyphens", field="slug"
        )


def slug_of(title: str) -> str:
    """Return the address of an article called `title`, in Latin letters."""
    words = _NOT_SLUG.sub("-", title.lower().translate(_TO_LATIN)).strip("-")
    return words[:_SLUG_CHARS].strip("-") or f"article-{new_id().hex[-8:]}"


def slug_choices(slug: str, title: str) -> Iterator[str]:
    """Yield the addresses to try: the wanted one alone, or one after another made from the title.

    Raises InvalidInputError for one that does not read well.
    """
    if slug:
        check_slug(slug)
        yield slug
        return
    wanted = slug_of(title)
    yield wanted
    for number in range(2, _SLUG_TRIES):
        yield f"{wanted}-{number}"
    yield f"{wanted}-{new_id().hex[-8:]}"
