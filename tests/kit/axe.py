"""What is wrong with a screen. With every module's: nothing, in light and dark, on all three devices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parents[1] / "vendor/axe.min.js").read_text(encoding="utf-8")
SIZES = {"till": (1280, 800), "tablet": (1024, 768), "phone": (390, 844)}
ZOOMED = 320
"""The width of a screen of 1280 pixels at 400 %."""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that see colours."""


def findings(page: Page, *, only: Iterable[str] = ()) -> list[str]:
    """What axe finds wrong, one line each; of all its rules, or `only` of these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # Preloaded would be the sheets, for a rule that is off, and sounds, of which there are none.
    found = page.evaluate(
        """async only => {
          const runOnly = only.length ? { runOnly: { type: "rule", values: only } } : {};
          const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, ...runOnly });
          return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
        }""",
        list(only),
    )
    return list(found)


def findings_everywhere(page: Page) -> dict[str, list[str]]:
    """Findings by device and colour scheme; empty where there are none anywhere.

    In the dark only the colours are others (`tests/kit/test_styles.py`), so only their rules are asked again."""
    wrong = {}
    for device, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        if lines := findings(page):
            wrong[f"{device} light"] = lines
        page.emulate_media(color_scheme="dark")
        if lines := findings(page, only=COLOURS):
            wrong[f"{device} dark"] = lines
    return wrong


def sideways(
    page: Page, *, widths: Iterable[int] = (*(width for width, _height in SIZES.values()), ZOOMED)
) -> dict[int, int]:
    """By how many pixels the page is wider than a screen of each width; empty where nothing scrolls sideways."""
    over = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        over[width] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return {width: pixels for width, pixels in over.items() if pixels > 0}


def faults(page: Page) -> dict[str | int, list[str] | int]:
    """What shuts anybody out of this screen: what axe finds, and by how much it scrolls sideways. Empty where nothing
    does. The screen is a till's afterwards."""
    wrong = {**findings_everywhere(page), **sideways(page)}
    width, height = SIZES["till"]
    page.set_viewport_size({"width": width, "height": height})
    return wrong
