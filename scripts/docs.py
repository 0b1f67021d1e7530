"""Builds the documentation as a site into build/docs; a link that leads nowhere fails it."""

from scripts.environment import ensure_environment
from scripts.shell import ROOT, VENV, main, run, say


def _work() -> int:
    ensure_environment(dev=True)
    run([VENV / "bin" / "python", "-m", "tests.channels.conformance.page"])
    # The generator would advertise its successor on every build.
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    run([VENV / "bin" / "mkdocs", "build", "--strict", "--quiet", "--clean"], env=quiet)
    say(f"the site is at {ROOT / 'build' / 'docs' / 'index.html'}")
    return 0


if __name__ == "__main__":
    main(_work)
