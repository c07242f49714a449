"""What the app bar shows on every staff page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from astro.desk.navigation import menu
from astro.tenancy.models import Location


def shell(request: HttpRequest) -> dict[str, Any]:
    """Menu, person, store and location; nothing on a page for people who are not signed in."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {}
    return {
        "menu": menu(request),
        "person_name": request.user.name or request.user.get_username(),
        "retailer_name": request.retailer.name,
        "location_name": request.location.name if request.location else "",
        "locations": _switch(request) if membership.role == "master" else [],
        "sign_out_url": reverse("accounts:sign_out"),
    }


def _switch(request: HttpRequest) -> list[dict[str, Any]]:
    """The locations that a master administrator may stand in."""
    here = request.location.pk if request.location else None
    return [
        {"id": pk, "name": name, "is_current": pk == here} for pk, name in Location.objects.values_list("pk", "name")
    ]
