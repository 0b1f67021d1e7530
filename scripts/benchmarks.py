"""Runs every benchmark in turn; each prints one line of JSON."""

import sys

from scripts.shell import PYTHON, ROOT, TroubleError, main, status_of


def _work() -> int:
    wanted = set(sys.argv[1:])
    names = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    chosen = [name for name in names if not wanted or name in wanted]
    if not chosen:
        raise TroubleError(f"no benchmark of that name; there are: {', '.join(names) or 'none'}")
    failed = [name for name in chosen if status_of([PYTHON, "-m", f"bench.{name}"])]
    if failed:
        raise TroubleError(f"failed: {', '.join(failed)}")
    return 0


if __name__ == "__main__":
    main(_work)
