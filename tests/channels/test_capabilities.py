"""What a channel cannot carry is refused with the field and the cure."""

import pytest

from channels.capabilities import Capabilities, Enclosed, length, refuse_unsendable
from channels.catalogue import CHANNELS
from kernel.errors import InvalidInputError
from kernel.limits import MIB

SMALL = Capabilities(
    text_chars=10,
    beside_files_chars=5,
    files=2,
    file_bytes=MIB,
    all_files_bytes=MIB + 1,
    media=("image/*", "application/pdf"),
)


def file(name: str = "a.png", media_type: str = "image/png", size: int = 10) -> Enclosed:
    return Enclosed(name=name, media_type=media_type, size=size)


@pytest.mark.parametrize(
    ("text", "files", "field", "words"),
    [
        ("x" * 11, [], "html", "at most 10 characters, and this has 11; send it in parts"),
        ("x" * 6, [file()], "html", "send the files in a message of their own"),
        ("x" * 11, [file()], "html", "at most 5 characters"),
        ("", [file(), file(), file()], "attachment_ids", "at most 2 files"),
        ("", [file("a.exe", "application/x-elf")], "attachment_ids", "does not take “a.exe”"),
        ("", [file(size=2 * MIB)], "attachment_ids", "has 2 MB, and Pigeon post takes 1 MB"),
        ("", [file(size=MIB), file()], "attachment_ids", "send some in a second message"),
    ],
    ids=["long", "beside files", "long beside files", "many", "kind", "large", "together"],
)
def test_what_exceeds_a_bound_is_refused_with_the_cure(
    text: str, files: list[Enclosed], field: str, words: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        refuse_unsendable("Pigeon post", SMALL, text, files)

    assert refused.value.field == field
    assert words in refused.value.message


def test_what_is_within_every_bound_passes() -> None:
    refuse_unsendable("Pigeon post", SMALL, "x" * 10, [])
    refuse_unsendable("Pigeon post", SMALL, "x" * 5, [file(), file("b.pdf", "application/pdf")])


def test_letters_outside_of_the_basic_plane_count_twice() -> None:
    assert (length("plain"), length("є"), length("\U0001f600")) == (5, 1, 2)


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_every_channel_declares_bounds_that_fit_together(kind: str) -> None:
    channel = CHANNELS[kind]

    assert channel.kind == kind
    assert 0 <= channel.can.beside_files_chars <= channel.can.text_chars
    assert (channel.can.text_chars > 0) is not channel.speaks
    assert channel.can.file_bytes <= channel.can.all_files_bytes
