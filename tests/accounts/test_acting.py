"""Acting as another: who may, what the session stands for meanwhile, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from astro.accounts import actions, tills
from astro.accounts.acting.closing import close_what_is_over, stores_with_ends
from astro.accounts.acting.consenting import give_consent, have_support_ask
from astro.accounts.jobs import close_actings, close_actings_of_store
from astro.accounts.models import Masquerade, Membership, StaffSession, User
from astro.accounts.own.sessions import end_sessions_of
from astro.accounts.sessions import ACTING_UNTIL
from astro.activity.models import Event
from astro.kit.clock import utc_now
from astro.tenancy.models import Location, Retailer
from tests.cast import acting, inside, make_device, make_membership, make_support, make_user, signed_in
from tests.project.test_access_matrix import _routes

TILL = "/checkout/"
"""A page that every one of the cast may open."""

ADMINISTRATION = "/account/acting/"


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def row_of(client: Client) -> StaffSession:
    return StaffSession.objects.get(session_key=key_of(client))


def let_time_pass(client: Client, retailer: Retailer) -> None:
    session = client.session
    session[ACTING_UNTIL] = (utc_now() - timedelta(seconds=1)).isoformat()
    session.save()
    with inside(retailer):
        Masquerade.objects.update(until_at=utc_now() - timedelta(seconds=1))


def events_of(retailer: Retailer, *names: str) -> list[tuple[str, int | None, int | None]]:
    with inside(retailer):
        rows = Event.objects.filter(name__in=names).order_by("id")
        return list(rows.values_list("name", "by_user_id", "really_by_id"))


def begin(client: Client, other: Membership, *, reason: str = "To see their till", **headers: Any) -> Any:
    return client.post(reverse("accounts:act", args=[other.pk]), {"reason": reason}, **headers)


@pytest.fixture
def cash(cashier: User) -> Membership:
    return cashier.memberships.get()


# Beginning


def test_administrator_becomes_the_cashier_and_sees_no_more_than_they_do(
    client: Client, owner: User, cashier: User, cash: Membership, huxley: Retailer, midtown: Location
) -> None:
    signed_in(client, owner)
    before = key_of(client)
    answer = begin(client, cash, REMOTE_ADDR="203.0.113.9")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert key_of(client) != before
    assert not StaffSession.objects.filter(session_key=before).exists()
    row = row_of(client)
    assert (row.user_id, row.membership_id, row.really_by_id) == (cashier.pk, cash.pk, owner.pk)
    assert (row.retailer_id, row.location_id) == (huxley.pk, midtown.pk)
    assert client.get(TILL).status_code == 200
    assert client.get(ADMINISTRATION).status_code == 403
    with inside(huxley):
        one = Masquerade.objects.get(pk=row.masquerade_id)
    assert (one.really_by_id, one.membership_id, one.is_by_support) == (owner.pk, cash.pk, False)
    assert (one.reason, one.address) == ("To see their till", "203.0.113.9")
    assert one.until_at - one.began_at == timedelta(minutes=30)
    assert events_of(huxley, "acting began") == [("acting began", cashier.pk, owner.pk)]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_asked_for(client: Client, owner: User, cash: Membership, reason: str, huxley: Retailer) -> None:
    answer = begin(signed_in(client, owner), cash, reason=reason)
    assert answer.status_code == 422
    assert "Say in a few words why" in answer.text
    with inside(huxley):
        assert not Masquerade.objects.exists()


def test_who_is_above_cannot_be_acted_as(
    client: Client, owner: User, riverside_administrator: User, riverside: Location, huxley: Retailer
) -> None:
    """Never upwards: by rank, nor to the store's bills; as an equal it goes."""
    billing = owner.memberships.get()
    second = make_user(name="Mia Master")
    make_membership(second, retailer=huxley, role="master")
    equal = make_membership(make_user(name="Ed Equal"), retailer=huxley, role="administrator", location=riverside)
    assert begin(signed_in(client, second), billing).status_code == 403
    signed_in(client, riverside_administrator)
    assert begin(client, equal).status_code == 302
    assert row_of(client).user.name == "Ed Equal"


