"""What the app bar shows on every staff page."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from astro.accounts.access import StaffRequest
from astro.accounts.models import Role
from astro.desk.navigation import menu
from astro.tenancy.models import Location


def shell(request: HttpRequest) -> dict[str, Any]:
    """Menu, person, store and location; nothing on a page for people who are not signed in."""
    if getattr(request, "membership", None) is None:
        return {}
    return _bar(cast(StaffRequest, request))


def _bar(request: StaffRequest) -> dict[str, Any]:
    return {
        "menu": SimpleLazyObject(lambda: menu(request)),  # a fragment has no bar
        "person_name": request.user.name or request.user.get_username(),
        "retailer_name": request.retailer.name,
        "location_name": request.location.name if request.location_id else "",
        "locations": SimpleLazyObject(lambda: _switch(request)) if request.membership.role == Role.MASTER else [],
        "sign_out_url": reverse("accounts:sign_out"),
    }


def _switch(request: StaffRequest) -> list[dict[str, Any]]:
    """The locations that a master administrator may stand in."""
    return [
        {"id": pk, "name": name, "is_current": pk == request.location_id}
        for pk, name in Location.objects.values_list("pk", "name")
    ]
