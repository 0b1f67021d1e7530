"""Writes the mail of a digest: plain text and the same as simple HTML."""

from collections.abc import Sequence
from html import escape
from uuid import UUID

from msgspec import Struct

from desk.notifications.words import digest_words, event_words, place_of

LISTED = "/notifications"
SETTINGS = "/profile#notifications"


class Item(Struct, frozen=True, kw_only=True):
    """One line of a digest."""

    event: str
    name: str
    detail: str
    ticket_id: UUID | None
    number: int | None
    subject: str | None


class Letter(Struct, frozen=True, kw_only=True):
    subject: str
    text: str
    html: str


def write_letter(
    items: Sequence[Item], *, beyond: int, company: str, public_url: str, locale: str
) -> Letter:
    """Say what was not read, `beyond` of which find no place here."""
    words = digest_words(locale)
    more = words["more"].format(n=beyond) if beyond else ""
    base = public_url.rstrip("/")
    lines = [_line(item, base, locale) for item in items]
    links = [(words["list"], base + LISTED), (words["settings"], base + SETTINGS)]
    return Letter(
        subject=words["subject"].format(company=company, n=len(items) + beyond),
        text="\n\n".join(
            [*("\n".join(line) for line in lines), *([more] if more else []), _plain(links)]
        ),
        html="".join(_paragraph(line) for line in lines)
        + (f"<p>{escape(more)}</p>" if more else "")
        + "<hr>"
        + "".join(f'<p><a href="{escape(url)}">{escape(name)}</a></p>' for name, url in links),
    )


def _line(item: Item, base: str, locale: str) -> list[str]:
    """What happened, the ticket's name, the first words, and the way there."""
    said = [event_words(locale, item.event, item.name)]
    if item.ticket_id is not None:
        said.append(f"#{item.number} {item.subject}")
    if item.detail:
        said.append(item.detail)
    said.append(base + place_of(item.event, item.ticket_id))
    return said


def _paragraph(line: Sequence[str]) -> str:
    first, *rest, url = line
    inner = "".join(f"<br>{escape(one)}" for one in rest)
    return f'<p><a href="{escape(url)}"><b>{escape(first)}</b></a>{inner}</p>'


def _plain(links: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {url}" for name, url in links)
