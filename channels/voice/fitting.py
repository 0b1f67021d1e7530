"""What of a flow is more than a messenger carries in one message; no I/O."""

from collections.abc import Iterator, Mapping, Sequence

from channels.capabilities import Capabilities, length, octets
from channels.channel import Channel
from channels.voice.checking import Problem
from channels.voice.flow import Announcement, AnyNode, Flow, Greeting, Menu, Queue


def excesses_of(flow: Flow, channels: Sequence[Channel]) -> list[Problem]:
    """Return what each of the channels that the flow serves cannot show as it is drawn.

    All of it arrives nevertheless: a text in parts, buttons as numbered lines.
    """
    return [
        problem
        for node in flow.nodes
        for channel in channels
        for problem in (*_texts(node, channel), *_buttons(node, channel))
    ]


def _texts(node: AnyNode, channel: Channel) -> Iterator[Problem]:
    for field, language, text in _written(node):
        excess = _excess(channel.can, text)
        if excess is not None:
            has, most, unit = excess
            yield _warning(
                node, f"{field}.{language}", f"text_too_long_{unit}",
                f"on {channel.name} a message has at most {most:,} {unit}, and this has {has:,} in"
                f" “{language}”",
                "Make it shorter; otherwise it is sent in parts.",
                {"channel": channel.kind, "language": language, "most": most, "has": has},
            )  # fmt: skip


def _written(node: AnyNode) -> Iterator[tuple[str, str, str]]:
    """Return what a node says in writing: the field, the language and the words."""
    match node:
        case Menu():
            for language in {**node.text, **node.written}:
                own = node.written.get(language, "").strip()
                field = "written" if own else "text"
                yield field, language, own or node.text.get(language, "").strip()
        case Greeting() | Announcement() | Queue():
            for language, text in node.text.items():
                yield "text", language, text.strip()
        case _:
            return


def _excess(can: Capabilities, text: str) -> tuple[int, int, str] | None:
    """Return how much a text has and how much one message may have, when that is less."""
    size = octets(text)
    if can.text_bytes is not None and size > can.text_bytes:
        return size, can.text_bytes, "bytes"
    if length(text) > can.text_chars:
        return length(text), can.text_chars, "characters"
    return None


def _buttons(node: AnyNode, channel: Channel) -> Iterator[Problem]:
    """Where a channel has no buttons at all they are numbered lines, which is known."""
    can = channel.can
    if not isinstance(node, Menu) or not can.choices:
        return
    if len(node.choices) > can.choices:
        yield _warning(
            node, "choices", "too_many_buttons",
            f"{channel.name} shows at most {can.choices} buttons, and these are"
            f" {len(node.choices)}",
            "Offer less in one menu; otherwise they are numbered lines.",
            {"channel": channel.kind, "most": can.choices, "has": len(node.choices)},
        )  # fmt: skip
    for key in sorted(node.choices):
        for language, label in node.labels.get(key, {}).items():
            if length(label.strip()) > can.choice_chars:
                yield _warning(
                    node, f"labels.{key}", "button_too_long",
                    f"on {channel.name} a button has at most {can.choice_chars} characters, and"
                    f" “{label}” has {length(label.strip())} in “{language}”",
                    "Make it shorter; otherwise all of this menu are numbered lines.",
                    {
                        "channel": channel.kind, "language": language, "label": label,
                        "most": can.choice_chars, "has": length(label.strip()),
                    },
                )  # fmt: skip


def _warning(
    node: AnyNode, field: str, code: str, message: str, cure: str, facts: Mapping[str, object]
) -> Problem:
    plain = {name: str(value) for name, value in facts.items()}
    return Problem(
        node=node.id, field=field, code=code, message=message, cure=cure, warns=True, facts=plain
    )
