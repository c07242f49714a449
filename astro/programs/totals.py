"""What an offer gives at most to all customers of all stores together: claimed when a reward is handed out.

The count is one row for everyone, moved by one guarded statement. Two stores that hand the last one out at the same
moment wait for each other, and only one of them gets it.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError
from astro.programs.models import Kind, OfferTotal, Program
from astro.tenancy.current import platform


class AllGiven(DomainError):
    """The offer has nothing left for anybody."""

    def __init__(self) -> None:
        words = _("All of this offer have been given out, so it cannot be redeemed any more.")
        super().__init__(words, status=409, field="reward_id")


def is_counted(program: Program, *, is_practice: bool) -> bool:
    """Whether what is handed out uses a total: of a brand's offer, and not in practice."""
    return program.kind == Kind.OFFER and program.retailer_id is None and not is_practice


def claim(program: Program, *, cents: int) -> None:
    """One reward more, of so many cents where it is money. Raises AllGiven; then nothing is counted.

    Inside the transaction that hands it out: where that is rolled back the claim is, too.
    """
    totals = OfferTotal.objects.filter(program=program.pk)
    with platform("an offer's total is claimed"):
        left = _has_left() & (Q(most_cents__isnull=True) | Q(used_cents__lte=F("most_cents") - cents))
        claimed = totals.filter(left).update(used=F("used") + 1, used_cents=F("used_cents") + cents)
        if not claimed and totals.exists():
            raise AllGiven


def give_back(program_id: int, *, cents: int) -> None:
    """A reward that was claimed is not given after all."""
    with platform("an offer's total is given back"):
        totals = OfferTotal.objects.filter(program=program_id, used__gte=1, used_cents__gte=cents)
        totals.update(used=F("used") - 1, used_cents=F("used_cents") - cents)


def spent(program_ids: Collection[int]) -> set[int]:
    """Those of these programs that have nothing left."""
    totals = OfferTotal.objects.filter(program__in=list(program_ids))
    return set(totals.exclude(_has_left()).values_list("program_id", flat=True))


def _has_left() -> Q:
    units = Q(most__isnull=True) | Q(used__lt=F("most"))
    return units & (Q(most_cents__isnull=True) | Q(used_cents__lt=F("most_cents")))
