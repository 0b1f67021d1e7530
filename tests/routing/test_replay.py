"""The same log gives the same decisions: again, under another hash seed, with other names."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import RFC_4122, UUID

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from routing.commands import Command, Tick
from routing.effects import Effect, OfferMade
from routing.engine import Engine
from routing.model import Rules
from tests.routing.histories import History
from tests.routing.ledger import Ledger
from tests.routing.scene import Scene, only

ROOT = Path(__file__).parents[2]
SEEDS = range(1_000, 1_020)


def replayed(ledger: Ledger, log: list[tuple[Command, int]]) -> list[Effect]:
    engine = Engine(ledger.rules)
    return [effect for command, now in log for effect in engine.apply(command, now)]


def renamed(value: Any, names: dict[UUID, UUID]) -> Any:
    """Rebuild a command or effect with other names."""
    match value:
        case UUID():
            return names.get(value, value)
        case list() | tuple():
            return type(value)(renamed(item, names) for item in value)
        case Struct():
            fields = value.__struct_fields__
            return replace(value, **{f: renamed(getattr(value, f), names) for f in fields})
    return value


@pytest.mark.parametrize("seed", range(2_000, 2_030))
def test_a_log_told_again_gives_the_same_effects(seed: int) -> None:
    ledger = History(seed).run(steps=80)

    assert replayed(ledger, ledger.log) == ledger.told


@pytest.mark.parametrize("seed", range(3_000, 3_030))
def test_agents_with_other_names_change_nothing_but_names(seed: int) -> None:
    history = History(seed)
    ledger = history.run(steps=80)
    turned = [*history.agents[1:], history.agents[0]]
    names = dict(zip(history.agents, turned, strict=True))

    log = [(renamed(command, names), now) for command, now in ledger.log]

    assert replayed(ledger, log) == renamed(ledger.told, names)


@pytest.mark.parametrize("seed", range(4_000, 4_030))
def test_what_is_due_and_what_is_told_at_once_leave_nobody_waiting_in_vain(seed: int) -> None:
    history = History(seed)
    ledger = history.run(steps=80)
    engine = Engine(ledger.rules)

    told = [(command, now) for command, now in ledger.log if not isinstance(command, Tick)]
    for command, now in told:
        engine.apply(command, now)
        waiting = [contact for queue in history.queues for contact in engine.waiting(queue)]
        assert not any(engine.why(contact, now).gates.available for contact in waiting)


@pytest.mark.slow
def test_decisions_do_not_depend_on_the_hash_seed() -> None:
    code = "from tests.routing.test_replay import digest; print(digest())"

    digests = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    ]

    assert len(digests[0]) > 64
    assert digests[0] == digests[1] == digests[2]


def digest() -> str:
    """Write what was decided in some histories, short enough to be compared."""
    told = [effect for seed in SEEDS for effect in History(seed).run(steps=60).told]
    return f"{len(told)} {sha256(msgspec.json.encode(told)).hexdigest()}"


def test_every_offer_of_a_contact_has_a_name_of_its_own() -> None:
    scene = Scene(Rules(decline_cool_down_us=0))
    scene.agent("ann")
    told = scene.contact("ask")
    for _ in range(50):
        told += scene.declines("ann", "ask")

    names = [made.offer for made in only(OfferMade, told)]
    assert len(names) == len(set(names)) == 51
    assert {(name.version, name.variant) for name in names} == {(8, RFC_4122)}
    assert {name.int >> 80 for name in names} == {scene.now // 1_000}
