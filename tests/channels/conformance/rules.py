"""What every connector promises, and which channel is put to which of it."""

from typing import Final

READING: Final = {
    "alone": "one delivery that cannot be read spoils none of its neighbours",
    "replayed": "the same delivery means the same however often it is read",
    "reordered": "what a delivery means does not depend on what came before",
    "unknown": "fields that nobody knows yet are passed over",
    "large": "the longest text comes through whole, or is refused in words",
    "hostile": "bytes that nobody would send are refused in words, never with a crash",
}
CALLED: Final = {
    "forged": "a call that proves nothing stores nothing",
    "parallel": "the same call many times at once is one delivery",
    "acknowledged": "a call is answered only after what it brought is stored",
}
SENDING: Final = {
    "sent": "one message is one message at the provider, and the receipt names it",
    "pause": "a provider that asks for a pause is tried later, and what it took is not repeated",
    "broken": "a provider that fails is tried later",
    "refused": "what a provider will never take is not tried again",
    "lost": "an answer that was lost is told apart from a refusal",
    "away": "nobody there means that nothing was sent",
}
TOLD: Final = {
    "words": "a connection test says what is wrong and what would cure it",
    "secret": "no secret stands in an error, a test's words or what is printed",
}
RULES: Final = {**READING, **CALLED, **SENDING, **TOLD}

KEPT_BY: Final = {
    "mail": {*READING, *SENDING, *TOLD},
    "webchat": {*READING},
    "telegram": {*RULES},
    "custom": {*RULES},
    "sms": {*RULES},
    "whatsapp": {*RULES},
    "whatsapp_cloud": {*RULES},
    "viber": {*RULES},
    "line": {*RULES},
    "messenger": {*RULES},
    "instagram": {*RULES},
}
"""A rule that is not here does not apply: nobody calls a mailbox, and web chat has no provider."""


def table() -> list[str]:
    """Return the rows of the table in docs/channels/adding.md."""
    channels = sorted(KEPT_BY)
    head = ["| rule | " + " | ".join(channels) + " |", "|---" * (len(channels) + 1) + "|"]
    return head + [
        f"| {words} | "
        + " | ".join("kept" if rule in KEPT_BY[one] else "–" for one in channels)
        + " |"
        for rule, words in RULES.items()
    ]
