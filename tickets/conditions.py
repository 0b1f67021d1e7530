"""Conditions on tickets, nested with and/or, as a saved view keeps them: checked, then compiled."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, and_, exists, false, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor
from kernel.errors import InvalidInputError
from kernel.limits import VIEW_DEPTH, VIEW_RULES, VIEW_VALUES, VIEW_WORDS
from tickets import reading
from tickets.lifecycle import STATUSES
from tickets.tables import SnoozeRow, TicketRow, TicketTagRow

PRIORITIES: Final = ("low", "normal", "high", "urgent")
HOURS_MAX: Final = 24 * 366 * 10
Values = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=200)]],
    Meta(min_length=1, max_length=VIEW_VALUES),
]


class Rule(Struct, tag_field="kind", tag="rule", forbid_unknown_fields=True, frozen=True):
    """One question about a ticket; what `op` and `value` may be depends on `field`."""

    field: Literal[
        "status",
        "priority",
        "channel",
        "assignee",
        "team",
        "queue",
        "client",
        "tag",
        "subject",
        "created",
        "activity",
        "client_wrote",
        "awaiting",
        "unread",
        "mentioned",
        "snoozed",
    ]
    op: Literal[
        "any_of", "none_of", "all_of", "contains", "lacks", "older_than", "newer_than", "is"
    ]
    value: Values


class Group(Struct, tag_field="kind", tag="group", forbid_unknown_fields=True, frozen=True):
    """Rules and groups of which all, or any, must hold."""

    match: Literal["all", "any"]
    rules: Annotated[list["Group | Rule"], Meta(max_length=VIEW_RULES)]


Node = Group | Rule


class Asked(Struct, frozen=True):
    """Who looks, and when: what “me”, “mine” and “older than” mean."""

    actor: Actor
    now: datetime


Compiled = ColumnElement[bool]
_OPS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("status", "priority", "channel", "assignee", "team", "queue", "client"),
        ("any_of", "none_of"),
    ),
    "tag": ("any_of", "none_of", "all_of"),
    "subject": ("contains", "lacks"),
    **dict.fromkeys(("created", "activity", "client_wrote"), ("older_than", "newer_than")),
    **dict.fromkeys(("awaiting", "unread", "mentioned", "snoozed"), ("is",)),
}
_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {"status": STATUSES, "priority": PRIORITIES}
_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "assignee": ("me", "nobody"),
    "team": ("mine", "none"),
    "queue": ("none",),
    "client": (),
}


def check(node: Group) -> None:
    """Refuse conditions that are nested too deeply, too many, or ask what cannot be answered."""
    if _depth(node) > VIEW_DEPTH:
        raise _wrong(f"conditions can be nested {VIEW_DEPTH} levels deep")
    rules = list(_rules(node))
    if not 1 <= len(rules) <= VIEW_RULES:
        raise _wrong(f"a view has 1 to {VIEW_RULES} conditions")
    # A word of a subject is looked for in four spellings; a database reads no endless condition.
    if sum(len(rule.value) * (4 if rule.field == "subject" else 1) for rule in rules) > VIEW_WORDS:
        raise _wrong(f"a view compares with at most {VIEW_WORDS} words or names in all")
    for rule in rules:
        _check_rule(rule)


def mentions_field(node: Node, field: str) -> bool:
    return any(rule.field == field for rule in _rules(node))


def compiled(node: Node, asked: Asked) -> Compiled:
    """Return the conditions as a part of a query; they were checked when they were saved."""
    if isinstance(node, Group):
        parts = [compiled(one, asked) for one in node.rules]
        if not parts:
            return false()
        return and_(*parts) if node.match == "all" else or_(*parts)
    return _MAKERS[node.field](node, asked)


def _depth(node: Node) -> int:
    if isinstance(node, Rule):
        return 0
    return 1 + max((_depth(one) for one in node.rules), default=0)


def _rules(node: Node) -> Iterator[Rule]:
    if isinstance(node, Rule):
        yield node
    else:
        for one in node.rules:
            yield from _rules(one)


def _check_rule(rule: Rule) -> None:
    if rule.op not in _OPS[rule.field]:
        raise _wrong(f"“{rule.field}” knows {', '.join(_OPS[rule.field])}, not “{rule.op}”")
    if rule.field in _CLOSED:
        _check_words(rule, _CLOSED[rule.field])
    elif rule.field in _PEOPLE:
        for word in rule.value:
            if word not in _PEOPLE[rule.field]:
                _id(word)
    elif rule.op == "is":
        _check_words(rule, ("yes", "no"))
    elif rule.op in {"older_than", "newer_than"}:
        _hours(rule)


def _check_words(rule: Rule, known: tuple[str, ...]) -> None:
    for word in rule.value:
        if word not in known:
            raise _wrong(f"“{rule.field}” is one of {', '.join(known)}, not “{word}”")


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError as error:
        raise _wrong(f"“{word}” names nothing here") from error


def _hours(rule: Rule) -> timedelta:
    word = rule.value[0]
    if len(rule.value) != 1 or not word.isascii() or not word.isdecimal():
        raise _wrong(f"“{rule.field}” takes a whole number of hours")
    if not 1 <= int(word) <= HOURS_MAX:
        raise _wrong(f"“{rule.field}” takes 1 to {HOURS_MAX} hours")
    return timedelta(hours=int(word))


def _wrong(words: str) -> InvalidInputError:
    return InvalidInputError(words, field="conditions")


def _word_in(column: InstrumentedAttribute[str]) -> Callable[[Rule, Asked], Compiled]:
    return lambda rule, _: _turned(rule, column.in_(rule.value))


def _id_in(
    column: InstrumentedAttribute[UUID | None] | InstrumentedAttribute[UUID],
) -> Callable[[Rule, Asked], Compiled]:
    def make(rule: Rule, asked: Asked) -> Compiled:
        ids: set[UUID] = set()
        parts: list[Compiled] = []
        for word in rule.value:
            match word:
                case "me":
                    ids.add(asked.actor.agent_id)
                case "mine":
                    ids |= asked.actor.team_ids
                case "nobody" | "none":
                    parts.append(column.is_(None))
                case _:
                    ids.add(_id(word))
        # An empty column is in no set: asked for “none of”, it counts.
        parts.append(and_(column.is_not(None), column.in_(sorted(ids))))
        return _turned(rule, or_(*parts))

    return make


def _turned(rule: Rule, condition: Compiled) -> Compiled:
    return not_(condition) if rule.op in {"none_of", "lacks"} else condition


def _tag(rule: Rule, _: Asked) -> Compiled:
    def has(*tags: str) -> Compiled:
        return exists().where(TicketTagRow.ticket_id == TicketRow.id, TicketTagRow.tag.in_(tags))

    if rule.op == "all_of":
        return and_(*(has(tag) for tag in rule.value))
    return _turned(rule, has(*rule.value))


def _subject(rule: Rule, _: Asked) -> Compiled:
    # SQLite folds only ASCII letters; asking for the usual spellings of a word covers the rest.
    spelled = {
        form
        for word in rule.value
        for form in (word, word.lower(), word.upper(), word.capitalize())
    }
    return _turned(
        rule, or_(*(TicketRow.subject.icontains(one, autoescape=True) for one in sorted(spelled)))
    )


def _age(
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
) -> Callable[[Rule, Asked], Compiled]:
    def make(rule: Rule, asked: Asked) -> Compiled:
        edge = asked.now - _hours(rule)
        return column < edge if rule.op == "older_than" else column >= edge

    return make


def _yes(rule: Rule, condition: Compiled) -> Compiled:
    return or_(*(condition if word == "yes" else not_(condition) for word in set(rule.value)))


def is_snoozed() -> Compiled:
    return exists().where(SnoozeRow.ticket_id == TicketRow.id)


_MAKERS: Final[Mapping[str, Callable[[Rule, Asked], Compiled]]] = {
    "status": _word_in(TicketRow.status),
    "priority": _word_in(TicketRow.priority),
    "channel": _word_in(TicketRow.channel),
    "assignee": _id_in(TicketRow.assignee_id),
    "team": _id_in(TicketRow.team_id),
    "queue": _id_in(TicketRow.queue_id),
    "client": _id_in(TicketRow.client_id),
    "tag": _tag,
    "subject": _subject,
    "created": _age(TicketRow.created_at),
    "activity": _age(TicketRow.last_activity_at),
    "client_wrote": _age(TicketRow.last_inbound_at),
    "awaiting": lambda rule, _: _yes(rule, TicketRow.awaiting_answer.is_(True)),
    "unread": lambda rule, asked: _yes(rule, reading.unread_by(asked.actor.agent_id)),
    "mentioned": lambda rule, asked: _yes(rule, reading.mentioned(asked.actor.agent_id)),
    "snoozed": lambda rule, _: _yes(rule, is_snoozed()),
}
