"""Builds the wheel: the program and the pages that browsers load."""

from scripts import front_end
from scripts.environment import ensure_environment
from scripts.shell import PYTHON, ROOT, main, run, say

DIST = ROOT / "dist"


def _work() -> int:
    ensure_environment(dev=True)
    for part in front_end.PARTS:
        front_end.ensure_built(part)
    run([PYTHON, "-m", "hatchling", "build", "-t", "wheel", "-d", DIST])
    say(f"the wheel is in {DIST.name}/; install it with the versions of requirements.lock")
    return 0


if __name__ == "__main__":
    main(_work)
