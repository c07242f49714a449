"""The report of late entries, for administrators: of their location, and of all of them for masters."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.checkout.late_report import (
    LateFilter,
    export_heading,
    export_rows,
    page_of_entries,
    people_of,
    shown_entries,
    totals_of,
)


@administrators
@require_safe
@vary_on_headers("HX-Target")
def show_report(request: StaffRequest) -> HttpResponse:
    """The list and its totals; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of_entries(asked, cursor=request.GET.get("cursor"))
    context = {
        "asked": asked,
        "page": page,
        "rows": shown_entries(page.rows),
        "totals": totals_of(asked) if page.rows else None,
    }
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"checkout/{'late_found' if is_typing else 'late_report'}.html", context)


@administrators
@require_safe
@an_export
def export_report(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("late-entries"), export_rows(asked)
    return table_download(request, "late_entries", name=name, heading=export_heading(), rows=rows, asked=asked)


def _asked(request: StaffRequest) -> LateFilter:
    places = list(locations_of(request.membership).order_by("name", "id"))
    return LateFilter(request.GET, places=places, people=people_of(places))