def test_a_master_is_above_an_administrator(
    client: Client, riverside_administrator: User, riverside: Location, huxley: Retailer
) -> None:
    """They have no location, so an administrator of one does not even find them."""
    boss = make_membership(make_user(name="Mia Master"), retailer=huxley, role="master")
    assert begin(signed_in(client, riverside_administrator), boss).status_code == 404


def test_nobody_outside_ones_locations_or_store_is_found(
    client: Client, riverside_administrator: User, owner: User, cash: Membership, other_owner: User
) -> None:
    assert begin(signed_in(client, riverside_administrator), cash).status_code == 404
    assert begin(signed_in(client, owner), other_owner.memberships.get()).status_code == 404


def test_neither_oneself_nor_one_who_was_removed(
    client: Client, owner: User, cash: Membership, midtown: Location, huxley: Retailer
) -> None:
    signed_in(client, owner)
    own = owner.memberships.get()
    assert begin(client, own).status_code == 409
    actions.end_membership(cash, by=owner, now=utc_now())
    assert begin(client, cash).status_code == 409
    assert client.get(reverse("accounts:act", args=[cash.pk])).status_code == 409
    shut_out = make_membership(make_user(name="Ina Inactive"), retailer=huxley, location=midtown)
    User.objects.filter(pk=shut_out.user_id).update(is_active=False)
    assert begin(client, shut_out).status_code == 409


def test_cashiers_act_as_nobody(client: Client, cashier: User, huxley: Retailer, midtown: Location) -> None:
    colleague = make_membership(make_user(name="Col League"), retailer=huxley, location=midtown)
    assert begin(signed_in(client, cashier), colleague).status_code == 403


def test_no_third_one(
    client: Client, owner: User, riverside_administrator: User, riverside: Location, huxley: Retailer
) -> None:
    third = make_membership(make_user(name="Thea Third"), retailer=huxley, location=riverside)
    acting(client, owner, riverside_administrator.memberships.get())
    answer = begin(client, third)
    assert answer.status_code == 403
    assert "acting as somebody else" in answer.text
    assert row_of(client).user_id == riverside_administrator.pk


def test_choosing_where_to_work_leads_nowhere_else(
    client: Client, owner: User, cashier: User, cash: Membership, otherpaws: Retailer, elsewhere: Location
) -> None:
    """The one who is acted as may work for another retailer; whoever acts does not get there."""
    theirs = make_membership(cashier, retailer=otherpaws, location=elsewhere, role="administrator")
    acting(client, owner, cash)
    page = reverse("accounts:choose_work")
    assert client.get(page).status_code == 403
    assert client.post(page, {"membership": theirs.pk}).status_code == 403
    assert row_of(client).membership_id == cash.pk


def test_on_a_till_one_stands_at_the_till(
    client: Client, owner: User, riverside: Location, midtown: Location, huxley: Retailer
) -> None:
    """And gets back to where one stood before."""
    device, cookie = make_device(riverside, by=owner)
    at_riverside = make_membership(make_user(name="Rob River"), retailer=huxley, location=riverside)
    client.force_login(owner)
    session = client.session
    actions.start_work(session, membership=owner.memberships.get(), cookie=cookie, now=utc_now())
    session.save()
    response = HttpResponse()
    tills.write_cookie(response, cookie=cookie)
    client.cookies[tills.COOKIE] = response.cookies[tills.COOKIE].value
    assert begin(client, at_riverside).status_code == 302
    row = row_of(client)
    assert (row.location_id, row.device_id) == (riverside.pk, device.pk)
    client.post(reverse("accounts:stop_acting"))
    row = row_of(client)
    assert (row.user_id, row.location_id, row.device_id, row.really_by_id) == (owner.pk, riverside.pk, device.pk, None)


# While it lasts


