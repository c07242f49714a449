"""Kept purchases: the list of what tills brought that a person must look at, one of them, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, staff
from astro.accounts.errors import WrongRole
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.checkout.basket import read_id
from astro.checkout.errors import SettledBefore
from astro.checkout.fields.queries import named_answers
from astro.checkout.kept_items import Naming, namings
from astro.checkout.kept_list import (
    KeptFilter,
    ShownKept,
    export_heading,
    export_rows,
    page_of_kept,
    shown_kept,
)
from astro.checkout.late import first_day
from astro.checkout.models import KeptVisit, Visit, Why
from astro.checkout.queries import tills_waiting
from astro.checkout.settling import (
    TO_BE_NAMED,
    addition_key,
    drop,
    goods_of,
    look_at,
    name_customer,
    name_items,
    open_again,
)
from astro.customers.models import Customer
from astro.customers.queries import customers_matching, living, refuse_removed
from astro.kit.clock import utc_now
from astro.kit.typed import one_line

HITS = 12
LONGEST_NOTE = 200


@staff
@require_safe
@vary_on_headers("HX-Target")
def show_list(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of_kept(asked, cursor=request.GET.get("cursor"))
    waiting = tills_waiting(list(asked.places.values()))
    context = {"asked": asked, "page": page, "rows": shown_kept(page.rows), "waiting": waiting, "now": utc_now()}
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"checkout/{'kept_found' if is_typing else 'kept_visits'}.html", context)


@administrators
@require_safe
@an_export
def export_list(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("kept-purchases"), export_rows(asked)
    return table_download(request, "kept_visits", name=name, heading=export_heading(), rows=rows, asked=asked)


@staff
@require_safe
def show_one(request: StaffRequest, kept_id: int) -> HttpResponse:
    """What happened, what was bought, and what can be done about it."""
    shown = _shown(request, kept_id)
    text = one_line(request.GET.get("q"))
    found: list[Customer] | None = None
    if shown.kept.why in TO_BE_NAMED and not shown.kept.settled_at:
        found = customers_matching(text, limit=HITS) if len(text) >= 2 else None
    rows = namings(shown.items, {}) if _is_to_be_chosen(shown.kept) else []
    return _page(request, shown, rows, q=text, found=found, is_short=len(text) == 1)


@staff
@require_POST
def settle(request: StaffRequest, kept_id: int) -> HttpResponse:
    """Do one of `WAYS` about it. Looking up a product only shows the page again, with what was found."""
    shown = _shown(request, kept_id)
    if shown.kept.settled_at and request.POST.get("do") != "open_again":
        raise SettledBefore
    if request.POST.get("do") == "find" and _is_to_be_chosen(shown.kept):
        return _page(request, shown, namings(shown.items, request.POST.dict()))
    return WAYS.get(request.POST.get("do", ""), _unknown)(request, shown)


def _name_customer(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    customer = get_object_or_404(living(), pk=read_id(request.POST.get("customer", "")) or 0)
    if shown.kept.why not in TO_BE_NAMED:
        return _unknown(request, shown)
    try:
        visit = name_customer(shown.kept, customer, by=request.user, at=shown.kept.location, now=utc_now())
    except Customer.DoesNotExist as problem:  # removed at this very moment
        refuse_removed(customer.pk)
        raise Http404 from problem
    if visit is None:
        messages.info(request, _("It is %(name)s's now. Name the items to record it.") % {"name": customer.name})
        return redirect("checkout:kept")
    messages.success(request, _("Recorded for %(name)s, with its real date.") % {"name": customer.name})
    return redirect("checkout:visit", visit.key)


def _name_items(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    if not _is_to_be_chosen(shown.kept):
        return _unknown(request, shown)
    rows = namings(shown.items, request.POST.dict())
    for row in rows:
        row.is_missing = row.chosen is None and not row.is_dropped
    dropped = frozenset(row.place for row in rows if row.is_dropped)
    note = _note(request)
    is_unsaid = bool(dropped) and not note
    if is_unsaid or any(row.is_missing for row in rows):
        return _page(request, shown, rows, status=422, note=note, is_unsaid=is_unsaid)
    if dropped:
        _insist_on_administrator(request)
    try:
        visit = name_items(
            shown.kept,
            {row.place: row.chosen for row in rows if row.chosen},
            dropped=dropped,
            note=note,
            by=request.user,
            device_id=request.device_id,
            at=shown.kept.location,
            now=utc_now(),
        )
    except (
        Customer.DoesNotExist
    ) as problem:  # removed since it came in; an administrator may restore them, or leave it out
        refuse_removed(shown.kept.customer_id or 0)
        raise Http404 from problem
    if visit is None:
        messages.success(request, _("Left out. Nothing was recorded from it."))
        return redirect("checkout:kept")
    messages.success(request, _("Added, as of the day on which it was bought."))
    return redirect("checkout:visit", visit.key)


def _look_at(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    """The cashier who knows that the time is right may say so; the rest is an administrator's."""
    if shown.kept.why not in (Why.CLOCK, Why.OTHER_BASKET, Why.UNREADABLE):
        return _unknown(request, shown)
    if not _can_look_at(request, shown.kept):
        raise WrongRole
    look_at(shown.kept, by=request.user, at=shown.kept.location, now=utc_now(), note=_note(request))
    messages.success(request, _("Done. It is off the list."))
    return redirect("checkout:kept")


