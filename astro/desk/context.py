"""What the app bar shows on every staff page, and what such a page tells the browser that shows it."""

from typing import Any, cast

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from astro.accounts.access import StaffRequest
from astro.accounts.models import Role
from astro.billing.queries import trial_days_left
from astro.desk.installing import BRAND
from astro.desk.navigation import menu, room_pages
from astro.kit.clock import utc_now
from astro.support.queries import notices_for
from astro.tenancy.models import Location


def shell(request: HttpRequest) -> dict[str, Any]:
    """Menu, person, store and location. On a page for people who are not signed in nothing, except on their way in."""
    if getattr(request, "membership", None) is not None:
        return _bar(cast(StaffRequest, request))
    if request.resolver_match is not None and request.resolver_match.app_name == "accounts":
        return {"installable": _installable(facts={"signed-out": "yes"})}
    return {}


def _bar(request: StaffRequest) -> dict[str, Any]:
    return {
        "announcements": SimpleLazyObject(lambda: notices_for(request, now=utc_now())),
        "menu": SimpleLazyObject(lambda: menu(request)),  # a fragment has no bar
        "room_pages": SimpleLazyObject(lambda: room_pages(request)),
        "person_name": request.user.name or request.user.get_username(),
        "retailer_name": request.retailer.name,
        "location_name": request.location.name if request.location_id else "",
        "locations": SimpleLazyObject(lambda: _switch(request)) if _may_switch(request) else [],
        "sign_out_url": reverse("accounts:sign_out"),
        "installable": SimpleLazyObject(lambda: _installable(facts=_facts(request))),
        "acting": _acting(request),
        "trial": _trial(request),
    }


def _may_switch(request: StaffRequest) -> bool:
    return request.membership.role == Role.MASTER and request.barred is None


def _trial(request: StaffRequest) -> dict[str, Any] | None:
    """What administrators are reminded of while a trial runs; not at the till, where nothing can be done about it."""
    is_till = request.resolver_match is not None and request.resolver_match.app_name == "checkout"
    days = trial_days_left(request.retailer, now=utc_now())
    if not days or is_till or not request.membership.is_administrator:
        return None
    return {"days": days, "url": reverse("billing:billing")}


def _acting(request: StaffRequest) -> dict[str, Any] | None:
    """Who really sits there, as whom, and until when; None for everybody who is themselves."""
    if request.really_by is None:
        return None
    return {
        "really": request.really_by.name,
        "name": request.user.name,
        "until": request.acting_until,
        "stop_url": reverse("accounts:stop_acting"),
        "banner": "accounts/acting/banner.html",
    }


def _installable(*, facts: dict[str, str]) -> dict[str, Any]:
    return {
        "manifest_url": reverse("desk:manifest"),
        "icon_url": static("desk/icons/apple-touch-icon.png"),
        "colour": BRAND,
        "facts": {**facts, "later": static("desk/shell.js")},
        "words": "desk/shell_words.html",
    }


def _facts(request: StaffRequest) -> dict[str, str]:
    """What the browser keeps for when it opens the till with no network. Nothing of a customer.

    A till stands where it was enrolled, whichever location a master administrator looks at on it.
    """
    here = request.device.location if request.device else request.location if request.location_id else None
    acting = {"acting": str(request.masquerade_id)} if request.masquerade_id else {}
    return {
        **acting,
        "retailer": str(request.retailer_id),
        "location": str(here.pk if here else ""),
        "location-name": here.name if here else "",
        "person": str(request.user.pk),
        "person-name": request.user.name or request.user.get_username(),
        "till": "yes" if request.device_id else "",
        "now": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _switch(request: StaffRequest) -> list[dict[str, Any]]:
    """The locations that a master administrator may stand in."""
    return [
        {"id": pk, "name": name, "is_current": pk == request.location_id}
        for pk, name in Location.objects.values_list("pk", "name")
    ]
