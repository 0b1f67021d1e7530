"""Leads a caller through a flow: what they hear now, and what that ends with; no I/O, no clock.

A turn is what is heard between two moments at which we are asked: texts of nodes that need nothing
from the caller run together until one waits for a key or hands the call over.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from msgspec import Struct, structs

from channels.voice.flow import (
    Announcement,
    AnyNode,
    Callback,
    Flow,
    Greeting,
    HangUp,
    LanguageChoice,
    Menu,
    OpeningHours,
    Queue,
    Texts,
    Transfer,
    Voicemail,
)
from channels.voice.steps import Heard, Play, Say
from channels.voice.words import phrase
from kernel.limits import VOICE_STEPS


class World(Struct, frozen=True, kw_only=True):
    """What a flow may look at besides itself."""

    languages: tuple[str, ...]
    """Those of the account, its first one where a text is not given in another."""
    open: Mapping[UUID, bool]
    """By calendar; one that is not there is taken for open."""
    greeting: Mapping[str, str]
    """What a greeting without words of its own says."""
    written: bool = False
    """It is read in a messenger, where no sound is played and no key is spoken of."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a caller stands in the flow."""

    node: str
    language: str
    tries: int = 0


class Ask(Struct, frozen=True):
    """Wait for a key."""

    seconds: int


Then = Ask | Queue | Callback | Voicemail | Transfer | HangUp


class Turn(Struct, frozen=True, kw_only=True):
    """What is heard, and what comes then."""

    heard: tuple[Heard, ...]
    then: Then
    place: Place


_OVER: Final = HangUp(id="over")


def begin(flow: Flow, language: str, world: World) -> Turn:
    return _from(flow, Place(node=flow.start, language=language), world)


def pressed(flow: Flow, place: Place, digits: str, world: World) -> Turn:
    """Go on from a menu or a choice of language; empty digits: nothing was pressed.

    A flow that was changed meanwhile and has the node no more begins anew.
    """
    node = flow.find(place.node)
    match node:
        case Menu():
            return _chosen(flow, node, place, digits, world)
        case LanguageChoice():
            language = node.choices.get(digits, place.language)
            return _from(flow, Place(node=node.next, language=language), world)
        case None:
            return begin(flow, place.language, world)
        case _:
            return _from(flow, place, world)


def repeated(flow: Flow, place: Place, world: World) -> Turn:
    """Say once more what can be chosen, after an answer that was none of it."""
    sorry = (_own("wrong_key", place.language),)
    return _from(flow, structs.replace(place, tries=place.tries + 1), world, sorry)


def _chosen(flow: Flow, node: Menu, place: Place, digits: str, world: World) -> Turn:
    to = node.choices.get(digits)
    if to is not None:
        return _from(flow, Place(node=to, language=place.language), world)
    tries = place.tries + 1
    sorry = (_own("wrong_key", place.language),) if digits else ()
    if tries < node.tries:
        return _from(flow, structs.replace(place, tries=tries), world, sorry)
    return _from(flow, Place(node=node.otherwise, language=place.language), world, sorry)


def _from(flow: Flow, place: Place, world: World, heard: Sequence[Heard] = ()) -> Turn:
    """Walk until somebody must act. A flow that runs in circles, which checking refuses, ends."""
    said = list(heard)
    for _ in range(VOICE_STEPS):
        node = flow.find(place.node)
        if node is None:
            break
        said += (_written if world.written else _said)(node, place, world)
        if isinstance(node, Greeting):
            place = structs.replace(place, node=node.next, tries=0)
        elif isinstance(node, OpeningHours):
            to = node.open if world.open.get(node.calendar_id, True) else node.closed
            place = structs.replace(place, node=to, tries=0)
        else:
            return Turn(heard=tuple(said), then=_then(node), place=place)
    return Turn(heard=tuple(said), then=_OVER, place=place)


def _then(node: AnyNode) -> Then:
    match node:
        case Menu() | LanguageChoice():
            return Ask(node.seconds)
        case Queue() | Callback() | Voicemail() | Transfer():
            return node
        case _:
            return _OVER


def _said(node: AnyNode, place: Place, world: World) -> list[Heard]:
    match node:
        case LanguageChoice():
            return [
                Say(text=phrase("choose_language", to, key=key), language=to)
                for key, to in sorted(node.choices.items())
            ]
        case Greeting() | Announcement() if node.sound_url:
            return [Play(url=node.sound_url)]
        case Greeting():
            return _texts(node.text or world.greeting, place.language, world)
        case Voicemail():
            return _texts(node.text, place.language, world) or [
                _own("leave_message", place.language)
            ]
        case Menu() | Announcement() | Queue() | Callback() | Transfer():
            return _texts(node.text, place.language, world)
        case _:
            return []


def _written(node: AnyNode, place: Place, world: World) -> list[Heard]:
    """The same for who reads: nobody is called there, and nothing recorded or connected."""
    match node:
        case LanguageChoice():
            return [_own("which_language", place.language)]
        case Greeting():
            return _texts(node.text or world.greeting, place.language, world)
        case Menu():
            return _texts(node.written, place.language, world) or _texts(
                node.text, place.language, world
            )
        case Announcement() | Queue():
            return _texts(node.text, place.language, world)
        case _:
            return []


def _texts(text: Texts | Mapping[str, str], language: str, world: World) -> list[Heard]:
    found = worded_in(text, language, world)
    return [] if found is None else [found]


def worded_in(text: Mapping[Any, str], language: str, world: World) -> Say | None:
    """In the caller's language, or else in the first of the account that there is."""
    for one in (language, *world.languages, *text):
        words = text.get(one, "").strip()
        if words:
            return Say(text=words, language=one)
    return None


def _own(key: str, language: str) -> Say:
    return Say(text=phrase(key, language), language=language)
