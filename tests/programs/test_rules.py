"""The words and the days of a program's rules."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from astro.programs.rules import RuleOfCard, explanation, is_counting, sentence, short, version_in_force

DAY = date(2026, 11, 20)


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
    ],
)
def test_rule_is_told_in_one_sentence(rule: RuleOfCard, words: str) -> None:
    assert sentence(rule) == words
    assert str(rule) == words


def test_short_rule_for_lists() -> None:
    assert short(RuleOfCard(12, 1, "any", "lesser_or_equal")) == "Buy 12, get 1"


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
    ],
)
def test_rule_is_explained(rule: RuleOfCard, sentences: list[str]) -> None:
    assert explanation(rule) == sentences


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
