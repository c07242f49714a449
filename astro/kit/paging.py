"""Pages of a long list: 50 rows, and a cursor that says where the next ones begin.

A cursor holds the sort values of the row at the edge, so page 400 costs what page 1 costs, and rows that come or go
meanwhile neither repeat nor hide others. It is signed together with the order it belongs to: a cursor that was made up,
cut, or taken from a list sorted otherwise simply shows the first page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet

ROWS = 50

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """The rows to show, and the cursors of the pages around them; None where there is no such page."""

    rows: list[M]
    next: str | None
    previous: str | None


def page_of(
    queryset: QuerySet[M], *, order_by: Sequence[str] = (), cursor: str | None = None, rows: int = ROWS
) -> Page[M]:
    """One page of `queryset`, sorted by `order_by` (names, `-` for falling, columns without null) and then by `id`.

    One query; a second where a cursor leads beyond the rows that are left, and the first page is shown instead.
    """
    order = _Order.of(queryset, order_by)
    place = order.read(cursor)
    page = _page(queryset, order, place, rows)
    if place is not None and (not page.rows or (place.backwards and page.previous is None and len(page.rows) < rows)):
        return _page(queryset, order, None, rows)  # nothing left there, or a first page that is not full
    return page


@dataclass(frozen=True)
class _Place:
    """An edge between two rows: the values beside it, and which way to read from there."""

    values: list[Any]
    backwards: bool


@dataclass(frozen=True)
class _Order:
    """The sort of a list, which always ends with `id` so that no two rows are equal."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, queryset: QuerySet[M], order_by: Sequence[str]) -> "_Order":
        for name in order_by:
            if _may_be_null(queryset.model, name.removeprefix("-")):
                raise ValueError(f"{name} may be null: rows without it would be lost between two pages.")
        last = () if any(name.removeprefix("-") == "id" for name in order_by) else ("id",)
        return cls((*order_by, *last))

    def turned(self) -> tuple[str, ...]:
        return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in self.names)

    def beyond(self, place: _Place) -> Q:
        """The rows past the edge: `a > x or (a = x and b > y)`, and `a >= x` once more for the index to begin with."""
        names = self.turned() if place.backwards else self.names
        rows, same = Q(), Q()
        for name, value in zip(names, place.values, strict=True):
            field, past = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
            rows |= same & Q((f"{field}__{past}", value))
            same &= Q((field, value))
        first = names[0]
        return Q((f"{first.removeprefix('-')}__{'lte' if first.startswith('-') else 'gte'}", place.values[0])) & rows

    def cursor_at(self, row: Model, *, backwards: bool) -> str:
        values = [_value(row, name.removeprefix("-")) for name in self.names]
        return self._signer().sign_object([int(backwards), *values], compress=True)

    def read(self, cursor: str | None) -> _Place | None:
        if not cursor:
            return None
        try:
            backwards, *values = self._signer().unsign_object(cursor)
        except (BadSignature, ValueError, TypeError):
            return None
        return _Place(values, bool(backwards)) if len(values) == len(self.names) else None

    def _signer(self) -> Signer:
        return Signer(salt=f"astro.kit.paging:{','.join(self.names)}")


def _page(queryset: QuerySet[M], order: _Order, place: _Place | None, rows: int) -> Page[M]:
    backwards = place is not None and place.backwards
    try:
        past = queryset.filter(order.beyond(place)) if place else queryset
    except (ValidationError, ValueError, TypeError):  # signed by an older release, when the column held something else
        return _page(queryset, order, None, rows)
    found = list(past.order_by(*(order.turned() if backwards else order.names))[: rows + 1])
    more, found = len(found) > rows, found[:rows]
    if backwards:
        found.reverse()
    has_next = backwards or more
    has_previous = more if backwards else place is not None
    return Page(
        rows=found,
        next=order.cursor_at(found[-1], backwards=False) if found and has_next else None,
        previous=order.cursor_at(found[0], backwards=True) if found and has_previous else None,
    )


def _value(row: Model, name: str) -> Any:
    value: Any = row
    for part in name.split("__"):
        value = getattr(value, part)
    if value is None:
        raise ValueError(f"{name} is null in {row!r}: rows without it would be lost between two pages.")
    return value if isinstance(value, (str, int)) else str(value)


def _may_be_null(model: type[Model], name: str) -> bool:
    """Whether a column of the table itself may be null. Annotations and related columns show only in their rows."""
    try:
        return bool(getattr(model._meta.get_field(name), "null", False))
    except FieldDoesNotExist:
        return False
