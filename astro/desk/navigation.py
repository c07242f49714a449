"""The menu of the staff's shell: each item from its first screen on, and only for those who may open it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.accounts.access import StaffRequest
from astro.accounts.models import Role
from astro.tenancy import features


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str | Promise
    url: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class PageItem:
    label: str | Promise
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """One of several pages of a room, shown as a tab."""

    label: str | Promise
    route: str
    roles: frozenset[Role] | None = None  # None: everyone who may enter the room
    feature: str = ""


@dataclass(frozen=True, slots=True)
class _Room:
    label: str | Promise
    route: str
    icon: str
    key: str = ""  # pressed after G, in the office
    roles: frozenset[Role] | None = None  # None: everyone who works here
    feature: str = ""  # what the store must have for it (`tenancy.features`)
    pages: tuple[_Page, ...] = ()  # its tabs, where it has several


ADMINISTRATORS = frozenset({Role.ADMINISTRATOR, Role.MASTER})

ACTIONS = (
    _Page(_("Account Management"), "accounts:account"),  # with a card for each page below it
    _Page(_("My Users"), "accounts:users"),
    _Page(_("Tills"), "accounts:devices"),
    _Page(_("New customers"), "customers:settings"),
    _Page(_("Likely doubles"), "customers:doubles", feature=features.MERGING),
    _Page(_("Customer Returns"), "checkout:returns"),
    _Page(_("Checkout Fields"), "checkout:fields"),
    _Page(_("Late entries"), "checkout:late_settings"),
    _Page(_("Replies by text"), "messaging:replies"),
    _Page(_("Local mailbox"), "messaging:mailbox"),
)

REPORTS = (
    _Page(_("Late entries"), "checkout:late"),
    _Page(_("What was put right"), "checkout:corrections"),
    _Page(_("Kept purchases"), "checkout:kept"),
    _Page(_("Exceptions"), "checkout:exceptions"),
)

HELP = (
    _Page(_("How the till works"), "desk:help"),
    _Page(_("My tickets"), "support:tickets"),
    _Page(_("Submit a ticket"), "support:new_ticket"),
)

WHILE_RESTING = [
    _Room(_("Billing Information"), "billing:billing", "credit-card", "", ADMINISTRATORS),
    _Room(_("Help"), "support:tickets", "help", pages=HELP[1:]),
]
"""What is left of the menu while the store's account is held, cancelled or past its trial."""

ROOMS = [
    _Room(_("Check Out"), "checkout:look_up", "shopping-cart"),
    _Room(_("Customers"), "customers:list", "users", "c"),
    _Room(_("Frequent Buyer"), "programs:list", "gift", "p", ADMINISTRATORS, features.FREQUENT_BUYER),
    _Room(_("Offers"), "offers:list", "discount", "o", ADMINISTRATORS, features.OFFERS),
    _Room(_("Reports"), "checkout:late", "chart-bar", "r", ADMINISTRATORS, pages=REPORTS),
    _Room(_("Actions"), "accounts:account", "settings", "", ADMINISTRATORS, pages=ACTIONS),
    _Room(_("Help"), "desk:help", "help", pages=HELP),
]


def menu(request: StaffRequest) -> list[MenuItem]:
    """The rooms that this person may enter; the longest address that the page begins with is the current one."""
    rooms = [(room, reverse(room.route)) for room in _open_to(request)]
    addresses = {url: room for room, url in rooms}
    addresses |= {reverse(page.route): room for room, _url in rooms for page in room.pages}
    here = addresses.get(_longest(request.path, addresses))
    return [MenuItem(room.label, url, room.icon, room.key, room is here) for room, url in rooms]


def room_pages(request: StaffRequest) -> list[PageItem]:
    """The tabs of the room that this page is in; none where the room has only one page."""
    for room in _open_to(request):
        urls = {reverse(page.route): page for page in room.pages if _is_for(page, request)}
        here = _longest(request.path, urls)
        if here:
            return [PageItem(page.label, url, url == here) for url, page in urls.items()]
    return []


def _open_to(request: StaffRequest) -> list[_Room]:
    rooms = ROOMS if request.barred is None else WHILE_RESTING
    return [room for room in rooms if _is_for(room, request)]


def _is_for(entry: _Room | _Page, request: StaffRequest) -> bool:
    if entry.roles is not None and request.membership.role not in entry.roles:
        return False
    return not entry.feature or entry.feature in request.features


def _longest(path: str, urls: Iterable[str]) -> str:
    return max((url for url in urls if path.startswith(url)), key=len, default="")
