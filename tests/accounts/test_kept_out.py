"""Every way in x everything that keeps somebody out: the same page, whichever way they came."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.test import Client

from astro.accounts import errors
from astro.accounts.models import Membership, User
from astro.kit.clock import utc_now
from astro.tenancy.models import AccountState, Location, Retailer
from tests.accounts.stepping import code_of, give_code, give_password, set_up_app
from tests.accounts.test_pins import browser_of, give_pin, take_over
from tests.cast import make_device, make_user, signed_in

Fate = Callable[[Membership], object]


def store(**account: Any) -> Fate:
    return lambda one: Retailer.objects.filter(pk=one.retailer_id).update(**account)


def person(**change: Any) -> Fate:
    return lambda one: Membership.objects.filter(pk=one.pk).update(**change)


FATES: dict[str, tuple[type[errors.Barred], Fate]] = {
    "removed": (errors.Removed, person(ended_at=utc_now())),
    "not from here": (errors.AddressRestricted, person(networks="198.51.100.7")),
    "nobody from here": (errors.AddressRestricted, store(networks="198.51.100.7")),
    "held": (errors.AccountHeld, store(held_at=utc_now())),
    "trial over": (errors.TrialOver, store(state=AccountState.TRIAL, trial_until=utc_now())),
    "cancelled": (errors.AccountCancelled, store(state=AccountState.CANCELLED)),
}


SENTENCES = {
    errors.Removed: (
        "An administrator of Huxley House has removed your user. Any other administrator can add you again."
    ),
    errors.AddressRestricted: (
        "Your store allows Astro from some addresses only, and 127.0.0.1 is none of them. "
        "Ask an administrator to add it, or go on from the store."
    ),
    errors.AccountHeld: "A bill is open. Nothing is deleted, and purchases that a till kept still come in.",
    errors.TrialOver: "Nothing is deleted. As soon as the account is active, everything is as you left it.",
    errors.AccountCancelled: "Nothing is deleted. Support can open the account again.",
}


@pytest.fixture
def who(cashier: User, owner: User) -> User:
    """With a second step, as administrators have it, and the role that a PIN leaves to everybody."""
    return cashier


def by_password(who: User, bring_about: Fate, **_more: Any) -> Any:
    bring_about(who.memberships.get())
    return give_password(client := Client(), who.login), client


def by_second_step(who: User, bring_about: Fate, **_more: Any) -> Any:
    Membership.objects.filter(user=who).update(role="administrator")
    secret = set_up_app(signed_in(Client(), who))
    Membership.objects.filter(user=who).update(role="cashier")
    give_password(client := Client(), who.login)
    bring_about(who.memberships.get())
    return give_code(client, code_of(secret, periods_on=1)), client


def by_passkey(who: User, bring_about: Fate, *, monkeypatch: pytest.MonkeyPatch, **_more: Any) -> Any:
    """What the passkey signs is another test's (in a browser); here it is right."""
    passkey = Authenticator.objects.create(user=who, type="webauthn", data={"name": "Phone", "credential": {}})
    monkeypatch.setattr(auth, "parse_authentication_response", lambda sent: sent)
    monkeypatch.setattr(auth, "extract_user_from_response", lambda sent: User.objects.get(pk=who.pk))
    monkeypatch.setattr(auth, "complete_authentication", lambda user, sent: passkey)
    bring_about(who.memberships.get())
    return (client := Client()).post("/sign-in/passkey/", {"credential": '{"id": "x"}'}), client


def by_pin(who: User, bring_about: Fate, *, midtown: Location, **_more: Any) -> Any:
    shown = give_pin(who)
    client = browser_of(make_device(midtown, by=make_user()))
    bring_about(who.memberships.get())
    return take_over(client, shown), client


def by_running_session(who: User, bring_about: Fate, **_more: Any) -> Any:
    client = signed_in(Client(), who)
    bring_about(who.memberships.get())
    return client.get("/customers/"), client


WAYS = [by_password, by_second_step, by_passkey, by_pin, by_running_session]


def said_on(answer: Any, client: Client) -> tuple[int, str, str, list[str]]:
    """Status, heading, sentence and whom to ask, of the page at which one ends."""
    while answer.status_code == 302:
        answer = client.get(answer.headers["Location"])
    page = answer.content.decode()
    heading = re.search(r"<h1>(.*?)</h1>", page)
    notice = re.search(r"<p data-notice>(.*?)</p>", page)
    told = (heading[1] if heading else "", notice[1] if notice else "")
    return (answer.status_code, *told, re.findall(r"<li><strong>(.*?)</strong>", page))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fate", FATES)
def test_every_way_in_ends_at_the_page_that_says_what_is_the_matter(
    fate: str, way: Any, who: User, midtown: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    because, bring_about = FATES[fate]
    answer, client = way(who, bring_about, midtown=midtown, monkeypatch=monkeypatch)
    status, heading, sentence, contacts = said_on(answer, client)
    assert (status, heading, contacts) == (403, str(because.heading), ["Olive Owner"])
    assert sentence == SENTENCES[because]


@pytest.mark.parametrize("way", [by_second_step, by_passkey])
def test_whom_somebody_shut_out_is_told_nothing(
    way: Any, who: User, midtown: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut_out(one: Membership) -> None:
        User.objects.filter(pk=one.user_id).update(is_active=False)
        Membership.objects.filter(pk=one.pk).update(ended_at=utc_now())

    answer, client = way(who, shut_out, midtown=midtown, monkeypatch=monkeypatch)
    assert "was removed" not in said_on(answer, client)[1]
    assert "_auth_user_id" not in client.session
