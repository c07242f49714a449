"""The words and the days of a program's rules."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from astro.programs.rules import RuleOfCard, is_counting, version_in_force
from astro.programs.wording import explanation, sentence, short

DAY = date(2026, 11, 20)


def dollars(cents: int) -> str:
    return f"${cents / 100:.2f}"


@dataclass(frozen=True)
class Span:
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class Version:
    number: int
    from_on: date


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (RuleOfCard(12, value_limit="lesser_or_equal"), "Buy 12, get 1 free of lesser or equal value"),
        (RuleOfCard(8), "Buy 8, get 1 free, any item on the list"),
        (RuleOfCard(10, 2, "same_size"), "Buy 10, get 2 free of the same size"),
        (
            RuleOfCard(10, 1, "same_size", "lesser_or_equal"),
            "Buy 10, get 1 free of the same size and of lesser or equal value",
        ),
        (RuleOfCard(6, 1, "most_bought"), "Buy 6, get 1 free of the item bought most often"),
        (
            RuleOfCard(6, 1, "most_bought", "lesser_or_equal"),
            "Buy 6, get 1 free of the item bought most often, of lesser or equal value",
        ),
        (RuleOfCard(2, piles="visit", gives="money", gift_cents=350), "Buy 2, get $3.50 off, all in one visit"),
        (RuleOfCard(5, gives="percent", gift_percent=10), "Buy 5, get 10% off"),
        (RuleOfCard(10, gives="words", gift_words="a nail trim"), "Buy 10, get a nail trim"),
        (RuleOfCard(10, gives="back", back_points=250), "2.5% back after 10 purchases"),
        (RuleOfCard(10, 0, is_prepaid=True, gives="nothing"), "10 uses, paid before"),
    ],
)
def test_rule_is_told_in_one_sentence(rule: RuleOfCard, words: str) -> None:
    assert sentence(rule, money=dollars) == words


def test_short_rule_for_lists() -> None:
    assert short(RuleOfCard(12, 1, "any", "lesser_or_equal"), money=dollars) == "Buy 12, get 1"


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (
            RuleOfCard(12, 1, "any", "lesser_or_equal", 24),
            [
                "The customer may choose any item of the reward list.",
                "The free item may cost as much as the cheapest item on the card, not more.",
                "A punch counts for 24 months.",
            ],
        ),
        (
            RuleOfCard(12, 1, "same_size", expiry_months=1),
            [
                "The free item has the same size as what was bought.",
                "What the free item costs does not matter.",
                "A punch counts for 1 month.",
            ],
        ),
        (
            RuleOfCard(12, 1, "most_bought"),
            [
                "The free item is the one bought most often; if several were, any of those.",
                "What the free item costs does not matter.",
                "Punches do not expire.",
            ],
        ),
        (
            RuleOfCard(2, piles="visit", most=3, gives="money", gift_cents=350),
            [
                "All in one visit: what is not complete at Finished lapses.",
                "A full card gives: $3.50 off.",
                "At most 3 rewards for a customer.",
                "Punches do not expire.",
            ],
        ),
        (
            RuleOfCard(10, piles="item", takes_over=True, gives="back", back_points=500),
            [
                "Each item has a card of its own: only the same item fills it further.",
                "Each purchase adds 5% of what was paid. The sum is paid out once, when the card is full.",
                "Punches do not expire.",
                "Cards in progress come under this rule with their next purchase.",
            ],
        ),
        (
            RuleOfCard(10, 0, is_prepaid=True, gives="nothing"),
            [
                "The customer pays for the card first. Each use is a punch.",
                "When every use is punched the card is used up.",
                "Punches do not expire.",
            ],
        ),
    ],
)
def test_rule_is_explained(rule: RuleOfCard, sentences: list[str]) -> None:
    assert explanation(rule, money=dollars) == sentences


@pytest.mark.parametrize(("buy", "get", "months"), [(0, 1, None), (1, 0, None), (-1, 1, None), (1, 1, 0)])
def test_no_card_asks_for_nothing_or_gives_nothing(buy: int, get: int, months: int | None) -> None:
    with pytest.raises(ValueError, match="at least"):
        RuleOfCard(buy, get, expiry_months=months)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), 1),
        (date(2026, 6, 30), 1),
        (date(2026, 7, 1), 3),
        (date(2027, 1, 1), 3),
    ],
)
def test_the_version_that_began_last_holds_and_of_two_that_begin_together_the_later(
    day: date, number: int | None
) -> None:
    versions = [Version(3, date(2026, 7, 1)), Version(1, date(2026, 1, 1)), Version(2, date(2026, 7, 1))]
    holding = version_in_force(versions, day)
    assert (holding and holding.number) == number


def test_enrollment_counts_from_its_first_through_its_last_day() -> None:
    span = Span(DAY, DAY + timedelta(days=2))
    days = [DAY + timedelta(days=n) for n in range(-1, 4)]
    assert [is_counting(span, day) for day in days] == [False, True, True, True, False]


def test_enrollment_without_last_day_goes_on() -> None:
    assert is_counting(Span(DAY), DAY + timedelta(days=3650))


def test_enrollment_that_was_taken_back_never_counts() -> None:
    span = Span(DAY, DAY - timedelta(days=1))
    assert not any(is_counting(span, DAY + timedelta(days=n)) for n in range(-2, 3))


@pytest.mark.parametrize(
    "wrong",
    [
        {"gives": "money"},
        {"gives": "percent", "gift_percent": 101},
        {"gives": "words", "gift_words": "  "},
        {"gives": "back", "back_points": 10_001},
        {"is_prepaid": True},
        {"gives": "nothing"},
        {"most": 0},
        {"get": 2, "most": 1},
        {"get": 0, "is_prepaid": True, "gives": "nothing", "piles": "item"},
    ],
)
def test_what_no_card_can_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\."):
        RuleOfCard(5, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "paid", "worth"),
    [(500, 1000, 50), (500, 1010, 51), (500, 1009, 50), (250, 20, 1), (10_000, 7, 7), (500, None, 0)],
)
def test_cash_back_counts_half_a_cent_up(points: int, paid: int | None, worth: int) -> None:
    assert RuleOfCard(5, gives="back", back_points=points).worth(paid) == worth