def _drop(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    if shown.kept.why not in TO_BE_NAMED:
        return _unknown(request, shown)
    _insist_on_administrator(request)
    note = _note(request)
    if not note:
        return _page(request, shown, [], status=422, is_unsaid=True)
    drop(shown.kept, note=note, by=request.user, at=shown.kept.location, now=utc_now())
    messages.success(request, _("Left out. Nothing was recorded from it; what was bought stays on file here."))
    return redirect("checkout:kept")


def _open_again(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    _insist_on_administrator(request)
    open_again(shown.kept, by=request.user, at=shown.kept.location, now=utc_now())
    messages.success(request, _("It is on the list again."))
    return redirect("checkout:kept_one", shown.kept.pk)


def _unknown(request: StaffRequest, shown: ShownKept) -> HttpResponse:
    """Nothing that this page offers; an old page, perhaps."""
    messages.info(request, _("Choose what to do about it."))
    return redirect("checkout:kept_one", shown.kept.pk)


WAYS: dict[str, Callable[[StaffRequest, ShownKept], HttpResponse]] = {
    "customer": _name_customer,
    "items": _name_items,
    "looked_at": _look_at,
    "drop": _drop,
    "open_again": _open_again,
}


def _page(
    request: StaffRequest, shown: ShownKept, rows: list[Naming], *, status: int = 200, **more: object
) -> HttpResponse:
    kept = shown.kept
    visit = kept.visit or (Visit.objects.filter(key=kept.key).first() if kept.why == Why.OTHER_BASKET else None)
    addition = Visit.objects.filter(key=addition_key(kept)).first()
    context = {
        "shown": shown,
        "kept": kept,
        "answers": named_answers(goods_of(kept).answers),
        "visit": visit,
        "addition": addition if addition and addition != visit else None,
        "namings": rows,
        "is_to_be_named": kept.why in TO_BE_NAMED,
        "is_administrator": request.membership.is_administrator,
        "can_look_at": _can_look_at(request, kept),
        "is_wrong": status != 200,
        **more,
    }
    return render(request, "checkout/kept_visit.html", context, status=status)


def _asked(request: StaffRequest) -> KeptFilter:
    places = list(locations_of(request.membership).order_by("name", "id"))
    return KeptFilter(request.GET, places=places)


def _shown(request: StaffRequest, kept_id: int) -> ShownKept:
    """Of a location within reach."""
    rows = KeptVisit.objects.select_related("customer", "by", "location__retailer", "visit", "settled_by")
    kept = get_object_or_404(rows, pk=kept_id)
    if not request.membership.covers(kept.location_id):
        raise Http404
    return shown_kept([kept])[0]


def _can_look_at(request: StaffRequest, kept: KeptVisit) -> bool:
    """A cashier vouches for what an enrolled till kept; else only as far back as they may enter a receipt late."""
    if request.membership.is_administrator:
        return True
    if kept.why != Why.CLOCK or kept.occurred_at is None:
        return False
    earliest = first_day(at=kept.location, is_administrator=False, now=utc_now())
    return kept.device_id is not None or kept.location.day(kept.occurred_at) >= earliest


def _is_to_be_chosen(kept: KeptVisit) -> bool:
    return kept.why == Why.UNKNOWN_ITEMS and kept.settled_at is None


def _note(request: StaffRequest) -> str:
    return one_line(request.POST.get("note"), longest=LONGEST_NOTE)


def _insist_on_administrator(request: StaffRequest) -> None:
    if not request.membership.is_administrator:
        raise WrongRole