def test_every_event_names_both_and_from_where(
    client: Client, owner: User, cashier: User, cash: Membership, huxley: Retailer
) -> None:
    acting(client, owner, cash)
    client.post(
        reverse("customers:new"),
        {
            "first_name": "Nora",
            "last_name": "New",
            "phone": "",
            "email": "nora@example.com",
            "asked": ["phone", "email"],
        },
        REMOTE_ADDR="203.0.113.9",
    )
    with inside(huxley):
        added = Event.objects.get(name="customer added")
    assert (added.by_user_id, added.really_by_id, added.address) == (cashier.pk, owner.pk, "203.0.113.9")


def test_only_who_acts_pays_for_it(client: Client, owner: User, cash: Membership) -> None:
    """Their rights are looked up anew; everybody else's session stays one read."""

    def reads(one: Client) -> int:
        with CaptureQueriesContext(connection) as asked:
            one.get("/static/nothing.css")
        return len([query for query in asked if "accounts_" in query["sql"]])

    assert reads(signed_in(Client(), owner)) == 1
    assert reads(acting(client, owner, cash)) == 3


def test_banner_says_who_really_sits_there(client: Client, owner: User, cash: Membership) -> None:
    acting(client, owner, cash)
    for page in (TILL, "/", ADMINISTRATION):
        shown = client.get(page).text
        assert "You (Olive Owner) act as <strong>Cass Cashier</strong> until" in shown, page
        assert f'action="{reverse("accounts:stop_acting")}"' in shown, page
    assert "act as <strong>" not in signed_in(Client(), owner).get("/").text


def test_what_is_done_by_oneself_only() -> None:
    """Passwords, second steps, PINs, sessions, invitations, consents, acting: each such address says so on its view."""
    found = {name: pattern.callback for name, (pattern, _) in _routes(get_resolver(), "")}
    alone = {name for name, view in found.items() if getattr(view, "is_by_oneself", False)}
    missing = {name for name in found if name.startswith(BY_ONESELF)} - alone - NOT_ALONE
    assert missing == set()
    assert {"accounts:act", "accounts:support_act", "accounts:consents", "accounts:choose_work"} <= alone


BY_ONESELF = (
    "accounts:act",
    "accounts:support_act",
    "accounts:consent",
    "accounts:withdraw_consents",
    "accounts:choose_work",
    "accounts:devices",
    "accounts:retirements",
    "accounts:me",
    "accounts:password",
    "accounts:session",
    "accounts:second_step",
    "accounts:pin",
    "accounts:set_password",
    "accounts:invit",
    "accounts:new_user",
    "mfa_",
)
NOT_ALONE = {"accounts:actings", "accounts:invitation", "mfa_authenticate"}
"""A list to read; and what is opened signed out: a link, and the second step of signing in."""


# Ending


def test_stop_leads_back(client: Client, owner: User, cashier: User, cash: Membership, huxley: Retailer) -> None:
    acting(client, owner, cash)
    during = key_of(client)
    answer = client.post(reverse("accounts:stop_acting"), follow=True)
    assert "You are Olive Owner again." in answer.text
    assert key_of(client) != during
    row = row_of(client)
    assert (row.user_id, row.membership_id, row.really_by_id) == (owner.pk, owner.memberships.get().pk, None)
    assert (row.masquerade_id, row.acting_until) == (None, None)
    assert client.get(ADMINISTRATION).status_code == 200
    assert events_of(huxley, "acting ended") == [("acting ended", cashier.pk, owner.pk)]
    with inside(huxley):
        assert Masquerade.objects.get().why_ended == "stopped"
    assert client.post(reverse("accounts:stop_acting")).status_code == 302  # nobody is acted as; nothing happens


