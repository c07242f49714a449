"""Home and help."""

from datetime import date, datetime

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from astro.accounts.access import StaffRequest, staff
from astro.accounts.models import Role
from astro.checkout.models import Visit
from astro.checkout.queries import kept_to_settle, sums_of_day, tills_waiting
from astro.customers.models import Customer, SeenAt
from astro.desk.first_steps import first_steps
from astro.kit.clock import midnight_before, utc_now
from astro.messaging.queries import replies_to_read
from astro.programs.queries import held_enrollments
from astro.tenancy import features
from astro.tenancy.models import Location

JUST_HERE = 5


@staff
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """Where everyone lands: look someone up, check out, add a customer; who was just here; the day in numbers."""
    location: Location = request.location
    day = location.day(utc_now())
    is_office = request.membership.role != Role.CASHIER
    places = list(Location.objects.all()) if request.membership.is_master else [location]
    replies = replies_to_read().count() if is_office else 0
    has_cards = is_office and features.FREQUENT_BUYER in request.features
    held = list(held_enrollments(places, day=day)) if has_cards else []
    numbers, just_here = _today(location, day), _just_here(location, day)
    return render(
        request,
        "desk/home.html",
        {
            "location": location,
            "day": day,
            "today": numbers,
            "just_here": just_here,
            "kept": kept_to_settle(places).count(),
            "tills": tills_waiting(places).count(),
            "replies": replies,
            "held": held,
            "steps": first_steps(request),
        },
    )


def _just_here(location: Location, day: date) -> list[tuple[Customer, datetime]]:
    """Who came last, the latest first. What is noted with a customer says the first time of a day, visits the last."""
    living = {"location": location, "customer__retired_at": None}
    noted = SeenAt.objects.filter(**living).order_by("-last_seen_at")
    came = Visit.objects.filter(**living, day=day).values("customer").annotate(last_at=Max("occurred_at"))
    moments = dict(noted.values_list("customer", "last_seen_at")[:JUST_HERE])
    for customer_id, last_at in came.order_by("-last_at", "-customer").values_list("customer", "last_at")[:JUST_HERE]:
        moments[customer_id] = max(last_at, moments.get(customer_id, last_at))
    latest = sorted(moments.items(), key=lambda one: one[1], reverse=True)[:JUST_HERE]
    customers = Customer.objects.in_bulk([customer_id for customer_id, _moment in latest])
    return [(customers[customer_id], moment) for customer_id, moment in latest]


def _today(location: Location, day: date) -> dict[str, int]:
    """The location's day so far; the practice customer does not count."""
    seen = SeenAt.objects.filter(location=location, customer__is_practice=False, customer__retired_at=None)
    fresh = seen.filter(first_seen_at__gte=midnight_before(day, location.time_zone))
    return {**sums_of_day(location, day=day), "customers": fresh.count()}


@staff
@require_safe
def show_help(request: StaffRequest) -> HttpResponse:
    """How the till works, on one page that prints."""
    return render(request, "desk/help.html")
