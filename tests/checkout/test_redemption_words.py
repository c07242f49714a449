"""The second screen's scripts and its page agree on what there is to say."""

import re
from pathlib import Path

from django.template.loader import render_to_string

MODULES = Path(__file__).parents[2] / "astro/checkout/static/checkout"
SCRIPT = "".join(
    (MODULES / name).read_text(encoding="utf-8") for name in ("redemption.js", "fields.js", "scan_line.js")
)


def offered():
    page = render_to_string("checkout/redemption_words.html", {"customer": {"first_name": "Sally"}})
    return set(re.findall(r'data-(?:word|icon)="([a-z-]+)"', page))


def test_whatever_the_scripts_ask_for_is_there_and_nothing_else():
    calls = re.findall(r"words\.(?:say|icon)\((.*)", SCRIPT)
    said = {word for call in calls for word in re.findall(r'"([a-z-]+)"', call.partition("{")[0])}
    counted = {
        f"{name}-{form}" for name in re.findall(r'words\.count\("([a-z-]+)"', SCRIPT) for form in ("one", "other")
    }
    literals = set(re.findall(r'"([a-z-]+)"', SCRIPT))
    assert len(said) > 20
    assert said | counted <= offered()
    assert offered() <= literals | counted
