"""Every name that the code records stands in `docs/events.md`, and nothing stands there that is not recorded."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = "astro.activity.actions"


def recorded_names(source: str, *, where: str) -> list[str]:
    """The first argument of every call of `record` or `record_many`. It must be a plain text, to be found."""
    tree = ast.parse(source)
    known = {
        (alias.asname or alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == HOME
        for alias in node.names
        if alias.name in {"record", "record_many"}
    }
    modules = {
        (alias.asname or alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "astro.activity"
        for alias in node.names
        if alias.name == "actions"
    }
    names = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _is_record(node.func, known, modules):
            continue
        first = node.args[0]
        assert isinstance(first, ast.Constant), f"{where}:{node.lineno} hides the name of its event."
        assert isinstance(first.value, str)
        names.append(first.value)
    return names


def _is_record(called: ast.expr, known: set[str], modules: set[str]) -> bool:
    if isinstance(called, ast.Name):
        return called.id in known
    return (
        isinstance(called, ast.Attribute)
        and called.attr in {"record", "record_many"}
        and isinstance(called.value, ast.Name)
        and called.value.id in modules
    )


def listed_names() -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "events.md").read_text(), flags=re.MULTILINE)


def test_list_and_code_agree() -> None:
    recorded = {
        name
        for file in sorted((ROOT / "astro").rglob("*.py"))
        for name in recorded_names(file.read_text(), where=str(file.relative_to(ROOT)))
    }
    listed = listed_names()
    assert len(listed) == len(set(listed)), "An event is listed twice."
    assert recorded - set(listed) == set(), "Recorded, but not in docs/events.md."
    assert set(listed) - recorded == set(), "In docs/events.md, but recorded nowhere."


def test_every_way_of_calling_is_found() -> None:
    source = """
from astro.activity.actions import record
from astro.activity.actions import record as note
from astro.activity import actions as activity

record("one", x)
note("two", x)
activity.record("three", x)
other.record("four", x)
"""
    assert recorded_names(source, where="here") == ["one", "two", "three"]
