"""A visit is recorded once, whatever is sent again, and only within its retailer."""

from datetime import timedelta
from uuid import UUID

import pytest

from astro.activity.models import Event
from astro.cards.models import Card, Punch, Reward
from astro.checkout.actions import Recorded, Refused, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.errors import BadVisit
from astro.checkout.models import KeptVisit, Purchase, Visit
from astro.customers.actions import add_customer
from astro.customers.models import Customer, SeenAt
from astro.kit.ids import id_text
from astro.kit.ids import new_uuid7 as new_key
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import OtherRetailer
from astro.tenancy.current import retailer as inside
from tests import cast
from tests.cast import NOW

DAY = timedelta(days=1)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return add_customer(first_name="Sally", last_name="Shopper", at=midtown, by=None, now=NOW - 30 * DAY)


@pytest.fixture
def bag(huxley, midtown, cashier):
    """A bag that fills an enrolled card: buy 12, get 1."""
    product = cast.make_product(name="Northpaw Gold", size="30 lb")
    program = cast.make_program(title="Northpaw Dry Dog", products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


def a_line(product, quantity=1):
    return {"key": str(new_key(NOW)), "product_id": id_text(product.pk), "quantity": quantity}


def a_body(*lines, key=None, at=NOW):
    return {"key": str(key or new_key(NOW)), "occurred_at": at.isoformat(), "lines": list(lines)}


def check_out(customer, body, *, at, by=None, now=NOW):
    with inside(at.retailer):
        return record_visit(customer, read_basket(body, customer_id=customer.pk), at=at, by=by, now=now)


def cards_of(customer):
    with inside(customer.retailer):
        cards = Card.objects.filter(customer=customer).order_by("program_card_id", "number")
        return [(card.number, card.punches, card.state) for card in cards]


def test_a_bag_is_a_purchase_and_a_punch(midtown, cashier, sally, bag):
    done = check_out(sally, a_body(a_line(bag)), at=midtown, by=cashier)
    assert isinstance(done, Recorded)
    assert not done.is_again
    assert cards_of(sally) == [(1, 1, "open")]
    with inside(midtown.retailer):
        purchase = Purchase.objects.get()
        assert (purchase.name, purchase.size, purchase.msrp_cents, purchase.currency, purchase.quantity) == (
            "Northpaw Gold",
            "30 lb",
            6499,
            "USD",
            1,
        )
        assert len(purchase.gtin) == 14
        punch = Punch.objects.get()
        assert (punch.cause_kind, punch.cause_id, punch.unit, punch.position) == ("purchase", purchase.pk, 1, 1)
        assert (punch.location_id, punch.day, punch.by_id) == (midtown.pk, midtown.day(NOW), cashier.pk)
        assert Event.objects.get(name="visit recorded").about_id == done.visit.pk


def test_twelve_bags_fill_the_card_and_earn_a_reward_and_the_next_opens_another(midtown, sally, bag):
    first = check_out(sally, a_body(a_line(bag, 12)), at=midtown)
    assert cards_of(sally) == [(1, 12, "full")]
    assert (first.visit.answer["punches"], first.visit.answer["rewards"]) == (12, 1)
    check_out(sally, a_body(a_line(bag)), at=midtown, now=NOW + DAY)
    assert cards_of(sally) == [(1, 12, "full"), (2, 1, "open")]
    with inside(midtown.retailer):
        assert [(reward.card.number, reward.unit) for reward in Reward.objects.all()] == [(1, 1)]


def test_the_same_visit_again_counts_once_and_is_answered_alike(midtown, sally, bag):
    body = a_body(a_line(bag, 3))
    first = check_out(sally, body, at=midtown)
    again = check_out(sally, body, at=midtown, now=NOW + timedelta(minutes=3))
    assert (again.visit, again.is_again) == (first.visit, True)
    assert again.visit.answer == first.visit.answer
    assert cards_of(sally) == [(1, 3, "open")]


def test_the_same_key_with_another_body_is_refused_and_kept(midtown, cashier, sally, bag):
    key = new_key(NOW)
    check_out(sally, a_body(a_line(bag), key=key), at=midtown)
    other = a_body(a_line(bag, 5), key=key)
    refused = check_out(sally, other, at=midtown, by=cashier)
    assert isinstance(refused, Refused)
    check_out(sally, other, at=midtown, by=cashier)
    assert cards_of(sally) == [(1, 1, "open")]
    with inside(midtown.retailer):
        kept = KeptVisit.objects.get()
        assert (kept.key, kept.body["lines"][0]["quantity"], kept.by_id) == (key, 5, cashier.pk)
        assert Event.objects.filter(name="visit refused").count() == 1


def test_the_same_key_for_another_customer_is_refused(midtown, sally, bag):
    with inside(midtown.retailer):
        ben = add_customer(first_name="Ben", last_name="Ortiz", at=midtown, by=None, now=NOW)
    body = a_body(a_line(bag))
    check_out(sally, body, at=midtown)
    assert isinstance(check_out(ben, body, at=midtown), Refused)
    assert cards_of(ben) == []


def test_a_line_that_stands_in_another_visit_is_refused_and_kept(midtown, cashier, sally, bag):
    line = a_line(bag)
    check_out(sally, a_body(line), at=midtown)
    other = a_body(a_line(bag), line | {"quantity": 4})
    assert isinstance(check_out(sally, other, at=midtown, by=cashier), Refused)
    assert isinstance(check_out(sally, other, at=midtown, by=cashier), Refused)
    assert cards_of(sally) == [(1, 1, "open")]
    with inside(midtown.retailer):
        assert (Visit.objects.count(), Purchase.objects.count(), KeptVisit.objects.count()) == (1, 1, 1)


def test_another_retailer_may_use_the_same_key(midtown, elsewhere, otherpaws, sally, bag):
    body = a_body(a_line(bag))
    check_out(sally, body, at=midtown)
    with inside(otherpaws):
        stranger = add_customer(first_name="Sally", last_name="Shopper", at=elsewhere, by=None, now=NOW)
    assert not check_out(stranger, body, at=elsewhere).is_again


def test_another_retailers_customer_is_out_of_reach(elsewhere, otherpaws, sally, bag):
    with pytest.raises(Customer.DoesNotExist):
        check_out(sally, a_body(a_line(bag)), at=elsewhere)
    with inside(otherpaws):
        assert Visit.objects.count() == 0


def test_another_retailers_location_is_refused(huxley, elsewhere, sally, bag):
    basket = read_basket(a_body(a_line(bag)), customer_id=sally.pk)
    with inside(huxley), pytest.raises(OtherRetailer):
        record_visit(sally, basket, at=elsewhere, by=None, now=NOW)


def test_another_retailers_own_product_is_not_in_the_catalogue(midtown, otherpaws, sally):
    theirs = cast.make_product(retailer=otherpaws)
    with pytest.raises(BadVisit, match="not in the catalogue"):
        check_out(sally, a_body(a_line(theirs)), at=midtown)


def test_an_unknown_product_leaves_nothing_behind(midtown, sally, bag):
    body = a_body(a_line(bag), a_line(bag) | {"product_id": "123"})
    with pytest.raises(BadVisit, match="not in the catalogue"):
        check_out(sally, body, at=midtown)
    with inside(midtown.retailer):
        assert (Visit.objects.count(), Purchase.objects.count(), Punch.objects.count()) == (0, 0, 0)


def test_a_product_of_no_program_is_kept_as_a_purchase(midtown, sally):
    toy = cast.make_product(name="Rope toy", prices={})
    done = check_out(sally, a_body(a_line(toy)), at=midtown)
    assert (done.visit.answer["punches"], done.visit.answer["lines"][0]["cards"]) == (0, [])
    with inside(midtown.retailer):
        assert Purchase.objects.get().msrp_cents is None


def test_counts_only_where_the_location_is_enrolled(midtown, riverside, sally, bag):
    check_out(sally, a_body(a_line(bag)), at=riverside)
    assert cards_of(sally) == []
    check_out(sally, a_body(a_line(bag)), at=midtown)
    assert cards_of(sally) == [(1, 1, "open")]


def test_a_card_is_shared_by_the_locations(midtown, riverside, cashier, sally):
    bag = cast.make_product()
    program = cast.make_program(products=[bag])
    for location in (midtown, riverside):
        cast.make_enrollment(location, program=program, by=cashier)
        check_out(sally, a_body(a_line(bag, 2)), at=location)
    assert cards_of(sally) == [(1, 4, "open")]


def test_one_purchase_fills_every_program_that_lists_it(midtown, cashier, sally):
    bag = cast.make_product()
    for buy in (8, 12):
        program = cast.make_program(products=[bag], rule=RuleOfCard(buy))
        cast.make_enrollment(midtown, program=program, by=cashier)
    check_out(sally, a_body(a_line(bag, 9)), at=midtown)
    assert sorted(cards_of(sally)) == [(1, 8, "full"), (1, 9, "open"), (2, 1, "open")]


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (NOW - timedelta(hours=20), True),
        (NOW + timedelta(minutes=5), True),
        (NOW - 3 * 365 * DAY, False),
        (NOW + DAY, False),
    ],
)
def test_a_till_whose_clock_is_wrong_does_not_hold_up_the_queue(midtown, sally, bag, told, believed):
    done = check_out(sally, a_body(a_line(bag), at=told), at=midtown)
    assert done.visit.occurred_at == (min(told, NOW) if believed else NOW)
    with inside(midtown.retailer):
        facts = Event.objects.get(name="visit recorded").facts
    assert facts.get("till_clock_off", False) is not believed


