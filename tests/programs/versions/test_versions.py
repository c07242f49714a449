"""Versions of a brand's program: announced, withdrawn, told on the program and on the cards that began before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.cards.models import Card
from astro.cards.queries import shown_cards
from astro.catalog.models import Product
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.checkout.till_page import till_page
from astro.customer_app.queries import app_cards
from astro.customers.models import Customer
from astro.desk.customer_page import customer_page
from astro.kit.append_only import RowIsFinal
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.money import format_cents
from astro.programs.actions import NewCard
from astro.programs.models import CardRule, Program, ProgramCard, ProgramVersion, VersionNotice
from astro.programs.queries import standing_on
from astro.programs.rules import RuleOfCard
from astro.programs.versions.actions import publish_version, withdraw_version
from astro.programs.versions.reading import first_day, touched_by, under_which, versions_of
from astro.tenancy.models import Location, Retailer
from tests import cast

NOW = cast.NOW
TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
SOON = TODAY + timedelta(days=10)
MONEY = partial(format_cents, currency="USD")
TWELVE = RuleOfCard(12, 1, "any", "lesser_or_equal")
TEN = RuleOfCard(10, 1, "any", "lesser_or_equal")


@pytest.fixture
def sue(db: None) -> User:
    return cast.make_support()


@pytest.fixture
def food(northpaw: Any) -> Product:
    return cast.make_product(name="Gold", brand=northpaw)


@pytest.fixture
def program(northpaw: Any, food: Product, midtown: Location, owner: User) -> Program:
    made = cast.make_program(title="Northpaw Dry Dog", brand=northpaw, products=[food], rule=TWELVE)
    cast.make_enrollment(midtown, program=made, by=owner)
    return made


def card_of(program: Program) -> ProgramCard:
    with cast.platform("test"):
        return program.cards.get()


def published(program: Program, rule: RuleOfCard, sue: User, *, from_on: date = SOON, now: datetime = NOW) -> Any:
    return publish_version(card_of(program), rule, from_on=from_on, reason="A new year", by=sue, now=now)


def over(rule: RuleOfCard) -> RuleOfCard:
    return RuleOfCard(rule.buy, rule.get, rule.choice, rule.value_limit, takes_over=True)


def bought(customer: Customer, food: Product, count: int, *, at: Location, now: datetime) -> None:
    basket = Basket(uuid4(), now, (Line(uuid4(), food.pk, count),), uuid4().hex * 2)
    record_visit(customer, basket, at=at, by=None, now=now)


def test_the_next_version_keeps_the_first_and_says_who_and_why(program: Program, sue: User) -> None:
    version = published(program, TEN, sue)
    with cast.platform("test"):
        rows = CardRule.objects.order_by("version__number").values_list("buy", "version__number", "version__from_on")
        assert list(rows) == [(12, 1, cast.LONG_AGO), (10, 2, SOON)]
        notice = VersionNotice.objects.get()
        assert (notice.number, notice.reason, notice.by, notice.is_withdrawal) == (2, "A new year", sue, False)
        assert notice.rules[str(card_of(program).pk)]["buy"] == 10
        with pytest.raises(RowIsFinal):
            VersionNotice.objects.update(reason="")
        shown = versions_of(program, day=TODAY, money=MONEY, earliest=TOMORROW)
        told = [(one.version, one.until_on, one.holds, one.is_begun, one.may_be_withdrawn, one.reason) for one in shown]
        first = ProgramVersion.objects.get(number=1)
        assert told == [
            (version, None, False, False, True, "A new year"),
            (first, SOON - timedelta(days=1), True, True, False, ""),
        ]


def test_other_cards_of_the_program_keep_their_rules(northpaw: Any, sue: User) -> None:
    cards = [NewCard(name, TWELVE, [cast.make_product(brand=northpaw)]) for name in ("Large", "Small")]
    program = cast.make_program(title="Both", brand=northpaw, cards=cards)
    with cast.platform("test"):
        large, small = program.cards.order_by("title")
    publish_version(large, TEN, from_on=SOON, reason="Why", by=sue, now=NOW)
    publish_version(small, over(RuleOfCard(8)), from_on=SOON, reason="Why", by=sue, now=NOW)
    with cast.platform("test"):
        shown = versions_of(program, day=TODAY, money=MONEY, earliest=TOMORROW)
        assert [(one.version.number, one.is_skipped) for one in shown] == [(3, False), (2, True), (1, False)]
        rules = CardRule.objects.filter(version__number=3).order_by("program_card__title")
        assert list(rules.values_list("buy", "takes_over")) == [(10, False), (8, True)]
        assert [one.is_new for one in shown[0].rules] == [False, True]


@pytest.mark.parametrize(
    ("rule", "from_on", "reason", "sentence"),
    [
        (TEN, TODAY, "Why", "That day has begun at some store. Choose November 21, 2026"),
        (TEN, TODAY - timedelta(days=9), "Why", "That day has begun"),
        (TWELVE, SOON, "Why", "This is the rule that holds then anyway"),
        (over(TWELVE), SOON, "Why", "This is the rule that holds then anyway"),
        (RuleOfCard(12, gives="money", gift_cents=500), SOON, "Why", "That would be another card"),
        (RuleOfCard(12, piles="item"), SOON, "Why", "That would be another card"),
        (TEN, SOON, "  ", "Say why in a few words"),
        (TEN, date(2028, 1, 1), "Why", "The program ends on December 31, 2027"),
    ],
)
def test_what_cannot_be_published_is_refused(
    northpaw: Any, midtown: Location, sue: User, rule: RuleOfCard, from_on: date, reason: str, sentence: str
) -> None:
    program = cast.make_program(brand=northpaw, rule=TWELVE, ends_on=date(2027, 12, 31))
    with pytest.raises(DomainError, match=sentence):
        publish_version(card_of(program), rule, from_on=from_on, reason=reason, by=sue, now=NOW)
    with cast.platform("test"):
        assert (ProgramVersion.objects.count(), VersionNotice.objects.count()) == (1, 0)


def test_a_version_before_the_last_one_and_a_stores_own_program_are_refused(
    program: Program, huxley: Retailer, sue: User
) -> None:
    published(program, TEN, sue)
    with pytest.raises(DomainError, match="The last change of this program is from"):
        published(program, RuleOfCard(8), sue, from_on=SOON - timedelta(days=1))
    own = cast.make_program(retailer=huxley)
    with cast.inside(huxley):
        card = own.cards.get()
    with pytest.raises((DomainError, IndexError)):
        publish_version(card, TEN, from_on=SOON, reason="Why", by=sue, now=NOW)


def test_the_first_day_has_begun_nowhere(huxley: Retailer, midtown: Location, sue: User, program: Program) -> None:
    assert first_day(NOW) == TOMORROW
    cast.make_location(huxley, name="Far east", time_zone="Asia/Tokyo")  # where it is tomorrow already
    late = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert first_day(late) == TODAY + timedelta(days=2)
    with pytest.raises(DomainError, match="That day has begun"):
        published(program, TEN, sue, from_on=TOMORROW)


def test_withdrawn_before_it_begins_nothing_is_left_but_the_notices(
    program: Program, huxley: Retailer, midtown: Location, owner: User, food: Product, sue: User
) -> None:
    version = published(program, TEN, sue)
    withdraw_version(version, reason="A slip", by=sue, now=NOW)
    with pytest.raises(DomainError, match="withdrawn already"):
        withdraw_version(version, reason="A slip", by=sue, now=NOW)
    with cast.platform("test"):
        assert list(CardRule.objects.values_list("buy", flat=True)) == [12]
        told = VersionNotice.objects.values_list("number", "is_withdrawal", "reason")
        assert list(told) == [(2, False, "A new year"), (2, True, "A slip")]
    with cast.inside(huxley):
        customer = cast.make_customer(at=midtown)
        bought(customer, food, 1, at=midtown, now=NOW + timedelta(days=20))
        assert Card.objects.get().need == 12
    again = published(program, RuleOfCard(8), sue, from_on=SOON - timedelta(days=3))
    assert (again.number, again.from_on) == (2, SOON - timedelta(days=3))


def test_what_has_begun_or_carries_a_later_one_is_not_withdrawn(program: Program, sue: User) -> None:
    second = published(program, TEN, sue)
    published(program, RuleOfCard(8), sue, from_on=SOON + timedelta(days=9))
    with pytest.raises(DomainError, match="A later version builds on it"):
        withdraw_version(second, reason="Why", by=sue, now=NOW)
    with pytest.raises(DomainError, match="It has begun at some store"):
        withdraw_version(second, reason="Why", by=sue, now=NOW + timedelta(days=10))
    with cast.platform("test"):
        first = ProgramVersion.objects.get(number=1)
    with pytest.raises(DomainError, match="It has begun"):
        withdraw_version(first, reason="Why", by=sue, now=NOW)


def test_how_many_it_touches_is_counted_without_names(
    program: Program, huxley: Retailer, riverside: Location, elsewhere: Location, owner: User, other_owner: User
) -> None:
    cast.make_enrollment(riverside, program=program, by=owner)
    cast.make_enrollment(elsewhere, program=program, by=other_owner)
    assert touched_by(program, from_on=SOON) == (2, 3)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (
            TEN,
            "Began under: Buy 12, get 1. New cards from Nov 30: Buy 10, get 1.",
            "Began under: Buy 12, get 1. New cards since Nov 30: Buy 10, get 1.",
        ),
        (
            over(TEN),
            "Began under: Buy 12, get 1. From Nov 30 on, with its next purchase: Buy 10, get 1.",
            "Began under: Buy 12, get 1. From its next purchase on: Buy 10, get 1.",
        ),
    ],
)
def test_a_card_says_under_which_version_it_runs(
    program: Program,
    huxley: Retailer,
    midtown: Location,
    food: Product,
    sue: User,
    rule: RuleOfCard,
    before: str,
    after: str,
) -> None:
    with cast.inside(huxley):
        customer = cast.make_customer(at=midtown)
        bought(customer, food, 2, at=midtown, now=NOW)

    def said(now: datetime) -> set[str]:
        with cast.inside(huxley):
            day = midtown.day(now)
            at_till = [one.version for one in till_page(customer, [], at=midtown, now=now).cards]
            in_app = [one.version for one in app_cards(customer, day=day, money=MONEY)]
            in_office = [one.version for one in customer_page(customer, at=midtown, today=day).cards]
            assert at_till == in_app == in_office
            return set(at_till)

    assert said(NOW) == {""}
    published(program, rule, sue)
    assert said(NOW) == {before}
    later = NOW + timedelta(days=12)
    assert said(later) == {after}
    with cast.inside(huxley):
        bought(customer, food, 1, at=midtown, now=later)
        card = Card.objects.get()
    if rule.takes_over:
        assert (card.need, said(later)) == (10, {""})
    else:
        assert (card.need, said(later)) == (12, {after})
    with cast.inside(huxley):
        other = cast.make_customer(at=midtown)
        bought(other, food, 1, at=midtown, now=later)
        assert Card.objects.get(customer=other).need == 10


def test_a_program_of_one_version_costs_no_further_query(
    program: Program, huxley: Retailer, midtown: Location, food: Product, django_assert_num_queries: Any
) -> None:
    with cast.inside(huxley):
        customer = cast.make_customer(at=midtown)
        bought(customer, food, 2, at=midtown, now=NOW)
        pairs = [(card.program_card_id, card.rule_id) for card in shown_cards(customer, day=TODAY)]
        standing = standing_on({pk for pk, _rule in pairs}, location=midtown, day=TODAY)
        with django_assert_num_queries(0):
            assert under_which(pairs, standing=standing, day=TODAY, money=MONEY) == {}


class TestPages:
    @pytest.fixture
    def as_sue(self, client: Client, sue: User) -> Client:
        client.force_login(sue)
        return client

    def asked(self, **told: Any) -> dict[str, Any]:
        day = utc_now().date() + timedelta(days=9)
        settled = {"from_on": day.isoformat(), "takes_over": "no", "buy": "10", "get": "1", "choice": "any"}
        return {**settled, "value_limit": "lesser_or_equal", "reason": "A new year", **told}

    def address(self, program: Program) -> str:
        return reverse("backoffice:version_new", args=[program.pk, card_of(program).pk])

    def test_from_the_list_to_the_published_version_and_back(
        self, as_sue: Client, client: Client, owner: User, program: Program, sue: User
    ) -> None:
        found = as_sue.get(reverse("backoffice:programs"), {"q": "northpaw"})
        assert [row.title for row, _coming in found.context["rows"]] == ["Northpaw Dry Dog"]
        assert "No program fits this" in as_sue.get(reverse("backoffice:programs"), {"q": "zzz"}).content.decode()
        check = as_sue.post(self.address(program), self.asked()).content.decode()
        assert "Buy 10, get 1 free of lesser or equal value" in check
        assert "It touches 1 store with 1 of its locations." in check
        assert "Open cards go on as they began." in check
        with cast.platform("test"):
            assert ProgramVersion.objects.count() == 1
        back = as_sue.post(self.address(program), self.asked(change="1"))
        assert (back.status_code, back.context["form"]["buy"].value()) == (200, "10")
        page = as_sue.post(self.address(program), self.asked(agreed="1"), follow=True).content.decode()
        assert ("To come" in page, "A new year" in page, ">Withdraw<" in page) == (True, True, True)
        file = as_sue.get(reverse("backoffice:export_programs")).getvalue().decode()
        assert "Northpaw Dry Dog" in file
        with cast.platform("test"):
            version = ProgramVersion.objects.get(number=2)
        away = reverse("backoffice:version_withdrawal", args=[program.pk, version.pk])
        assert "It never comes." in as_sue.get(away).content.decode()
        assert as_sue.post(away, {"reason": " "}).status_code == 422
        gone = as_sue.post(away, {"reason": "A slip"}, follow=True).content.decode()
        assert ("Withdrawn: what held before goes on." in gone, "A slip" in gone) == (True, True)
        assert as_sue.post(away, {"reason": "A slip"}).status_code == 404

    def test_what_is_wrong_stands_beside_its_field(self, as_sue: Client, program: Program) -> None:
        for told, sentence in [
            ({"from_on": utc_now().date().isoformat()}, "That day has begun at some store"),
            ({"from_on": "soon"}, "Write a day like"),
            ({"takes_over": ""}, "Choose one of the two"),
            ({"buy": "0"}, "greater than or equal to 1"),
            ({"buy": "12"}, "This is the rule that holds then anyway"),
            ({"reason": ""}, "Say why in a few words"),
            ({"get": "3", "most": "2"}, "One full card gives more than that"),
        ]:
            for agreed in ({}, {"agreed": "1"}):
                answer = as_sue.post(self.address(program), self.asked(**told, **agreed))
                assert (answer.status_code, sentence in answer.content.decode()) == (422, True), told
        with cast.platform("test"):
            assert ProgramVersion.objects.count() == 1

    def test_the_store_reads_the_versions_with_their_days(
        self, client: Client, owner: User, program: Program, sue: User
    ) -> None:
        cast.signed_in(client, owner)
        address = reverse("programs:detail", args=[program.pk])
        assert "Versions" not in client.get(address).content.decode()
        published(program, over(TEN), sue, from_on=utc_now().date() + timedelta(days=9), now=utc_now())
        words = client.get(address).content.decode()
        assert ("Holds now" in words, "To come" in words, "A new year" in words) == (True, True, True)
        assert "move over with their next purchase" in words
        assert "Withdraw" not in words

    def test_a_stores_own_program_is_nobodys_to_change(self, as_sue: Client, huxley: Retailer) -> None:
        own = cast.make_program(retailer=huxley)
        assert as_sue.get(reverse("backoffice:program", args=[own.pk])).status_code == 404
