"""Search keys for Ukrainian and Russian words: light suffix rules, no dictionary in memory.

A word yields one or a few keys; two forms are the same word to the search when they share a key.
Snowball has no Ukrainian, so the Ukrainian rules are our own: they strip an ending and undo the
common changes of the stem (кіт - кота, рахунок - рахунку, доставка - доставці, замовлю - замовити).
"""

import re
from typing import Final

import Stemmer

_VOWELS: Final = "аеєиіїоуюяыэё"
_RUSSIAN: Final = Stemmer.Stemmer("russian", 0)

# Leftmost, therefore longest, first: `_strip` takes the first match that leaves a long enough stem.
_NOUN_ENDING: Final = re.compile(
    r"(?:ього|ьому|іями|ією|ами|ями|ими|іми|ого|ому|ові|еві|єві|ьою"
    r"|ам|ям|ах|ях|их|іх|ою|ею|єю|ом|ем|єм|ів|їв|ей|ої|ий|ій|їй|їх|им|ім|ії|ію|ія|ьо"
    r"|а|я|о|е|є|і|ї|и|у|ю|ь|й)$"
)
_VERB_ENDING: Final = re.compile(
    r"(?:(?:ува|юва|а|я|и|і|ї|у)(?:ти|ть|в|ла|ло|ли|вши)"
    r"|[ую](?:ю|єш|є|єм|ємо|єте|ють|ючи|й|йте|ймо|єть)"
    r"|[аяі](?:ю|єш|є|єм|ємо|єте|ють|ючи|й|йте|ймо|єть)"
    r"|(?<=[вбпмф]л)ю|ить|їть|ять|ать|уть|ють|іть|імо|ьте|ьмо"
    r"|имо|емо|ємо|ите|ете|єте|иш|еш|єш|їш|єть|еть)$"
)
# Forms that only a verb has: the noun reading is not worth an entry in the index.
_ONLY_VERB: Final = re.compile(r"(?:[аяиуїі]ти|[аяиую]ть|ємо|емо|єте|вши|ючи|ував|ював)$")
_FUTURE: Final = re.compile(r"(?<=[аяиуїі]ти)(?:му|меш|ме|мемо|мете|муть|меть)$")
_PASSIVE: Final = re.compile(r"(?:ен|ян|ан)(?:о|ий|ого|ому|им|ими|их|а|у|ою|ої|ій|е|і)$")
_PASSIVE_OVA: Final = re.compile(r"[ою]ван(?:о|ий|ого|ому|им|ими|их|а|у|ою|ої|ій|е|і)$")
_VERBAL_NOUN: Final = re.compile(r"(?:ува|юва|а|я|е|і)(?:ння|нню|нням|ннях|ннями|нні|нь)$")
_LABIAL_L: Final = re.compile(r"([вбпмф])л$")
_FLEETING: Final = re.compile(r"^(.*[^аеєиіїоуюяьйыэ])[оеє]([кцнрл])$")
_FLEETING_AFTER_VOWEL: Final = re.compile(r"^(.*[аеиіоуяю])[еє]([кц])$")
_CLOSED_I: Final = re.compile(r"^(.*)[ії]([^аеєиіїоуюяьйыэ]{1,2})$")
# ніччю, відповіддю, якістю: the vowel before it stays closed although an ending follows.
_INSTRUMENTAL: Final = re.compile(r"(?:(.)\1|іст)ю$")
_LOOKS_INFLECTED: Final = ("ом", "ем", "ам", "ям", "ей", "им", "ім")
_SOFTENED: Final = {"ц": "к", "з": "г", "с": "х"}
_PASSIVE_CHANGE: Final = (("дж", "д"), ("щ", "ст"), ("ч", "т"), ("ш", "с"), ("ж", "з"))
_RUSSIAN_VERB: Final = re.compile(
    r"(?:(?:ыва|ива|ова|ева|а|я|е|и|ы|у|о)(?:ть|л|ла|ло|ли|в|вши)"
    r"|у(?:ю|ешь|ет|ем|ете|ют|й|йте|я))$"
)


def _by_form(table: str) -> dict[str, str]:
    """Map every form of a line to the line's first word."""
    lines = [line.split() for line in table.strip().splitlines()]
    return {form: forms[0] for forms in lines for form in forms}