def test_the_day_is_the_locations_own(midtown, sally, bag):
    late_evening = NOW.replace(hour=6) + DAY  # 23:00 of the day before, in Montana
    done = check_out(sally, a_body(a_line(bag), at=late_evening), at=midtown, now=late_evening)
    assert done.visit.day == NOW.date()


def test_the_location_has_met_the_customer(midtown, riverside, sally, bag):
    check_out(sally, a_body(a_line(bag)), at=riverside)
    with inside(midtown.retailer):
        assert SeenAt.objects.get(customer=sally, location=riverside).last_seen_at == NOW


def test_stored_counts_equal_the_rows(midtown, sally, bag):
    for quantity in (5, 9, 1, 20):
        check_out(sally, a_body(a_line(bag, quantity)), at=midtown)
    with inside(midtown.retailer):
        for card in Card.objects.all():
            assert card.punches == Punch.objects.filter(card=card).count()
            assert Reward.objects.filter(card=card).count() == (1 if card.state == "full" else 0)
        assert Purchase.objects.filter(key=UUID(int=0)).count() == 0


def test_a_visit_takes_few_statements_however_long_it_is(
    midtown, sally, bag, django_assert_max_num_queries, django_assert_num_queries
):
    check_out(sally, a_body(a_line(bag)), at=midtown)
    with django_assert_max_num_queries(12) as short:
        check_out(sally, a_body(a_line(bag)), at=midtown)
    with django_assert_num_queries(len(short)):
        check_out(sally, a_body(*[a_line(bag) for _ in range(8)]), at=midtown)
