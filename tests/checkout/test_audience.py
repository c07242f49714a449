"""Programs for breeders and for employees: at the till, at check out, late and offline, one answer."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.cards.models import Redemption
from astro.cards.queries import ready_rewards
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.late_preview import preview_late
from astro.checkout.till_page import till_page
from astro.customers.actions import make_breeder, make_employee, make_pet_owner
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.programs.models import Audience, Program, ProgramCard
from astro.programs.rules import RuleOfCard
from tests.cast import (
    NOW,
    inside,
    make_brand,
    make_customer,
    make_enrollment,
    make_product,
    make_program,
    platform,
    signed_in,
)
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db

AN_OWNER = "Card card: this card is for %s, and Betty is a pet owner. Convert the account under Edit."
NO_NUMBER = "Card card: this card needs a breeder number of Northpaw. Write down the one of Betty under Edit."


class Counter:
    """Betty at a till that is enrolled in a program for some, and in one for everyone."""

    def __init__(self, at, by, audience):
        self.at, self.by, self.now = at, by, NOW
        self.brand = make_brand(name="Northpaw")
        self.bag, self.tin = make_product(brand=self.brand), make_product(brand=self.brand)
        for title, product, some in (("Card", self.bag, audience), ("Open", self.tin, Audience.EVERYONE)):
            program = make_program(title=title, brand=self.brand, products=[product], rule=RuleOfCard(2), audience=some)
            make_enrollment(at, program=program, by=by)
        with inside(at.retailer):
            self.betty = make_customer(at=at, first_name="Betty", last_name="Smith")

    @property
    def how(self):
        return {"by": self.by, "at": self.at, "now": self.now}

    def becomes(self, act, **told):
        with inside(self.at.retailer):
            act(self.betty, **told, **self.how)

    def lines(self, *products):
        return tuple(Line(uuid4(), product.pk, 1) for product in products)

    def buy(self, *products, **ago):
        self.now += timedelta(minutes=1)
        basket = Basket(uuid4(), self.now - timedelta(**ago), self.lines(*products), uuid4().hex)
        with inside(self.at.retailer):
            return record_visit(self.betty, basket, at=self.at, by=self.by, is_dated=True, now=self.now).visit

    def answers(self, *products, **ago):
        """Punches and why-nots by the till's page, by the preview of a late entry, and by check out."""
        with inside(self.at.retailer):
            page = till_page(self.betty, self.lines(*products), at=self.at, now=self.now)
            moment = self.now - timedelta(**ago)
            late = preview_late(self.betty, [(moment, self.lines(*products))], at=self.at, now=self.now)
        visit = self.buy(*products, **ago)
        return (
            (sum(card.shown.pending for card in page.cards), [*page.said]),
            (sum(one.added for card in late.cards for one in card.rounds), [line.why_none for line in late.lines]),
            (visit.answer["punches"], visit.answer["why_not"]),
        )


@pytest.fixture
def counter(midtown, owner):
    return lambda audience: Counter(midtown, owner, audience)


@pytest.mark.parametrize(("audience", "whom"), [("breeders", "breeders"), ("numbered", "breeders"), ("employees",) * 2])
def test_a_pet_owner_gets_no_punch_and_is_told_why(counter, audience, whom):
    till = counter(audience)
    why = [AN_OWNER % whom]
    assert till.answers(till.bag) == ((0, why), (0, why), (0, why))
    assert till.answers(till.bag, till.tin) == ((1, why), (1, [*why, ""]), (1, why))
    assert recounted(now=till.now)[0] == []


def test_the_right_kind_gets_punches(counter):
    till = counter(Audience.NUMBERED)
    till.becomes(make_breeder)
    assert till.answers(till.bag) == ((0, [NO_NUMBER]),) * 3
    till.becomes(make_breeder, numbers={make_brand(name="Fernwell").pk: "1"})
    assert till.buy(till.bag).answer["why_not"] == [NO_NUMBER]
    till.becomes(make_breeder, numbers={till.brand.pk: "204"})
    assert till.answers(till.bag) == ((1, []), (1, [""]), (1, []))
    assert recounted(now=till.now)[0] == []


def test_an_employee_gets_punches_of_the_employees_card(counter):
    till = counter(Audience.EMPLOYEES)
    till.becomes(make_employee, employee_id="E-7")
    assert till.answers(till.bag) == ((1, []), (1, [""]), (1, []))


def test_what_comes_late_is_judged_by_its_day(counter):
    till = counter(Audience.BREEDERS)
    till.becomes(make_breeder)
    assert till.buy(till.bag, days=1).answer["why_not"] == [AN_OWNER % "breeders"]
    till.now += timedelta(days=3)
    till.becomes(make_pet_owner)
    assert till.buy(till.bag, days=2).answer["punches"] == 1
    assert till.buy(till.bag).answer["punches"] == 0


