"""Two accounts of one person become one, and can be told apart again for 30 days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.errors import CannotMerge, CannotSplit
from astro.customers.models import Customer, LikelyDouble, Merge
from astro.customers.parts import Outline, parts
from astro.tenancy.models import Location

SPLIT_WITHIN = timedelta(days=30)


@transaction.atomic
def merge_customers(kept: Customer, gone: Customer, *, by: User | None, at: Location | None, now: datetime) -> Merge:
    """Everything of `gone` becomes `kept`'s, and `gone` is retired. Its codes and its number lead to `kept`.

    Raises `CannotMerge` for one and the same, the practice customer, and whoever was removed or combined already.
    """
    if kept.pk == gone.pk:
        raise CannotMerge(_("This is one account. Choose two."))
    kept, gone = _locked(kept.pk, gone.pk)
    for customer in (kept, gone):
        if customer.is_practice:
            raise CannotMerge(_("%(name)s is there to practice with, and stays as it is.") % {"name": customer.name})
        if customer.retired_at is not None:
            raise CannotMerge(
                _("%(name)s was removed or combined already. Open the list again.") % {"name": customer.name},
                status=409,
            )
    Customer.objects.filter(pk=gone.pk).update(retired_at=now)
    gone.retired_at = now
    today = _today(now)
    moved = {name: part.merge(kept, gone, today=today, now=now) for name, part in parts().items()}
    merge = Merge(kept=kept, gone=gone, moved=moved, merged_at=now, by=by, location=at, split_until=now + SPLIT_WITHIN)
    merge.save(force_insert=True)
    record("customers merged", kept, by=by, at=at, now=now, gone_id=gone.pk)
    return merge


@transaction.atomic
def split_customers(merge: Merge, *, by: User | None, at: Location | None, now: datetime) -> Customer:
    """The account that was merged away is one of its own again. What came after the merge stays with the kept one.

    Raises `CannotSplit` after 30 days, where it was split already, where one of them was removed, merged again or
    erased, and where somebody else has the phone, e-mail or Internal Customer ID by now.
    """
    kept, gone = _locked(merge.kept_id, merge.gone_id)
    standing: Merge | None = Merge.objects.select_for_update().filter(pk=merge.pk, split_at__isnull=True).first()
    if standing is None:
        raise CannotSplit(_("These accounts were split already."), status=409)
    if now > standing.split_until or kept.erased_at or gone.erased_at:
        raise CannotSplit(_("More than 30 days have passed, so these accounts stay one."))
    if kept.retired_at is not None:
        if Merge.objects.filter(gone=kept, split_at__isnull=True).exists():
            sentence = _("%(name)s was combined with another account since. Split that one first.")
        else:
            sentence = _("%(name)s was removed from your list. Restore that account first.")
        raise CannotSplit(sentence % {"name": kept.name})
    moved, today = standing.moved, _today(now)
    for name, part in parts().items():
        if name in moved:
            part.split(kept, gone, moved[name], today=today, now=now)
    _refuse_taken(gone)
    Customer.objects.filter(pk=gone.pk).update(retired_at=None)
    gone.retired_at = None
    Merge.objects.filter(pk=standing.pk).update(split_at=now, split_by=by)
    _are_two(kept, gone, by=by, today=today, now=now)
    record("customers split", kept, by=by, at=at, now=now, gone_id=gone.pk)
    return gone


def merge_tried(kept: Customer, gone: Customer, *, now: datetime) -> Outline:
    """What the one account would be, by merging and taking it all back."""
    with transaction.atomic():
        merge = merge_customers(kept, gone, by=None, at=None, now=now)
        found = outline_of(merge.kept)
        transaction.set_rollback(True)
    return found


def outline_of(customer: Customer) -> Outline:
    """An account in short, from all parts of the house."""
    return [heading for part in parts().values() for heading in part.outline(customer)]


def dismiss_double(double: LikelyDouble, *, by: User, at: Location, now: datetime) -> None:
    """They are two people: the pair does not come again. Saying so twice changes nothing."""
    if LikelyDouble.objects.filter(pk=double.pk, dismissed_at__isnull=True).update(dismissed_at=now, dismissed_by=by):
        record("likely double dismissed", double, by=by, at=at, now=now)


def _are_two(one: Customer, other: Customer, *, by: User | None, today: date, now: datetime) -> None:
    """The daily look does not name them again."""
    first, second = sorted((one, other), key=lambda customer: customer.pk)
    said = {"dismissed_at": now, "dismissed_by": by}
    LikelyDouble.objects.update_or_create(
        first=first,
        second=second,
        defaults=said,
        create_defaults={**said, "reason": "name", "score": 0, "found_on": today},
    )


def _locked(kept_id: int, gone_id: int) -> tuple[Customer, Customer]:
    """Both, locked in the order of their ids, so that two merges of one pair wait for each other."""
    rows = Customer.objects.select_for_update().filter(pk__in=[kept_id, gone_id]).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) != 2:
        raise Customer.DoesNotExist
    return found[kept_id], found[gone_id]


def _refuse_taken(gone: Customer) -> None:
    living = Customer.objects.filter(retired_at__isnull=True)
    sentences = {
        "phone": _("%(name)s has this account's phone number by now. Change it there first, then split."),
        "email_folded": _("%(name)s has this account's e-mail address by now. Change it there first, then split."),
        "internal_id_folded": _("%(name)s has this account's Internal Customer ID by now. Change it there first."),
    }
    for column, sentence in sentences.items():
        value = getattr(gone, column)
        other = living.filter(**{column: value}).first() if value else None
        if other is not None:
            raise CannotSplit(sentence % {"name": other.name})


def _today(now: datetime) -> date:
    """The earliest day that it is at any location: what expires is taken off once it is past everywhere."""
    return min((location.day(now) for location in Location.objects.all()), default=now.date())
