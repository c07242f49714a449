"""Somebody is invited by e-mail: the letter, its link, accepting, and what the store never learns."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.actions import rebuild_administrator
from astro.accounts.models import Invitation, Membership, User
from astro.accounts.people.errors import AlreadyHere, WhyFirst
from astro.accounts.people.inviting import invite, invite_again
from astro.activity.models import Event
from astro.kit.clock import utc_now
from astro.kit.models import PlainMail
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_membership, make_support, make_user, signed_in

pytestmark = pytest.mark.django_db

SECRET = "seven quiet tortoises"
EMAIL = "nora@example.com"


@pytest.fixture(autouse=True)
def _mail_goes_out(settings: Any) -> None:
    settings.MAIL_GOES_OUT = True


def ask(client: Client, place: Location, **more: Any) -> Any:
    sent = {"name": "Nora New", "login": EMAIL, "role": "cashier", "places": [str(place.pk)], "networks": "", **more}
    return client.post(reverse("accounts:new_user"), sent)


def last_link() -> str:
    found = re.findall(r"/invitation/[^\s]+", PlainMail.objects.order_by("-pk")[0].text)
    return str(found[0])


def accept(link: str, password: str = SECRET) -> Any:
    return Client().post(link, {"password": password})


def invitation_of(retailer: Retailer) -> Invitation:
    with inside(retailer):
        return Invitation.objects.select_related("sent_by").get()


def url(name: str, retailer: Retailer) -> str:
    return reverse(f"accounts:{name}", args=[invitation_of(retailer).pk])


def places_of(email: str, retailer: Retailer) -> list[tuple[str, int | None, str]]:
    rows = Membership.objects.filter(user__email=email, retailer=retailer, ended_at__isnull=True)
    return [(one.role, one.location_id, one.networks) for one in rows.order_by("location_id")]


def test_somebody_new_accepts_and_signs_in(
    client: Client, owner: User, huxley: Retailer, midtown: Location, riverside: Location
) -> None:
    signed_in(client, owner)
    both = [str(midtown.pk), str(riverside.pk)]
    assert ask(client, midtown, places=both, networks="203.0.113.9").status_code == 302
    assert not User.objects.filter(email=EMAIL).exists()
    assert "Nora New" in client.get(reverse("accounts:users"), {"state": "invited"}).text
    link = last_link()
    assert Client().get(link).status_code == 200
    assert not User.objects.filter(email=EMAIL).exists()  # looking changes nothing
    assert accept(link).headers["Location"] == reverse("accounts:sign_in")
    assert places_of(EMAIL, huxley) == [
        ("cashier", midtown.pk, "203.0.113.9"),
        ("cashier", riverside.pk, "203.0.113.9"),
    ]
    user = User.objects.get(email=EMAIL)
    assert (user.name, user.has_given_password, user.check_password(SECRET)) == ("Nora New", False, True)
    assert accept(link).status_code == 410
    assert "accepted already" in Client().get(link).text


def test_a_poor_password_leaves_the_invitation_open(client: Client, owner: User, midtown: Location) -> None:
    ask(signed_in(client, owner), midtown)
    answered = accept(last_link(), "short")
    assert (answered.status_code, "15 characters" in answered.text) == (422, True)
    assert accept(last_link()).status_code == 302


def test_somebody_known_accepts_with_their_own_password(
    client: Client, owner: User, huxley: Retailer, midtown: Location, other_owner: User
) -> None:
    ask(signed_in(client, owner), midtown, login=other_owner.email)
    link = last_link()
    answered = accept(link)
    assert (answered.status_code, "this is not the password" in answered.text) == (422, True)
    assert places_of(other_owner.email or "", huxley) == []
    assert accept(link, PASSWORD).status_code == 302
    assert places_of(other_owner.email or "", huxley) == [("cashier", midtown.pk, "")]
    other_owner.refresh_from_db()
    assert (other_owner.name, other_owner.check_password(PASSWORD)) == ("Otto Other", True)


def test_who_was_removed_elsewhere_or_here_accepts_as_well(
    client: Client, owner: User, huxley: Retailer, midtown: Location
) -> None:
    gone = make_user(name="Gus Gone", email="gus@example.com")
    make_membership(gone, retailer=huxley, location=midtown)
    gone.memberships.update(ended_at=NOW)
    ask(signed_in(client, owner), midtown, login="gus@example.com")
    assert accept(last_link(), PASSWORD).status_code == 302
    assert places_of("gus@example.com", huxley) == [("cashier", midtown.pk, "")]


def test_nobody_in_the_store_learns_whether_an_email_is_known(
    client: Client, owner: User, midtown: Location, other_owner: User
) -> None:
    """The same answer, row, letter, and page of the link."""

    def story(email: str, name: str) -> list[str]:
        answered = ask(client, midtown, login=email, name=name)
        shown = client.get(reverse("accounts:users"), {"state": "invited", "q": name}).text
        page = Client().get(last_link()).text
        letter = PlainMail.objects.order_by("-pk")[0].text
        told = [str(answered.status_code), str(answered.headers["Location"]), shown, page, letter]
        return [without(one, email, name) for one in told]

    def without(text: str, email: str, name: str) -> str:
        text = re.sub(r"/invitation/[^\s\"]+|invitations/\d+", "…", text.replace(email, "E").replace(name, "N"))
        return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |data-now=)"[^"]*"', "", text)

    signed_in(client, owner)
    ask(client, midtown, login="warm@example.com", name="Warm Up")
    client.get(reverse("accounts:users"))  # says that it is sent
    known = story(other_owner.email or "", "Kim")
    unknown = story("nobody@example.com", "Uma")
    assert known == unknown


def test_inviting_costs_the_same_whoever_it_is(
    client: Client, owner: User, midtown: Location, other_owner: User, django_assert_max_num_queries: Any
) -> None:
    signed_in(client, owner)
    with django_assert_max_num_queries(60) as known:
        ask(client, midtown, login=other_owner.email)
    with django_assert_max_num_queries(60) as unknown:
        ask(client, midtown, login="nobody@example.com")
    assert len(known.captured_queries) == len(unknown.captured_queries)


def test_invited_again_the_first_link_opens_nothing(
    client: Client, owner: User, huxley: Retailer, midtown: Location
) -> None:
    ask(signed_in(client, owner), midtown)
    first = last_link()
    client.post(url("invitation_letters", huxley))
    assert (Client().get(first).status_code, accept(first).status_code) == (404, 404)
    assert accept(last_link()).status_code == 302


def test_too_old_or_withdrawn_says_whom_to_ask(
    client: Client, owner: User, huxley: Retailer, midtown: Location
) -> None:
    ask(signed_in(client, owner), midtown)
    link = last_link()
    with inside(huxley):
        Invitation.objects.update(until_at=utc_now() - timedelta(seconds=1))
    page = Client().get(link)
    assert (page.status_code, "too old" in page.text) == (410, True)
    assert "Ask Olive Owner of Huxley House for another one." in page.text
    assert accept(link).status_code == 410
    assert "Invitation too old" in client.get(reverse("accounts:users")).text
    client.post(url("invitation_letters", huxley))
    link = last_link()
    client.post(url("invitation_withdrawals", huxley))
    page = Client().get(link)
    assert (page.status_code, "was withdrawn" in page.text, owner.name in page.text) == (410, True, True)
    assert ask(client, midtown).status_code == 302  # and can be invited anew


@pytest.mark.parametrize("token", ["x", "1-1-secret", "zzzzzzzzzzzzz-1-x", "-", "é-1-2", "0-0-0"])
def test_what_is_no_link_tells_nothing(client: Client, db: None, token: str) -> None:
    page = client.get(reverse("accounts:invitation", args=[token]))
    assert (page.status_code, "Ask whoever invited you" in page.text) == (404, True)


def test_invited_once_and_not_who_works_there(
    client: Client, owner: User, midtown: Location, riverside: Location, riverside_administrator: User
) -> None:
    ask(signed_in(client, owner), midtown)
    assert "is invited to your store already" in ask(client, midtown).text
    here = ask(client, riverside, login=riverside_administrator.email)
    assert (here.status_code, "works here already" in here.text) == (422, True)


def test_where_no_mail_goes_out_the_link_is_shown_once(
    client: Client, owner: User, huxley: Retailer, midtown: Location, settings: Any
) -> None:
    settings.MAIL_GOES_OUT = False
    page = ask(signed_in(client, owner), midtown)
    assert (page.status_code, last_link() in page.text) == (200, True)
    assert "/invitation/" not in client.get(url("sent_invitation", huxley)).text


def test_wrong_passwords_at_the_link_are_counted(
    client: Client, owner: User, midtown: Location, other_owner: User
) -> None:
    ask(signed_in(client, owner), midtown, login=other_owner.email)
    link = last_link()
    codes = [accept(link, f"not the right one {number}").status_code for number in range(21)]
    assert (codes[:20], codes[20]) == ([422] * 20, 429)


class TestRebuilding:
    def test_support_creates_a_new_one_where_it_was_the_only_one(
        self, owner: User, cashier: User, huxley: Retailer
    ) -> None:
        owner.memberships.update(ended_at=NOW)
        support = make_support()
        invitation, token = rebuild_administrator(
            huxley, name="Nora New", email=EMAIL, by=support, reason=" Her user was deleted. ", now=utc_now()
        )
        assert (invitation.role, invitation.reason) == ("master", "Her user was deleted.")
        assert accept(f"/invitation/{token}/").status_code == 302
        assert places_of(EMAIL, huxley) == [("master", None, "")]
        with inside(huxley):
            event = Event.objects.get(name="administrator rebuilt")
            assert (event.by_user_id, event.facts) == (support.pk, {"administrators_left": 0})

    def test_a_reason_is_needed_and_nobody_is_made_twice(self, owner: User, huxley: Retailer) -> None:
        told = {"name": "Nora New", "by": make_support(), "now": utc_now()}
        with pytest.raises(WhyFirst):
            rebuild_administrator(huxley, email=EMAIL, reason=" ", **told)
        with pytest.raises(AlreadyHere):
            rebuild_administrator(huxley, email=owner.email or "", reason="Asked", **told)

    def test_one_that_waits_is_withdrawn_for_it(
        self, owner: User, huxley: Retailer, midtown: Location, settings: Any
    ) -> None:
        told = {"name": "Nora New", "email": EMAIL, "now": utc_now()}
        with inside(huxley):
            _first, old = invite(huxley, role="cashier", places=frozenset({midtown.pk}), by=owner, **told)
        _second, new = rebuild_administrator(huxley, by=make_support(), reason="Asked", **told)
        assert (accept(f"/invitation/{old}/").status_code, accept(f"/invitation/{new}/").status_code) == (410, 302)
        assert places_of(EMAIL, huxley) == [("master", None, "")]


def test_support_accepts_no_place_in_a_store(client: Client, owner: User, huxley: Retailer, midtown: Location) -> None:
    ask(signed_in(client, owner), midtown, login=make_support().email)
    assert accept(last_link(), PASSWORD).status_code == 422
    assert places_of("sue@platform.example", huxley) == []


@pytest.mark.parametrize("change", [{"ended_at": NOW}, {"role": "cashier"}, {"role": "administrator"}])
def test_an_invitation_does_not_outlive_the_right_to_it(
    owner: User, huxley: Retailer, midtown: Location, change: dict[str, Any]
) -> None:
    """Who was removed, or may do less since, leaves no door behind. Somebody else who may asks again, and it opens."""
    mo = make_user(name="Mo Master", email="mo@huxleyhouse.example")
    place = None if "ended_at" in change else midtown
    membership = make_membership(mo, role="master", retailer=huxley)
    with inside(huxley):
        invitation, token = invite(
            huxley, email=EMAIL, name="Nora New", role="master", places=frozenset(), by=mo, now=utc_now()
        )
    Membership.objects.filter(pk=membership.pk).update(location=place, **change)
    answer = accept(f"/invitation/{token}/")
    assert (answer.status_code, places_of(EMAIL, huxley)) == (410, [])
    assert "Ask an administrator of Huxley House for another one." in " ".join(answer.text.split())
    with inside(huxley):
        again = invite_again(invitation, retailer=huxley, by=owner, now=utc_now())
    assert accept(f"/invitation/{again}/").status_code == 302
    assert places_of(EMAIL, huxley) == [("master", None, "")]
