"""What this module keeps of a customer (`customers/parts.py`): what ties an app account to them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from astro.customer_app.models import AppAccount, AppLink
from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section
from astro.tenancy.current import across_retailers


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    """The kept customer's own account wins; without one, the other's becomes theirs."""
    link = _living(gone)
    if link is None:
        return {}
    if _living(kept) is None:
        AppLink.objects.filter(pk=link.pk).update(customer=kept)
        return {"moved": link.pk}
    AppLink.objects.filter(pk=link.pk).update(ended_at=now)
    return {"ended": link.pk}


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    """An account that was tied to somebody else meanwhile stays with them."""
    if "moved" in moved:
        AppLink.objects.filter(pk=moved["moved"], customer=kept).update(customer=gone)
    elif "ended" in moved:
        link = AppLink.objects.get(pk=moved["ended"])
        if not AppLink.objects.filter(account_id=link.account_id, ended_at__isnull=True).exists():
            AppLink.objects.filter(pk=link.pk, customer=gone).update(ended_at=None)


def outline(customer: Customer) -> Outline:
    return [(_("App"), [_("Signs in to the app")] if _living(customer) else [])]


def tell(customer: Customer) -> dict[str, Section]:
    links = AppLink.objects.filter(customer=customer).order_by("since", "id")
    accounts = AppAccount.objects.in_bulk([link.account_id for link in links])
    return {
        "app": [
            {
                "account": accounts[link.account_id].email if link.account_id in accounts else "",
                "since": link.since.isoformat(),
                "until": link.ended_at.isoformat() if link.ended_at else "",
            }
            for link in links
        ]
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """The tie ends. The account goes with it, unless it is somebody's elsewhere, too."""
    links = AppLink.objects.filter(customer=customer)
    accounts = set(links.values_list("account_id", flat=True))
    links.filter(ended_at__isnull=True).update(ended_at=now)
    with across_retailers("an app account goes only when no store knows it any more"):
        elsewhere = set(
            AppLink.objects.filter(account_id__in=accounts, ended_at__isnull=True).values_list("account_id", flat=True)
        )
    AppAccount.objects.filter(pk__in=accounts - elsewhere).delete()


def _living(customer: Customer) -> AppLink | None:
    return AppLink.objects.filter(customer=customer, ended_at__isnull=True).first()