def test_after_half_an_hour_one_is_oneself_again(
    client: Client, owner: User, cash: Membership, huxley: Retailer
) -> None:
    """The next request is not done in anybody's name, but answered with that; and again, until a page has told it."""
    acting(client, owner, cash)
    during = key_of(client)
    let_time_pass(client, huxley)
    new = {"first_name": "Nora", "last_name": "New", "asked": ["phone", "email"]}
    told = client.post(reverse("customers:new"), new, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["error"]["code"]) == (403, "acting_over")
    assert key_of(client) != during
    page = client.get(TILL)
    assert page.status_code == 403
    assert "The half hour is over: you no longer act as Cass Cashier. You are yourself again." in page.text
    assert client.get(TILL).status_code == 200
    assert row_of(client).user_id == owner.pk
    with inside(huxley):
        one = Masquerade.objects.get()
        assert (one.why_ended, one.ended_at) == ("time_over", one.until_at)
        assert not Event.objects.filter(name="customer added").exists()


def test_a_page_of_the_other_one_sends_nothing_in_ones_own_name(
    owner: User, cash: Membership, huxley: Retailer
) -> None:
    """The token of the pages shown meanwhile is over with it."""
    client = acting(Client(enforce_csrf_checks=True), owner, cash)
    client.get(TILL)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    let_time_pass(client, huxley)
    client.get(TILL)
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != token
    sent = client.post(reverse("customers:new"), {"first_name": "Nora"}, headers={"X-CSRFToken": token})
    assert sent.status_code == 403


def test_signing_out_signs_out_who_really_sits_there(
    client: Client, owner: User, cash: Membership, huxley: Retailer
) -> None:
    acting(client, owner, cash)
    client.post(reverse("accounts:sign_out"))
    assert client.get(TILL)["Location"].startswith(settings.LOGIN_URL)
    assert not StaffSession.objects.exists()
    with inside(huxley):
        assert Masquerade.objects.get().why_ended == "signed_out"


@pytest.mark.parametrize("path", ["accounts:lock", "accounts:sign_out"])
def test_leaving_the_till_to_the_next_one_ends_it(
    client: Client, owner: User, cashier: User, cash: Membership, huxley: Retailer, path: str
) -> None:
    acting(client, owner, cash)
    client.post(reverse(path))
    assert events_of(huxley, "acting ended") == [("acting ended", cashier.pk, owner.pk)]
    with inside(huxley):
        assert Masquerade.objects.get().why_ended == "signed_out"


def test_nobody_came_back_to_end_it(client: Client, owner: User, cash: Membership, huxley: Retailer) -> None:
    """The clock writes it down: at its time, once; also where the session is gone before."""
    acting(client, owner, cash)
    moment = utc_now()
    assert stores_with_ends(now=moment) == []
    assert stores_with_ends(now=moment + timedelta(minutes=29)) == []
    later = moment + timedelta(minutes=31)
    seen = stores_with_ends(now=later)
    assert seen == [huxley.pk]
    close_actings({}, seen=seen, now=later)
    with inside(huxley):
        for _ in range(2):
            close_actings_of_store({}, now=later)
        one, event = Masquerade.objects.get(), Event.objects.get(name="acting ended")
    assert (one.why_ended, one.ended_at) == ("time_over", one.until_at)
    told = (event.about_id, event.by_user_id, event.really_by_id, event.facts["why"], event.facts["seconds"])
    assert told == (one.pk, cash.user_id, owner.pk, "time_over", 1800)
    assert stores_with_ends(now=later) == []


def test_a_session_that_is_gone_ends_it(
    client: Client, owner: User, cash: Membership, huxley: Retailer, otherpaws: Retailer
) -> None:
    acting(client, owner, cash)
    began = utc_now()
    end_sessions_of(owner, by=owner, now=began)
    assert stores_with_ends(now=began + timedelta(seconds=30)) == []  # might still begin
    later = began + timedelta(minutes=2)
    assert stores_with_ends(now=later) == [huxley.pk]
    with inside(otherpaws):
        assert close_what_is_over(now=later) == 0
    with inside(huxley):
        assert close_what_is_over(now=later) == 1
        assert (Masquerade.objects.get().why_ended, Masquerade.objects.get().ended_at) == ("session_over", later)
        ended = Event.objects.get(name="sessions ended")
    assert ended.about_id == owner.memberships.get().pk
    listed = signed_in(Client(), owner).get(ADMINISTRATION).text
    assert "Their session was over" in listed
    assert "Still acting" not in listed


