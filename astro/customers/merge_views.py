"""Likely doubles, merging two accounts, and splitting them again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, needs
from astro.customers.actions import dismiss_double, merge_customers, merge_tried, outline_of, split_customers
from astro.customers.comparing import compared
from astro.customers.doubles import likely_doubles
from astro.customers.models import Customer, LikelyDouble, Merge
from astro.customers.queries import customers_matching, living
from astro.kit.clock import utc_now
from astro.kit.ids import MAX_ID
from astro.kit.paging import page_of
from astro.tenancy.features import MERGING

HITS = 8
ROWS = 20


@administrators
@needs(MERGING)
@require_safe
def show_doubles(request: StaffRequest) -> HttpResponse:
    """Combine Duplicate Petowner Accounts: pairs that were found, and two of one's own choice from a search.

    `?q=` searches, `?with=` (twice) is who was chosen so far; the first is the primary unless `?primary=` says else.
    """
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())
    chosen = _chosen(request.GET.getlist("with"))
    found = customers_matching(text, limit=HITS, at=request.location) if text else []
    doubles = likely_doubles().select_related("first", "second")
    page = page_of(doubles, order_by=["-score"], cursor=request.GET.get("cursor"), rows=ROWS)
    context = {
        "q": text,
        "found": [one for one in found if one not in chosen and not one.is_practice],
        "chosen": chosen,
        "page": page,
        "total": doubles.count(),
        "today": request.location.day(utc_now()),
    }
    return render(request, "customers/doubles.html", context)


@administrators
@needs(MERGING)
@require_POST
def create_dismissal(request: StaffRequest, double_id: int) -> HttpResponse:
    double: LikelyDouble = get_object_or_404(LikelyDouble.objects.select_related("first", "second"), pk=double_id)
    dismiss_double(double, by=request.user, at=request.location, now=utc_now())
    messages.success(
        request,
        _("%(first)s and %(second)s are two people. This pair does not come again.")
        % {"first": double.first.name, "second": double.second.name},
    )
    return redirect("customers:doubles")


@administrators
@needs(MERGING)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: StaffRequest) -> HttpResponse:
    """Both accounts and what they would become, side by side; posted, it is done."""
    if request.method == "POST":
        kept, gone = _two(request.POST.get("kept"), request.POST.get("gone"))
        done = merge_customers(kept, gone, by=request.user, at=request.location, now=utc_now())
        messages.success(
            request, _("The accounts are combined. %(name)s has everything now.") % {"name": done.kept.name}
        )
        return redirect("customers:split", done.pk)
    if not request.GET:
        return redirect("customers:doubles")
    kept, gone = _asked(request)
    tried = merge_tried(kept, gone, now=utc_now())
    context = {
        "kept": kept,
        "gone": gone,
        "rows": compared(outline_of(kept), outline_of(gone), tried),
        "swapped": urlencode({"kept": gone.pk, "gone": kept.pk}),
    }
    return render(request, "customers/merge.html", context)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: StaffRequest, merge_id: int) -> HttpResponse:
    """What was merged, when and by whom; posted, the two are split again."""
    row: Merge = get_object_or_404(Merge.objects.select_related("kept", "gone", "by", "split_by"), pk=merge_id)
    if request.method == "POST":
        gone = split_customers(row, by=request.user, at=request.location, now=utc_now())
        messages.success(request, _("%(name)s has an account of their own again.") % {"name": gone.name})
        return redirect("customers:split", row.pk)
    here = request.location
    context = {
        "merge": row,
        "merged_on": here.day(row.merged_at),
        "until": here.day(row.split_until),
        "split_on": here.day(row.split_at) if row.split_at else None,
        "may_split": row.split_at is None and utc_now() <= row.split_until and not row.kept.erased_at,
        "outline": outline_of(row.kept),
    }
    return render(request, "customers/merged.html", context)


def _asked(request: StaffRequest) -> tuple[Customer, Customer]:
    """`?kept=` and `?gone=`; or, from the queue, `?with=` twice and `?order=`, which of them is the primary."""
    asked = request.GET
    two = asked.getlist("with")
    if len(two) == 2:
        return _two(*(reversed(two) if asked.get("order") == "2" else two))
    return _two(asked.get("kept"), asked.get("gone"))


def _chosen(told: list[str]) -> list[Customer]:
    """The first two of these who are there, in the order in which they were chosen."""
    ids = list(dict.fromkeys(_id(text) for text in told))
    rows = living().filter(is_practice=False).in_bulk([pk for pk in ids if pk])
    return [rows[pk] for pk in ids if pk in rows][:2]


def _two(kept: str | None, gone: str | None) -> tuple[Customer, Customer]:
    """Both, or 404: of what is not there, and of what was removed, there is nothing to be seen."""
    ids = _id(kept), _id(gone)
    rows = living().in_bulk([pk for pk in ids if pk])
    if ids[0] not in rows or ids[1] not in rows:
        raise Http404
    return rows[ids[0]], rows[ids[1]]


def _id(text: str | None) -> int:
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if text and is_number and int(text) <= MAX_ID else 0
