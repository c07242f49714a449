"""The number that a store texts from. One at a time; an earlier one still hears its customers say stop."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from astro.kit.errors import DomainError
from astro.messaging.models import TextNumber
from astro.tenancy.current import across_retailers


class TakenNumber(DomainError):
    """Another store texts from it."""

    def __init__(self) -> None:
        super().__init__(_("Another retailer texts from this number. Take it from them first."), status=409)


def number_here() -> str:
    """E.164, or nothing where the current retailer has none."""
    row: TextNumber | None = TextNumber.objects.filter(until__isnull=True).first()
    return row.number if row else ""


def was_ever_ours(number: str) -> bool:
    """Whether the current retailer texts from it, or did."""
    return bool(number) and TextNumber.objects.filter(number=number).exists()


@transaction.atomic
def take_number(number: str, *, now: datetime) -> bool:
    """The current retailer texts from this number (E.164) from now on. False where it does already. Raises
    `TakenNumber`."""
    if number == number_here():
        return False
    with across_retailers("a number belongs to one store only"):
        if TextNumber.objects.filter(number=number, until__isnull=True).exists():
            raise TakenNumber
    leave_number(now=now)
    TextNumber(number=number, since=now).save(force_insert=True)
    return True


def leave_number(*, now: datetime) -> bool:
    """The current retailer has no number from now on. False where it had none."""
    return TextNumber.objects.filter(until__isnull=True).update(until=now) == 1
