"""Which fields are asked where, for the till's catalogue and for judging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from astro.checkout.basket import Answer
from astro.checkout.fields.judging import AskedField, Kind, plain
from astro.checkout.models import AnswerCorrection, AskedFor, CheckoutField, FieldAnswer, FieldPlace
from astro.kit.ids import id_text
from astro.tenancy.models import Location

IN_ORDER = ("position", "id")


def fields_asked(at: Location, asked_for: AskedFor) -> list[AskedField]:
    """The fields that are asked there now, in their order. One query."""
    return [as_asked(row) for row in rows_asked(at) if _is_for(row, asked_for)]


def known_fields(ids: Iterable[int]) -> dict[int, AskedField]:
    """These fields, also those that are switched off, or asked elsewhere only."""
    wanted = list(ids)
    return {row.pk: as_asked(row) for row in CheckoutField.objects.filter(pk__in=wanted)} if wanted else {}


def fields_for_catalogue(at: Location) -> list[dict[str, Any]]:
    """What the location's till asks, as its catalogue carries it: ids and limits as text."""
    return [
        {**told_field(as_asked(row)), "for": [str(one) for one in AskedFor if _is_for(row, one)]}
        for row in rows_asked(at)
    ]


def told_field(field: AskedField) -> dict[str, Any]:
    """A field as the till's script draws and checks it."""
    told: dict[str, Any] = {"id": id_text(field.id), "label": field.label, "kind": field.kind}
    if field.is_required:
        told["required"] = True
    if field.kind == "choice":
        told["options"] = list(field.options)
    if field.kind == "text":
        told["longest"] = field.longest
    if field.kind == "number":
        told |= {name: plain(limit) for name in ("lowest", "highest") if (limit := getattr(field, name)) is not None}
    return told


def rows_asked(at: Location) -> QuerySet[CheckoutField]:
    """The fields that are switched on and asked at this location."""
    here = FieldPlace.objects.filter(field=OuterRef("pk"), location=at)
    rows = CheckoutField.objects.filter(switched_off_at=None).filter(Q(is_everywhere=True) | Exists(here))
    return rows.order_by(*IN_ORDER)


def as_asked(row: CheckoutField) -> AskedField:
    return AskedField(
        id=row.pk,
        label=row.label,
        kind=cast(Kind, str(row.kind)),
        options=tuple(row.options),
        longest=row.longest,
        lowest=row.lowest,
        highest=row.highest,
        is_required=row.is_required,
    )


def answers_of(visit_ids: Iterable[int], asked_for: AskedFor | None = None) -> dict[int, list[FieldAnswer]]:
    """What was answered at these visits, by visit: first at Check Out, then at the redemption, each in its order; or on
    one of these occasions alone. Answers that were erased are left out. One query."""
    rows = FieldAnswer.objects.filter(visit__in=list(visit_ids)).exclude(value="", flag="")
    if asked_for is not None:
        rows = rows.filter(asked_for=asked_for)
    found: dict[int, list[FieldAnswer]] = {}
    for row in with_corrections(rows).order_by("-asked_for", "id"):
        found.setdefault(row.visit_id, []).append(row)
    return found


def with_corrections(rows: QuerySet[FieldAnswer]) -> QuerySet[FieldAnswer]:
    """The same, each with what it was put right to last (`corrected`)."""
    last = AnswerCorrection.objects.filter(answer=OuterRef("pk")).order_by("-number").values("value")[:1]
    return rows.annotate(last_correction=Coalesce(Subquery(last), Value("")))


def named_answers(answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """Answers that wait with a kept purchase, each with its question as it is called now."""
    known = known_fields(answer.field_id for answer in answers)
    return [
        (known[one.field_id].label if one.field_id in known else _("A question that is not known"), one.value)
        for one in answers
    ]


def fields_answered() -> list[CheckoutField]:
    """The fields that somebody ever answered, in their order: the columns that a list gets more."""
    answers = FieldAnswer.objects.filter(field=OuterRef("pk")).exclude(value="", flag="")
    return list(CheckoutField.objects.filter(Exists(answers)).order_by(*IN_ORDER))


def cells_of(answers: Sequence[FieldAnswer], columns: Sequence[CheckoutField], asked_for: AskedFor) -> list[str]:
    """What was answered, a cell for each column; a flag stands behind it in words."""
    given: Mapping[int | None, FieldAnswer] = {row.field_id: row for row in answers if row.asked_for == asked_for}
    return [_cell(given.get(column.pk)) for column in columns]


def _cell(row: FieldAnswer | None) -> str:
    if row is None:
        return ""
    if row.corrected or not row.flag:
        return row.corrected or row.value
    return f"{row.value} ({row.get_flag_display()})".strip()


def _is_for(row: CheckoutField, asked_for: AskedFor) -> bool:
    return row.for_visits if asked_for == AskedFor.VISIT else row.for_redemptions
