"""`docs/seed-checklist.md` says which test shows each promise: every test that it names must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
TICKED = re.compile(r"^- \[x\] (?P<claim>.+?) – (?P<tests>`test_\w+`(?:, `test_\w+`)*)$")
OPEN = re.compile(r"^- \[ \] .+ – to come with .+$")


def problems(page: str, known: set[str]) -> list[str]:
    found = []
    for line in page.splitlines():
        if not line.startswith("- ["):
            continue
        ticked = TICKED.match(line)
        if ticked:
            found += [f"no such test: {name}" for name in re.findall(r"test_\w+", ticked["tests"]) if name not in known]
        elif not OPEN.match(line):
            found.append(f"neither ticked with a test nor open with what will bring it: {line}")
    return found


@pytest.fixture(scope="module")
def known() -> set[str]:
    sources = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}


def test_every_ticked_line_names_a_test(known: set[str]) -> None:
    page = (ROOT / "docs" / "seed-checklist.md").read_text()
    assert problems(page, known) == []
    assert page.count("- [x] ") > 20


@pytest.mark.parametrize(
    "line",
    ["- [x] It works – `test_that_nobody_wrote`", "- [x] It works", "- [ ] It will work some day", "- [x] – `test_x`"],
)
def test_a_line_without_its_test_is_noticed(line: str, known: set[str]) -> None:
    assert problems(line, known)
