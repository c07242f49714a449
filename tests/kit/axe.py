"""What axe finds wrong with a page. For every module's screens: nothing, in light and dark, on all three devices."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

AXE = (Path(__file__).parents[1] / "vendor/axe.min.js").read_text(encoding="utf-8")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"till": (1280, 800), "tablet": (1024, 768), "phone": (390, 844)}


def findings(page: Page) -> list[str]:
    """What axe finds wrong, one line each."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]


def findings_everywhere(page: Page) -> dict[str, list[str]]:
    """Findings by device and colour scheme; empty where there are none anywhere."""
    wrong = {}
    for device, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if lines := findings(page):
                wrong[f"{device} {scheme}"] = lines
    return wrong
