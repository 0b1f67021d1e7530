"""What an answer wears when it leaves: pictures by name, a signature below."""

from uuid import UUID

from desk.dressing import pictures_named, signed, signed_text
from kernel.html import from_editor

OWN = UUID("00000000-0000-7000-8000-00000000000a")
OTHER = UUID("00000000-0000-7000-8000-00000000000b")


def test_an_attached_picture_is_called_by_its_name() -> None:
    html, found = pictures_named(
        f'<p>See <img class="x" src="/api/v1/attachments/{OWN}" alt="a"></p>', [OWN]
    )

    assert found == [OWN]
    assert f'data-cid="{OWN.hex}@picture"' in from_editor(html).html


def test_a_picture_that_is_not_attached_to_this_answer_stays_behind() -> None:
    html, found = pictures_named(f'<img src="/api/v1/attachments/{OTHER}">', [OWN])

    assert found == []
    assert "cid:" not in html
    assert "src" not in from_editor(html).html.replace("data-remote-src", "")


def test_a_signature_is_text_whatever_it_holds() -> None:
    assert signed("<p>Hi</p>", "Ann & Bob\n<script>") == (
        "<p>Hi</p><p>-- <br>Ann &amp; Bob<br>&lt;script&gt;</p>"
    )
    assert signed_text("Hi\n", "Ann") == "Hi\n\n-- \nAnn\n"


def test_without_a_signature_nothing_is_added() -> None:
    assert (signed("<p>Hi</p>", ""), signed(None, "Ann"), signed_text("Hi", "")) == (
        "<p>Hi</p>",
        None,
        "Hi",
    )
