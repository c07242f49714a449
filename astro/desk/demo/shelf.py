"""Reading the tables: what stands on the shelf, and which of it a program card takes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astro.kit.gtin import check_digit

HERE = Path(__file__).parent
OWN = "own: "
FROM_ABROAD = frozenset({"Tidewick", "Pinnock & Daughters"})
"""Their packs carry an EAN-13, the others' a UPC-A."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the shelf in one size. `store` is whose own it is; a brand's item is everyone's."""

    brand: str
    store: str
    pet: str
    category: str
    label: str
    size: str
    gtin: str
    cents: int
    raised_cents: int | None

    @property
    def name(self) -> str:
        return f"{self.brand} {self.label}".strip()

    @property
    def key(self) -> str:
        """How the tables and the story call it: "Northpaw Gold Chicken & Oats, 30 lb"."""
        return f"{self.name}, {self.size}"


def read_table(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def read_shelf() -> list[Item]:
    """Every item of `products.txt`, with its barcode number.

    No number belongs to anybody: 614141 is the company that GS1's own examples are about, 952 is GS1's prefix for
    demonstrations, and numbers beginning with 4 are for a store's own use.
    """
    items: list[Item] = []
    numbers: dict[str, int] = {}
    for line in _lines():
        maker, pet, category, label, sizes = (part.strip() for part in line.split("|"))
        store = maker.removeprefix(OWN) if maker.startswith(OWN) else ""
        for text in sizes.split(","):
            size, price = text.strip().rsplit(" ", 1)
            before, _arrow, after = price.partition(">")
            numbers[maker] = numbers.get(maker, 0) + 1
            items.append(
                Item(
                    brand="" if store else maker,
                    store=store,
                    pet=pet,
                    category=category,
                    label=label,
                    size=size,
                    gtin=_gtin(maker, list(numbers).index(maker) + 1, numbers[maker], is_own=bool(store)),
                    cents=_cents(before),
                    raised_cents=_cents(after) if after else None,
                )
            )
    return items


def chosen(
    items: Iterable[Item],
    *,
    pet: str = "",
    category: str = "",
    sizes: Iterable[str] = (),
    word: str = "",
    without: str = "",
) -> list[Item]:
    """The items that a line of `programs.toml` means; what is not given does not narrow."""
    sizes = set(sizes)
    return [
        item
        for item in items
        if (not pet or item.pet == pet)
        and (not category or item.category == category)
        and (not sizes or item.size in sizes)
        and word in item.label
        and not (without and without in item.label)
    ]


def _lines() -> Iterator[str]:
    for line in (HERE / "products.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def _gtin(maker: str, maker_number: int, item_number: int, *, is_own: bool) -> str:
    if is_own:
        digits = f"40{item_number:09}"
    elif maker in FROM_ABROAD:
        digits = f"952{maker_number:04}{item_number:05}"
    else:
        digits = f"614141{maker_number:02}{item_number:03}"
    return digits + check_digit(digits)


def _cents(dollars: str) -> int:
    whole, _dot, rest = dollars.partition(".")
    return int(whole) * 100 + int(rest)