def test_when_the_other_one_is_removed_it_says_so(
    client: Client, owner: User, cash: Membership, huxley: Retailer
) -> None:
    acting(client, owner, cash)
    actions.end_membership(cash, by=None, now=utc_now())
    page = client.get(TILL)
    assert (page.status_code, "Cass Cashier does not work here any more" in page.text) == (403, True)
    assert client.get(ADMINISTRATION).status_code == 200
    with inside(huxley):
        assert Masquerade.objects.get().why_ended == "other_gone"


def test_when_the_other_one_has_a_new_password_it_says_so(client: Client, owner: User, cash: Membership) -> None:
    acting(client, owner, cash)
    user = cash.user
    user.set_password("another one that is long enough")
    user.save()
    page = client.get(TILL)
    assert (page.status_code, "Cass Cashier has a new password" in page.text) == (403, True)
    assert client.get(ADMINISTRATION).status_code == 200


@pytest.mark.parametrize("fate", ["removed", "inactive", "new password"])
def test_when_who_acts_is_shut_out_the_session_is_over(
    client: Client, owner: User, cash: Membership, huxley: Retailer, fate: str
) -> None:
    make_membership(make_user(name="Mia Master"), retailer=huxley, role="master")
    acting(client, owner, cash)
    if fate == "removed":
        actions.end_membership(owner.memberships.get(), by=None, now=utc_now())
    elif fate == "inactive":
        User.objects.filter(pk=owner.pk).update(is_active=False)
    else:
        owner.set_password("another one that is long enough")
        owner.save()
    answer = client.get(TILL)
    if fate == "removed":
        assert (answer.status_code, "Your access was removed" in answer.text) == (403, True)
    else:
        assert answer["Location"].startswith(settings.LOGIN_URL)
    assert not StaffSession.objects.exists()
    with inside(huxley):
        assert Masquerade.objects.get().why_ended == "really_gone"


@pytest.mark.parametrize("fate", ["rank", "place"])
def test_when_the_rank_is_lost_it_ends(
    client: Client, riverside_administrator: User, riverside: Location, huxley: Retailer, midtown: Location, fate: str
) -> None:
    equal = make_membership(make_user(name="Ed Equal"), retailer=huxley, role="administrator", location=riverside)
    acting(client, riverside_administrator, equal)
    own = Membership.objects.filter(user=riverside_administrator)
    own.update(**({"role": "cashier"} if fate == "rank" else {"location": midtown}))
    page = client.get(TILL)
    assert (page.status_code, "You may no longer act as Ed Equal" in page.text) == (403, True)
    assert row_of(client).user_id == riverside_administrator.pk


# From where


def test_the_rules_of_the_store_and_of_who_acts_hold(
    client: Client, owner: User, cash: Membership, huxley: Retailer
) -> None:
    """Not those of the one who is acted as."""
    Membership.objects.filter(pk=cash.pk).update(networks="198.51.100.1")
    acting(client, owner, cash)
    assert client.get(TILL, REMOTE_ADDR="203.0.113.9").status_code == 200
    Membership.objects.filter(user=owner).update(networks="192.0.2.0/24")
    answer = client.get(TILL, REMOTE_ADDR="203.0.113.9")
    assert (answer.status_code, "IP Address Restricted" in answer.text) == (403, True)
    assert client.get(TILL, REMOTE_ADDR="192.0.2.7").status_code == 200
    Retailer.objects.filter(pk=huxley.pk).update(networks="198.51.100.0/24")
    assert client.get(TILL, REMOTE_ADDR="192.0.2.7").status_code == 403


