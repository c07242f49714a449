"""From where people come in: the page of the store's list, what it keeps out, and what it never keeps out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from astro.accounts import tills
from astro.accounts.actions import lift_restriction
from astro.accounts.addresses.actions import restrict_store
from astro.accounts.models import Membership, RestrictionLift, User
from astro.activity.models import Event
from astro.checkout.models import Visit
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.cast import NOW, inside, signed_in

HERE, SHOP, HOTEL = "127.0.0.1", "203.0.113.9", "198.51.100.7"
URL = "/account/addresses/"


@pytest.fixture
def client(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


def restrict(retailer: Retailer, networks: str = SHOP) -> None:
    Retailer.objects.filter(pk=retailer.pk).update(networks=networks)


def networks_of(retailer: Retailer) -> str:
    return Retailer.objects.get(pk=retailer.pk).networks


def events_of(retailer: Retailer, name: str) -> list[dict[str, Any]]:
    with inside(retailer):
        return list(Event.objects.filter(name=name).values("about_kind", "about_id", "by_user_id", "facts"))


class TestTheStoresList:
    def test_it_is_kept_normalized_and_recorded(self, client: Client, huxley: Retailer, owner: User) -> None:
        answer = client.post(URL, {"networks": "127.0.0.0/8\r\n203.0.113.9/24"}, follow=True)
        assert networks_of(huxley) == "127.0.0.0/8\n203.0.113.0/24"
        assert "Saved. It holds from now on." in answer.content.decode()
        assert events_of(huxley, "addresses restricted") == [
            {
                "about_kind": "tenancy.retailer",
                "about_id": huxley.pk,
                "by_user_id": owner.pk,
                "facts": {"lines": 2},
            }
        ]
        client.post(URL, {"networks": "127.0.0.0/8\n203.0.113.0/24"})
        assert len(events_of(huxley, "addresses restricted")) == 1

    def test_another_store_keeps_its_own(self, client: Client, otherpaws: Retailer, huxley: Retailer) -> None:
        client.post(URL, {"networks": HERE})
        assert (networks_of(huxley), networks_of(otherpaws)) == (HERE, "")

    def test_a_bad_line_is_named_and_nothing_is_kept(self, client: Client, huxley: Retailer) -> None:
        restrict(huxley, HERE)
        answer = client.post(URL, {"networks": f"{HERE}\noops\n0.0.0.0/0"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Line 2: “oops” is no address." in page
        assert "Line 3: “0.0.0.0/0” is every address there is, so this restricts nobody." in page
        assert f"{HERE}\noops" in page
        assert networks_of(huxley) == HERE

    def test_fetch_adds_the_address_and_saves_nothing(self, client: Client, huxley: Retailer) -> None:
        page = client.post(URL, {"networks": f"{SHOP}\noops", "fetch_address": HERE})
        assert page.status_code == 200
        assert f"{SHOP}\noops\n{HERE}" in page.content.decode()
        assert networks_of(huxley) == ""

    def test_the_button_adds_what_the_server_sees_not_what_is_sent(self, client: Client) -> None:
        page = client.post(URL, {"networks": SHOP, "fetch_address": HOTEL}).content.decode()
        assert HOTEL not in page
        assert f"{SHOP}\n{HERE}" in page

    def test_taking_the_list_off_lets_everybody_in(self, client: Client, huxley: Retailer) -> None:
        restrict(huxley, HERE)
        page = client.post(URL, {"networks": ""}, follow=True).content.decode()
        assert "Saved. People come in from anywhere." in page
        assert networks_of(huxley) == ""

    def test_it_shows_from_where_people_are_signed_in(
        self, client: Client, huxley: Retailer, cashier: User, other_owner: User
    ) -> None:
        for user, address in ((cashier, HOTEL), (other_owner, SHOP)):
            session = signed_in(Client(), user).session
            session["address"] = address
            session.save()
        restrict(huxley, HERE)
        page = client.get(URL)
        places = {place.address: (place.people, place.is_allowed) for place in page.context["places"]}
        assert places[HOTEL] == (("Cass Cashier",), False)
        assert SHOP not in places
        said = client.post(URL, {"networks": f"{HERE}\n{HERE}/31"}, follow=True).content.decode()
        assert "people are signed in from elsewhere" in said or "person is signed in from elsewhere" in said

    def test_it_names_who_has_a_list_of_their_own(self, client: Client, cashier: User) -> None:
        cashier.memberships.update(networks=HOTEL)
        page = client.get(URL).content.decode()
        assert "Cass Cashier" in page
        assert HOTEL in page

    def test_nobody_can_restrict_where_no_address_is_known(
        self, client: Client, huxley: Retailer, settings: Any
    ) -> None:
        settings.PROXIES = 1
        answer = client.post(URL, {"networks": HERE, "shut_out": "anyway"})
        assert answer.status_code == 422
        assert "Astro cannot see from which address anybody comes" in answer.content.decode()
        assert networks_of(huxley) == ""

    def test_an_administrator_of_one_location_is_not_led_there(self, riverside_administrator: User) -> None:
        client = signed_in(Client(), riverside_administrator)
        assert URL not in client.get("/devices/").content.decode()
        assert client.get(URL).status_code == 403


class TestShuttingOneselfOut:
    def test_it_is_asked_first(self, client: Client, huxley: Retailer) -> None:
        page = client.post(URL, {"networks": SHOP}).content.decode()
        assert f"You are at {HERE}, which is not in the list. You would be shut out at once." in page
        for answer in ("Save anyway", f"Add {HERE} and save", "Back to the list"):
            assert answer in page
        assert f'name="networks" value="{SHOP}"' in page
        assert networks_of(huxley) == ""

    def test_with_mine_saves_both(self, client: Client, huxley: Retailer) -> None:
        assert client.post(URL, {"networks": SHOP, "shut_out": "with-mine"}).status_code == 302
        assert networks_of(huxley) == f"{SHOP}\n{HERE}"
        assert client.get("/").status_code == 200

    def test_back_keeps_what_was_typed(self, client: Client, huxley: Retailer) -> None:
        page = client.post(URL, {"networks": SHOP, "shut_out": "back"})
        assert page.status_code == 200
        assert page.context["form"]["networks"].value() == SHOP
        assert networks_of(huxley) == ""

    def test_anyway_shuts_out_at_once(self, client: Client, huxley: Retailer) -> None:
        answer = client.post(URL, {"networks": SHOP, "shut_out": "anyway"}, follow=True)
        assert networks_of(huxley) == SHOP
        assert answer.status_code == 403
        assert "<h1>IP Address Restricted</h1>" in answer.content.decode()

    def test_with_a_list_of_ones_own_too(self, client: Client, owner: User, huxley: Retailer) -> None:
        mine, url = owner.memberships.get(), reverse("accounts:own_addresses")
        page = client.post(url, {"networks": SHOP}).content.decode()
        assert f"You are at {HERE}, which is not in the list. You would be shut out at once." in page
        assert client.post(url, {"networks": "oops"}).status_code == 422
        back = client.post(url, {"networks": SHOP, "shut_out": "back"})
        assert (back.status_code, back.context["form"]["networks"].value()) == (200, SHOP)
        assert Membership.objects.get(pk=mine.pk).networks == ""
        assert client.post(url, {"networks": SHOP, "shut_out": "with-mine"}).status_code == 302
        assert Membership.objects.get(pk=mine.pk).networks == f"{SHOP}\n{HERE}"
        told = {"about_kind": "accounts.membership", "about_id": mine.pk, "by_user_id": owner.pk}
        assert events_of(huxley, "membership changed") == [{**told, "facts": {"fields": ["networks"]}}]
        assert client.post(url, {"networks": SHOP, "shut_out": "anyway"}).status_code == 302
        assert client.get("/").status_code == 403

    def test_another_persons_list_is_saved_without_a_question(
        self, client: Client, cashier: User, midtown: Location
    ) -> None:
        theirs = cashier.memberships.get()
        url = reverse("accounts:edit_user", args=[theirs.pk])
        told = {"name": cashier.name, "role": "cashier", "places": [str(midtown.pk)], "support_contact": ""}
        form = client.get(url).context["form"]
        told["support_contact"] = next(iter(value for value, _label in form.fields["support_contact"].choices if value))
        answer = client.post(url, {**told, "networks": SHOP})
        assert answer.status_code == 302, answer.context["form"].errors
        assert Membership.objects.get(pk=theirs.pk).networks == SHOP


class TestEveryRequest:
    """A list that is saved while somebody is signed in holds at their next click."""

    @pytest.fixture
    def seat(self, cashier: User) -> Client:
        seat = signed_in(Client(), cashier)
        assert seat.get("/checkout/").status_code == 200
        return seat

    @pytest.fixture(params=["the store's list", "one's own list"])
    def _restricted(self, request: pytest.FixtureRequest, seat: Client, huxley: Retailer, cashier: User) -> None:
        if request.param == "one's own list":
            cashier.memberships.update(networks=SHOP)
        else:
            restrict(huxley)

    @pytest.mark.usefixtures("_restricted")
    def test_a_page(self, seat: Client, owner: User) -> None:
        answer = seat.get("/checkout/")
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "<h1>IP Address Restricted</h1>" in page
        assert f"My address: {HERE}" in page
        assert "My user: Cass Cashier" in page
        assert "Time: " in page
        assert f'<strong>{owner.name}</strong> <a href="mailto:{owner.email}">' in page
        assert reverse("checkout:offline") in page

    @pytest.mark.usefixtures("_restricted", "owner")
    def test_a_fragment(self, seat: Client) -> None:
        answer = seat.get("/customers/", headers={"HX-Request": "true"})
        assert answer.status_code == 403
        assert f"{HERE} is none of them. Ask an administrator to add it" in answer.content.decode()
        assert answer["HX-Retarget"] == "#notices"

    @pytest.mark.usefixtures("_restricted")
    def test_a_program(self, seat: Client) -> None:
        answer = seat.get("/checkout/catalogue.json", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "restricted")

    @pytest.mark.usefixtures("_restricted")
    def test_a_form_that_was_open(self, seat: Client, huxley: Retailer) -> None:
        assert seat.post("/customers/new/", {"first_name": "Pat", "last_name": "Late"}).status_code == 403

    @pytest.mark.usefixtures("_restricted")
    def test_signing_out_and_help_go_on(self, seat: Client) -> None:
        assert seat.get("/access-help/").status_code == 200
        assert seat.get("/live").status_code == 200
        assert seat.post("/sign-out/").status_code == 302

    def test_signing_in_from_elsewhere_leads_to_the_page(self, huxley: Retailer, cashier: User) -> None:
        restrict(huxley)
        told = {"login": "huxleycashier", "password": cast.PASSWORD}
        assert "<h1>IP Address Restricted</h1>" in Client().post("/sign-in/", told, follow=True).content.decode()

    def test_from_the_list_people_work_on(self, huxley: Retailer, cashier: User) -> None:
        restrict(huxley, f"{SHOP}\n127.0.0.0/8")
        cashier.memberships.update(networks=HERE)
        assert signed_in(Client(), cashier).get("/checkout/").status_code == 200

    def test_one_must_stand_in_both_lists(self, huxley: Retailer, cashier: User) -> None:
        restrict(huxley, HERE)
        cashier.memberships.update(networks=SHOP)
        assert signed_in(Client(), cashier).get("/checkout/").status_code == 403

    def test_who_may_work_elsewhere_is_not_kept_out_there(self, huxley: Retailer, other_owner: User) -> None:
        restrict(huxley)
        assert signed_in(Client(), other_owner).get("/checkout/").status_code == 200

    def test_the_only_one_is_told_to_ask_support(self, client: Client, huxley: Retailer) -> None:
        restrict(huxley)
        page = client.get("/").content.decode()
        assert "ask support to take the list off" in page
        assert "Whom to ask" not in page


class TestLifting:
    @pytest.fixture
    def agent(self) -> User:
        return cast.make_user(name="Ann Agent", email="ann@astro.example")

    def test_support_takes_the_list_off_and_the_store_reads_why(
        self, client: Client, huxley: Retailer, agent: User
    ) -> None:
        restrict(huxley)
        assert client.get("/").status_code == 403
        assert lift_restriction(huxley, by=agent, reason=" The provider changed your address. ", now=NOW)
        assert client.get("/").status_code == 200
        page = client.get(URL).content.decode()
        assert "Support took your list off on" in page
        assert "“The provider changed your address.”" in page
        assert SHOP in page
        told = {"about_kind": "tenancy.retailer", "about_id": huxley.pk, "by_user_id": agent.pk, "facts": {"lines": 1}}
        assert events_of(huxley, "restriction lifted") == [told]

    def test_where_there_is_none_nothing_happens(self, huxley: Retailer, agent: User) -> None:
        restrict(huxley)
        assert lift_restriction(huxley, by=agent, reason="Once", now=NOW)
        assert not lift_restriction(huxley, by=agent, reason="Twice", now=NOW)
        assert len(events_of(huxley, "restriction lifted")) == 1

    def test_one_persons_list_leaves_the_stores(self, huxley: Retailer, cashier: User, agent: User) -> None:
        restrict(huxley)
        cashier.memberships.update(networks=HOTEL)
        membership = cashier.memberships.get()
        assert lift_restriction(huxley, membership=membership, by=agent, reason="Moved", now=NOW)
        assert (membership.networks, Membership.objects.get(pk=membership.pk).networks) == ("", "")
        assert networks_of(huxley) == SHOP
        with inside(huxley):
            lift = RestrictionLift.objects.get()
        assert (lift.membership_id, lift.networks, lift.reason) == (membership.pk, HOTEL, "Moved")

    def test_nobody_lifts_another_stores(self, huxley: Retailer, other_owner: User, agent: User) -> None:
        with pytest.raises(Membership.DoesNotExist):
            lift_restriction(huxley, membership=other_owner.memberships.get(), by=agent, reason="Oh", now=NOW)


class TestTills:
    @pytest.fixture
    def till(self, midtown: Location, owner: User) -> Client:
        """A browser that is a till of Midtown, where nobody is signed in."""
        _device, cookie = cast.make_device(midtown, by=owner)
        response = HttpResponse()
        tills.write_cookie(response, cookie=cookie)
        client = Client(enforce_csrf_checks=True)
        client.cookies[tills.COOKIE] = response.cookies[tills.COOKIE].value
        return client

    @pytest.mark.parametrize("who", ["nobody", "somebody who is kept out"])
    def test_what_a_restricted_till_kept_still_comes_in(
        self, who: str, till: Client, huxley: Retailer, midtown: Location, cashier: User
    ) -> None:
        if who != "nobody":
            till = signed_in(till, cashier)
        restrict(huxley)
        with inside(huxley):
            sally = cast.make_customer(at=midtown)
        product = cast.make_product()
        cast.make_enrollment(midtown, program=cast.make_program(products=[product]), by=cashier)
        line = {"key": str(new_uuid7(utc_now())), "product_id": str(product.pk), "quantity": 1}
        body = {
            "key": str(new_uuid7(utc_now())),
            "occurred_at": utc_now().isoformat(),
            "retailer": str(huxley.pk),
            "location": str(midtown.pk),
            "by": str(cashier.pk),
            "customer": {"id": str(sally.pk)},
            "lines": [line],
        }
        header = {"X-Astro-Till": "1"}
        answer = till.post(
            reverse("checkout:arrivals"), json.dumps(body), content_type="application/json", headers=header
        )
        assert (answer.status_code, answer.json()["arrival"]["outcome"]) == (200, "recorded")
        with inside(huxley):
            assert Visit.objects.get().by_id == cashier.pk
        waiting = {"waiting": 0, "oldest_at": None}
        answer = till.post(
            reverse("checkout:waiting"), json.dumps(waiting), content_type="application/json", headers=header
        )
        assert answer.json() == {"noted": True}

    def test_the_page_that_keeps_somebody_out_sends_what_waits(self, huxley: Retailer, cashier: User) -> None:
        """The script that sends stands on it, and the browser learns whose till it is."""
        restrict(huxley)
        page = signed_in(Client(), cashier).get("/checkout/").content.decode()
        assert "desk/shell.js" in page
        assert f'data-retailer="{huxley.pk}"' in page
        assert 'id="shell-words"' in page

    def test_access_help_tells_a_till_and_a_person_but_no_stranger(
        self, till: Client, huxley: Retailer, cashier: User
    ) -> None:
        def told(client: Client) -> str:
            return str(client.get(reverse("support:restriction")).json()["restriction"])

        seat = signed_in(Client(), cashier)
        assert (told(till), told(seat), told(Client())) == ("open", "open", "")
        restrict(huxley)
        assert (told(till), told(seat), told(Client())) == ("restricted", "restricted", "")
        forged = Client()
        forged.cookies[tills.COOKIE] = f"{huxley.pk}.1.secret"
        assert told(forged) == ""


def test_a_list_that_is_as_it_was_is_no_event(huxley: Retailer, owner: User, midtown: Location) -> None:
    with inside(huxley):
        assert not restrict_store(huxley, networks="", by=owner, at=midtown, now=NOW)
        assert restrict_store(huxley, networks=SHOP, by=owner, at=midtown, now=NOW)
        assert not restrict_store(huxley, networks=SHOP, by=owner, at=midtown, now=NOW)
    assert len(events_of(huxley, "addresses restricted")) == 1
