"""The till's scripts and the page agree on what there is to say."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

MODULES = Path(__file__).parents[2] / "astro/checkout/static/checkout"
SCRIPTS = (
    "till.js",
    "browse.js",
    "checkout.js",
    "lines.js",
    "reasons.js",
    "recorded.js",
    "scan.js",
    "scan_line.js",
    "search.js",
)
SCRIPT = "".join((MODULES / name).read_text(encoding="utf-8") for name in SCRIPTS)


@pytest.fixture(scope="module")
def offered():
    page = render_to_string("checkout/till_words.html", {"customer": {"first_name": "Sally"}})
    return set(re.findall(r'data-(?:word|icon)="([a-z-]+)"', page))


def test_whatever_the_scripts_ask_for_is_there(offered):
    said = set(re.findall(r'words\.(?:say|icon)\("([a-z-]+)"', SCRIPT))
    counted = {
        f"{name}-{form}" for name in re.findall(r'words\.count\("([a-z-]+)"', SCRIPT) for form in ("one", "other")
    }
    assert said | counted <= offered
    assert len(said | counted) > 30


def test_whatever_is_there_is_asked_for(offered):
    literals = {text.replace(" ", "-") for text in re.findall(r'"([a-z -]+)"', SCRIPT)}
    assert {re.sub("-(one|other)$", "", name) for name in offered} <= literals
