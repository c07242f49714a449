"""*Account Management*: the cards of everything that is settled about a store. One line each."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from astro.accounts.access import StaffRequest, administrators


@dataclass(frozen=True, slots=True)
class Card:
    label: str | Promise
    says: str | Promise
    route: str
    icon: str
    is_for_masters: bool = False
    is_of_here: bool = False
    """The page of the location where whoever asks stands."""

    def url_for(self, request: StaffRequest) -> str:
        """Empty where this person has no such page."""
        if self.is_for_masters and not request.membership.is_master:
            return ""
        return reverse(self.route, args=[request.location_id] if self.is_of_here else [])


CARDS = (
    Card(_("My Users"), _("Who works here, and what they may do"), "accounts:users", "users"),
    Card(_("My Location Information"), _("Address, hours and logo"), "accounts:location", "map-pin", is_of_here=True),
    Card(
        _("My Additional Locations"),
        _("Your other shops, and adding one"),
        "accounts:locations",
        "building-store",
        True,
    ),
    Card(_("Billing Information"), _("Your membership, and who gets the bill"), "billing:billing", "credit-card"),
    Card(_("Tills"), _("Which browsers are tills"), "accounts:devices", "device-desktop"),
    Card(_("IP Address Restriction"), _("From where people come in"), "accounts:addresses", "lock", True),
    Card(_("Second step"), _("An app or a passkey besides the password"), "accounts:store_second_step", "id", True),
    Card(_("Who acted as whom"), _("Each time, with the reason"), "accounts:actings", "history"),
    Card(_("Support access"), _("Whether support may act as your people"), "accounts:consents", "help"),
    Card(_("Activity log"), _("Everything that was done, by whom"), "desk:activity", "list"),
)


@administrators
@require_safe
def account(request: StaffRequest) -> HttpResponse:
    """Each page that this person may open."""
    cards = [(card, card.url_for(request)) for card in CARDS]
    return render(request, "accounts/people/account.html", {"cards": [one for one in cards if one[1]]})
