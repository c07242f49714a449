"""*My Location Information* and *My Additional Locations*."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, masters, public
from astro.accounts.places.forms import COPY, HoursForm, LocationForm, LogoForm, monday_everywhere
from astro.accounts.places.writing import (
    LocationNameTaken,
    add_location,
    change_location,
    make_primary,
    remove_logo,
    write_hours,
    write_logo,
)
from astro.accounts.queries import living_devices, locations_of
from astro.kit.clock import utc_now
from astro.kit.ids import MAX_ID
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Location, Logo, OpenHours
from astro.tenancy.regions import ZONES
from astro.tenancy.stores import primary_location


@administrators
@require_safe
def locations(request: StaffRequest) -> HttpResponse:
    """Those within reach. Who administers a single one reads that one."""
    if not request.membership.is_master:
        return redirect("accounts:location", request.location_id)
    places = list(locations_of(request.membership))
    return render(
        request,
        "accounts/locations.html",
        {"places": places, "primary": primary_location(request.retailer), "here": request.location_id},
    )


@administrators
@require_safe
def location(request: StaffRequest, location_id: int) -> HttpResponse:
    """Everything told of one, locked until somebody presses Edit."""
    return _page(request, _within_reach(request, location_id), LogoForm())


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def edit_location(request: StaffRequest, location_id: int) -> HttpResponse:
    place = _within_reach(request, location_id)
    may_be_primary = request.membership.is_master and not _is_primary(request, place)
    form = LocationForm(
        request.POST if request.method == "POST" else None,
        location=place,
        store=request.retailer.name,
        may_be_primary=may_be_primary,
    )
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        try:
            with transaction.atomic():
                change_location(place, form.cleaned_data, by=request.user, now=now)
                if form.cleaned_data.get("is_primary"):
                    make_primary(place, by=request.user, now=now)
        except LocationNameTaken as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:location", place.pk)
    told = {"form": form, "place": place, "is_primary": _is_primary(request, place)}
    return render(request, "accounts/edit_location.html", told, status=422 if form.is_bound else 200)


@masters
@require_http_methods(["GET", "HEAD", "POST"])
def new_location(request: StaffRequest) -> HttpResponse:
    """One more shop of this store. What it needs next is told on its page."""
    form = LocationForm(request.POST if request.method == "POST" else None, location=None, store=request.retailer.name)
    if request.method == "POST" and form.is_valid():
        try:
            place = add_location(form.cleaned_data, by=request.user, now=utc_now())
        except LocationNameTaken as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("%(location)s is added.") % {"location": place.name})
            return redirect(f"{reverse('accounts:location', args=[place.pk])}?{urlencode({'new': 'yes'})}")
    return render(request, "accounts/new_location.html", {"form": form}, status=422 if form.is_bound else 200)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def location_hours(request: StaffRequest, location_id: int) -> HttpResponse:
    place = _within_reach(request, location_id)
    is_copy = COPY in request.POST
    data = monday_everywhere(request.POST) if is_copy else request.POST
    form = HoursForm(data if request.method == "POST" else None, hours=_hours(place))
    if request.method == "POST" and form.is_valid() and not is_copy:
        write_hours(place, form.hours, by=request.user, now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:location", place.pk)
    status = 422 if form.is_bound and form.errors else 200
    told = {"form": form, "place": place, "is_copied": is_copy and not form.errors, "copy": COPY}
    return render(request, "accounts/location_hours.html", told, status=status)


@administrators
@require_POST
def location_logo(request: StaffRequest, location_id: int) -> HttpResponse:
    """Takes a picture in, or, with the button *Remove*, the one there is away."""
    place = _within_reach(request, location_id)
    if "remove" in request.POST:
        remove_logo(place, by=request.user, now=utc_now())
        messages.success(request, _("The logo is removed."))
        return redirect("accounts:location", place.pk)
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, place, form)
    image, small = form.drawn
    write_logo(place, image=image, small=small, by=request.user, now=utc_now())
    messages.success(request, _("The logo is saved."))
    return redirect("accounts:location", place.pk)


@public
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def logo(request: HttpRequest, retailer_id: int, logo_id: int, size: str) -> HttpResponse:
    """The picture that we drew, and nothing else: a new logo has a new address. Letters and customers show it."""
    if max(retailer_id, logo_id) > MAX_ID:
        raise Http404
    with within(retailer_id), reading():
        found = Logo.objects.filter(pk=logo_id).values_list("small" if size == "small" else "image", flat=True).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found), content_type="image/png")
    response["Content-Disposition"] = 'inline; filename="logo.png"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # mail programs in a browser show it
    return response


def _page(request: StaffRequest, place: Location, form: LogoForm) -> HttpResponse:
    tills = living_devices(request.membership).filter(location=place).count()
    told: dict[str, Any] = {
        "place": place,
        "store_name": place.store_name or request.retailer.name,
        "is_primary": _is_primary(request, place),
        "primary": primary_location(request.retailer),
        "zone": ZONES.get(str(place.time_zone), str(place.time_zone)),
        "form": form,
        "week": place.week(),
        "tills": tills,
        "is_here": place.pk == request.location_id,
        "is_new": "new" in request.GET,
    }
    return render(request, "accounts/location.html", told, status=422 if form.is_bound else 200)


def _within_reach(request: StaffRequest, location_id: int) -> Location:
    return get_object_or_404(locations_of(request.membership), pk=location_id)


def _is_primary(request: StaffRequest, place: Location) -> bool:
    primary = primary_location(request.retailer)
    return primary is not None and primary.pk == place.pk


def _hours(place: Location) -> dict[int, Any]:
    return {row.weekday: (row.opens_at, row.closes_at) for row in OpenHours.objects.filter(location=place)}
