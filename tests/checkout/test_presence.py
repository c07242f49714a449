"""Two tills with the same customer open: who else is there, and that something changed."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import StaffSession
from astro.cards.models import Card, CardNote, Redemption
from astro.checkout.jobs import forget_closed_pages, sweep_pages
from astro.checkout.models import Presence, Purchase
from astro.checkout.presence import STAYS, Other, forget_pages, others_here, say_gone, say_here, version_of
from astro.checkout.undoing import remove_units
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.kit.models import OutboxRow
from astro.kit.outbox.handlers import handler_of, rhythms
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.test_actions import a_body, a_line, check_out
from tests.checkout.test_finishing import Counter

HERE, THERE, ELSE = (new_uuid7(NOW) for _ in range(3))
SECOND = timedelta(seconds=1)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def ben(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Ben")


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product(name="Northpaw Gold")
    cast.make_enrollment(midtown, program=cast.make_program(products=[product]), by=cashier)
    return product


def opened(customer, page, *, at, by=None, now=NOW):
    say_here(customer, page=page, at=at, by=by, device_id=None, now=now)


def test_each_sees_the_other_and_not_itself(huxley, midtown, riverside, cashier, owner, sally, ben):
    with inside(huxley):
        opened(sally, HERE, at=midtown, by=cashier)
        opened(sally, THERE, at=riverside, by=owner)
        opened(ben, ELSE, at=riverside, by=owner)
        assert others_here(sally, page=HERE, now=NOW) == [Other("Riverside", "Olive Owner")]
        assert others_here(sally, page=THERE, now=NOW) == [Other("Midtown", "Cass Cashier")]
        assert others_here(ben, page=ELSE, now=NOW) == []


def test_two_windows_of_one_person_are_one_other(huxley, midtown, cashier, sally):
    with inside(huxley):
        for page in (HERE, THERE, ELSE):
            opened(sally, page, at=midtown, by=cashier)
        assert others_here(sally, page=HERE, now=NOW) == [Other("Midtown", "Cass Cashier")]


def test_a_silent_page_counts_for_45_seconds_and_a_closed_one_no_longer(huxley, midtown, sally):
    with inside(huxley):
        opened(sally, HERE, at=midtown)
        assert others_here(sally, page=THERE, now=NOW + STAYS - SECOND) == [Other("Midtown", "")]
        assert others_here(sally, page=THERE, now=NOW + STAYS) == []
        opened(sally, HERE, at=midtown, now=NOW + STAYS)
        assert others_here(sally, page=THERE, now=NOW + STAYS) == [Other("Midtown", "")]
        assert Presence.objects.count() == 1
        for _ in range(2):
            say_gone(sally, page=HERE)
        assert others_here(sally, page=THERE, now=NOW + STAYS) == []


def test_the_version_changes_with_what_happens_to_this_customer_and_with_nothing_else(
    huxley, midtown, cashier, sally, ben, bag
):
    def version():
        with inside(huxley):
            return version_of(sally)

    seen = [version()]
    check_out(sally, a_body(a_line(bag, 2)), at=midtown, by=cashier)
    seen.append(version())
    check_out(sally, a_body(a_line(cast.make_product())), at=midtown, by=cashier)
    seen.append(version())
    with inside(huxley):
        card = Card.objects.get(customer=sally)
        CardNote(card=card, text="Two from paper", changed_by=cashier, changed_at=NOW).save()
    seen.append(version())
    with inside(huxley):
        purchase = Purchase.objects.filter(quantity=2).get()
        remove_units(purchase, [1], at=midtown, by=cashier, is_administrator=False, now=NOW)
    seen.append(version())
    assert len(set(seen)) == 5
    check_out(ben, a_body(a_line(bag, 2)), at=midtown, by=cashier)
    with inside(huxley):
        opened(sally, HERE, at=midtown)
    assert version() == seen[-1]


def test_old_pages_are_forgotten_in_every_retailer(huxley, otherpaws, midtown, elsewhere, sally):
    with inside(otherpaws):
        stranger = cast.make_customer(at=elsewhere)
        opened(stranger, HERE, at=elsewhere, now=NOW - timedelta(days=3))
    with inside(huxley):
        opened(sally, HERE, at=midtown, now=NOW - timedelta(days=2))
        opened(sally, THERE, at=midtown, now=NOW)
    with cast.platform("the worker"):
        for _ in range(2):
            sweep_pages({}, now=NOW)
    rows = OutboxRow.objects.filter(kind="checkout.forget_pages")
    assert sorted(row.retailer_id for row in rows) == sorted([huxley.pk, otherpaws.pk])
    for retailer in (huxley, otherpaws):
        with inside(retailer):
            for _ in range(2):
                forget_closed_pages({}, now=NOW)
    with inside(huxley):
        assert [row.page for row in Presence.objects.all()] == [THERE]
        assert forget_pages(before=NOW + SECOND) == 1
    with inside(otherpaws):
        assert Presence.objects.count() == 0


def test_the_sweep_comes_by_the_clock():
    assert handler_of("checkout.sweep_pages") is sweep_pages
    assert handler_of("checkout.forget_pages") is forget_closed_pages
    assert "checkout.sweep_pages" in rhythms()


def test_the_version_changes_when_a_free_item_is_given_and_when_it_is_taken_back(midtown, owner):
    counter = Counter(midtown, owner)
    visit = counter.buy(3)

    def version():
        with inside(midtown.retailer):
            return version_of(counter.customer)

    seen = [version()]
    counter.finish(visit)
    seen.append(version())
    with inside(midtown.retailer):
        redemption = Redemption.objects.get()
    counter.undo(redemption)
    seen.append(version())
    assert len(set(seen)) == 3


def test_the_version_is_one_question(huxley, sally, django_assert_num_queries):
    with inside(huxley), django_assert_num_queries(1):
        version_of(sally)


# Over the wire


def tell(client, customer, body):
    address = reverse("checkout:here", args=[customer.pk])
    return client.post(address, json.dumps(body), content_type="application/json")


def test_two_tills_are_told_of_each_other_and_of_what_changed(huxley, midtown, cashier, owner, sally, bag):
    till, other = signed_in(Client(), cashier), signed_in(Client(), owner)
    first = tell(till, sally, {"page": str(HERE)})
    assert (first.status_code, first.json()["others"]) == (200, [])
    assert tell(other, sally, {"page": str(THERE)}).json() == {
        "others": [{"where": "Midtown", "who": "Cass Cashier"}],
        "version": first.json()["version"],
    }
    check_out(sally, a_body(a_line(bag), at=utc_now()), at=midtown, by=owner, now=utc_now())
    assert tell(till, sally, {"page": str(HERE)}).json()["version"] != first.json()["version"]
    assert tell(other, sally, {"page": str(THERE), "leaving": True}).status_code == 204
    assert tell(till, sally, {"page": str(HERE)}).json()["others"] == []


@pytest.mark.parametrize("body", [{}, {"page": None}, {"page": 7}, {"page": "x" * 5_000}, {"page": "\x00"}, []])
def test_what_names_no_page_is_refused(client, cashier, huxley, sally, body):
    answer = tell(signed_in(client, cashier), sally, body)
    assert answer.status_code == 422
    assert "eload" in answer.json()["error"]["message"]
    with inside(huxley):
        assert Presence.objects.count() == 0


def test_another_retailers_customer_is_not_found(client, other_owner, huxley, sally):
    assert tell(signed_in(client, other_owner), sally, {"page": str(HERE)}).status_code == 404
    with inside(huxley):
        assert Presence.objects.count() == 0


def test_being_here_needs_the_token(cashier, sally):
    strict = signed_in(Client(enforce_csrf_checks=True), cashier)
    assert tell(strict, sally, {"page": str(HERE)}).status_code == 403


def test_leaving_is_quiet_whatever_became_of_the_page(huxley, cashier, sally):
    """Twice, after the session ended, after the customer was retired: a page that closes gets a short answer."""
    till = signed_in(Client(), cashier)
    leaving = {"page": str(HERE), "leaving": True}
    assert [tell(till, sally, leaving).status_code for _ in range(2)] == [204, 204]
    with inside(huxley):
        Customer.objects.filter(pk=sally.pk).update(retired_at=NOW)
    assert tell(till, sally, leaving).status_code == 404
    StaffSession.objects.all().delete()
    assert tell(till, sally, leaving).status_code == 401
