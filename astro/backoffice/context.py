"""The bar and menu of support's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str | Promise
    url: str
    icon: str
    key: str
    is_current: bool


MENU = (
    (gettext_lazy("Stores"), "backoffice:stores", "building-store"),
    (gettext_lazy("Tickets"), "backoffice:tickets", "message"),
    (gettext_lazy("Applications"), "backoffice:applications", "list"),
    (gettext_lazy("Exceptions"), "backoffice:exceptions", "ticket"),
    (gettext_lazy("Programs"), "backoffice:programs", "gift"),
    (gettext_lazy("Returns"), "backoffice:returns", "arrow-back-up"),
    (gettext_lazy("Notices"), "backoffice:notices", "speakerphone"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """For who works for the platform, and is not acting as somebody of a store."""
    user = getattr(request, "user", None)
    if not getattr(user, "is_support", False) or getattr(request, "membership", None) is not None:
        return {}
    items = [(label, reverse(route), icon) for label, route, icon in MENU]
    return {
        "menu": [MenuItem(label, url, icon, "", request.path.startswith(url)) for label, url, icon in items],
        "person_name": str(user),
        "retailer_name": _("Platform support"),
        "sign_out_url": reverse("accounts:sign_out"),
    }
