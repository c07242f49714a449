"""The scripts of the two tills and their pages agree on what there is to say."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

MODULES = Path(__file__).parents[2] / "astro/checkout/static/checkout"
COUNTER = ("counter.js", "browse.js", "fields.js", "lines.js", "reasons.js", "scan.js", "scan_line.js", "search.js")
PAGES = {
    "checkout/till_words.html": (*COUNTER, "till.js", "checkout.js", "recorded.js"),
    "checkout/offline_words.html": (*COUNTER, "offline.js", "kept_list.js", "whose.js"),
}
MADE = {
    *(f"{why}-words" for why in ("stranger", "refused", "full", "blocked", "no-items")),
    *(f"phone-{problem}" for problem in ("missing", "letters", "short", "long", "wrong")),
    *("refused", "full", "blocked", "back-none", "out-none", "back", "out", "state-other-store"),
}
"""Named by the till without network as it goes: the kind of trouble, and what is said of it."""


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    """What a page offers, and the scripts that say it."""
    offered = render_to_string(request.param, {"customer": {"first_name": "Sally"}})
    script = "".join((MODULES / name).read_text(encoding="utf-8") for name in PAGES[request.param])
    return set(re.findall(r'data-(?:word|icon)="([a-z-]+)"', offered)), script


def test_whatever_the_scripts_ask_for_is_there(page):
    offered, script = page
    said = set(re.findall(r'words\.(?:say|icon)\("([a-z-]+)"', script))
    counted = {
        f"{name}-{form}" for name in re.findall(r'words\.count\("([a-z-]+)"', script) for form in ("one", "other")
    }
    warned = {name for word in re.findall(r'this\.warn\("([a-z-]+)"', script) for name in (word, f"{word}-words")}
    assert said | counted | warned <= offered
    assert len(said | counted) > 30


def test_whatever_is_there_is_asked_for(page):
    offered, script = page
    literals = {text.replace(" ", "-") for text in re.findall(r'"([a-z -]+)"', script)}
    assert {re.sub("-(one|other)$", "", name) for name in offered} <= literals | MADE
