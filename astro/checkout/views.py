"""Around the till's page: look-up, the catalogue, the visit, the day."""

from __future__ import annotations

from datetime import date

from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, staff
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.checkout.actions import Refused, record_visit
from astro.checkout.basket import fingerprint_of, read_basket
from astro.checkout.bodies import sent_object
from astro.checkout.day_export import day_heading, day_rows
from astro.checkout.errors import BadVisit
from astro.checkout.fields.judging import Asking
from astro.checkout.fields.queries import fields_answered, fields_for_catalogue
from astro.checkout.finish_views import answer_after_visit
from astro.checkout.queries import results_of, visits_of_day
from astro.customers.models import Customer
from astro.customers.queries import customer_by_code, customers_matching, refuse_removed
from astro.kit.clock import utc_now
from astro.kit.paging import page_of
from astro.programs.queries import catalogue, catalogue_version

HITS = 12


@staff
@require_safe
def look_up(request: StaffRequest) -> HttpResponse:
    """Find the customer by any fragment of name, phone or e-mail, or by their scanned code.

    Enter goes straight on to the only one who matches; while typing the list is shown, however short.
    """
    text = request.GET.get("q", "").strip()
    code = request.GET.get("code", "").strip()
    if code:
        customer = customer_by_code(code)
        if customer:
            return redirect("checkout:till", customer.pk)
        return render(request, "checkout/look_up.html", {"q": "", "unknown_code": code, "found": None})
    found = customers_matching(text, limit=HITS) if len(text) >= 2 else None
    is_typing = bool(request.headers.get("HX-Request"))
    if found and len(found) == 1 and not is_typing:
        return redirect("checkout:till", found[0].pk)
    page = "checkout/found.html" if is_typing else "checkout/look_up.html"
    return render(request, page, {"q": text, "found": found, "is_short": 0 < len(text) < 2})


@staff
@require_safe
def show_catalogue(request: StaffRequest) -> HttpResponse:
    """The location's catalogue for the browser: code to product to program cards, and what the till asks
    besides. Fetched again when it changed."""
    day = request.location.day(utc_now())
    fields = fields_for_catalogue(request.location)
    etag = quote_etag(fingerprint_of([catalogue_version(request.location, day=day), fields])[:32])
    response = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != 304:
        told = {**catalogue(request.location, day=day), "fields": fields}
        response = JsonResponse(told, json_dumps_params={"separators": (",", ":")})
        response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@staff
@require_POST
def create_visit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Check out. The same visit may come any number of times; it counts once and is answered alike."""
    try:
        basket = read_basket(sent_object(request), customer_id=customer_id)
    except BadVisit:
        get_object_or_404(Customer, pk=customer_id, retired_at=None)  # whom one may not see, one learns nothing about
        raise
    try:
        done = record_visit(
            Customer(pk=customer_id),
            basket,
            at=request.location,
            by=request.user,
            device_id=request.device_id,
            asking=Asking.AT_THE_TILL,
            now=utc_now(),
        )
    except Customer.DoesNotExist as problem:
        refuse_removed(customer_id)
        raise Http404 from problem
    if isinstance(done, Refused):
        context = {"customer": done.kept.customer, "kept": done.kept}
        response = render(request, "checkout/refused.html", context, status=409)
        response.keep_writes = True  # type: ignore[attr-defined]
        return response
    return answer_after_visit(request, done)


@staff
@require_safe
def show_day(request: StaffRequest) -> HttpResponse:
    """The checkouts of one day at this location: the list behind the numbers of the home page."""
    day, last_day, only_given = _asked_day(request)
    visits = visits_of_day(request.location, day=day, only_given=only_given)
    page = page_of(visits, order_by=["-occurred_at"], cursor=request.GET.get("cursor"))
    context = {"page": page, "day": day, "last_day": last_day, "only_given": only_given, "location": request.location}
    context["is_administrator"] = request.membership.is_administrator
    return render(request, "checkout/day.html", {**context, "results": results_of(page.rows)})


@administrators
@require_safe
@an_export
def export_day(request: StaffRequest) -> FileResponse:
    """The day as it is asked for in the address, with a column for each of the store's own fields: XLSX (`?as=xlsx`),
    else CSV."""
    day, _last_day, only_given = _asked_day(request)
    visits = visits_of_day(request.location, day=day, only_given=only_given)
    columns = fields_answered()
    heading, rows = day_heading(columns), day_rows(visits, columns=columns)
    return table_download(request, "visits", name=_("visits"), heading=heading, rows=rows)


def _asked_day(request: StaffRequest) -> tuple[date, date, bool]:
    """The day in the address, today's at the latest; today; and whether only visits with a free item are wanted."""
    last_day = request.location.day(utc_now())
    return min(_day(request.GET.get("on", "")) or last_day, last_day), last_day, request.GET.get("only") == "given"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
