"""Works out whom a reply reaches, and says before sending what the agent should look at twice."""

from collections.abc import Collection, Iterable

from msgspec import Struct

from channels.envelope import Party
from channels.mail.mime.addresses import is_address, normal
from channels.mail.threads import without_plus


class Reached(Struct, frozen=True, kw_only=True):
    """One address that would get the reply."""

    party: Party
    outside: bool
    """New to this conversation: show a warning before sending."""


class ReplyPlan(Struct, frozen=True, kw_only=True):
    """Exactly whom a reply goes to, as it is shown to the agent."""

    to: tuple[Reached, ...]
    cc: tuple[Reached, ...]
    reply_to_differs: bool
    """The sender wants the answer elsewhere: the agent must confirm."""


def reply_plan(
    *,
    sender: Party,
    reply_to: Collection[Party] = (),
    to: Collection[Party] = (),
    cc: Collection[Party] = (),
    own: Collection[str],
    known: Collection[str] = (),
    everyone: bool = False,
    automatic: bool = False,
) -> ReplyPlan:
    """Return who gets the answer to a message.

    `own` are our addresses, which never get one; `known` are those that took part in the
    conversation before. A message that we sent is answered to those it went to. With `everyone`
    all whom the message names are copied. What is sent without a person (`automatic`) goes to
    the sender alone, whatever Reply-To asks for.
    """
    ours = {normal(one) for one in own}
    inside = {normal(one) for one in known} | {normal(sender.handle)}
    if _is_ours(sender, ours):
        chosen, others = list(to), list(cc)
    else:
        chosen = [sender] if automatic or not reply_to else list(reply_to)
        others = [*to, *cc]
    if automatic:
        others = []
    first = _distinct(chosen, ours, set()) or _distinct([sender], ours, set())
    taken = {normal(one.handle) for one in first}
    copied = _distinct(others, ours, taken) if everyone else []
    differs = bool(reply_to) and any(
        normal(one.handle) != normal(sender.handle) for one in reply_to
    )
    return ReplyPlan(
        to=tuple(Reached(party=one, outside=normal(one.handle) not in inside) for one in first),
        cc=tuple(Reached(party=one, outside=normal(one.handle) not in inside) for one in copied),
        reply_to_differs=differs,
    )


def _is_ours(party: Party, ours: Collection[str]) -> bool:
    return without_plus(party.handle) in ours or normal(party.handle) in ours


def _distinct(
    parties: Iterable[Party], ours: Collection[str], taken: Collection[str]
) -> list[Party]:
    found: dict[str, Party] = {}
    for party in parties:
        address = normal(party.handle)
        if is_address(party.handle) and address not in taken and not _is_ours(party, ours):
            found.setdefault(address, party)
    return list(found.values())
