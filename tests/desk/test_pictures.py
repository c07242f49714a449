"""The pictures of the documentation: there, small, and none that nobody takes any more."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "docs" / "images").iterdir())
MOST_OF_ONE, MOST_OF_ALL = 60_000, 600_000
WIDTHS = (1280, 1024, 390)


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES}
    assert {name for name, size in sizes.items() if size > MOST_OF_ONE} == set()
    assert sum(sizes.values()) < MOST_OF_ALL


def test_each_screen_is_there_at_each_size() -> None:
    screens = ("till", "redemption", "finished", "history", "account")
    taken = {f"{screen}-{width}.png" for screen in screens for width in WIDTHS}
    assert {path.name for path in IMAGES} == {*taken, f"till-dark-{WIDTHS[0]}.png"}


def test_the_readme_shows_what_is_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) >= 2
    assert [path for path in shown if not (ROOT / path).exists()] == []
