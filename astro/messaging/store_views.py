"""Where *Store details* were: they stand with *My Location Information* now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from astro.accounts.access import StaffRequest, administrators
from astro.tenancy.stores import primary_location


@administrators
@require_safe
def store_details(request: StaffRequest) -> HttpResponse:
    """The primary location, which speaks for all of them; who runs another one is shown that one."""
    primary = primary_location(request.retailer) or request.location
    here = primary if request.membership.covers(primary.pk) else request.location
    return redirect("accounts:location", here.pk)
