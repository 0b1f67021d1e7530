"""What the center says by itself is there in every language it speaks."""

import pytest

from channels.voice.flow import LANGUAGES
from channels.voice.words import known_phrases, phrase, wait_words


def test_every_phrase_is_spoken_in_every_language() -> None:
    for name, said in known_phrases().items():
        assert set(said) == set(LANGUAGES), name


@pytest.mark.parametrize(
    ("ahead", "seconds", "words"),
    [
        (0, None, "You are next in line."),
        (0, 20.0, "You are next in line. The wait is about a minute."),
        (3, 290.0, "You are number 4 in line. The wait is about 5 minutes."),
        (9, 9_000.0, "You are number 10 in line. The wait may be longer than half an hour."),
    ],
)
def test_place_and_wait_are_told_in_words(ahead: int, seconds: float | None, words: str) -> None:
    assert wait_words(ahead, seconds, "en") == words


def test_an_unknown_language_hears_english() -> None:
    assert phrase("goodbye", "xx") == "Goodbye."
