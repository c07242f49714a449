"""The stores of this installation, and one of them: its account, people, switches and what support did there."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import support_team
from astro.accounts.models import Masquerade, RestrictionLift
from astro.accounts.throttle import an_export
from astro.backoffice.forms import StoreFilter
from astro.backoffice.queries import people_of, stores_found, switchboard
from astro.billing.queries import billing_details, history_of_account, primary_contact, standing_of
from astro.kit.clock import utc_now
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import AccountState, Location, Retailer

PAST = 20
"""How many of the last times that somebody acted as another the page shows."""


@support_team
@require_safe
@vary_on_headers("HX-Target")
def stores(request: HttpRequest) -> HttpResponse:
    """All stores; `#found` alone is swapped while typing."""
    asked, now = StoreFilter(request.GET), utc_now()
    found = stores_found(asked, now=now)
    page = page_of(found, order_by=asked.order, cursor=request.GET.get("cursor"))
    lapsed = {store.pk for store in page.rows if store.has_lapsed(now)}
    is_typing = request.headers.get("HX-Target") == "found"
    template = f"backoffice/{'stores_found' if is_typing else 'stores'}.html"
    return render(request, template, {"asked": asked, "page": page, "total": found.count(), "lapsed": lapsed})


@support_team
@require_safe
@an_export
def export_stores(request: HttpRequest) -> FileResponse:
    """The same list as a file."""
    asked, now = StoreFilter(request.GET), utc_now()
    heading = [_("Number"), _("Store"), _("Account"), _("Trial until"), _("On hold since"), _("Opened")]
    return csv_download("stores", heading, _rows(asked, now))


@support_team
@require_safe
def store(request: HttpRequest, retailer_id: int) -> HttpResponse:
    """One store, read inside its wall. Nothing of its customers."""
    shown, now = get_object_or_404(Retailer, pk=retailer_id), utc_now()
    with within(shown.pk), reading():
        people = people_of(shown)
        places = {place.pk: place.name for place in Location.objects.all()}
        past = Masquerade.objects.select_related("really_by", "membership__user").order_by("-began_at")[:PAST]
        lifts = RestrictionLift.objects.select_related("by", "membership__user").order_by("-at")[:PAST]
        told = {
            "store": shown,
            "standing": standing_of(shown, now=now),
            "contact": primary_contact(shown),
            "details": billing_details(),
            "history": history_of_account(),
            "people": [(person, places.get(person.location_id or 0, "")) for person in people],
            "is_left_alone": not any(person.is_administrator and person.user.is_active for person in people),
            "board": switchboard(shown),
            "places": list(places.values()),
            "past": list(past),
            "lifts": list(lifts),
            "states": [(value, label) for value, label in AccountState.choices if value != shown.state],
        }
        return render(request, "backoffice/store.html", told)


def _rows(asked: StoreFilter, now: object) -> Iterator[Row]:
    for row in stores_found(asked, now=now).order_by(*asked.order, "id").iterator(chunk_size=500):  # type: ignore[arg-type]
        yield [str(row.pk), row.name, row.get_state_display(), row.trial_until, row.held_at, row.created_at]
