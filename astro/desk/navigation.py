"""The menu of the staff's shell: each item from its first screen on, and only for those who may open it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.accounts.access import StaffRequest
from astro.accounts.models import Role


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str | Promise
    url: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Room:
    label: str | Promise
    route: str
    icon: str
    key: str = ""  # pressed after G, in the office
    roles: frozenset[Role] | None = None  # None: everyone who works here


ADMINISTRATORS = frozenset({Role.ADMINISTRATOR, Role.MASTER})

ROOMS = [
    _Room(_("Check Out"), "checkout:look_up", "shopping-cart"),
    _Room(_("Customers"), "customers:list", "users", "c"),
    _Room(_("Frequent Buyer"), "programs:list", "gift", "p", ADMINISTRATORS),
    _Room(_("Actions"), "accounts:devices", "settings", "", ADMINISTRATORS),
    _Room(_("Help"), "desk:help", "help"),
]


def menu(request: StaffRequest) -> list[MenuItem]:
    """The rooms that this person may enter; the longest address that the page begins with is the current one."""
    role = request.membership.role
    rooms = [(room, reverse(room.route)) for room in ROOMS if room.roles is None or role in room.roles]
    here = max((url for _room, url in rooms if request.path.startswith(url)), key=len, default=None)
    return [MenuItem(room.label, url, room.icon, room.key, url == here) for room, url in rooms]