def test_support_comes_from_anywhere(client: Client, cash: Membership, huxley: Retailer) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(networks="198.51.100.0/24")
    Membership.objects.filter(pk=cash.pk).update(networks="198.51.100.1")
    acting(client, make_support(), cash)
    assert client.get(TILL, REMOTE_ADDR="203.0.113.9").status_code == 200


# Support


def support_begins(client: Client, other: Membership, reason: str = "Ticket 12: till shows no cards") -> Any:
    page = reverse("accounts:support_act", args=[other.retailer_id, other.pk])
    return client.post(page, {"reason": reason, "next": "/backoffice/"})


def test_support_acts_as_anybody_with_a_reason(
    client: Client, owner: User, huxley: Retailer, midtown: Location
) -> None:
    """Also as the owner, who has no location: at the first one by name. Stopping leads back to where support was."""
    support = make_support()
    client.force_login(support)
    boss = owner.memberships.get()
    for poor in ("", "because", "needs it"):
        assert support_begins(client, boss, reason=poor).status_code == 422
    assert support_begins(client, boss).status_code == 302
    row = row_of(client)
    assert (row.user_id, row.location_id, row.really_by_id) == (owner.pk, midtown.pk, support.pk)
    assert client.get(ADMINISTRATION).status_code == 200
    with inside(huxley):
        assert Masquerade.objects.get().is_by_support
    answer = client.post(reverse("accounts:stop_acting"))
    assert answer["Location"] == "/backoffice/"
    row = row_of(client)
    assert (row.user_id, row.membership_id, row.retailer_id, row.location_id) == (support.pk, None, None, None)


def test_when_support_is_support_no_more_the_session_is_over(client: Client, cash: Membership) -> None:
    support = make_support()
    acting(client, support, cash)
    User.objects.filter(pk=support.pk).update(is_support=False)
    assert client.get(TILL)["Location"].startswith(settings.LOGIN_URL)
    assert not StaffSession.objects.exists()


def test_nobody_plays_support(client: Client, owner: User, cash: Membership) -> None:
    assert support_begins(signed_in(client, owner), cash).status_code == 403
    assert row_of(client).really_by_id is None


def test_support_asks_first_where_the_store_wants_it(
    client: Client, owner: User, cash: Membership, huxley: Retailer, midtown: Location
) -> None:
    client.force_login(make_support())
    now = utc_now()
    with inside(huxley):
        have_support_ask(huxley, asks=True, by=owner, at=midtown, now=now)
    answer = support_begins(client, cash)
    assert (answer.status_code, "Huxley House wants to be asked first" in answer.text) == (403, True)
    with inside(huxley):
        give_consent(by=owner, at=midtown, lasts=timedelta(minutes=10), now=now)
    assert support_begins(client, cash).status_code == 302
    with inside(huxley):
        one = Masquerade.objects.get()
    assert one.until_at == now + timedelta(minutes=10)  # no longer than the store said


@pytest.mark.django_db(transaction=True)
def test_whole_way_in_real_transactions(
    client: Client, owner: User, cash: Membership, huxley: Retailer, midtown: Location
) -> None:
    """Begun, stopped; begun again by support who were let in, shut out meanwhile; begun once more, and left to end."""
    signed_in(client, owner)
    assert begin(client, cash).status_code == 302
    assert client.get(TILL).status_code == 200
    assert client.post(reverse("accounts:stop_acting")).status_code == 302
    client.post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    client.post(reverse("accounts:consents"), {"hours": "1"})
    support = Client()
    support.force_login(make_support())
    assert support_begins(support, cash).status_code == 302
    assert support.get(TILL).status_code == 200
    client.post(reverse("accounts:withdraw_consents"))
    assert "The store has ended it" in support.get(TILL).text
    assert begin(client, cash).status_code == 302
    let_time_pass(client, huxley)
    assert "The half hour is over" in client.get(TILL).text
    assert client.get(ADMINISTRATION).status_code == 200
    with inside(huxley):
        whys = list(Masquerade.objects.order_by("id").values_list("why_ended", flat=True))
    assert whys == ["stopped", "consent_over", "time_over"]
