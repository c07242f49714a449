"""My Users: adding, changing, removing and restoring the people of a store, and who may."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import Membership, Pin, User
from astro.accounts.people.actions import Settled, change_person, remove_person
from astro.accounts.people.errors import LastAdministrator, NoLongerYours
from astro.accounts.people.queries import Person, person_of
from astro.accounts.pins.actions import set_pin
from astro.activity.models import Event
from astro.kit.models import PlainMail
from astro.support.actions import answer, open_ticket
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, acting, inside, make_membership, make_user, signed_in

pytestmark = pytest.mark.django_db

SECRET = "seven quiet tortoises"
HOME = "/sign-in/work/"


def url(name: str, *args: int) -> str:
    return reverse(f"accounts:{name}", args=args)


def told(**more: Any) -> dict[str, Any]:
    return {"name": "Wanda Word", "login": "huxleyfront", "role": "cashier", "networks": "", **more}


def by_word(owner: User, *places: Location, **more: Any) -> dict[str, Any]:
    where = [str(place.pk) for place in places]
    return told(places=where, support_contact=str(owner.pk), password=SECRET, chooses_own="on", **more)


def living(user: User) -> list[tuple[str, int | None]]:
    rows = user.memberships.filter(ended_at__isnull=True).order_by("location_id")
    return [(one.role, one.location_id) for one in rows]


def only(user: User) -> Membership:
    return user.memberships.get(ended_at__isnull=True)


def as_person(user: User, *, seen_by: User) -> Person:
    person = person_of(user, own=only(seen_by))
    assert person is not None
    return person


def events(retailer: Retailer, name: str) -> int:
    with inside(retailer):
        return Event.objects.filter(name=name).count()


class TestAdding:
    def test_by_a_plain_word_at_several_locations(
        self, client: Client, owner: User, midtown: Location, riverside: Location
    ) -> None:
        signed_in(client, owner)
        sent = by_word(owner, midtown, riverside, networks="203.0.113.9")
        assert client.post(url("new_user"), sent).headers["Location"] == url("users")
        user = User.objects.get(user_name="huxleyfront")
        assert living(user) == [("cashier", midtown.pk), ("cashier", riverside.pk)]
        assert {(one.support_contact_id, one.networks) for one in user.memberships.all()} == {(owner.pk, "203.0.113.9")}
        assert (user.check_password(SECRET), user.has_given_password) == (True, True)

    def test_they_choose_their_own_when_they_first_sign_in(
        self, client: Client, owner: User, midtown: Location
    ) -> None:
        signed_in(client, owner).post(url("new_user"), by_word(owner, midtown))
        theirs = Client()
        theirs.post("/sign-in/", {"login": "huxleyfront", "password": SECRET})
        assert theirs.get("/").headers["Location"] == url("password")

    def test_the_box_is_not_ticked(self, client: Client, owner: User, midtown: Location) -> None:
        sent = by_word(owner, midtown)
        del sent["chooses_own"]
        signed_in(client, owner).post(url("new_user"), sent)
        assert User.objects.get(user_name="huxleyfront").has_given_password is False

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"name": ""}, "Type a name."),
            ({"login": ""}, "Type an e-mail, or one word as user name."),
            ({"login": "two words"}, "A user name is one word"),
            ({"login": "x@"}, "Check the e-mail: it is not complete."),
            ({"support_contact": ""}, "Choose who gets the answers to their tickets"),
            ({"places": []}, "Choose at least one location."),
            ({"password": ""}, "Type a first password."),
            ({"password": "short"}, "15 characters"),
            ({"role": "emperor"}, "emperor"),
            ({"networks": "the shop"}, "is no address"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_written(
        self, client: Client, owner: User, midtown: Location, change: dict[str, Any], sentence: str
    ) -> None:
        before = User.objects.count()
        answered = signed_in(client, owner).post(url("new_user"), {**by_word(owner, midtown), **change})
        assert (answered.status_code, sentence in answered.text) == (422, True)
        assert User.objects.count() == before

    def test_a_taken_word_is_said_and_not_whose_it_is(
        self, client: Client, owner: User, midtown: Location, other_owner: User, elsewhere: Location
    ) -> None:
        taken = make_user(name="Tess Taken", user_name="taken")
        make_membership(taken, retailer=elsewhere.retailer, location=elsewhere)
        answered = signed_in(client, owner).post(url("new_user"), by_word(owner, midtown) | {"login": "Taken"})
        assert answered.status_code == 422
        assert "The user name “taken” is taken." in answered.text
        assert "Tess" not in answered.text

    def test_fetching_the_address_saves_nothing(self, client: Client, owner: User, midtown: Location) -> None:
        sent = by_word(owner, midtown, fetch_address="127.0.0.1")
        answered = signed_in(client, owner).post(url("new_user"), sent)
        assert (answered.status_code, "127.0.0.1</textarea>" in answered.text) == (200, True)
        assert not User.objects.filter(user_name="huxleyfront").exists()

    def test_who_administers_a_location_gives_no_more_than_they_have(
        self, client: Client, owner: User, riverside_administrator: User, midtown: Location, riverside: Location
    ) -> None:
        signed_in(client, riverside_administrator)
        assert client.post(url("new_user"), by_word(owner, riverside, role="master")).status_code == 422
        client.post(url("new_user"), by_word(owner, midtown, role="administrator"))
        assert not Membership.objects.filter(location=midtown.pk, user__user_name="huxleyfront").exists()
        client.post(url("new_user"), by_word(owner, riverside, role="administrator"))
        assert living(User.objects.get(user_name="huxleyfront")) == [("administrator", riverside.pk)]


class TestChanging:
    def test_role_places_and_name(
        self, client: Client, owner: User, cashier: User, midtown: Location, riverside: Location
    ) -> None:
        one = only(cashier)
        sent = {"name": "Cass Changed", "role": "administrator", "places": [str(riverside.pk)], "networks": ""}
        sent["support_contact"] = str(owner.pk)
        answered = signed_in(client, owner).post(url("edit_user", one.pk), sent)
        assert answered.headers["Location"] == url("user", only(cashier).pk)
        assert living(cashier) == [("administrator", riverside.pk)]
        cashier.refresh_from_db()
        assert cashier.name == "Cass Changed"

    def test_a_role_that_stays_in_place_keeps_the_session_and_one_that_ends_does_not(
        self, client: Client, owner: User, cashier: User, midtown: Location, riverside: Location
    ) -> None:
        theirs = signed_in(Client(), cashier)
        sent = {"name": cashier.name, "role": "administrator", "networks": "", "support_contact": str(owner.pk)}
        signed_in(client, owner).post(url("edit_user", only(cashier).pk), {**sent, "places": [str(midtown.pk)]})
        assert theirs.get(HOME).status_code == 200
        client.post(url("edit_user", only(cashier).pk), {**sent, "places": [str(riverside.pk)]})
        gone = theirs.get(HOME)
        assert (gone.status_code, gone.headers["Location"].startswith("/sign-in/")) == (302, True)

    def test_nobody_changes_themselves(self, client: Client, owner: User) -> None:
        signed_in(client, owner)
        one = only(owner)
        sent = {"name": "Olive", "role": "cashier", "places": [], "networks": ""}
        assert client.post(url("edit_user", one.pk), {**sent, "role": "master"}).status_code == 409
        assert client.post(url("remove_user", one.pk), {"knows_billing": "on"}).status_code == 409
        assert living(owner) == [("master", None)]

    def test_the_last_master_is_neither_removed_nor_demoted(
        self, client: Client, owner: User, huxley: Retailer, riverside: Location
    ) -> None:
        """Somebody else asks: a master who is removed at the same moment, so the action is asked itself."""
        second = make_user(name="Mo Master", email="mo@huxleyhouse.example")
        make_membership(second, role="master", retailer=huxley)
        signed_in(client, second)
        sent = {"name": owner.name, "role": "administrator", "places": [str(riverside.pk)], "networks": ""}
        assert client.post(url("edit_user", only(owner).pk), sent).status_code == 302
        assert living(owner) == [("administrator", riverside.pk)]
        mo = only(second)
        User.objects.filter(pk=second.pk).update(is_active=True)
        third = make_user(name="Tia Third", email="tia@huxleyhouse.example")
        tia = make_membership(third, role="master", retailer=huxley)
        with inside(huxley):
            remove_person(as_person(second, seen_by=third), own=tia, now=NOW)
        with inside(huxley), pytest.raises(NoLongerYours):
            remove_person(as_person(third, seen_by=third), own=mo, now=NOW)
        assert living(third) == [("master", None)]

    def test_the_last_administrator_of_a_store_without_a_master_stays(
        self, huxley: Retailer, riverside: Location, riverside_administrator: User
    ) -> None:
        """By a second administrator who is shut out: who may not sign in does not count."""
        second = make_user(name="Rob", email="rob@huxleyhouse.example")
        own = make_membership(second, role="administrator", retailer=huxley, location=riverside)
        User.objects.filter(pk=second.pk).update(is_active=False)
        person = as_person(riverside_administrator, seen_by=second)
        with inside(huxley), pytest.raises(LastAdministrator):
            remove_person(person, own=own, now=NOW)
        settled = Settled("cashier", frozenset({riverside.pk}))
        with inside(huxley), pytest.raises(LastAdministrator):
            change_person(person, settled, name=person.user.name, own=own, now=NOW)
        assert living(riverside_administrator) == [("administrator", riverside.pk)]

    def test_whoever_is_elsewhere_or_above_is_out_of_reach(
        self, client: Client, owner: User, cashier: User, other_owner: User, riverside_administrator: User
    ) -> None:
        signed_in(client, riverside_administrator)
        for other in (owner, cashier, other_owner):
            assert client.get(url("user", only(other).pk)).status_code == 404
            assert client.post(url("remove_user", only(other).pk)).status_code == 404

    def test_a_master_who_also_works_at_a_location_is_above(
        self, client: Client, owner: User, huxley: Retailer, riverside: Location, riverside_administrator: User
    ) -> None:
        also = make_membership(owner, role="cashier", retailer=huxley, location=riverside)
        signed_in(client, riverside_administrator)
        assert client.post(url("remove_user", also.pk)).status_code == 403
        also.refresh_from_db()
        assert also.is_living

    def test_not_while_acting(self, client: Client, owner: User, cashier: User, riverside_administrator: User) -> None:
        acting(client, owner, only(riverside_administrator))
        assert client.get(url("new_user")).status_code == 403
        assert client.get(url("users")).status_code == 200


class TestRemoving:
    def test_their_next_click_tells_them_and_the_pin_is_gone(
        self, client: Client, owner: User, cashier: User, huxley: Retailer
    ) -> None:
        with inside(huxley):
            set_pin(only(cashier), "4826", now=NOW)
        theirs = signed_in(Client(), cashier)
        signed_in(client, owner)
        one = only(cashier)
        assert "Their next click tells them" in client.get(url("remove_user", one.pk)).text
        assert living(cashier) != []
        assert client.post(url("remove_user", one.pk)).headers["Location"] == url("users")
        page = theirs.get(HOME)
        assert (page.status_code, "Your access was removed" in page.text, owner.name in page.text) == (403, True, True)
        assert theirs.get(HOME).status_code == 302
        with inside(huxley):
            assert not Pin.objects.exists()

    def test_they_stay_listed_as_removed(self, client: Client, owner: User, cashier: User) -> None:
        signed_in(client, owner).post(url("remove_user", only(cashier).pk))
        client.get(url("users"))  # says that it is done
        assert cashier.name not in client.get(url("users")).text
        assert cashier.name in client.get(url("users"), {"state": "removed"}).text

    def test_an_administrator_adds_a_deleted_user_again(
        self, client: Client, owner: User, cashier: User, midtown: Location, huxley: Retailer
    ) -> None:
        """By restoring them; whoever types the same word is told where they are."""
        one = only(cashier)
        signed_in(client, owner).post(url("remove_user", one.pk))
        answered = client.post(url("new_user"), by_word(owner, midtown) | {"login": "huxleycashier"})
        assert (answered.status_code, "Find them under “Removed”" in answered.text) == (422, True)
        assert "Restore" in client.get(url("user", one.pk)).text
        client.post(url("restore_user", one.pk))
        assert living(cashier) == [("cashier", midtown.pk)]
        assert Client().post("/sign-in/", {"login": "huxleycashier", "password": PASSWORD}).status_code == 302
        client.post(url("restore_user", one.pk))
        assert living(cashier) == [("cashier", midtown.pk)]
        assert events(huxley, "person restored") == 1

    def test_the_primary_billing_contact_only_by_saying_so(self, client: Client, owner: User, huxley: Retailer) -> None:
        second = make_user(name="Mo Master", email="mo@huxleyhouse.example")
        make_membership(second, role="master", retailer=huxley)
        signed_in(client, second)
        one = only(owner)
        assert "primary billing contact" in client.get(url("remove_user", one.pk)).text
        assert client.post(url("remove_user", one.pk)).status_code == 422
        assert living(owner) == [("master", None)]
        assert client.post(url("remove_user", one.pk), {"knows_billing": "on"}).status_code == 302
        assert living(owner) == []

    def test_a_changed_role_keeps_the_billing_contact(
        self, client: Client, owner: User, huxley: Retailer, midtown: Location
    ) -> None:
        second = make_user(name="Mo Master", email="mo@huxleyhouse.example")
        make_membership(second, role="master", retailer=huxley)
        sent = {"name": owner.name, "role": "administrator", "places": [str(midtown.pk)], "networks": ""}
        signed_in(client, second).post(url("edit_user", only(owner).pk), sent)
        assert (only(owner).role, only(owner).is_billing_contact) == ("administrator", True)


class TestPasswords:
    def test_an_administrator_sets_one_for_a_plain_word(self, client: Client, owner: User, cashier: User) -> None:
        theirs = signed_in(Client(), cashier)
        signed_in(client, owner)
        sent = {"password": SECRET, "chooses_own": "on"}
        assert client.post(url("set_password", only(cashier).pk), sent).status_code == 302
        assert theirs.get(HOME).status_code == 302
        cashier.refresh_from_db()
        assert (cashier.check_password(SECRET), cashier.has_given_password) == (True, True)

    def test_who_has_an_email_gets_a_letter_instead(
        self, client: Client, owner: User, riverside_administrator: User, huxley: Retailer
    ) -> None:
        one = only(riverside_administrator)
        signed_in(client, owner)
        assert client.post(url("set_password", one.pk), {"password": SECRET}).status_code == 409
        assert client.post(url("password_letters", one.pk)).status_code == 302
        assert [mail.to for mail in PlainMail.objects.all()] == [[riverside_administrator.email]]
        assert events(huxley, "password letter sent") == 1

    def test_not_of_somebody_who_works_where_one_does_not_reach(
        self, client: Client, huxley: Retailer, midtown: Location, riverside: Location, riverside_administrator: User
    ) -> None:
        """Else whoever administers one location would get into the other as them."""
        both = make_user(name="Bo Both", user_name="both")
        here = make_membership(both, retailer=huxley, location=riverside)
        make_membership(both, retailer=huxley, role="administrator", location=midtown)
        signed_in(client, riverside_administrator)
        assert client.post(url("set_password", here.pk), {"password": SECRET}).status_code == 403
        both.refresh_from_db()
        assert both.check_password(PASSWORD)


class TestList:
    def test_search_filters_sort_and_export(
        self, client: Client, owner: User, cashier: User, riverside_administrator: User, midtown: Location
    ) -> None:
        signed_in(client, owner)
        names = ["Olive Owner", "Cass Cashier", "Rita Riverside"]

        def shown(**asked: str) -> list[str]:
            page = client.get(url("users"), asked, headers={"HX-Target": "found"}).text
            return [name for name in names if name in page]

        assert shown() == names
        assert shown(q="HUXLEYCASH") == ["Cass Cashier"]
        assert shown(role="administrator") == ["Rita Riverside"]
        assert shown(place=str(midtown.pk)) == ["Olive Owner", "Cass Cashier"]
        assert shown(state="removed") == []
        assert shown(role="x", place="y", sort="z", state="w", page="999") == names
        by_role = client.get(url("users"), {"sort": "role"}).text
        assert by_role.index("Olive Owner</a>") < by_role.index("Rita") < by_role.index("Cass")
        csv = b"".join(client.get(url("export_users"), {"q": "cass"})).decode("utf-8-sig")
        assert ("huxleycashier" in csv, "Olive" in csv) == (True, False)
        assert client.get(url("export_users"), {"as": "xlsx"}).status_code == 200

    def test_fifty_a_page(self, client: Client, owner: User, huxley: Retailer, midtown: Location) -> None:
        for number in range(51):
            one = make_user(name=f"Zed {number:02}")
            make_membership(one, retailer=huxley, location=midtown)
        signed_in(client, owner)
        first, second = (client.get(url("users"), {"page": page}).text for page in "12")
        assert ("1–50 of 52" in first, "Zed 50" in first, "Zed 50" in second) == (True, False, True)

    def test_account_management_leads_everywhere(
        self, client: Client, owner: User, riverside_administrator: User
    ) -> None:
        page = signed_in(client, owner).get(url("account")).text
        words = ("My Users", "My Location Information", "My Additional Locations", "Billing Information", "Tills")
        assert [one for one in (*words, "IP Address Restriction", "Activity log") if one not in page] == []
        small = signed_in(Client(), riverside_administrator).get(url("account")).text
        assert ("My Users" in small, "My Additional Locations" in small) == (True, False)

    def test_whoever_runs_a_location_sees_its_people(
        self, client: Client, owner: User, cashier: User, riverside_administrator: User
    ) -> None:
        page = signed_in(client, riverside_administrator).get(url("users")).text
        assert (cashier.name in page, owner.name in page, riverside_administrator.name in page) == (False, False, True)


class TestSupportContact:
    def test_an_answer_goes_to_the_support_contact(
        self, huxley: Retailer, owner: User, cashier: User, settings: Any
    ) -> None:
        settings.SUPPORT_EMAIL = "support@example.com"
        cashier.memberships.update(support_contact=owner)
        told = {"subject": "The till is slow", "text": "Since this morning.", "name": "Cass"}
        with inside(huxley):
            ticket = open_ticket(uuid4(), by=cashier, now=NOW, **told)
            answer(ticket, text="Try again now.", now=NOW)
        assert [mail.to for mail in PlainMail.objects.order_by("pk")] == [["support@example.com"], [owner.email]]

    def test_one_who_left_gets_nothing(self, huxley: Retailer, owner: User, cashier: User) -> None:
        cashier.memberships.update(support_contact=owner)
        owner.memberships.update(ended_at=NOW)
        told = {"subject": "The till is slow", "text": "Since this morning.", "name": "Cass"}
        with inside(huxley):
            answer(open_ticket(uuid4(), by=cashier, now=NOW, **told), text="Try again now.", now=NOW)
        assert PlainMail.objects.count() == 0


class TestTheirSessions:
    def test_the_page_shows_where_they_are_signed_in_and_ends_it(
        self, client: Client, owner: User, cashier: User, huxley: Retailer, midtown: Location
    ) -> None:
        phone = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}, REMOTE_ADDR="192.0.2.8")
        phone.post("/sign-in/", {"login": cashier.login, "password": PASSWORD})
        one = only(cashier)
        page = signed_in(client, owner).get(url("user", one.pk)).text
        shown = ["Firefox on Linux", "192.0.2.8", "<span>Midtown</span>", "End their sessions"]
        assert [each for each in shown if each in page] == shown
        assert phone.get("/me/").status_code == 200
        ended = client.post(url("end_sessions", one.pk), follow=True)
        assert "1 session of Cass Cashier was ended." in ended.text
        assert "End their sessions" not in ended.text
        assert phone.get("/me/").status_code == 302
        with inside(huxley):
            event = Event.objects.get(name="sessions ended")
        assert (event.by_user_id, event.about_id, event.location_id) == (owner.pk, one.pk, midtown.pk)

    def test_only_by_who_may_and_only_within_reach(
        self, client: Client, owner: User, cashier: User, riverside_administrator: User, riverside: Location
    ) -> None:
        at_midtown, here = signed_in(Client(), cashier), only(cashier)
        there = make_membership(cashier, retailer=riverside.retailer, location=riverside)
        at_riverside = signed_in(Client(), cashier, membership=there)
        rita = signed_in(client, riverside_administrator)
        assert rita.post(url("end_sessions", only(owner).pk)).status_code == 404
        assert rita.post(url("end_sessions", here.pk)).status_code == 404
        assert rita.get(url("user", there.pk)).text.count('data-label="Last used"') == 1
        assert rita.post(url("end_sessions", there.pk)).status_code == 302
        assert (at_midtown.get("/me/").status_code, at_riverside.get("/me/").status_code) == (200, 302)

    def test_never_upwards_nor_ones_own(
        self, client: Client, owner: User, riverside_administrator: User, riverside: Location
    ) -> None:
        """A master who works at this location as well: seen here, and above whoever administers it."""
        also = make_membership(owner, retailer=riverside.retailer, role="cashier", location=riverside)
        theirs = signed_in(Client(), owner)
        rita = signed_in(client, riverside_administrator)
        assert "Where they are signed in" not in rita.get(url("user", also.pk)).text
        assert rita.post(url("end_sessions", also.pk)).status_code == 403
        assert rita.post(url("end_sessions", only(riverside_administrator).pk)).status_code == 409
        assert theirs.get("/me/").status_code == 200

    def test_the_log_of_a_person_holds_every_place_and_time_they_worked(
        self, client: Client, owner: User, cashier: User, riverside: Location
    ) -> None:
        person = as_person(cashier, seen_by=owner)
        with inside(riverside.retailer):
            remove_person(person, own=only(owner), now=NOW)
        make_membership(cashier, retailer=riverside.retailer, location=riverside)
        page = signed_in(client, owner).get(url("user", only(cashier).pk)).text
        link = f"/account/activity/?about=accounts.membership-{only(cashier).pk}"
        assert link in page
        told = client.get(link)
        assert {line.event.about_id for line in told.context["lines"]} == set(
            cashier.memberships.values_list("pk", flat=True)
        )


class TestOwnName:
    def test_who_works_in_two_stores_is_renamed_by_themselves_and_both_record_it(
        self, client: Client, owner: User, riverside_administrator: User, huxley: Retailer, otherpaws: Retailer
    ) -> None:
        rita = riverside_administrator
        make_membership(rita, retailer=otherpaws, role="master")
        here = rita.memberships.get(retailer=huxley)
        page = signed_in(Client(), owner).get(url("edit_user", here.pk)).text
        assert "Only they can change it: under their name at the top, My account, Change your name." in page
        signed_in(client, rita, membership=here)
        assert url("name") in client.get(url("me")).text
        assert client.post(url("name"), {"name": " "}).status_code == 422
        assert client.post(url("name"), {"name": "Rita Rivers"}).headers["Location"] == url("me")
        assert User.objects.get(pk=rita.pk).name == "Rita Rivers"
        assert [events(store, "membership changed") for store in (huxley, otherpaws)] == [1, 1]
        client.post(url("name"), {"name": "Rita Rivers"})
        assert events(huxley, "membership changed") == 1

    def test_a_user_that_people_may_share_is_named_by_an_administrator(self, client: Client, cashier: User) -> None:
        signed_in(client, cashier)
        assert url("name") not in client.get(url("me")).text
        refused = client.post(url("name"), {"name": "Somebody Else"})
        assert (refused.status_code, "Ask an administrator of your store" in refused.text) == (409, True)
        assert User.objects.get(pk=cashier.pk).name == "Cass Cashier"
