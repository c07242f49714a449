"""The alert rules: each asks for numbers that `/metrics` has, and each has its section in the runbook, and back."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import transaction

from astro.desk.operating.milestones import BACKUP, VERIFY, note_milestone
from astro.desk.operating.seals import look_at_seals
from astro.desk.operating.tills import count_tills
from astro.kit.clock import utc_now

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "alerts.yml"
RUNBOOK = ROOT / "docs" / "operations.md"

HEAD = "groups:\n  - name: astro\n    rules:\n"
RULE = re.compile(
    r"      - alert: (?P<name>[A-Z]\w+)\n"
    r"        expr: (?P<expr>.+)\n"
    r"        for: (?P<wait>\d+[mh])\n"
    r"        labels:\n"
    r"          severity: (?P<severity>page|look)\n"
    r"        annotations:\n"
    r'          summary: "(?P<summary>[^"\\]+)"\n'
    r"          runbook: (?P<runbook>\S+)\n"
)


def rules():
    """Comments, one group, rules of one shape: it needs no YAML to be read, and anything else fails."""
    text = "".join(line for line in FILE.read_text().splitlines(keepends=True) if not line.startswith("#"))
    assert text.startswith(HEAD)
    rest = text.removeprefix(HEAD)
    found = [match.groupdict() for match in RULE.finditer(rest)]
    assert RULE.sub("", rest) == ""
    return found


def names_in(expr):
    """The metrics of an expression, as families: a histogram's buckets belong to it."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bastro_\w+", expr)}


def test_the_file_is_read_whole():
    found = rules()
    assert len(found) == FILE.read_text().count("- alert:") >= 12
    assert len({rule["name"] for rule in found}) == len(found)


def test_expressions_are_whole():
    """A plain YAML scalar: no comment, no mapping, every bracket closed."""
    for rule in rules():
        expr = rule["expr"]
        assert not re.search(r" #|: |^[\"'\[{&*!|>%@`]", expr), expr
        for opened, closed in ("()", "{}", "[]"):
            assert expr.count(opened) == expr.count(closed), expr
        assert expr.count('"') % 2 == 0, expr


@pytest.mark.django_db
def test_every_number_an_alert_asks_for_is_there(client):
    with transaction.atomic():
        count_tills(now=utc_now())
        look_at_seals(now=utc_now())
        for kind in (VERIFY, BACKUP):
            note_milestone(kind, {"findings": 0}, now=utc_now())
    told = client.get("/metrics").content.decode()
    there = set(re.findall(r"^# TYPE (\w+) \w+$", told, re.M))
    asked = {name for rule in rules() for name in names_in(rule["expr"])}
    assert asked - there == set()
    assert len(asked) >= 12


def test_every_alert_has_its_section_and_every_section_its_alert():
    text = RUNBOOK.read_text()
    sections = re.findall(r"^### (\w+)$", text, re.M)
    assert sections == [rule["name"] for rule in rules()]
    for rule in rules():
        assert rule["runbook"] == f"docs/operations.md#{rule['name'].lower()}"
        body = re.search(rf"^### {rule['name']}\n(.*?)(?=^##|\Z)", text, re.M | re.S)[1]
        assert body.strip().startswith(f"*{rule['severity']}.*"), rule["name"]
        assert "**Do:**" in body, rule["name"]


def test_what_the_runbook_names_exists():
    """Commands, settings and links within the page."""
    text = RUNBOOK.read_text()
    example = (ROOT / ".env.example").read_text()
    assert {name for name in re.findall(r"\bASTRO_[A-Z_]+", text) if f"{name}=" not in example} == set()
    commands = set(re.findall(r"`astro ([a-z]+)", text)) - {"shell", "migrate", "collectstatic"}
    there = {path.stem for path in ROOT.glob("astro/*/management/commands/*.py")}
    assert commands - there == set()
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    assert {link for link in re.findall(r"\]\(#([\w-]+)\)", text) if link not in anchors} == set()


def test_prometheus_itself_reads_the_file():
    """Where its own checker is installed."""
    tool = shutil.which("promtool")
    if tool is None:
        assert rules()
        return
    done = subprocess.run([tool, "check", "rules", str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
