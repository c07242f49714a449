"""What templates need beyond Django's own: icons, fields, punches, and the ways people read money, phones and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from astro.kit.gtin import display_gtin
from astro.kit.money import format_cents
from astro.kit.phones import national

register = template.Library()

WIDEST_ROW = 10
ONE_ROW = 7


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A decorative icon from the sprite. Screen readers skip it: the words beside it carry the meaning."""
    return _icon(static("kit/icons.svg"), name, css_class)


@lru_cache(maxsize=1024)
def _icon(sprite: str, name: str, css_class: str) -> SafeString:
    """Drawn once: a page of the till holds dozens."""
    classes = f"icon {css_class}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', classes, sprite, name
    )


@register.simple_tag
def mark(state: str) -> SafeString:
    """The mark of a state, told by shape as well as colour: circle `ok`, triangle `warn`, octagon `bad`."""
    return icon(f"mark-{state}", f"mark {state}")


@register.filter
def notice_kind(level_tag: str) -> str:
    """The kind of notice for a Django message level."""
    return {"success": "ok", "warning": "warn", "error": "bad"}.get(level_tag, "")


@register.simple_tag
def money(cents: int | None, currency: str = "USD") -> str:
    """Whole cents as people write them: 6499 becomes $64.99. Nothing for no amount."""
    return "" if cents is None else format_cents(cents, currency)


@register.simple_tag
def phone(e164: str) -> str:
    """A stored +1... number as people write it: (406) 555-0142."""
    return national(e164)


@register.simple_tag
def gtin(code: str) -> str:
    """A stored 14-digit code as it stands on the bag: 0 12345 67890 5."""
    return display_gtin(code)


@dataclass(frozen=True)
class PunchGrid:
    """The cells of one card, in reading order, and the class that lays them out."""

    cells: tuple[str, ...]
    columns: int
    is_full: bool
    to_go: int


@register.simple_tag
def punch_grid(need: int, filled: int, today: int = 0) -> PunchGrid:
    """`need` punches and the gift: one row up to seven cells, else two even rows; more only where cells were too small.

    `filled` counts all punches; the last `today` of them were made on this visit and carry a ring.
    """
    filled = max(0, min(filled, need))
    old = max(0, filled - today)
    cells = ["is-filled"] * old + ["is-filled is-today"] * (filled - old) + [""] * (need - filled)
    count = need + 1
    rows = 1 if count <= ONE_ROW else max(2, ceil(count / WIDEST_ROW))
    return PunchGrid(cells=tuple(cells), columns=ceil(count / rows), is_full=filled >= need, to_go=need - filled)


@register.simple_tag
def punches(need: int, filled: int, today: int = 0) -> SafeString:
    """The cells of a card alone: decoration, with the words beside it."""
    return _punches(static("kit/icons.svg"), need, filled, today)


@lru_cache(maxsize=4096)
def _punches(sprite: str, need: int, filled: int, today: int) -> SafeString:
    """Drawn once for each state of a card: there are few, and a checkout shows several."""
    grid = punch_grid(need, filled, today)
    cells = format_html_join("", '<i class="punch {}"></i>', ((cell,) for cell in grid.cells))
    gift = _icon(sprite, "gift", "")
    drawn = '<div class="punches cols-{}" aria-hidden="true">{}<i class="punch is-gift">{}</i></div>'
    return format_html(drawn, grid.columns, cells, gift)


@register.inclusion_tag("kit/components/field.html")
def field(bound_field: BoundField, shape: str = "", icons: Mapping[str, str] | None = None) -> dict[str, Any]:
    """One form field the way `field.html` draws it. `shape="cards"` makes choices big; `icons` maps values to icons."""
    named = icons or {}
    choices = []
    if bound_field.widget_type in {"radioselect", "checkboxselectmultiple"}:
        choices = [{"widget": choice, "icon": named.get(str(choice.data["value"]))} for choice in bound_field]
    return {"field": bound_field, "shape": shape, "choices": choices}
