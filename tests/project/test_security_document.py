"""`docs/security.md` names files and tests: what it rests on is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`([a-z0-9_/]+(?:\.py|\.conf|\.md|/))`", PAGE))
    places = [ROOT, ROOT / "tests", ROOT / "astro"]
    assert len(named) > 40
    assert sorted(name for name in named if not any((place / name).exists() for place in places)) == []


def test_every_chapter_of_the_standard_is_gone_through() -> None:
    assert re.findall(r"^## V(\d+) ", PAGE, re.MULTILINE) == [str(number) for number in range(1, 18)]
    assert PAGE.count("**Gap**") >= 5


def test_the_front_page_leads_there() -> None:
    front = (ROOT / "README.md").read_text()
    assert "(SECURITY.md)" in front
    assert "(docs/security.md)" in front
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text()
