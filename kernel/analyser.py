"""Turns text in English, Ukrainian and Russian into the terms of the full-text index.

The same analyser serves every index of the house and every question put to it. A term holds
lower-case letters and digits only, so a query built from terms cannot carry search syntax.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

import Stemmer
from msgspec import Struct

from kernel.limits import (
    SEARCH_QUERY_CHARS,
    SEARCH_QUERY_WORDS,
    SEARCH_TERM_CHARS,
    SEARCH_TERMS,
    SEARCH_TEXT_CHARS,
)
from kernel.slavic import russian_keys, ukrainian_keys

_ENGLISH: Final = Stemmer.Stemmer("english", 0)
# Forms a service desk meets every day that share no stem with their verb or noun.
_ENGLISH_IRREGULAR: Final = {
    form: base
    for base, forms in {
        "pay": "paid", "send": "sent", "buy": "bought", "lose": "lost", "break": "broke broken",
        "get": "got gotten", "forget": "forgot forgotten", "write": "wrote written",
        "choose": "chose chosen", "speak": "spoke spoken", "take": "took taken",
        "give": "gave given", "find": "found", "go": "went gone", "make": "made", "come": "came",
        "child": "children", "person": "people persons", "leave": "left", "keep": "kept",
        "sell": "sold", "tell": "told", "think": "thought", "freeze": "froze frozen",
    }.items()
    for form in forms.split()
}  # fmt: skip

# Marks and invisible characters belong to the word around them: за́мок, ім’я, so(soft hyphen)ft.
_INSIDE: Final = "\u0300-\u036f'`´’‘ʼ＇\u00ad\u200b-\u200d\u2060\ufeff"
# A piece is at most 64 characters, an address or order number eight pieces; then a new word begins.
_PIECE: Final = rf"[^\W_][\w{_INSIDE}]{{0,63}}"
_WORD: Final = re.compile(rf"{_PIECE}(?:[-.@+]{_PIECE}){{0,7}}")
_SEPARATOR: Final = re.compile(r"[-.@+_]+")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN: Final = re.compile(r"[a-z]")
_UKRAINIAN_ONLY: Final = re.compile("[іїєґ]")
_RUSSIAN_ONLY: Final = re.compile("[ыэъё]")
_POSSESSIVE: Final = re.compile(r"['’ʼ]s$")
# Unicode counts these apostrophes as letters.
_LETTER_APOSTROPHES: Final = dict.fromkeys(map(ord, "ʹʻʼʽˈ"))
# A Latin letter typed inside a Cyrillic word looks right and finds nothing.
_TWINS: Final = str.maketrans("abcehikmoptxy", "авсенікмортху")

_COMMON: Final = """
a an and are as at be been but by for from had has have he her his i if in is it its me my of on or
our she so that the their them they this to was we were what which will with you your
і й та в у на з із зі до за по не що це як я ти ви ми він вона вони воно мій моя моє ваш для від
про або чи то ж б би але є був була було були бути
и в во на с со к ко по за от до из у о об не что это как я ты вы мы он она они оно мой моя ваш для
про или то же бы но а был была было были быть есть
"""
_STOP_WORDS: Final = frozenset(_COMMON.split())


def terms(text: str) -> list[str]:
    """Return the index terms of `text` in reading order, repeated as often as they occur.

    Bounded: text past SEARCH_TEXT_CHARS is not read, at most SEARCH_TERMS come back, none is
    longer than SEARCH_TERM_CHARS. Common words of the three languages are left out.
    """
    found: list[str] = []
    for match in _WORD.finditer(text[:SEARCH_TEXT_CHARS]):
        found += _index_terms(match[0])
        if len(found) >= SEARCH_TERMS:
            break
    return found[:SEARCH_TERMS]


class Question(Struct, frozen=True):
    """What a search asks: an entry matches when it has a term of every word, and of the last one.

    `beginnings` hold what the last, perhaps unfinished word may start like; they are empty when
    the text ended in a space or mark.
    """

    words: tuple[tuple[str, ...], ...] = ()
    beginnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.beginnings)


def question(text: str, *, typing: bool = True) -> Question:
    """Return what `text` asks for; with `typing` its last word may still be incomplete.

    Reads SEARCH_QUERY_CHARS characters and SEARCH_QUERY_WORDS words. A question of common words
    only is empty and matches nothing.
    """
    text = text[:SEARCH_QUERY_CHARS]
    asked = _WORD.findall(text)
    beginnings: tuple[str, ...] = ()
    if typing and asked and text.endswith(asked[-1]):
        beginnings = _beginnings(asked.pop())
    groups = dict.fromkeys(chain.from_iterable(map(_query_groups, asked)))
    return Question(tuple(groups)[:SEARCH_QUERY_WORDS], beginnings)


def words(text: str, *, limit: int) -> list[tuple[str, ...]]:
    """Return the terms of the first `limit` distinct words: what a text is about, word by word."""
    groups: dict[tuple[str, ...], None] = {}
    for match in _WORD.finditer(text[:SEARCH_TEXT_CHARS]):
        groups.update(dict.fromkeys(_query_groups(match[0])))
        if len(groups) >= limit:
            break
    return list(groups)[:limit]


@lru_cache(maxsize=16_384)
def keys(word: str) -> tuple[str, ...]:
    """Return the search keys of one normalised word; forms of one word share a key."""
    if not word.isalpha():
        return (word,)
    if _CYRILLIC.search(word):
        return _cyrillic_keys(word)
    if word.isascii() and len(word) > 2:
        return (_ENGLISH.stemWord(_ENGLISH_IRREGULAR.get(word, word)),)
    return (word,)


def _cyrillic_keys(word: str) -> tuple[str, ...]:
    if _UKRAINIAN_ONLY.search(word):
        return ukrainian_keys(word)
    if _RUSSIAN_ONLY.search(word):
        return russian_keys(word.replace("ё", "е"))
    # Nothing tells the language of «доставка»: both readings go in, and a question asks for both.
    return tuple(dict.fromkeys((*ukrainian_keys(word), *russian_keys(word))))


@lru_cache(maxsize=16_384)
def _index_terms(word: str) -> tuple[str, ...]:
    parts = _parts(word)
    found = [key for part in parts if part not in _STOP_WORDS for key in keys(part)]
    if len(parts) > 1:
        found += _joined(parts)
    return tuple(term[:SEARCH_TERM_CHARS] for term in dict.fromkeys(found))


def _joined(parts: tuple[str, ...]) -> Iterator[str]:
    """Yield what an order number or address is when its marks are left out, from each part on."""
    for start in range(len(parts) - 1):
        yield "".join(parts[start:])


@lru_cache(maxsize=4_096)
def _query_groups(word: str) -> tuple[tuple[str, ...], ...]:
    parts = _parts(word)
    plain = [keys(part) for part in parts if part not in _STOP_WORDS]
    if len(parts) == 1:
        groups = plain
    elif "@" in word or any(letter.isdigit() for letter in word):
        groups = [("".join(parts),)]
    else:
        groups = [("".join(parts), *group) for group in plain]
    return tuple(tuple(term[:SEARCH_TERM_CHARS] for term in group) for group in groups)


def _beginnings(word: str) -> tuple[str, ...]:
    """Return what may begin like an unfinished word: itself, and its keys (доставко -> доставк)."""
    parts = _parts(word)
    whole = "".join(parts)
    starts = (whole, *keys(whole)) if len(parts) == 1 else (whole,)
    return tuple(dict.fromkeys(start[:SEARCH_TERM_CHARS] for start in starts if start))


def _parts(word: str) -> tuple[str, ...]:
    """Return the normalised pieces of a word between its marks."""
    return tuple(part for part in map(_normalised, _SEPARATOR.split(word)) if part)


def _normalised(piece: str) -> str:
    """Return `piece` in one spelling: NFKC, casefolded, letters and digits only."""
    if piece.isascii() and piece.isalnum():
        return piece.lower()
    folded = unicodedata.normalize("NFKC", _POSSESSIVE.sub("", piece)).casefold()
    if _CYRILLIC.search(folded):
        if _LATIN.search(folded):
            folded = folded.translate(_TWINS)
    else:
        folded = unicodedata.normalize("NFKD", folded)
    return "".join(filter(str.isalnum, folded.translate(_LETTER_APOSTROPHES)))
