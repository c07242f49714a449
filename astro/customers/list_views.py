"""My Astro Customers: the list, its exports, and tags for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, staff
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.customers.actions import tag_many
from astro.customers.errors import DetailError
from astro.customers.kinds import telling
from astro.customers.list_exports import customers_heading, customers_rows, pets_heading, pets_rows
from astro.customers.list_filter import ListFilter
from astro.customers.listing import asked_for, listing
from astro.customers.models import Kind, LikelyDouble, Tag
from astro.customers.queries import tags_in_use
from astro.kit.clock import utc_now
from astro.kit.ids import MAX_ID

MOST_TAGGED: Final = 10_000
"""Customers that one press tags: what is written within a few seconds."""


@staff
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """My Astro Customers: those whom this location has met, or all; `#found` alone is swapped while typing."""
    here, today = request.location, request.location.day(utc_now())
    tags = list(tags_in_use())
    asked = _asked(request, request.GET, tags)
    shown = listing(asked, at=here, cursor=request.GET.get("cursor"), today=today)
    page = {
        "asked": asked,
        "shown": shown,
        "total": None if shown.total is None else number_format(shown.total, force_grouping=True),
        "tags": tags,
        "may_tag_all": bool(request.membership.is_administrator and shown.total and shown.total > len(shown.rows)),
        "here": here,
        "today": today,
        "is_administrator": request.membership.is_administrator,
    }
    if request.headers.get("HX-Target") == "found":
        return render(request, "customers/found.html", page)
    if request.membership.is_administrator:
        page["doubles"] = LikelyDouble.objects.filter(
            dismissed_at__isnull=True, first__retired_at__isnull=True, second__retired_at__isnull=True
        ).count()
    page["takes_breeders"] = Kind.BREEDER in telling().offered_on(today).kinds
    return render(request, "customers/list.html", page)


@administrators
@require_safe
@an_export
def export(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request, request.GET, list(tags_in_use()))
    rows = customers_rows(asked_for(asked, at=request.location), at=request.location)
    heading = customers_heading()
    return table_download(request, "customers", name=_("customers"), heading=heading, rows=rows, asked=asked)


@administrators
@require_safe
@an_export
def export_pets(request: StaffRequest) -> FileResponse:
    """The pets of the customers that are asked for in the address, in the same two formats."""
    asked = _asked(request, request.GET, list(tags_in_use()))
    rows = pets_rows(asked_for(asked, at=request.location), today=request.location.day(utc_now()))
    return table_download(request, "pets", name=_("pets"), heading=pets_heading(), rows=rows, asked=asked)


@staff
@require_POST
def tag_chosen(request: StaffRequest) -> HttpResponse:
    """Put a tag on the ticked customers, or take it off. Administrators may mean everybody whom the list found."""
    tags = {str(tag.pk): tag for tag in tags_in_use()}
    list_query = request.POST.get("list", "")
    tag = tags.get(request.POST.get("tag", ""))
    on = request.POST.get("do") != "off"
    if tag is None:
        raise DetailError(_("Choose a tag first. If yours is missing, it was archived."), field="tag")
    ids = _chosen(request, QueryDict(list_query), list(tags.values()))
    changed = tag_many(ids, tag, on=on, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _told(changed, tag, on=on))
    kept = QueryDict(list_query)
    return redirect(f"{reverse('customers:list')}{f'?{kept.urlencode()}' if kept else ''}")


def _asked(request: StaffRequest, data: QueryDict, tags: Sequence[Tag]) -> ListFilter:
    return ListFilter(data, here=request.location.name, tags=tags, sees_removed=request.membership.is_administrator)


def _chosen(request: StaffRequest, list_data: QueryDict, tags: Sequence[Tag]) -> list[int]:
    """The ids that are meant: those ticked, or all that the list found."""
    if request.POST.get("all") and request.membership.is_administrator:
        found = asked_for(_asked(request, list_data, tags), at=request.location)
        ids = list(found.order_by().values_list("pk", flat=True)[: MOST_TAGGED + 1])
        if len(ids) > MOST_TAGGED:
            raise DetailError(_("You can tag 10,000 customers at once. Narrow the list down first."), field="tag")
        return ids
    ids = [int(one) for one in request.POST.getlist("customer") if one.isdecimal() and len(one) < 20]
    ids = [one for one in ids if one <= MAX_ID]  # a form may hold any number, a database may not
    if not ids:
        raise DetailError(_("Tick the customers first, then tag them."), field="customer")
    return ids


def _told(changed: int, tag: Tag, *, on: bool) -> str:
    if on:
        words = ngettext(
            "%(count)s customer now has the tag “%(tag)s”.", "%(count)s customers now have the tag “%(tag)s”.", changed
        )
        nothing = _("They all have the tag “%(tag)s” already.")
    else:
        words = ngettext(
            "The tag “%(tag)s” was taken off %(count)s customer.",
            "The tag “%(tag)s” was taken off %(count)s customers.",
            changed,
        )
        nothing = _("None of them has the tag “%(tag)s”.")
    count = number_format(changed, force_grouping=True)
    return (words if changed else nothing) % {"count": count, "tag": tag.label}
