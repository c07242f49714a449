"""Support finds stores, reads one, and changes it: each change with a reason, told first, and read by the store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from astro.accounts.actions import end_membership
from astro.accounts.models import Invitation, RestrictionLift
from astro.activity.models import Event
from astro.billing.models import ContactMove, Hold, StateChange
from astro.kit.clock import utc_now
from astro.programs.models import Enrollment
from astro.tenancy import features
from astro.tenancy.models import AccountState, Feature, Retailer
from tests.cast import inside, make_customer, make_enrollment, make_program, make_retailer, make_support, signed_in

pytestmark = pytest.mark.django_db

WHY = {"reason": "as agreed by phone"}


@pytest.fixture
def sue(client):
    support = make_support()
    client.force_login(support)
    return support


def page_of(client, route: str, *args: object, **query: str) -> str:
    return client.get(reverse(f"backoffice:{route}", args=args), query).content.decode()


def changed(client, route: str, *args: object, **told: str):
    return client.post(reverse(f"backoffice:{route}", args=args), {**WHY, **told})


def named(client, **query: str) -> set[str]:
    page = client.get(reverse("backoffice:stores"), query)
    return {store.name for store in page.context["page"].rows}


def events(retailer: Retailer, name: str) -> list[tuple[int | None, dict]]:
    with inside(retailer):
        return list(Event.objects.filter(name=name).values_list("by_user_id", "facts"))


# Finding.


def test_signing_in_leads_support_to_the_stores(client, sue) -> None:
    assert client.get("/").headers["Location"] == reverse("backoffice:stores")
    assert client.get(reverse("backoffice:home")).status_code == 200


def test_support_signs_in_at_the_one_door_and_lands_on_the_stores(client, huxley) -> None:
    make_support(email="sue@platform.example")
    answer = client.post("/sign-in/", {"login": "sue@platform.example", "password": "practice makes paws"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("backoffice:stores")


def test_stores_are_found_by_name_number_and_who_runs_them(
    client, sue, huxley, otherpaws, owner, other_owner, cashier
) -> None:
    assert named(client) == {"Huxley House", "Other Paws"}
    assert named(client, q="huxley ho") == {"Huxley House"}
    assert named(client, q=str(otherpaws.pk)) == {"Other Paws"}
    assert named(client, q="owner@otherpaws") == {"Other Paws"}
    assert named(client, q="Olive Ow") == {"Huxley House"}
    assert named(client, q="Cass Cashier") == set(), "cashiers do not run a store"
    assert "No store fits this." in page_of(client, "stores", q="nobody")


def test_stores_are_narrowed_by_account_and_hold(client, sue, huxley, otherpaws) -> None:
    now = utc_now()
    make_retailer(name="Late", state="trial", trial_until=now - timedelta(hours=1))
    make_retailer(name="Fresh", state="trial", trial_until=now + timedelta(days=3))
    Retailer.objects.filter(pk=huxley.pk).update(held_at=now)
    assert named(client, state="held") == {"Huxley House"}
    assert named(client, state="lapsed") == {"Late"}
    assert named(client, state="trial") == {"Late", "Fresh"}
    assert named(client, state="active") == {"Huxley House", "Other Paws"}
    assert named(client, state="nonsense") == {"Huxley House", "Other Paws", "Late", "Fresh"}
    file = client.get(reverse("backoffice:export_stores"), {"state": "held"}).getvalue().decode()
    assert "Huxley House" in file
    assert "Other Paws" not in file


def test_the_list_asks_as_much_for_one_store_as_for_many(client, sue, huxley, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(8) as one:
        client.get(reverse("backoffice:stores"))
    for number in range(3):
        make_retailer(name=f"Store {number}")
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("backoffice:stores"))


def test_no_page_shows_a_customer(client, sue, huxley, midtown, owner) -> None:
    with inside(huxley):
        make_customer(
            at=midtown, first_name="Betty", last_name="Smith", email="betty@example.com", phone="+14065550142"
        )
    for route, args in [("stores", []), ("store", [huxley.pk]), ("export_stores", []), ("tickets", [])]:
        answer = client.get(reverse(f"backoffice:{route}", args=args))
        text = answer.getvalue().decode()
        assert answer.status_code == 200
        assert not [told for told in ("Betty", "betty@example.com", "555-0142", "4065550142") if told in text], route
    for route in ("customers:list", "customers:new", "checkout:look_up", "messaging:mailbox", "customers:export"):
        assert client.get(reverse(route)).status_code == 403, "the platform stands in no store"


# Changing.


def test_each_change_asks_for_a_reason_and_without_one_nothing_happens(
    client, sue, huxley, owner, riverside_administrator
) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(networks="203.0.113.9")
    person = riverside_administrator.memberships.get()
    pages = [
        ("state", "cancelled"),
        ("hold",),
        ("contact", person.pk),
        ("feature", "astro-id", "on"),
        ("restriction",),
        ("second_step", person.pk),
        ("administrator",),
    ]
    for route, *more in pages:
        assert client.get(reverse(f"backoffice:{route}", args=[huxley.pk, *more])).status_code == 200, route
        answer = changed(client, route, huxley.pk, *more, reason="  ")
        assert answer.status_code == 422, route
        assert "Say why in a few words" in answer.content.decode()
    huxley.refresh_from_db()
    assert (huxley.state, huxley.held_at, huxley.networks) == ("active", None, "203.0.113.9")
    with inside(huxley):
        assert not Event.objects.exclude(name__in=["membership given", "signed in"]).exists()


def test_a_hold_is_placed_and_lifted(client, sue, huxley, owner) -> None:
    assert changed(client, "hold", huxley.pk).status_code == 302
    page = page_of(client, "store", huxley.pk)
    assert "On hold" in page
    assert "as agreed by phone" in page
    assert changed(client, "hold", huxley.pk).status_code == 409, "it is placed already"
    assert changed(client, "hold_lifting", huxley.pk, reason="paid").status_code == 302
    assert changed(client, "hold_lifting", huxley.pk).status_code == 409
    with inside(huxley):
        hold = Hold.objects.get()
        assert (hold.placed_by_id, hold.reason, hold.lifted_by_id, hold.lifted_reason) == (
            sue.pk,
            "as agreed by phone",
            sue.pk,
            "paid",
        )
    assert [by for by, _facts in events(huxley, "hold placed") + events(huxley, "hold lifted")] == [sue.pk, sue.pk]


def test_what_ends_is_told_before_and_ends(client, sue, huxley, midtown, riverside, owner) -> None:
    for place in (midtown, riverside):
        make_enrollment(place, program=make_program(title=f"Unpaid {place.name}"), by=owner)
    make_enrollment(midtown, program=make_program(title="Paid", is_sponsored=True), by=owner)
    assert "3 enrollments end today" in page_of(client, "state", huxley.pk, "offers-only")
    assert "2 enrollments end today" in page_of(client, "state", huxley.pk, "restricted")
    assert "No enrollment ends" in page_of(client, "state", huxley.pk, "active")
    assert changed(client, "state", huxley.pk, "restricted").status_code == 302
    with inside(huxley):
        left = Enrollment.objects.filter(until_on__isnull=True)
        assert [row.program.title for row in left.select_related("program")] == ["Paid"]
        row = StateChange.objects.get()
        assert (row.was, row.became, row.reason, row.by_id) == ("active", "restricted", "as agreed by phone", sue.pk)
        assert Event.objects.filter(name="program unenrolled", by_user_id=sue.pk).count() == 2
    assert events(huxley, "account changed") == [(sue.pk, {"was": "active", "became": "restricted"})]


def test_a_trial_needs_its_last_day_and_runs_through_it(client, sue, huxley) -> None:
    assert changed(client, "state", huxley.pk, "trial").status_code == 422
    assert changed(client, "state", huxley.pk, "trial", trial_until="2020-01-01").status_code == 422
    day = (utc_now() + timedelta(days=9)).date()
    assert changed(client, "state", huxley.pk, "trial", trial_until=day.isoformat()).status_code == 302
    huxley.refresh_from_db()
    assert huxley.trial_until.date() == day + timedelta(days=1)
    assert huxley.is_on_trial(utc_now())


def test_a_cancelled_store_is_opened_again(client, sue, huxley, owner) -> None:
    changed(client, "state", huxley.pk, "cancelled")
    signed = signed_in(type(client)(), owner)
    assert signed.get("/").status_code == 302
    changed(client, "state", huxley.pk, "active")
    assert signed.get("/").status_code == 200


def test_features_are_switched_with_who_and_why(client, sue, huxley, otherpaws) -> None:
    assert changed(client, "feature", huxley.pk, "internal-customer-id", "on").status_code == 302
    assert changed(client, "feature", huxley.pk, "internal-customer-id", "on").status_code == 409
    assert changed(client, "feature", huxley.pk, "merging", "off").status_code == 302
    with inside(huxley):
        assert features.has(huxley, features.INTERNAL_CUSTOMER_ID)
        assert not features.has(huxley, features.MERGING)
        rows = set(Feature.objects.values_list("name", "is_on", "reason", "by_user_id"))
    assert rows == {
        ("internal-customer-id", True, "as agreed by phone", sue.pk),
        ("merging", False, "as agreed by phone", sue.pk),
    }
    page = page_of(client, "store", huxley.pk)
    assert "Switched by Sue Support" in page
    assert events(huxley, "feature switched off") == [(sue.pk, {"feature": "merging"})]
    with inside(otherpaws):
        assert features.has(otherpaws, features.MERGING)
    assert client.get(reverse("backoffice:feature", args=[huxley.pk, "colour", "on"])).status_code == 404
    assert client.get(reverse("backoffice:feature", args=[huxley.pk, "merging", "maybe"])).status_code == 404


def test_taking_punch_cards_away_leaves_the_programs(client, sue, huxley, midtown, owner) -> None:
    make_enrollment(midtown, program=make_program(), by=owner)
    assert "1 enrollment ends today" in page_of(client, "feature", huxley.pk, "frequent-buyer", "off")
    changed(client, "feature", huxley.pk, "frequent-buyer", "off")
    with inside(huxley):
        assert not Enrollment.objects.filter(until_on__isnull=True).exists()


def test_the_billing_contact_is_moved(client, sue, huxley, owner, cashier, riverside_administrator) -> None:
    new = riverside_administrator.memberships.get()
    assert changed(client, "contact", huxley.pk, cashier.memberships.get().pk).status_code == 422
    assert changed(client, "contact", huxley.pk, new.pk).status_code == 302
    new.refresh_from_db()
    assert new.is_billing_contact
    assert not owner.memberships.get().is_billing_contact
    with inside(huxley):
        assert ContactMove.objects.get().by_id == sue.pk


def test_nobody_of_another_store_is_changed_through_this_one(client, sue, huxley, other_owner) -> None:
    other = other_owner.memberships.get()
    for route in ("contact", "member_restriction", "second_step"):
        assert client.get(reverse(f"backoffice:{route}", args=[huxley.pk, other.pk])).status_code == 404


def test_ip_restrictions_are_lifted_with_the_reason(client, sue, huxley, owner) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(networks="203.0.113.9")
    person = owner.memberships.get()
    person.networks = "203.0.113.7"
    person.save(update_fields=["networks"])
    assert "Lift the IP restriction" in page_of(client, "store", huxley.pk)
    assert changed(client, "restriction", huxley.pk).status_code == 302
    assert changed(client, "restriction", huxley.pk).status_code == 409
    assert changed(client, "member_restriction", huxley.pk, person.pk).status_code == 302
    huxley.refresh_from_db()
    person.refresh_from_db()
    assert (huxley.networks, person.networks) == ("", "")
    with inside(huxley):
        assert set(RestrictionLift.objects.values_list("reason", "by_id")) == {("as agreed by phone", sue.pk)}
    assert "IP restrictions that were lifted" in page_of(client, "store", huxley.pk)


def test_a_store_that_nobody_is_left_to_run_gets_an_administrator(client, sue, huxley, owner, cashier) -> None:
    assert "Rebuild an administrator" not in page_of(client, "store", huxley.pk)
    end_membership(owner.memberships.get(), by=None, now=utc_now())
    page = page_of(client, "store", huxley.pk)
    assert "Nobody is left who could run this store." in page
    assert reverse("backoffice:administrator", args=[huxley.pk]) in page
    told = {"name": "Nora New", "email": "nora@huxleyhouse.example"}
    assert changed(client, "administrator", huxley.pk, **told).status_code == 302
    with inside(huxley):
        made = Invitation.objects.get()
        assert (made.email, made.role, made.sent_by_id) == ("nora@huxleyhouse.example", "master", sue.pk)


def test_where_no_mail_goes_out_support_hands_the_link_over(client, sue, huxley, settings) -> None:
    settings.MAIL_GOES_OUT = False
    answer = client.post(
        reverse("backoffice:administrator", args=[huxley.pk]),
        {**WHY, "name": "Nora New", "email": "nora@huxleyhouse.example"},
        follow=True,
    )
    assert "/invitation/" in answer.content.decode()


def test_a_second_step_that_is_lost_is_taken_off(client, sue, huxley, owner) -> None:
    type(owner).objects.filter(pk=owner.pk).update(has_second_step=True)
    person = owner.memberships.get()
    assert reverse("backoffice:second_step", args=[huxley.pk, person.pk]) in page_of(client, "store", huxley.pk)
    assert changed(client, "second_step", huxley.pk, person.pk).status_code == 302
    owner.refresh_from_db()
    assert not owner.has_second_step
    page = page_of(client, "store", huxley.pk)
    assert "The second step of Olive Owner was taken off" in page
    assert "as agreed by phone" in page


@pytest.mark.parametrize("who", ["owner", "cashier"])
def test_nobody_of_a_store_opens_any_of_it(client, huxley, who, request) -> None:
    signed_in(client, request.getfixturevalue(who))
    for route, args in [
        ("stores", []),
        ("store", [huxley.pk]),
        ("hold", [huxley.pk]),
        ("tickets", []),
        ("notices", []),
    ]:
        assert client.get(reverse(f"backoffice:{route}", args=args)).status_code == 403, route
    assert changed(client, "hold", huxley.pk).status_code == 403
    assert Retailer.objects.get(pk=huxley.pk).held_at is None


def test_every_kind_of_account_is_offered_but_the_one_it_has(client, sue, huxley) -> None:
    page = page_of(client, "store", huxley.pk)
    offered = [state for state in AccountState.values if reverse("backoffice:state", args=[huxley.pk, state]) in page]
    assert offered == ["trial", "restricted", "offers-only", "cancelled"]
