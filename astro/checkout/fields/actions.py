"""What an administrator settles about the store's own fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.checkout.models import LONGEST_ANSWER, CheckoutField, FieldAnswer, FieldKind, FieldPlace
from astro.kit.errors import DomainError
from astro.tenancy.models import Location

MOST_FIELDS: Final = 20
"""Asked at once in a store: a cashier answers them at every checkout."""


class FixedByAnswers(DomainError):
    """A field that was answered stays of its kind, and is asked where it was."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This field has answers, so what kind it is and when it is asked stays as it is. Switch it off and add "
                "another one instead."
            ),
            status=409,
        )


class TooManyFields(DomainError):
    """More than a till can ask."""

    def __init__(self) -> None:
        super().__init__(
            _("Up to %(most)s fields can be asked. Switch one off first.") % {"most": MOST_FIELDS}, status=409
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTerms:
    """What a field asks, of whom, and where. `places` are ids of locations; None: at all of them."""

    label: str
    kind: FieldKind
    for_visits: bool = True
    for_redemptions: bool = False
    is_required: bool = False
    options: tuple[str, ...] = ()
    longest: int = LONGEST_ANSWER
    lowest: Decimal | None = None
    highest: Decimal | None = None
    places: frozenset[int] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the row; what belongs to another kind is left as it is when it is new."""
        is_number = self.kind == FieldKind.NUMBER
        return {
            "label": self.label,
            "kind": self.kind,
            "for_visits": self.for_visits,
            "for_redemptions": self.for_redemptions,
            "is_required": self.is_required,
            "is_everywhere": self.places is None,
            "options": list(self.options) if self.kind == FieldKind.CHOICE else [],
            "longest": self.longest if self.kind == FieldKind.TEXT else LONGEST_ANSWER,
            "lowest": self.lowest if is_number else None,
            "highest": self.highest if is_number else None,
        }


@transaction.atomic
def add_field(terms: FieldTerms, *, by: User | None, at: Location, now: datetime) -> CheckoutField:
    """A new field, asked last. Raises TooManyFields."""
    rows = _locked_rows()
    if sum(row.is_on for row in rows) >= MOST_FIELDS:
        raise TooManyFields
    position = max((row.position for row in rows), default=0) + 1
    field = CheckoutField(**terms.values, position=position, added_at=now, added_by=by)
    field.save(force_insert=True)
    _write_places(field, terms.places)
    record("checkout field added", field, by=by, at=at, now=now, kind=str(field.kind))
    return field


@transaction.atomic
def change_field(field: CheckoutField, terms: FieldTerms, *, by: User, at: Location, now: datetime) -> CheckoutField:
    """The field asks this from now on; answers keep what it was called on their day. Raises FixedByAnswers."""
    row: CheckoutField = CheckoutField.objects.select_for_update().get(pk=field.pk)
    changed = [name for name, value in terms.values.items() if getattr(row, name) != value]
    if set(changed) & {"kind", "for_visits", "for_redemptions"} and is_answered(row):
        raise FixedByAnswers
    if changed:
        for name in changed:
            setattr(row, name, terms.values[name])
        row.save(update_fields=changed)
    if _write_places(row, terms.places) and "is_everywhere" not in changed:
        changed.append("places")
    if changed:
        record("checkout field changed", row, by=by, at=at, now=now, fields=changed)
    return row


@transaction.atomic
def switch_off(field: CheckoutField, *, by: User, at: Location, now: datetime) -> None:
    """It is asked no more; its answers stay. Switched off already, nothing happens."""
    if CheckoutField.objects.filter(pk=field.pk, switched_off_at=None).update(switched_off_at=now):
        record("checkout field switched off", field, by=by, at=at, now=now)


@transaction.atomic
def switch_on(field: CheckoutField, *, by: User, at: Location, now: datetime) -> None:
    """It is asked again, in its old place. Raises TooManyFields."""
    rows = _locked_rows()
    row = next(row for row in rows if row.pk == field.pk)
    if row.is_on:
        return
    if sum(one.is_on for one in rows) >= MOST_FIELDS:
        raise TooManyFields
    CheckoutField.objects.filter(pk=row.pk).update(switched_off_at=None)
    record("checkout field switched on", row, by=by, at=at, now=now)


@transaction.atomic
def move_field(field: CheckoutField, where: Literal["up", "down"], *, by: User, at: Location, now: datetime) -> None:
    """One place up or down among the fields that are switched on; at the end of the list nothing happens."""
    rows = _locked_rows()
    ons = [row for row in rows if row.is_on]
    place = next((number for number, row in enumerate(ons) if row.pk == field.pk), None)
    other = None if place is None else place + (-1 if where == "up" else 1)
    if place is None or other is None or not 0 <= other < len(ons):
        return
    mine, theirs = rows.index(ons[place]), rows.index(ons[other])
    rows[mine], rows[theirs] = rows[theirs], rows[mine]
    for number, row in enumerate(rows, start=1):
        if row.position != number:
            CheckoutField.objects.filter(pk=row.pk).update(position=number)
    record("checkout field moved", field, by=by, at=at, now=now)


def is_answered(field: CheckoutField) -> bool:
    """Whether an answer stands, or that one is missing."""
    return FieldAnswer.objects.filter(field=field).exists()


def _locked_rows() -> list[CheckoutField]:
    """All fields of the store in their order; whoever else changes them waits."""
    locked = list(CheckoutField.objects.select_for_update(no_key=True).order_by("id"))
    return sorted(locked, key=lambda row: tuple(getattr(row, name) for name in ("position", "pk")))


def _write_places(field: CheckoutField, places: frozenset[int] | None) -> bool:
    """Asked at these locations alone, or everywhere; whether that is another list than before."""
    before = set(FieldPlace.objects.filter(field=field).values_list("location", flat=True))
    wanted = places or frozenset()
    FieldPlace.objects.filter(field=field).exclude(location__in=wanted).delete()
    FieldPlace.objects.bulk_create(
        [FieldPlace(field=field, location_id=location_id) for location_id in sorted(wanted - before)]
    )
    return before != wanted
