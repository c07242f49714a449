"""The engine against tables in plain words, each line to be checked with paper cards and a calendar.

They stand in `cases/`. A table's headline is the rule's own sentence; where the rule changes, the day and the next one
follow behind a semicolon, with "for cards in progress, too" where it takes over.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from astro.programs.rules import RuleOfCard
from astro.programs.wording import sentence
from tests.programs.engine.playing import Table, a_day, money

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parents[3]
TOO = ", for cards in progress, too"
SINCE = re.compile(r"from (?P<day>\d+ \w+): (?P<words>.+)")

RULES = {
    sentence(rule, money=money): rule
    for rule in [
        RuleOfCard(3),
        RuleOfCard(4),
        RuleOfCard(2),
        RuleOfCard(1),
        RuleOfCard(2, 2),
        RuleOfCard(3, expiry_months=1),
        RuleOfCard(3, expiry_months=12),
        RuleOfCard(3, piles="item"),
        RuleOfCard(1, piles="visit"),
        RuleOfCard(2, piles="visit"),
        RuleOfCard(2, piles="visit", most=1),
        RuleOfCard(2, most=2),
        RuleOfCard(1, 2, most=5),
        RuleOfCard(3, monthly=2),
        RuleOfCard(2, piles="visit", most=2, gives="money", gift_cents=350),
        RuleOfCard(3, gives="percent", gift_percent=10),
        RuleOfCard(3, gives="back", back_points=500),
        RuleOfCard(3, 0, is_prepaid=True, gives="nothing"),
    ]
}


def rules_of(headline: str) -> list[tuple[date, RuleOfCard]]:
    """From which day which rule holds."""
    first, *changes = headline.removeprefix("# ").split("; ")
    found = [(date.min, RULES[first])]
    for change in changes:
        told = SINCE.fullmatch(change.removesuffix(TOO))
        assert told, f"Nobody can read this: {change}"
        found.append((a_day(told["day"]), replace(RULES[told["words"]], takes_over=change.endswith(TOO))))
    return found


def tables() -> Iterator[tuple[Path, str, list[list[str]]]]:
    for table in sorted(CASES.glob("*.md")):
        head, *lines = table.read_text(encoding="utf-8").splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        yield table, head, rows[2:]


ROWS = [
    pytest.param(head, *row, id=f"{table.stem}-{number}")
    for table, head, rows in tables()
    for number, row in enumerate(rows, 1)
]


@pytest.mark.parametrize(("head", "why", "history", "cards"), ROWS)
def test_table(head: str, why: str, history: str, cards: str) -> None:
    assert why
    assert Table(rules_of(head)).play(history).told() == cards


def test_every_rule_has_a_table() -> None:
    used = {rule for _table, head, _rows in tables() for _since, rule in rules_of(head)}
    assert {replace(rule, takes_over=False) for rule in used} == set(RULES.values())
    assert len(ROWS) >= 140


def test_the_guide_names_the_tables_as_they_are() -> None:
    told = subprocess.run([sys.executable, ROOT / "scripts" / "rules", "--check"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")
