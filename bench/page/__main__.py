"""Runs every benchmark and writes what they say into docs/operating/performance.md.

`python -m bench.page` runs all; with names, only those, and the table's other lines stay.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
PAGE: Final = ROOT / "docs" / "operating" / "performance.md"
BEGIN: Final = "<!-- figures: written by `python -m bench.page` -->"
END: Final = "<!-- end of figures -->"
HEAD: Final = (
    "| figure | value | reference in the same run | ratio | limit | kept | measured |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


def work() -> int:
    wanted = set(sys.argv[1:])
    names = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    rows = {} if not wanted else _rows_of(old)
    failed = [name for name in names if (not wanted or name in wanted) and not _run(name, rows)]
    table = "\n".join([HEAD, *rows.values()])
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}")
    if failed:
        sys.stderr.write(f"without a figure: {', '.join(failed)}\n")
    return len(failed)


def _run(name: str, rows: dict[str, str]) -> bool:
    """Run one benchmark and put its lines among `rows`; False when it gave none."""
    sys.stderr.write(f"{name} ...\n")
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, stdout=subprocess.PIPE, check=False
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    for figure in found:
        sys.stdout.write(json.dumps(figure, ensure_ascii=False) + "\n")
        rows[figure["name"]] = _row(name, figure)
    return bool(found)


def _row(bench: str, figure: dict[str, Any]) -> str:
    date = datetime.now(UTC).date().isoformat()
    cells = (
        f"`{figure['name']}`",
        f"{figure['value']:g} {figure['unit']} (n={figure['n']})",
        _number(figure["reference"]),
        _number(figure["ratio"]),
        _limit(figure),
        "yes" if figure["ok"] else "**no**",
        f"{date}, `python -m bench.{bench}`, {figure['machine']}",
    )
    return f"| {' | '.join(cells)} |"


def _limit(figure: dict[str, Any]) -> str:
    if figure["limit"] is None:
        return "–"
    sign = "≤" if figure.get("at_most") else "≥"
    return f"{figure.get('limited', 'value')} {sign} {figure['limit']:g}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _rows_of(table: str) -> dict[str, str]:
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


if __name__ == "__main__":
    sys.exit(work())
