"""What a caller or writer is led through, as data: a tree of nodes that an administrator draws."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field

from kernel.limits import (
    FLOW_LABEL_CHARS,
    VOICE_CHOICES,
    VOICE_NODES,
    VOICE_TEXT_CHARS,
    VOICE_TRIES,
    VOICE_VOICEMAIL_SECONDS,
    VOICE_VOICEMAIL_SECONDS_MAX,
)

Language = Literal["en", "uk", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "uk", "ru")

NodeId = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[\w.-]+$")]
Words = Annotated[str, Meta(max_length=VOICE_TEXT_CHARS)]
Texts = Annotated[dict[Language, Words], Meta(max_length=len(LANGUAGES))]
"""What is said, by language; a language left out hears the account's first one."""
Key = Annotated[str, Meta(pattern=r"^[0-9*#]$")]
Exit = Annotated[str, Meta(max_length=60, pattern=r"^[\w.-]*$")]
"""The node that comes next; empty while it is drawn, which is checked as a problem."""
Choices = Annotated[dict[Key, Exit], Meta(max_length=VOICE_CHOICES)]
Label = Annotated[str, Meta(max_length=FLOW_LABEL_CHARS, pattern=r"^[^\[\]\r\n]*$")]
Labels = Annotated[
    dict[Key, Annotated[dict[Language, Label], Meta(max_length=len(LANGUAGES))]],
    Meta(max_length=VOICE_CHOICES),
]
"""What is written on a key's button where one is pressed in a messenger, by language."""
Address = Annotated[str, Meta(max_length=500)]


class Node(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """One place of the tree; `id` names it, and other nodes lead there."""

    id: NodeId
    title: Annotated[str, Meta(max_length=120)] = ""
    """What the console calls it."""


class Greeting(Node, frozen=True, kw_only=True, tag="greeting"):
    """Say a text, or play a sound instead, and go on."""

    text: Texts = field(default_factory=dict)
    sound_url: Address = ""
    next: Exit = ""


class Announcement(Node, frozen=True, kw_only=True, tag="announcement"):
    """Say a text and hang up."""

    text: Texts = field(default_factory=dict)
    sound_url: Address = ""


class Menu(Node, frozen=True, kw_only=True, tag="menu"):
    """Say what can be pressed, and go where the key leads."""

    text: Texts = field(default_factory=dict)
    written: Texts = field(default_factory=dict)
    """What stands above the buttons in a messenger, instead of `text`."""
    choices: Choices = field(default_factory=dict)
    labels: Labels = field(default_factory=dict)
    otherwise: Exit = ""
    """Where it goes on when nothing fitting was pressed, after all tries."""
    tries: Annotated[int, Meta(ge=1, le=VOICE_TRIES)] = 2
    seconds: Annotated[int, Meta(ge=1, le=30)] = 5


class LanguageChoice(Node, frozen=True, kw_only=True, tag="language"):
    """Let the caller choose the language of all that follows; each is offered in itself."""

    choices: Annotated[dict[Key, Language], Meta(max_length=len(LANGUAGES))] = field(
        default_factory=dict
    )
    next: Exit = ""
    seconds: Annotated[int, Meta(ge=1, le=30)] = 5


class OpeningHours(Node, frozen=True, kw_only=True, tag="hours"):
    """Go one way while a calendar is open, another while it is not."""

    calendar_id: UUID
    open: Exit = ""
    closed: Exit = ""


class Queue(Node, frozen=True, kw_only=True, tag="queue"):
    """Wait for an agent, with music, place and probable wait."""

    queue_id: UUID | None = None
    """Without one: the account's, or else the default queue."""
    text: Texts = field(default_factory=dict)
    """Said once, before the wait."""
    music_url: Address = ""
    """Instead of the center's own music."""
    offers_callback: bool = True
    """Press 1 to be called back, keeping the place."""
    offers_voicemail: bool = True
    """Press 2 to leave a message, keeping the place."""
    tells_wait: bool = True


class Callback(Node, frozen=True, kw_only=True, tag="callback"):
    """Promise to call back when it is the caller's turn, and hang up."""

    queue_id: UUID | None = None
    text: Texts = field(default_factory=dict)


class Voicemail(Node, frozen=True, kw_only=True, tag="voicemail"):
    """Record a message, which waits in the queue like a call."""

    queue_id: UUID | None = None
    text: Texts = field(default_factory=dict)
    seconds: Annotated[int, Meta(ge=5, le=VOICE_VOICEMAIL_SECONDS_MAX)] = VOICE_VOICEMAIL_SECONDS


class Transfer(Node, frozen=True, kw_only=True, tag="transfer"):
    """Connect with a number outside; the call leaves the center."""

    number: Annotated[str, Meta(max_length=40)]
    text: Texts = field(default_factory=dict)


class HangUp(Node, frozen=True, kw_only=True, tag="hang_up"):
    pass


AnyNode = (
    Greeting
    | Announcement
    | Menu
    | LanguageChoice
    | OpeningHours
    | Queue
    | Callback
    | Voicemail
    | Transfer
    | HangUp
)


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole tree; `start` is where every call or conversation begins."""

    start: NodeId
    languages: Annotated[tuple[Language, ...], Meta(max_length=len(LANGUAGES))] = ()
    """In which it is written, the first to whoever is not known; empty: its telephone's."""
    nodes: Annotated[list[AnyNode], Meta(min_length=1, max_length=VOICE_NODES)]

    def find(self, node_id: str) -> AnyNode | None:
        return next((node for node in self.nodes if node.id == node_id), None)


def usual_flow() -> Flow:
    """What callers are led through until somebody draws something else."""
    return Flow(
        start="welcome",
        nodes=[
            Greeting(id="welcome", next="queue"),
            Queue(id="queue"),
        ],
    )


def exits_of(node: AnyNode) -> dict[str, str]:
    """Return where a node leads, by the name of the field (a key's as `choices.1`)."""
    match node:
        case Greeting() | LanguageChoice():
            return {"next": node.next}
        case Menu():
            keyed = {f"choices.{key}": to for key, to in node.choices.items()}
            return {**keyed, "otherwise": node.otherwise}
        case OpeningHours():
            return {"open": node.open, "closed": node.closed}
        case _:
            return {}


def read_flow(stored: Any) -> Flow:
    """Return a flow that was stored or sent; raises msgspec.ValidationError."""
    return msgspec.convert(stored, Flow)
