"""Every address x everybody who is kept out: exactly the page that says what is the matter, or the one to mend it."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import escape

from astro.accounts import errors
from astro.accounts.access import TILL_HEADER, Access
from astro.accounts.models import Membership, User
from astro.kit.clock import utc_now
from astro.tenancy.models import AccountState, Retailer
from tests.cast import signed_in
from tests.project.access_matrix import ROUTES
from tests.project.test_access_matrix import _key, _routes, _things, _undone

VIEWS = {name: pattern.callback for name, (pattern, _parameters) in _routes(get_resolver(), "")}
WORK = {Access.STAFF, Access.ADMINISTRATORS, Access.MASTERS, Access.SIGNED_IN}


@dataclass(frozen=True)
class Kept:
    """Somebody who is kept out: which refusal they are told, and the route where they can mend it."""

    who: str
    because: type[errors.Barred]
    go_to: str = ""


def hold(retailer: Retailer, **account: Any) -> None:
    Retailer.objects.filter(pk=retailer.pk).update(**account)


FATES = {
    "a cashier of a held store": Kept("cashier", errors.AccountHeld),
    "the administrator of a held store": Kept("owner", errors.AccountHeld, "billing:billing"),
    "a cashier after the trial": Kept("cashier", errors.TrialOver),
    "a cashier of a store that left": Kept("cashier", errors.AccountCancelled),
    "a cashier from elsewhere": Kept("cashier", errors.AddressRestricted),
    "an administrator from elsewhere": Kept("owner", errors.AddressRestricted),
    "somebody who was removed": Kept("cashier", errors.Removed),
    "somebody with a given password": Kept("cashier", errors.ChoosePasswordFirst, "accounts:password"),
}


def bring_about(kept: Kept, user: User, retailer: Retailer) -> None:
    now = utc_now()
    membership = Membership.objects.filter(user=user)
    {
        errors.AccountHeld: lambda: hold(retailer, held_at=now),
        errors.TrialOver: lambda: hold(retailer, state=AccountState.TRIAL, trial_until=now),
        errors.AccountCancelled: lambda: hold(retailer, state=AccountState.CANCELLED),
        errors.AddressRestricted: lambda: membership.update(networks="198.51.100.7"),
        errors.Removed: lambda: membership.update(ended_at=now),
        errors.ChoosePasswordFirst: lambda: User.objects.filter(pk=user.pk).update(has_given_password=True),
    }[kept.because]()


@pytest.mark.parametrize("fate", FATES)
def test_who_is_kept_out_gets_the_page_that_says_so(
    fate: str, owner: User, cashier: User, huxley: Retailer, otherpaws: Retailer
) -> None:
    kept = FATES[fate]
    user = {"owner": owner, "cashier": cashier}[kept.who]
    cookie = _key(signed_in(Client(), user))
    bring_about(kept, user, huxley)
    wrong = [
        f"{method} {name}: {what}"
        for name, route in ROUTES.items()
        for method in route.methods.split()[:1]
        if (what := ask(kept, name, method=method, cookie=cookie))
    ]
    assert wrong == [], "\n".join(wrong)


def ask(kept: Kept, name: str, *, method: str, cookie: str) -> str:
    """What is not as it should be; nothing is looked for before the page is shown, so ids of nothing will do."""
    route = ROUTES[name]
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    headers = {TILL_HEADER: "1"} if route.access is Access.TILL else {}
    url = reverse(name, kwargs=_things(route.ids, None))
    with _undone():
        answer = client.post(url, headers=headers) if method == "POST" else client.get(url, headers=headers)
    is_told = f"<h1>{escape(kept.because.heading)}</h1>" in answer.getvalue().decode(errors="replace")
    is_led = bool(kept.go_to) and answer.headers.get("Location") == reverse(kept.go_to)
    is_open = route.access not in WORK or getattr(VIEWS[name], "is_open_when_barred", False)
    if name == kept.go_to:
        return "" if answer.status_code == 200 else f"{answer.status_code}, though it can be mended there"
    if is_open:  # some of these are open to a few fates only, and tell the others why
        return ""
    if kept.go_to and method == "GET":
        return "" if (answer.status_code, is_led) == (302, True) else f"{answer.status_code}, is not led to mend it"
    return "" if (answer.status_code, is_told) == (403, True) else f"{answer.status_code}, is not told why"


def test_an_open_page_would_be_noticed(owner: User) -> None:
    """As of a guard that forgets to ask: nobody is kept out here."""
    cookie = _key(signed_in(Client(), owner))
    told = ask(FATES["a cashier of a held store"], "desk:home", method="GET", cookie=cookie)
    assert told == "200, is not told why"