_UKRAINIAN_IRREGULAR: Final = _by_form("""
день дня дню днем дні днів дням днями днях
тиждень тижня тижню тижнем тижні тижнів тижням тижнями тижнях
імя імені іменем імена імен іменами
гроші грошей грішми
люди людей людям людьми людях людина людини людину людиною
діти дітей дітям дітьми дітях дитина дитини дитину дитиною
увійти увійшов увійшла увійшли
зайти зайшов зайшла зайшли
прийти прийшов прийшла прийшло прийшли
лід льоду льодом
""")
_RUSSIAN_IRREGULAR: Final = _by_form("""
день дня дню днем дни дней дням днями днях
деньги денег деньгам деньгами деньгах
люди людей людям людьми людях
дети детей детям детьми детях
письмо письма писем письму письмом письмам письмами письмах
войти вошел вошла вошли
прийти пришел пришла пришло пришли
зайти зашел зашла зашли
""")
# Monosyllables in which і stays or turns to е, and pairs that would otherwise meet another word.
_KEEPS_C: Final = ("лиц", "ниц", "виц", "риц")
_KEEPS_I: Final = frozenset({"ліс", "світ", "вік", "сніг", "сміх", "цвіт", "дід", "хліб", "звір"})
_TO_E: Final = frozenset({"річ", "піч", "сім", "шіст", "лід", "мід", "кремін"})


def ukrainian_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a casefolded word without apostrophes, the likeliest first."""
    word = _UKRAINIAN_IRREGULAR.get(word, word)
    if len(word) > 5 and word.endswith(("ся", "сь")):
        word = word[:-2]
    word = _FUTURE.sub("", word)
    keys = _verbal_keys(word)
    if not (keys and _ONLY_VERB.search(word)):
        keys += _nominal_keys(word)
    return tuple(dict.fromkeys(keys))


def _strip(word: str, ending: re.Pattern[str], least: int) -> str:
    """Return `word` without its longest ending that leaves `least` letters, or nothing."""
    found = ending.search(word)
    while found:
        if found.start() >= least:
            return word[: found.start()]
        found = ending.search(word, found.start() + 1)
    return ""


def _verbal_keys(word: str) -> list[str]:
    passive = _strip(word, _PASSIVE_OVA, 3) or _strip(word, _PASSIVE, 4)
    stem = _strip(word, _VERBAL_NOUN, 4) or passive or _strip(word, _VERB_ENDING, 3)
    if not stem:
        return []
    keys = [_LABIAL_L.sub(r"\1", stem) if len(stem) > 3 else stem]
    if stem == passive:
        keys += [stem[: -len(soft)] + hard for soft, hard in _PASSIVE_CHANGE if stem.endswith(soft)]
    return keys


def _nominal_keys(word: str) -> list[str]:
    stem = _strip(word, _NOUN_ENDING, 2) or word
    if len(stem) > 3 and (stem[-1] in "іїй" or stem[-1] == stem[-2]):
        stem = stem[:-1]
    keys = [stem]
    if word.endswith(_LOOKS_INFLECTED) and len(word) > 4:
        keys.append(word)
    if word in {stem, stem + "ь", stem + "й"} or _INSTRUMENTAL.search(word):
        keys += _closed_syllable(stem)
    elif word.endswith("і") and stem[-1] in _SOFTENED and not stem.endswith(_KEEPS_C):
        keys.append(stem[:-1] + _SOFTENED[stem[-1]])
    elif word.endswith(("ові", "еві")):
        keys.append(word[:-1])
    return keys


def _closed_syllable(stem: str) -> list[str]:
    """Return what the stem becomes when an ending opens its last syllable."""
    keys = []
    if fleeting := _FLEETING.match(stem):
        keys.append(fleeting[1] + fleeting[2])
        if fleeting[1].endswith("л"):
            keys.append(fleeting[1] + "ь" + fleeting[2])
    elif fleeting := _FLEETING_AFTER_VOWEL.match(stem):
        keys.append(fleeting[1] + "й" + fleeting[2])
    if (closed := _CLOSED_I.match(stem)) and stem not in _KEEPS_I:
        monosyllable = not any(letter in _VOWELS for letter in closed[1])
        letters = "е" if stem in _TO_E else "о" if monosyllable else "ое"
        keys += [closed[1] + letter + closed[2] for letter in letters]
    return keys


def russian_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a casefolded word (ё already written as е), the likeliest first."""
    word = _RUSSIAN_IRREGULAR.get(word, word)
    stem = _RUSSIAN.stemWord(word)
    keys = [_theme_stripped(stem)]
    plain = word[:-2] if len(word) > 5 and word.endswith(("ся", "сь")) else word
    if verb := _strip(plain, _RUSSIAN_VERB, 3):
        keys.append(verb)
    elif stem == word.removesuffix("ь") and len(stem) > 3:
        keys += _closed_syllable(stem)
    return tuple(dict.fromkeys(keys))


def _theme_stripped(stem: str) -> str:
    """Drop the vowel that joins a verb's root to its endings (работа-ть, заказ-ыва-ть)."""
    if len(stem) > 6 and stem.endswith(("ыва", "ива")):
        return stem[:-3]
    return stem[:-1] if len(stem) > 4 and stem[-1] in "аяеи" else stem
