"""The documentation can be built as a site, and shows no picture that is not there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRONT_PAGES = ("README.md", "docs/index.md")


@pytest.mark.slow
def test_no_link_of_the_site_leads_nowhere(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    assert "Contact Center" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("name", FRONT_PAGES)
def test_every_picture_and_page_the_front_names_is_there(name: str) -> None:
    page = ROOT / name
    named = re.findall(r'(?:src|srcset)="([^"]+)"|\]\(([^)#\s]+)', page.read_text())
    local = [one or other for one, other in named if "://" not in (one or other)]

    assert [path for path in local if not (page.parent / path).exists()] == []
    assert local
