"""Programs that a store makes by itself: read, checked, made, changed, ended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from astro.catalog.models import Price, Product
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.programs.models import CardRule, Enrollment, Program, ProgramItem
from astro.programs.own.reading import read_items
from astro.programs.queries import catalogue_version
from astro.tenancy.models import Location
from tests import cast
from tests.cast import inside

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner(client, owner):
    return cast.signed_in(client, owner)


def url(name, *args):
    return reverse(f"programs:{name}", args=args)


def typed(huxley, **fields):
    with inside(huxley):
        places = [str(pk) for pk in Location.objects.values_list("pk", flat=True)]
    told = {"title": "Nails", "items": "Nail trim 18.00\nClaw polish", "piles": "one", "buy": "6", "gives": "item"}
    return {**told, "get": "1", "locations": places, **fields}


def make(client, huxley, kind="buy_get", **fields):
    return client.post(f"{url('own_new')}?kind={kind}", {**typed(huxley, **fields), "agreed": "1"})


class TestReading:
    def test_codes_names_and_new_things(self, huxley):
        cast.make_product(name="Adult", size="30 lb", gtins=["012345678905"])
        with inside(huxley):
            told = read_items("0 12345 67890 5\nadult 30 LB\n\nNail trim $18.00\n  Bath  by hand ")
        assert [(one.name, one.is_new, one.cents) for one in told] == [
            ("Adult 30 lb", False, None),
            ("Nail trim", True, 1800),
            ("Bath by hand", True, None),
        ]

    @pytest.mark.parametrize(
        ("text", "may_add", "why"),
        [
            (" \n ", True, "Type at least one item"),
            ("Bath\n4006381333931", True, "Line 2: no item has the barcode"),
            ("012345678904", True, "Line 1: "),
            ("Bath", False, "Line 1: we know no item “Bath”"),
            ("B" * 121, True, "Line 1: a name has up to 120"),
            ("\n".join(f"Bath {number} x" for number in range(201)), True, "up to 200 items"),
        ],
    )
    def test_what_cannot_be_read_names_its_line(self, huxley, text, may_add, why):
        with inside(huxley), pytest.raises(DomainError, match=why):
            read_items(text, may_add=may_add)


class TestMaking:
    def test_the_card_is_shown_first_and_nothing_is_made(self, as_owner, huxley):
        page = as_owner.post(url("own_new"), typed(huxley)).content.decode()
        assert "As the customer sees it" in page
        assert "Buy 6, get 1 free, any item on the list" in page
        assert "new in your catalogue" in page
        with inside(huxley):
            assert not Program.objects.exists()

    def test_made_with_its_items_and_every_location(self, as_owner, huxley, midtown):
        assert make(as_owner, huxley).status_code == 302
        with inside(huxley):
            program = Program.objects.get()
            assert (program.kind, program.fulfilment, program.retailer_id) == ("buy_get", "none", huxley.pk)
            assert Enrollment.objects.count() == Location.objects.count()
            assert set(ProgramItem.objects.values_list("product__name", flat=True)) == {"Nail trim", "Claw polish"}
            assert Price.objects.get().msrp_cents == 1800
            trim = Product.objects.get(name="Nail trim")
            customer = cast.make_customer(at=midtown)
            now = utc_now()
            basket = Basket(uuid4(), now, (Line(uuid4(), trim.pk, 6),), "0" * 64)
            done = record_visit(customer, basket, at=midtown, by=None, now=now)
            assert done.visit.answer["rewards"] == 1

    @pytest.mark.parametrize(
        ("kind", "fields", "rule"),
        [
            (
                "buy_get",
                {"gives": "same", "piles": "item", "get": "2"},
                {"choice": "most_bought", "piles": "item", "get": 2},
            ),
            ("buy_get", {"gives": "money", "amount": "$10.00"}, {"gives": "money", "gift_cents": 1000}),
            ("buy_get", {"gives": "percent", "percent": "10"}, {"gives": "percent", "gift_percent": 10}),
            ("buy_get", {"gives": "words", "words": "a nail trim"}, {"gives": "words", "gift_words": "a nail trim"}),
            ("buy_get", {"most": "3", "months": "6"}, {"most": 3, "expiry_months": 6}),
            ("cash_back", {"back": "2.5"}, {"gives": "back", "back_points": 250, "get": 1}),
            ("prepaid", {"pass_item": "Walk pass 90.00", "items": "Walk"}, {"is_prepaid": True, "get": 0, "buy": 6}),
        ],
    )
    def test_each_kind_becomes_its_rule(self, as_owner, huxley, kind, fields, rule):
        assert make(as_owner, huxley, kind, **fields).status_code == 302
        with inside(huxley):
            row = CardRule.objects.get()
            assert {name: getattr(row, name) for name in rule} == rule

    def test_for_employees_and_two_a_month(self, as_owner, huxley):
        asked = as_owner.post(
            f"{url('own_new')}?kind=buy_get", typed(huxley, audience="employees", monthly="2", title="Staff")
        )
        assert "For: Employees of the store. Nobody else gets punches." in asked.text
        assert "at most 2 a month" in asked.text
        assert make(as_owner, huxley, audience="employees", monthly="2", title="Staff").status_code == 302
        with inside(huxley):
            program = Program.objects.get()
            assert (program.audience, CardRule.objects.get().monthly) == ("employees", 2)
        assert "Employees of the store" in as_owner.get(url("own")).text
        assert "Fill" in make(as_owner, huxley, gives="money", amount="").text
        assert make(as_owner, huxley, monthly="0", title="None").status_code == 422

    def test_a_pass_opens_the_card(self, as_owner, huxley):
        make(as_owner, huxley, "prepaid", pass_item="Walk pass 90.00", items="Walk")
        with inside(huxley):
            rows = ProgramItem.objects.order_by("product__name").values_list("product__name", "opens", "is_reward")
            assert list(rows) == [("Walk", False, False), ("Walk pass", True, False)]

    def test_another_list_of_rewards(self, as_owner, huxley):
        make(as_owner, huxley, gives="other", rewards="Bath")
        with inside(huxley):
            rows = ProgramItem.objects.order_by("product__name").values_list("product__name", "fills", "is_reward")
            assert list(rows) == [("Bath", False, True), ("Claw polish", True, False), ("Nail trim", True, False)]

    def test_a_brands_goods_are_kept_track_of_and_claimed_by_the_store(self, as_owner, huxley):
        cast.make_product(name="Adult", size="30 lb")
        assert make(as_owner, huxley, "tracking", items="Adult 30 lb").status_code == 302
        with inside(huxley):
            program = Program.objects.get()
            assert (program.kind, program.fulfilment) == ("tracking", "retailer")

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"title": ""}, "This field is required"),
            ({"items": ""}, "This field is required"),
            ({"items": "4006381333931"}, "Line 1: no item has the barcode"),
            ({"buy": "0"}, "greater than or equal to 1"),
            ({"gives": "money"}, "Fill this in, or choose something else"),
            ({"gives": "money", "amount": "ten"}, "amount"),
            ({"most": "1", "get": "2"}, "One full card gives more than that"),
            ({"starts_on": "2020-01-01"}, "Choose today or a later day"),
            ({"ends_on": "2020-01-01"}, "The last day comes before the first"),
            ({"locations": []}, "Choose at least one"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_made(self, as_owner, huxley, fields, why):
        answer = make(as_owner, huxley, **fields)
        assert (answer.status_code, why in answer.content.decode().replace("&#x27;", "'")) == (422, True)
        with inside(huxley):
            assert not Program.objects.exists()
            assert not Product.objects.exists()

    def test_pressed_twice_it_is_made_once(self, as_owner, huxley):
        assert make(as_owner, huxley).status_code == 302
        answer = make(as_owner, huxley)
        assert (answer.status_code, "of that name already" in answer.content.decode()) == (422, True)
        with inside(huxley):
            assert Program.objects.count() == 1

    def test_nobody_else_sees_it(self, as_owner, huxley, otherpaws):
        make(as_owner, huxley)
        with inside(otherpaws):
            assert not Program.objects.exists()


class TestChanging:
    @pytest.fixture
    def program(self, as_owner, huxley):
        make(as_owner, huxley)
        with inside(huxley):
            return Program.objects.get()

    def test_another_name_reaches_the_cards_and_the_tills(self, as_owner, huxley, midtown, program):
        with inside(huxley):
            before = catalogue_version(midtown, day=midtown.day(utc_now()))
        as_owner.post(url("own_change", program.pk), {"title": "Claws", "about": "All of them"})
        with inside(huxley):
            program.refresh_from_db()
            assert (program.title, program.description, program.cards.get().title) == ("Claws", "All of them", "Claws")
            assert catalogue_version(midtown, day=midtown.day(utc_now())) != before

    def test_another_rule_from_a_day_on(self, as_owner, huxley, program):
        tomorrow = utc_now().date() + timedelta(days=1)
        told = {"from_on": tomorrow.isoformat(), "buy": "4", "gives": "item", "get": "1", "takes_over": "yes"}
        assert as_owner.post(url("own_rule", program.pk), told).status_code == 302
        with inside(huxley):
            rows = CardRule.objects.order_by("version__number").values_list("buy", "takes_over", "version__number")
            assert list(rows) == [(6, False, 1), (4, True, 2)]

    def test_a_rule_of_yesterday_is_refused(self, as_owner, huxley, program):
        told = {"from_on": "2020-01-01", "buy": "4", "gives": "item", "get": "1"}
        answer = as_owner.post(url("own_rule", program.pk), told)
        assert (answer.status_code, "What was bought before stays" in answer.content.decode()) == (422, True)

    def test_its_end(self, as_owner, huxley, midtown, program):
        as_owner.post(url("own_end", program.pk))
        with inside(huxley):
            program.refresh_from_db()
            assert program.ends_on == midtown.day(utc_now())

    def test_a_brands_program_is_nobodys_to_change(self, as_owner):
        shared = cast.make_program(title="Northpaw")
        for name in ("own_change", "own_rule", "own_end"):
            assert as_owner.post(url(name, shared.pk), {"title": "Mine"}).status_code == 404


def test_the_list_finds_and_counts(as_owner, huxley):
    make(as_owner, huxley)
    make(as_owner, huxley, title="Walks")
    page = as_owner.get(url("own")).content.decode()
    assert "Nails" in page
    assert "Walks" in page
    found = as_owner.get(url("own"), {"q": "nai"}).content.decode()
    assert ("Nails" in found, "Walks" in found) == (True, False)
    assert "No program of yours is called so" in as_owner.get(url("own"), {"q": "xyz"}).content.decode()
