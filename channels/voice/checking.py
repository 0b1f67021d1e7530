"""What is wrong with a flow, each with its node and the cure; no I/O."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from channels.voice.flow import (
    LANGUAGES,
    Announcement,
    AnyNode,
    Callback,
    Flow,
    LanguageChoice,
    Menu,
    OpeningHours,
    Queue,
    Transfer,
    Voicemail,
    exits_of,
)

_ASKING: Final = (Menu, LanguageChoice)
_SOUNDS: Final = ("https://",)


class Problem(Struct, frozen=True, kw_only=True):
    """`code` is for programs; `message` says what is wrong, `cure` what helps."""

    node: str
    field: str
    code: str
    message: str
    cure: str
    warns: bool = False
    """It works all the same, less well than it could."""
    facts: Mapping[str, str] = {}
    """What the sentence is about, for who says it in another language."""


class Known(Struct, frozen=True, kw_only=True):
    """What a flow may name."""

    queues: Collection[UUID]
    calendars: Collection[UUID]
    languages: Collection[str]
    refuses: Collection[str] = ()
    """Numbers of the flow that the center does not call."""
    spoken: bool = True
    """A telephone leads its callers through it."""
    written: bool = False
    """It serves messengers."""


def problems_of(flow: Flow, known: Known) -> list[Problem]:
    """Return everything that is wrong; nothing: every branch ends and none runs in circles."""
    found = [*_names(flow), *_exits(flow, known)]
    for node in flow.nodes:
        found += _of_node(node, known)
    if not found:
        found += _circles(flow)
        found += _unreached(flow)
    return found


def _names(flow: Flow) -> Iterator[Problem]:
    ids = [node.id for node in flow.nodes]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        yield _problem(twice, "id", "named_twice", "two nodes have this name", "Rename one.")
    if flow.start not in ids:
        yield _problem(
            flow.start, "start", "no_such_node", "the flow begins at a node that is not there",
            "Choose where calls begin.",
        )  # fmt: skip


def _exits(flow: Flow, known: Known) -> Iterator[Problem]:
    """Every way leads to a node; who writes needs none for saying something else."""
    ids = {node.id for node in flow.nodes}
    for node in flow.nodes:
        for name, to in exits_of(node).items():
            if not to and name == "otherwise" and not known.spoken:
                continue
            if not to:
                yield _problem(
                    node.id, name, "no_end", "this branch leads nowhere",
                    "Choose what comes next, or let it hang up.",
                )  # fmt: skip
            elif to not in ids:
                yield _problem(
                    node.id, name, "no_such_node", f"this leads to “{to}”, which is not there",
                    "Choose another node, or add that one.",
                )  # fmt: skip


def _of_node(node: AnyNode, known: Known) -> Iterator[Problem]:
    match node:
        case Menu() if not node.choices:
            yield _problem(node.id, "choices", "no_choice", "nothing can be pressed", "Add a key.")
        case Menu() if not any(words.strip() for words in node.text.values()):
            yield _problem(
                node.id, "text", "no_words", "the caller is not told what to press",
                "Say what each key does.",
            )  # fmt: skip
        case Menu() if known.written:
            yield from _labels(node)
        case LanguageChoice():
            yield from _languages(node, known)
        case OpeningHours() if node.calendar_id not in known.calendars:
            yield _problem(
                node.id, "calendar_id", "no_such_calendar", "its opening hours are gone",
                "Choose other opening hours.",
            )  # fmt: skip
        case Queue() | Callback() | Voicemail() if _is_gone(node.queue_id, known):
            yield _problem(
                node.id, "queue_id", "no_such_queue", "its queue is gone", "Choose another queue."
            )
        case Transfer() if node.number in known.refuses:
            yield _problem(
                node.id, "number", "number_refused", f"{node.number} is not called from here",
                "Give the number as + and digits, in a country that the account allows.",
            )  # fmt: skip
        case Announcement() if not node.sound_url and not any(node.text.values()):
            yield _problem(node.id, "text", "no_words", "it says nothing", "Write what it says.")
        case _:
            pass
    yield from _sounds(node)


def _labels(node: Menu) -> Iterator[Problem]:
    """Each key is a button, which says what it is and is told from the others."""
    for key in sorted(node.choices):
        if not any(words.strip() for words in node.labels.get(key, {}).values()):
            yield _problem(
                node.id, f"labels.{key}", "no_label", f"in messengers, key {key} has no words",
                "Write what its button says.",
            )  # fmt: skip
    for language in LANGUAGES:
        said = [
            node.labels.get(key, {}).get(language, "").strip().casefold() for key in node.choices
        ]
        if len(set(filter(None, said))) < len(list(filter(None, said))):
            yield _problem(
                node.id, "labels", "labels_alike", "two buttons say the same",
                "Give each button words of its own.",
            )  # fmt: skip
            return


def _languages(node: LanguageChoice, known: Known) -> Iterator[Problem]:
    if not node.choices:
        yield _problem(
            node.id, "choices", "no_choice", "no language can be chosen", "Add a language."
        )
    for key, language in sorted(node.choices.items()):
        if language not in known.languages:
            yield _problem(
                node.id, f"choices.{key}", "no_such_language",
                f"the account does not speak “{language}”", "Add it to the account's languages.",
            )  # fmt: skip


def _sounds(node: AnyNode) -> Iterator[Problem]:
    for name in ("sound_url", "music_url"):
        url = getattr(node, name, "")
        if url and not url.startswith(_SOUNDS):
            yield _problem(
                node.id, name, "no_sound", "a sound is fetched from an https address",
                "Give an address that begins with https://.",
            )  # fmt: skip


def _is_gone(queue_id: UUID | None, known: Known) -> bool:
    return queue_id is not None and queue_id not in known.queues


def _circles(flow: Flow) -> Iterator[Problem]:
    """A way back is allowed only through a node that waits for the caller."""
    done: set[str] = set()
    for node in flow.nodes:
        circle = _circle_from(flow, node.id, [], done)
        if circle:
            yield _problem(
                circle[0], "next", "circle",
                "calls run in circles here: " + " → ".join([*circle, circle[0]]),
                "Let one of these lead elsewhere, or ask for a key in between.",
            )  # fmt: skip
            return


def _circle_from(flow: Flow, at: str, path: list[str], done: set[str]) -> list[str]:
    """Return the nodes that lead back to one of `path`, if any do; `done` are those known to end.

    As deep as a flow has nodes at most, which is bounded.
    """
    if at in path:
        return path[path.index(at) :]
    node = flow.find(at)
    if at in done or node is None or isinstance(node, _ASKING):
        return []
    for to in exits_of(node).values():
        circle = _circle_from(flow, to, [*path, at], done)
        if circle:
            return circle
    done.add(at)
    return []


def _unreached(flow: Flow) -> Iterator[Problem]:
    reached, open_ends = set[str](), [flow.start]
    while open_ends:
        at = open_ends.pop()
        node = flow.find(at)
        if at not in reached and node is not None:
            reached.add(at)
            open_ends += exits_of(node).values()
    for node in flow.nodes:
        if node.id not in reached:
            yield _problem(
                node.id, "id", "unreached", "no call comes here", "Lead a call here, or remove it."
            )


def _problem(node: str, field: str, code: str, message: str, cure: str) -> Problem:
    return Problem(node=node, field=field, code=code, message=message, cure=cure)
