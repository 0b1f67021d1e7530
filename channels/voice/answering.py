"""A menu in writing: its options as buttons, and which of them somebody's words mean; no I/O."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from channels.voice.flow import Callback, Flow, LanguageChoice, Menu, Queue, Voicemail
from channels.voice.steps import Say
from channels.voice.walking import Ask, Place, Turn, World, pressed, repeated, worded_in
from channels.voice.words import phrase

LANGUAGE_NAMES: Final[Mapping[str, str]] = {"en": "English", "uk": "Українська", "ru": "Русский"}
KEYS: Final = "123456789*0#"
"""As they lie on a telephone, which is the order of the buttons."""
NUMBER_DIGITS: Final = 2
"""More of them are no choice, but an order's number or a telephone's."""
_AROUND: Final = " \t\r\n.,;:!?()[]№#«»\"'“”"


class Option(Struct, frozen=True):
    """One button: the key it stands for, and what is written on it."""

    key: str
    label: str
    also: tuple[str, ...] = ()
    """The same in the other languages: whoever writes one of them is understood."""


class Answered(Struct, frozen=True, kw_only=True):
    """What somebody's answer led to."""

    turn: Turn
    chose: str
    """The words of the option; empty: it was none, and the menu is said once more."""


class Step(Struct, frozen=True, kw_only=True):
    """What the center says in writing, and where the client stands and waits then."""

    texts: tuple[str, ...]
    """As the nodes say them."""
    options: tuple[str, ...]
    """What can be chosen, as it is written on the buttons."""
    place: Place | None
    """Where an answer is read next; None: nowhere."""
    queue: Queue | Callback | Voicemail | None
    """Where they wait from now on; None: where they waited before."""

    @property
    def says(self) -> str:
        """All of it as one message."""
        return "\n\n".join(self.texts)


def options_of(flow: Flow, place: Place, world: World) -> tuple[Option, ...]:
    """Return what can be chosen at this place, in the order of the keys; nothing where it asks
    nothing. Two that read the same are told apart by their number alone."""
    match flow.find(place.node):
        case Menu() as node:
            keys = sorted(node.choices, key=KEYS.index)
            return tuple(
                Option(
                    key, _label(node, key, place, world), tuple(node.labels.get(key, {}).values())
                )
                for key in keys
            )
        case LanguageChoice() as node:
            chosen = sorted(node.choices.items(), key=lambda pair: KEYS.index(pair[0]))
            return tuple(Option(key, LANGUAGE_NAMES[to]) for key, to in chosen)
        case _:
            return ()


def answered(flow: Flow, place: Place, text: str, world: World) -> Answered | None:
    """Return where an answer leads; None: it is none, and stays with whoever will read it.

    The words of another menu's option are one, too: its buttons may still stand above. A number
    that nothing stands under repeats the menu, once; any other words are for people.
    """
    options = options_of(flow, place, world)
    for at, option in ((place, option_meant(options, text)), _elsewhere(flow, place, text, world)):
        if option is not None:
            return Answered(turn=pressed(flow, at, option.key, world), chose=option.label)
    if options and place.tries == 0 and _is_number(_plain(text)):
        return Answered(turn=repeated(flow, place, world), chose="")
    return None


def option_meant(options: Sequence[Option], text: str) -> Option | None:
    """Return the option whose words or number these are: numbers count the options as they are
    listed, and a key of the telephone is understood where no option has that number."""
    said = _plain(text)
    if not said:
        return next((one for one in options if one.key == text.strip()), None)
    worded = _worded(options, said)
    if worded is not None:
        return worded
    if _is_number(said) and 1 <= int(said) <= len(options):
        return options[int(said) - 1]
    return next((one for one in options if one.key == said), None)


def step_of(flow: Flow, answer: Answered, before: Place | None, world: World) -> Step:
    """Return what follows from an answer of who stood at `before`, or who begins (None).

    What was asked last stays open to another choice. Who is queued is not asked again, and is told
    at least that they were understood.
    """
    turn = answer.turn
    place = turn.place if isinstance(turn.then, Ask) else before
    texts = tuple(one.text for one in turn.heard if isinstance(one, Say))
    if isinstance(turn.then, Queue | Callback | Voicemail):
        if answer.chose and not texts:
            texts = (phrase("answer_here", turn.place.language),)
        return Step(texts=texts, options=(), place=place, queue=turn.then)
    options = () if place is None else options_of(flow, place, world)
    return Step(texts=texts, options=tuple(one.label for one in options), place=place, queue=None)


def _elsewhere(flow: Flow, place: Place, text: str, world: World) -> tuple[Place, Option | None]:
    said = _plain(text)
    for node in flow.nodes:
        at = Place(node=node.id, language=place.language)
        if isinstance(node, Menu) and said and not _is_number(said):
            option = _worded(options_of(flow, at, world), said)
            if option is not None:
                return at, option
    return place, None


def _worded(options: Sequence[Option], said: str) -> Option | None:
    return next(
        (one for one in options if said in map(_plain, (one.label, *one.also))),
        None,
    )


def _label(node: Menu, key: str, place: Place, world: World) -> str:
    said = worded_in(node.labels.get(key, {}), place.language, world)
    return key if said is None else said.text


def _is_number(said: str) -> bool:
    return said.isdecimal() and len(said) <= NUMBER_DIGITS


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(_AROUND).split())
