"""The activity log, for administrators: of their location, and of the whole store for masters."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.activity.models import SealHead
from astro.desk.activity.listing import (
    ActivityFilter,
    export_heading,
    export_rows,
    lines_of,
    page_of_events,
    thing_told,
)
from astro.desk.operating.milestones import VERIFY, milestone


@administrators
@require_safe
@vary_on_headers("HX-Target")
def activity(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of_events(asked, cursor=request.GET.get("cursor"))
    told = {"asked": asked, "page": page, "lines": lines_of(page.rows, asked=asked), "thing": thing_told(asked)}
    if request.headers.get("HX-Target") == "found":
        return render(request, "desk/activity/found.html", told)
    return render(request, "desk/activity/list.html", {**told, **_seals(request)})


@administrators
@require_safe
@an_export
def export_activity(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("activity"), export_rows(asked)
    return table_download(request, "activity", name=name, heading=export_heading(), rows=rows, asked=asked)


def _asked(request: StaffRequest) -> ActivityFilter:
    return ActivityFilter(request.GET, membership=request.membership, at=request.location)


def _seals(request: StaffRequest) -> dict[str, Any]:
    """Until when the log is sealed, when that was checked last, and whether anything was touched."""
    head, last, zone = SealHead.objects.first(), milestone(VERIFY), request.location.time_zone
    return {
        "sealed_until": head.until_at.astimezone(zone) if head else None,
        "checked_at": last.made_at.astimezone(zone) if last else None,
        "is_touched": bool(last and request.retailer_id in last.facts.get("touched", ())),
    }