def test_a_running_card_stays_and_what_was_earned_is_redeemed(counter):
    till = counter(Audience.BREEDERS)
    till.becomes(make_breeder)
    visit = till.buy(till.bag, till.bag, till.bag)
    till.now += timedelta(days=1)
    till.becomes(make_pet_owner)
    with inside(till.at.retailer):
        page = till_page(till.betty, (), at=till.at, now=till.now)
        assert sorted((card.shown.punches, card.shown.rewards) for card in page.cards) == [(1, 0), (2, 1)]
        assert page.ready == 1
        assert [(card.is_for_others, card.last) for card in page.cards] == [(True, None)] * 2
    visit = till.buy(till.bag)
    assert visit.answer["why_not"] == [AN_OWNER % "breeders"]
    with inside(till.at.retailer):
        reward = ready_rewards(till.betty).get()
        chosen = [{"reward_id": str(reward.pk), "product_id": str(till.bag.pk)}]
        sent = {"key": str(uuid4()), "visit": str(visit.key), "redemptions": chosen}
        finish_visit(till.betty, read_finish(sent, customer_id=till.betty.pk), **till.how)
        assert Redemption.objects.get(is_live=True).reward_id == reward.pk
    assert recounted(now=till.now)[0] == []


def test_what_fills_another_card_needs_no_excuse(counter):
    till = counter(Audience.NUMBERED)
    program = make_program(title="Usual", brand=till.brand, products=[till.bag], rule=RuleOfCard(5))
    make_enrollment(till.at, program=program, by=till.by)
    assert till.answers(till.bag) == ((1, []), (1, [""]), (1, []))
    till.becomes(make_breeder)
    assert till.answers(till.bag) == ((1, [NO_NUMBER]), (1, [NO_NUMBER]), (1, [NO_NUMBER]))
    till.becomes(make_breeder, numbers={till.brand.pk: "204"})
    assert till.answers(till.bag) == ((2, []), (2, [""]), (2, []))
    assert recounted(now=till.now)[0] == []


def test_only_a_basket_for_some_asks_what_the_customer_is(counter):
    till = counter(Audience.BREEDERS)
    with inside(till.at.retailer):
        asked = []
        for product in (till.tin, till.bag):
            with CaptureQueriesContext(connection) as queries:
                till_page(till.betty, till.lines(product), at=till.at, now=till.now)
            asked.append(sum("customers_kindspan" in query["sql"] for query in queries))
        assert asked == [0, 1]


def test_a_number_is_a_brands(midtown):
    with pytest.raises(DomainError, match="Choose the brand"):
        make_program(retailer=midtown.retailer, audience=Audience.NUMBERED)
    program = make_program(audience=Audience.NUMBERED)
    with platform("the tests' fault"), pytest.raises(IntegrityError), transaction.atomic():
        Program.objects.filter(pk=program.pk).update(brand=None)


@pytest.mark.plants_a_fault
def test_a_punch_that_a_breeder_lacks_is_found(counter):
    till = counter(Audience.NUMBERED)
    till.becomes(make_breeder, numbers={till.brand.pk: "204"})
    till.buy(till.bag)
    till.now += timedelta(days=1)
    till.becomes(make_pet_owner)
    assert recounted(now=till.now)[0] == []
    with inside(till.at.retailer), connection.cursor() as cursor:
        cursor.execute("delete from cards_punch where retailer_id = %s", [till.at.retailer_id])
    found = recounted(now=till.now)[0]
    assert any("punched units on program card" in one and "is none, should be 1" in one for one in found)


def test_a_paper_card_of_somebody_else_is_refused_before_it_is_saved(client, counter):
    till = counter(Audience.BREEDERS)
    signed_in(client, till.by)
    with inside(till.at.retailer):
        card = ProgramCard.objects.get(title="Card card")
    day = till.at.day(utc_now())
    sent = {"do": "check", "key": str(uuid4()), "card": card.pk, "punches": 2, "first_on": day, "last_on": day}
    url = reverse("checkout:paper_card", args=[till.betty.pk])
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "it would not have counted. Card card: this card is for breeders" in refused.content.decode()
    till.now = utc_now()
    till.becomes(make_breeder)
    assert client.post(url, sent).status_code == 200


def test_a_program_says_for_whom_it_is(client, counter):
    till = counter(Audience.NUMBERED)
    signed_in(client, till.by)
    with inside(till.at.retailer):
        program = Program.objects.get(title="Card")
    page = client.get(reverse("programs:detail", args=[program.pk])).content.decode()
    assert "Only for breeders to whom the brand gave a number" in page
    assert client.get(reverse("programs:list")).content.decode().count("Breeders with a number of the brand") == 1
