"""Writes docs/channels/conformance.md from the rules, as `make docs` does."""

from pathlib import Path
from typing import Final

from tests.channels.conformance.rules import OF_CALLS, ONLY_OF_CALLS, RULES, table

PAGE: Final = Path(__file__).parents[3] / "docs" / "channels" / "conformance.md"
HEAD: Final = """# What every channel keeps

*Kept* is proven by `tests/channels/conformance/`, which puts every connector to each rule with a
real server as its provider; where a channel cannot have a rule, a word says why. The telephone
carries no messages: it keeps the rules by tests of its own, named below. `make docs` writes this
page from the rules themselves.
"""
WORDS: Final = """
* *not called*: we ask a mailbox; nobody calls us with its mail.
* *no provider*: web chat is our own server, with nobody between it and the visitor.
* *one at a time*: a call tells one moment after another, each answered before the next.
* *no text*: nothing that is written comes through a call.
"""


def page() -> str:
    """Return the whole page."""
    rules = [f"| {RULES[rule]} | `{test}` |" for rule, test in OF_CALLS.items()]
    own = [f"| {words} | `{test}` |" for words, test in ONLY_OF_CALLS.items()]
    rows = "\n".join(["| rule | test |", "|---|---|", *rules, *own])
    return "\n".join([HEAD, *table(), WORDS, "## The telephone", "", rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page())
