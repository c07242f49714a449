"""The stylesheet keeps its promises: small, built from its parts, colours only from tokens and always readable."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = ROOT / "astro/kit/static/kit"
BUILT = (KIT / "app.css").read_text(encoding="utf-8")
TOKENS = (KIT / "css/tokens.css").read_text(encoding="utf-8")
PARTS = sorted(path for path in KIT.glob("css/*.css") if path.name != "tokens.css")
OWN_SHEETS = sorted(path for path in ROOT.glob("astro/*/static/**/*.css") if path.is_relative_to(KIT) is False)
TEMPLATES = sorted(ROOT.glob("astro/**/templates/**/*.html"))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch|color|color-mix)\(")
COLOUR_NAME = re.compile(r":[^;{}]*\b(?:white|black|red|green|blue|gray|grey|orange|yellow|purple|silver|gold)\b")

PAIRS = [
    *[("ink", ground) for ground in ("bg", "surface", "surface-2", "brand-soft", "reward-soft")],
    *[("ink", f"{state}-soft") for state in ("ok", "warn", "bad")],
    *[("ink-2", ground) for ground in ("bg", "surface", "surface-2", "brand-soft")],
    *[("brand", ground) for ground in ("bg", "surface", "surface-2", "brand-soft")],
    *[(state, ground) for state in ("ok", "warn", "bad", "reward") for ground in (f"{state}-soft", "surface", "bg")],
    ("brand-ink", "brand"),
    ("reward-ink", "reward-btn"),
    *[("named-ink", button) for button in ("add", "save", "new")],
    ("bg", "ink"),
    ("print", "paper"),
]
MARKS = [("line-strong", ground) for ground in ("bg", "surface", "surface-2")] + [("reward-line", "reward-soft")]


def packed(*paths: Path) -> int:
    """Bytes on the wire."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_the_built_stylesheet_is_current():
    answer = subprocess.run([sys.executable, ROOT / "scripts/css", "--check"], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_every_part_is_imported():
    imported = re.findall(r'@import "([^"]+)"', (KIT / "css/app.css").read_text(encoding="utf-8"))
    assert sorted(imported) == sorted(path.name for path in KIT.glob("css/*.css") if path.name != "app.css")


def test_first_load_fits_the_budget():
    assert packed(KIT / "app.css") <= 12_000
    assert packed(KIT / "vendor/htmx.min.js", *KIT.glob("js/*.js")) <= 30_000
    assert (KIT / "vendor/inter-latin.woff2").stat().st_size <= 50_000


def colour(token: str, *, dark: bool) -> str:
    value = re.search(rf"--{token}: ([^;]+);", TOKENS)
    assert value, f"{token} is no token"
    both = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value[1])
    return both[2 if dark else 1] if both else value[1]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    assert re.fullmatch("#[0-9a-f]{6}", colour), f"{colour} is not written as six digits"
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dim, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_is_measured_rightly():
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(PAIRS, 4.5), (MARKS, 3.0)], ids=["text", "marks"])
def test_tokens_are_readable(pairs, least, dark):
    measured = {pair: round(contrast(*(colour(token, dark=dark) for token in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < least} == {}


def test_every_variable_is_defined():
    defined = set(re.findall(r"(--[\w-]+):", BUILT))
    used = {
        name for sheet in [BUILT, *map(Path.read_text, OWN_SHEETS)] for name in re.findall(r"var\((--[\w-]+)", sheet)
    }
    assert used - defined == set()


def test_every_token_is_used():
    sheets = [BUILT, *map(Path.read_text, OWN_SHEETS)]
    used = {name for sheet in sheets for name in re.findall(r"var\((--[\w-]+)", sheet)}
    assert set(re.findall(r"(--[\w-]+):", TOKENS)) - used == set()


@pytest.mark.parametrize("part", [*PARTS, *OWN_SHEETS], ids=lambda path: path.name)
def test_only_tokens_carry_colours(part):
    text = re.sub(r"/\*.*?\*/", "", part.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert COLOUR.findall(text) + COLOUR_NAME.findall(text) == []


def test_the_dark_changes_colours_and_nothing_else():
    """No sheet, script or screen asks which scheme it is, and `light-dark()` holds colours only: `kit/axe.py` counts on
    it. Letters have no sheet of ours."""
    screens = [path for path in TEMPLATES if path.parent.name != "mail"]
    own = [path for path in ROOT.glob("astro/*/static/**/*.*s") if path.suffix in (".css", ".js")]
    asking = [path.name for path in [*own, *screens] if "prefers-color-scheme" in path.read_text(encoding="utf-8")]
    assert (len(own) > 80, len(screens) > 100, asking) == (True, True, [])


def test_every_icon_in_use_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (KIT / "icons.svg").read_text(encoding="utf-8")))
    used = re.compile(r"""\{% icon ["']([\w-]+)["']|icon_name(?:\|default:|=)["']([\w-]+)["']""")
    sources = [*TEMPLATES, *ROOT.glob("tests/kit/templates/*.html")]
    named = {one or other for path in sources for one, other in used.findall(path.read_text(encoding="utf-8"))}
    assert named - sprite == set()
    assert "paw" in named


def test_every_class_in_use_has_a_style():
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", BUILT + "".join(map(Path.read_text, OWN_SHEETS))))
    used = {}
    for path in TEMPLATES:
        for value in re.findall(
            r'class="([^"]*)"', re.sub(r"\{[{%#].*?[}%#]\}", "\0", path.read_text(encoding="utf-8"))
        ):
            used |= {name: path.name for name in value.split() if "\0" not in name}
    assert {name: where for name, where in used.items() if name not in styled} == {}


def test_vendored_files_carry_their_licences():
    licences = {path.stem for path in ROOT.glob("docs/licences/*.txt")}
    assert {"htmx", "inter", "tabler-icons"} <= licences
