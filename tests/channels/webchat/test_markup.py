"""Articles as trees, and quick replies: whatever is written, nothing but what may be shown."""

import msgspec
import pytest

from channels.webchat.choices import as_words, split_choices
from channels.webchat.markup import Element, tree_of
from kernel.limits import CHAT_ARTICLE_DEPTH, CHAT_CHOICES


def test_an_article_keeps_its_shape_and_its_links() -> None:
    html = '<h2>Water</h2><p>Once a <b>week</b>, see <a href="/help/x" title="t">this</a>.</p>'

    assert msgspec.to_builtins(tree_of(html)) == [
        {"tag": "h2", "children": ["Water"]},
        {
            "tag": "p",
            "children": [
                "Once a ",
                {"tag": "b", "children": ["week"]},
                ", see ",
                {"tag": "a", "href": "/help/x", "children": ["this"]},
                ".",
            ],
        },
    ]


@pytest.mark.parametrize(
    ("html", "tree"),
    [
        ("<script>alert(1)</script>a", ["a"]),
        ('<p onclick="x()">a<img src=x onerror=y()></p>', [Element(tag="p", children=["a"])]),
        (
            '<a href="javascript:x()">a</a><a href="//evil.example">b</a>',
            [Element(tag="a", children=["a"]), Element(tag="a", children=["b"])],
        ),
        ("<div><section>a</section></div>", ["a"]),
        ("</p></p>a<br>b", ["a", Element(tag="br"), "b"]),
        ("&lt;b&gt; &amp; ©", ["<b> & ©"]),
    ],
)
def test_what_may_not_be_shown_gives_way_to_what_is_in_it(html: str, tree: list[object]) -> None:
    assert tree_of(html) == tree


def test_a_tree_is_bounded_however_deep_the_article_is() -> None:
    node, depth = tree_of("<ul><li>" * 5_000), 0
    while node and isinstance(node[0], Element):
        node, depth = node[0].children, depth + 1

    assert depth == CHAT_ARTICLE_DEPTH


@pytest.mark.parametrize(
    ("text", "shown", "choices"),
    [
        ("Did it help?\n[[Yes]] [[No]]", "Did it help?", ["Yes", "No"]),
        ("Which one?\n\n[[A]]\n[[ B ]]\n[[A]]\n", "Which one?", ["A", "B"]),
        ("[[Yes]] is a word here", "[[Yes]] is a word here", []),
        ("An array a[[0]] here, [[]]", "An array a[[0]] here, [[]]", []),
        ("[[" + "x" * 61 + "]]", "[[" + "x" * 61 + "]]", []),
        ("[[Only]]", "", ["Only"]),
    ],
)
def test_buttons_are_the_last_words_in_double_brackets(
    text: str, shown: str, choices: list[str]
) -> None:
    assert split_choices(text) == (shown, choices)


def test_buttons_are_few_and_by_mail_they_are_words() -> None:
    _, choices = split_choices("?" + "".join(f" [[{number}]]" for number in range(20)))

    assert len(choices) == CHAT_CHOICES
    assert as_words("<p>Well? [[Yes]] [[No]]</p>") == "<p>Well? Yes No</p>"
