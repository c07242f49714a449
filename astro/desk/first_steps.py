"""What a new store does first, on its home page: until it is done, or put away."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from astro.accounts.access import StaffRequest, masters
from astro.accounts.models import Device, Invitation, Membership
from astro.checkout.models import Visit
from astro.desk.models import FirstSteps
from astro.kit.clock import utc_now
from astro.programs.models import Enrollment
from astro.tenancy.models import Location, Logo, OpenHours


@dataclass(frozen=True, slots=True)
class Step:
    title: str | Promise
    words: str | Promise
    url: str
    is_done: bool


@masters
@require_POST
def put_away(request: StaffRequest) -> HttpResponse:
    """For good; each page is found in the menu. Twice changes nothing."""
    FirstSteps.objects.filter(put_away_at__isnull=True).update(put_away_at=utc_now())
    return redirect("desk:home")


def first_steps(request: StaffRequest) -> list[Step]:
    """For master administrators of a store that signed up and is not through. One query for everybody else's store."""
    if not request.membership.is_master:
        return []
    row = FirstSteps.objects.filter(put_away_at__isnull=True).first()
    if row is None:
        return []
    steps = _steps(request, has_several=row.has_several)
    return [] if all(step.is_done for step in steps) else steps


def _steps(request: StaffRequest, *, has_several: bool) -> list[Step]:
    practice = reverse("programs:practice")
    here = reverse("accounts:location", args=[request.location_id])
    people = Membership.objects.filter(retailer=request.retailer_id, ended_at__isnull=True)
    places = [
        Step(
            _("Add your other locations"),
            _("They share your customers and cards."),
            reverse("accounts:new_location"),
            Location.objects.count() > 1,
        )
    ]
    return [
        Step(
            _("Choose your programs"),
            _("Say whom you buy from, and enroll in all they pay for at once."),
            f"{reverse('programs:suggested')}?next={practice}",
            Enrollment.objects.exists(),
        ),
        Step(
            _("Practice a checkout"),
            _("With Sally Pet Owner: what she buys counts for nobody."),
            practice,
            Visit.objects.filter(is_practice=True).exists(),
        ),
        *(places if has_several else []),
        Step(
            _("Make the browser at your counter a till"),
            _("It then goes on without network too."),
            reverse("accounts:devices"),
            Device.objects.filter(retired_at__isnull=True).exists(),
        ),
        Step(
            _("Add your people"),
            _("Each with a name and rights of their own."),
            reverse("accounts:users"),
            people.count() > 1 or Invitation.objects.exists(),
        ),
        Step(
            _("Show your logo and hours"),
            _("Customers see them in their app."),
            here,
            Logo.objects.exists() and OpenHours.objects.exists(),
        ),
    ]
