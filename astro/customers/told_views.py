"""What is kept of one person, for them to have; and forgetting them."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.throttle import an_export
from astro.activity.actions import record
from astro.customers.actions import ask_erasure, undo_erasure
from astro.customers.actions.erasing import ERASED_AFTER
from astro.customers.errors import PracticeStays
from astro.customers.models import Customer
from astro.customers.queries import accounts_in, living
from astro.customers.telling import as_json, heading_of, readable, rows_of, told_of
from astro.kit.clock import utc_now
from astro.kit.tables import xlsx_download


@administrators
@require_safe
@an_export
def told(request: StaffRequest, customer_id: int) -> HttpResponse | FileResponse:
    """Everything that is kept of this person, as tables; `?as=json` and `?as=xlsx` are files."""
    customer: Customer = get_object_or_404(Customer, pk=customer_id, erased_at__isnull=True)
    sections = told_of(customer)
    name = _("customer") + f"-{customer.pk}"
    asked = request.GET.get("as")
    _note(request, customer, how=asked if asked in ("json", "xlsx") else "page")
    if asked == "json":
        body = json.dumps(as_json(customer, sections, now=utc_now()), ensure_ascii=False, indent=2)
        answer = HttpResponse(body, content_type="application/json; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return answer
    if asked == "xlsx":
        return xlsx_download(name, heading_of(), rows_of(sections))
    here = request.location
    shown = readable(sections, zone=here.time_zone)
    context = {"customer": customer, "sections": shown, "made_on": here.day(utc_now())}
    return render(request, "customers/told.html", context)


def _note(request: StaffRequest, customer: Customer, *, how: str) -> None:
    """Everything that is kept of somebody is opened for a reason: the log says by whom."""
    with transaction.atomic():
        record(
            "personal data opened", customer, by=request.user, at=request.location, device_id=request.device_id,
            now=utc_now(), format=how,
        )  # fmt: skip


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Asks first, and says what will go, what stays and when; afterwards, until when it can be undone."""
    customer: Customer = get_object_or_404(Customer, pk=customer_id)
    if customer.is_practice:
        raise PracticeStays
    here, now = request.location, utc_now()
    if request.method == "POST":
        asked = ask_erasure(customer, by=request.user, at=here, now=now)
        messages.success(request, _("%(name)s is off your list.") % {"name": asked.name})
        return redirect("customers:erase", asked.pk)
    if customer.erase_on is None and customer.erased_at is None:
        customer = get_object_or_404(living(), pk=customer_id)
    context = {
        "customer": customer,
        "merged": accounts_in(customer)[1:],
        "erase_on": customer.erase_on or here.day(now) + ERASED_AFTER,
        "erased_on": here.day(customer.erased_at) if customer.erased_at else None,
    }
    return render(request, "customers/erase.html", context)


@administrators
@require_POST
def undo_erase(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer: Customer = get_object_or_404(Customer, pk=customer_id, retired_at__isnull=False)
    restored = undo_erasure(customer, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _("%(name)s is on your list again, with everything.") % {"name": restored.name})
    return redirect("desk:customer", restored.pk)
