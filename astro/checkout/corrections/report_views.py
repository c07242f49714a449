"""What was put right: the list, one of them, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, staff
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.checkout.corrections.doing import undo
from astro.checkout.corrections.listing import (
    CorrectionFilter,
    corrections_asked_for,
    export_heading,
    export_rows,
    people_of,
    shown_corrections,
    told_of,
)
from astro.checkout.corrections.moved import Moved
from astro.checkout.corrections.trying import undo_tried
from astro.checkout.models import Correction, Visit
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.paging import page_of


@administrators
@require_safe
@vary_on_headers("HX-Target")
def show_report(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of(corrections_asked_for(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
    context = {"asked": asked, "page": page, "rows": shown_corrections(page.rows)}
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"checkout/corrections/{'found' if is_typing else 'report'}.html", context)


@administrators
@require_safe
@an_export
def export_report(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("put-right"), export_rows(asked)
    return table_download(request, "corrections", name=name, heading=export_heading(), rows=rows, asked=asked)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def show_correction(request: StaffRequest, correction_id: int) -> HttpResponse:
    """One of them. *Undo* first shows what it will do, then does it."""
    rows = Correction.objects.select_related("customer", "other", "location", "by")
    row = get_object_or_404(rows, pk=correction_id)
    if not request.membership.covers(row.location_id):
        raise Http404
    told: dict[str, Any] = {
        "at": request.location,
        "by": request.user,
        "device_id": request.device_id,
        "is_administrator": request.membership.is_administrator,
        "now": utc_now(),
    }
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                undo(row, **told)
                messages.success(request, _("Undone. Both steps stay on record."))
                return redirect("checkout:correction", row.pk)
            context["undoing"] = told_of(row, undo_tried(row, **told))
            context["is_asking"] = True
        except DomainError as refused:
            context["refused"] = str(refused)
    shown = shown_corrections([row])[0]
    is_today = row.location.day(row.made_at) == row.location.day(utc_now())
    context |= {
        "shown": shown,
        "row": row,
        "entered": list(Visit.objects.filter(pk__in=Moved.read(row.moved).visits)),
        "may": request.membership.is_administrator or is_today,
    }
    status = 409 if "refused" in context else 200
    return render(request, "checkout/corrections/show.html", context, status=status)


def _asked(request: StaffRequest) -> CorrectionFilter:
    places = list(locations_of(request.membership).order_by("name", "id"))
    return CorrectionFilter(request.GET, places=places, people=people_of(places))
