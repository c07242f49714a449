"""Home and help."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from astro.accounts.access import StaffRequest, staff
from astro.accounts.models import Role
from astro.cards.models import Punch
from astro.checkout.models import Visit
from astro.checkout.queries import refused_visits
from astro.customers.models import SeenAt
from astro.kit.clock import midnight_before, utc_now
from astro.tenancy.models import Location

JUST_HERE = 5


@staff
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """Where everyone lands: look someone up, check out, add a customer; who was just here; the day in numbers."""
    location: Location = request.location
    day = location.day(utc_now())
    refused = refused_visits(at=location).count() if request.membership.role != Role.CASHIER else 0
    just_here = (
        SeenAt.objects.filter(location=location, customer__retired_at=None)
        .select_related("customer")
        .order_by("-last_seen_at")[:JUST_HERE]
    )
    return render(
        request,
        "desk/home.html",
        {"location": location, "day": day, "today": _today(location, day), "just_here": just_here, "refused": refused},
    )


def _today(location: Location, day: date) -> dict[str, Any]:
    """The location's day so far; the practice customer does not count."""
    visits = Visit.objects.filter(location=location, day=day, is_practice=False)
    real = {"location": location, "day": day, "customer__is_practice": False}
    seen = SeenAt.objects.filter(location=location, customer__is_practice=False)
    return {
        "visits": visits.count(),
        "punches": Punch.objects.filter(**real).count(),
        "filled": visits.filter(answer__rewards__gt=0).count(),
        "customers": seen.filter(first_seen_at__gte=midnight_before(day, location.time_zone)).count(),
    }


@staff
@require_safe
def show_help(request: StaffRequest) -> HttpResponse:
    """How the till works, on one page that prints."""
    return render(request, "desk/help.html")
