"""Offers: the lists of programs once more, of those that run for some weeks and are complete in one visit."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import administrators, masters, needs
from astro.accounts.throttle import an_export
from astro.programs import aisles
from astro.programs.views import exported, listed
from astro.tenancy import features


@administrators
@needs(features.OFFERS)
@require_safe
@vary_on_headers("HX-Target")
def available(request: HttpRequest) -> HttpResponse:
    return listed(request, "list", aisles.OFFERS)


@administrators
@needs(features.OFFERS)
@require_safe
@vary_on_headers("HX-Target")
def enrolled(request: HttpRequest) -> HttpResponse:
    return listed(request, "enrolled", aisles.OFFERS)


@masters
@needs(features.OFFERS)
@require_safe
@vary_on_headers("HX-Target")
def by_location(request: HttpRequest) -> HttpResponse:
    return listed(request, "grid", aisles.OFFERS)


@administrators
@needs(features.OFFERS)
@require_safe
@an_export
def export(request: HttpRequest) -> FileResponse:
    return exported(request, aisles.OFFERS)
