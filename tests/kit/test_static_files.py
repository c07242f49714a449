"""Modules as production serves them, each named by what is in it: what one asks of another must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.once

ASKED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


def missing(folder: Path) -> list[str]:
    """What the modules in this folder ask for and do not get."""
    return [
        f"{module.relative_to(folder)} asks for {asked}"
        for module in sorted(folder.rglob("*.js"))
        if "vendor" not in module.parts
        for asked in ASKED.findall(module.read_text(encoding="utf-8"))
        if not (module.parent / asked).is_file()
    ]


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "astro.kit.static_files.HashedFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_every_module_finds_what_it_imports(collected: Path) -> None:
    modules = [path for path in collected.rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    assert len(modules) > 40
    assert missing(collected) == []


def test_a_name_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text('import { two } from "./two.js";\nconst late = await import("./three.js");\n')
    (tmp_path / "two.js").write_text("export const two = 2;\n")
    assert missing(tmp_path) == ["one.js asks for ./three.js"]
