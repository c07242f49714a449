"""Who acted as whom, for the store to read."""

from __future__ import annotations

from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.acting.listing import (
    ActingFilter,
    export_heading,
    export_rows,
    page_of_actings,
    people_who_acted,
    shown,
)
from astro.accounts.throttle import an_export
from astro.activity.actions import record
from astro.activity.downloads import table_download
from astro.kit.clock import utc_now


@administrators
@require_safe
@vary_on_headers("HX-Target")
def actings(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of_actings(asked, by=request.membership, cursor=request.GET.get("cursor"))
    is_typing = request.headers.get("HX-Target") == "found"
    if not is_typing:
        with transaction.atomic():
            record("actings opened", request.location, by=request.user, at=request.location, now=utc_now())
    told = {"asked": asked, "page": page, "rows": shown(page.rows, now=utc_now())}
    return render(request, f"accounts/acting/{'found' if is_typing else 'list'}.html", told)


@administrators
@require_safe
@an_export
def export_actings(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    rows = export_rows(asked, by=request.membership, zone=request.location.time_zone, now=utc_now())
    return table_download(request, "actings", name=_("acting"), heading=export_heading(), rows=rows, asked=asked)


def _asked(request: StaffRequest) -> ActingFilter:
    return ActingFilter(request.GET, people=people_who_acted(request.membership))
