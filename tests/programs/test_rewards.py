"""Which items may be the free one: the tables that a store owner can check by hand, and what holds for every card.

The tables stand in `reward_cases/`, one for each rule, in plain words; a table's headline is the rule's own sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from astro.kit.money import format_cents, parse_cents
from astro.programs.rewards import Item, Judged, OnCard, judge, reward_in_words
from astro.programs.rules import Choice, RuleOfCard, ValueLimit
from astro.programs.wording import sentence

TABLES = Path(__file__).parent / "reward_cases"
GUIDE = Path(__file__).parents[2] / "docs" / "rules.md"
RULES = {
    sentence(rule, money=str): rule
    for choice in get_args(Choice)
    for limit in get_args(ValueLimit)
    for rule in [RuleOfCard(4, 1, choice, limit)]
}

PUNCHES = re.compile(r"(?P<units>\d+) x (?P<name>.+?) (?:at (?P<price>\$[\d.]+)|without a price)")
CHANGE = re.compile(r"(?P<name>.+?) now (?:(?P<price>\$[\d.]+)|without a price)")
WANTED = re.compile(
    r"(?P<name>.+?)(?: at (?P<price>\$[\d.]+)|(?P<unpriced> without a price))?(?P<refused>, not on the reward list)?"
)


def money(cents: int) -> str:
    return format_cents(cents, "USD", "en-us")


def cents(price: str | None) -> int | None:
    return None if price is None else parse_cents(price)


def size_in(name: str) -> str:
    """What begins with a digit: of "Adult 30 lb" it is "30 lb"; a bath has none."""
    found = re.search(r"\d.*", name)
    return found[0] if found else ""


def match(pattern: re.Pattern[str], cell: str) -> re.Match[str]:
    found = pattern.fullmatch(cell)
    assert found, f"Nobody can read this: {cell}"
    return found


@dataclass(frozen=True)
class Case:
    """A row of a table, read."""

    rule: RuleOfCard
    punches: list[OnCard]
    prices: dict[int, int]
    wanted: Item
    answer: str
    words: str

    @classmethod
    def of(cls, rule: RuleOfCard, on_card: str, changes: str, wanted: str, answer: str, words: str) -> "Case":
        ids: dict[str, int] = {}
        punches: list[OnCard] = []
        kept: dict[str, set[int | None]] = {}
        for cell in on_card.split(", "):
            row = match(PUNCHES, cell)
            punch = OnCard(ids.setdefault(row["name"], len(ids) + 1), size_in(row["name"]), cents(row["price"]))
            punches += [punch] * int(row["units"])
            kept.setdefault(row["name"], set()).add(punch.kept_cents)
        today: dict[str, int | None] = {}
        for cell in [] if changes == "the same" else changes.split(", "):
            row = match(CHANGE, cell)
            assert row["name"] in kept, f"{row['name']} is not on the card: {changes}"
            today[row["name"]] = cents(row["price"])
        for name in kept.keys() - today.keys():
            assert len(kept[name]) == 1, f"What does {name} cost on the day? {on_card}"
            today[name] = next(iter(kept[name]))
        row = match(WANTED, wanted)
        assert (row["name"] in kept) != bool(row["price"] or row["unpriced"]), (
            f"A price for what is elsewhere: {wanted}"
        )
        if row["name"] not in kept:
            today[row["name"]] = cents(row["price"])
        item = Item(ids.setdefault(row["name"], 99), row["name"], size_in(row["name"]), is_reward=not row["refused"])
        prices = {ids[name]: price for name, price in today.items() if price is not None}
        return cls(rule, punches, prices, item, answer, words)


def cases() -> Iterator[object]:
    for table in sorted(TABLES.glob("*.md")):
        head, *lines = table.read_text(encoding="utf-8").splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        for number, row in enumerate(rows[2:], 1):
            yield pytest.param(Case.of(RULES[head.removeprefix("# ")], *row), id=f"{table.stem}-{number}")


@pytest.mark.parametrize("case", list(cases()))
def test_table(case: Case) -> None:
    assert len(case.punches) == case.rule.buy
    [judged] = judge(case.rule, case.punches, [case.wanted], prices=case.prices, money=money)
    said = judged.why_not or reward_in_words(case.rule, case.punches, prices=case.prices, money=money)
    assert ("yes" if judged.is_allowed else "no", said) == (case.answer, case.words)


def test_every_rule_has_a_table_with_both_answers_and_the_guide_names_it() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    answers: dict[str, list[str]] = {words: [] for words in RULES}
    for table in TABLES.glob("*.md"):
        head, *lines = table.read_text(encoding="utf-8").splitlines()
        answers[head.removeprefix("# ")] += [line.split("|")[4].strip() for line in lines if line.startswith("|")][2:]
        counted = len([line for line in lines if line.startswith("|")]) - 2
        assert f"[{counted} cases](../tests/programs/reward_cases/{table.name})" in guide
    for words, given_answers in answers.items():
        assert len(given_answers) >= 12, words
        assert set(given_answers) == {"yes", "no"}, words


# The edges of the contract.

ANY = RuleOfCard(4)
UP_TO_CHEAPEST = RuleOfCard(4, value_limit="lesser_or_equal")
ADULT = Item(1, "Adult 30 lb", "30 lb", is_reward=True)
SENIOR = Item(2, "Senior 30 lb", "30 lb", is_reward=True)
PUPPY = Item(3, "Puppy 30 lb", "30 lb", is_reward=True)
SMALL = Item(4, "Adult 15 lb", "15 lb", is_reward=True)
SAMPLER = Item(5, "Sampler box", "", is_reward=True)
FOUR_ADULT = [OnCard(1, "30 lb", 6499)] * 4
PRICES = {1: 6499, 2: 5999, 3: 7199, 4: 3899}


def test_what_may_be_given_stands_first_then_what_is_on_the_card_then_the_dearest() -> None:
    punches = [OnCard(1, "30 lb", 6499)] * 3 + [OnCard(2, "30 lb", 5999), OnCard(6, "", None)]
    trial = Item(6, "Trial bag", "", is_reward=True)
    cheap = Item(7, "Cheap 5 lb", "5 lb", is_reward=True)
    items = [SAMPLER, SMALL, cheap, PUPPY, trial, SENIOR, ADULT]
    judged = judge(UP_TO_CHEAPEST, punches, items, prices=PRICES | {7: 999}, money=money)
    assert [(one.item.name, one.value_cents, one.is_allowed) for one in judged] == [
        ("Senior 30 lb", 5999, True),
        ("Trial bag", None, True),
        ("Adult 15 lb", 3899, True),
        ("Cheap 5 lb", 999, True),
        ("Adult 30 lb", 6499, False),
        ("Puppy 30 lb", 7199, False),
        ("Sampler box", None, False),
    ]


def test_items_of_one_price_stand_by_name() -> None:
    items = [replace(PUPPY, product_id=12, name="Beef"), replace(PUPPY, product_id=11, name="Duck")]
    judged = judge(ANY, FOUR_ADULT, items, prices={11: 500, 12: 500}, money=money)
    assert [one.item.name for one in judged] == ["Beef", "Duck"]


def test_value_is_todays_price_else_the_lowest_that_was_kept() -> None:
    punches = [OnCard(1, "30 lb", None), OnCard(1, "30 lb", 6499), OnCard(1, "30 lb", 5999), OnCard(2, "30 lb", None)]
    judged = judge(ANY, punches, [ADULT, SENIOR, PUPPY], prices={3: 7199}, money=money)
    assert {one.item.name: one.value_cents for one in judged} == {
        "Adult 30 lb": 5999,
        "Senior 30 lb": None,
        "Puppy 30 lb": 7199,
    }


def test_a_bag_that_was_bought_keeps_its_size_when_the_list_comes_to_write_another() -> None:
    rule = RuleOfCard(4, choice="same_size")
    renamed = replace(ADULT, name="Adult 13.6 kg", size="13.6 kg")
    [judged] = judge(rule, FOUR_ADULT, [renamed], prices=PRICES, money=money)
    assert judged.is_allowed


def test_when_the_item_bought_most_often_is_too_dear_the_words_say_that_nothing_is_left() -> None:
    rule = RuleOfCard(4, choice="most_bought", value_limit="lesser_or_equal")
    punches = [OnCard(1, "30 lb", 6499)] * 3 + [OnCard(2, "30 lb", 5999)]
    assert not any(one.is_allowed for one in judge(rule, punches, [ADULT, SENIOR], prices=PRICES, money=money))
    assert reward_in_words(rule, punches, prices=PRICES, money=money) == (
        "Nothing now, because what was bought most often costs more than the cheapest on the card ($59.99)."
    )


@pytest.mark.parametrize("rule", RULES.values(), ids=str)
def test_nothing_is_given_for_a_card_without_punches(rule: RuleOfCard) -> None:
    assert judge(rule, [], [ADULT], prices=PRICES, money=money) == [
        Judged(ADULT, 6499, "There is nothing on this card yet.")
    ]
    words = reward_in_words(rule, [], prices=PRICES, money=money)
    assert words == "Nothing, because there is nothing on this card."


def test_money_is_written_as_the_caller_writes_it() -> None:
    def euros(amount: int) -> str:
        return format_cents(amount, "EUR", "fr")

    [judged] = judge(UP_TO_CHEAPEST, FOUR_ADULT, [PUPPY], prices=PRICES, money=euros)
    assert judged.why_not == "Costs more (71,99\u00a0€) than the cheapest on the card (64,99\u00a0€)."


# What holds for every card.

SIZES = {1: "30 lb", 2: "30 LB", 3: "15 lb", 4: "15 lb", 5: "", 6: "4 lb"}
rules = st.sampled_from(list(RULES.values()))
amounts = st.one_of(st.none(), st.integers(1, 9))
products = st.sampled_from(sorted(SIZES))
punches_of_a_card = st.lists(
    st.builds(lambda p, kept: OnCard(p, SIZES[p], kept), products, amounts), min_size=1, max_size=8
)
price_lists = st.dictionaries(products, st.integers(1, 9))
shelves = st.fixed_dictionaries({product: st.booleans() for product in SIZES}).map(
    lambda listed: [Item(p, f"Item {p}", SIZES[p], is_reward=listed[p]) for p in SIZES]
)
ALL = [Item(p, f"Item {p}", SIZES[p], is_reward=True) for p in SIZES]


def value(product: int, punches: list[OnCard], prices: dict[int, int]) -> int | None:
    kept = [punch.kept_cents for punch in punches if punch.product_id == product and punch.kept_cents is not None]
    return prices.get(product, min(kept, default=None))


def allowed(rule: RuleOfCard, punches: list[OnCard], items: list[Item], prices: dict[int, int]) -> set[int]:
    return {one.item.product_id for one in judge(rule, punches, items, prices=prices, money=money) if one.is_allowed}


@given(rules, punches_of_a_card, price_lists, shelves, st.randoms(use_true_random=False))
def test_order_of_punches_and_items_is_nothing(rule, punches, prices, items, random) -> None:
    shuffled, mixed = random.sample(punches, len(punches)), random.sample(items, len(items))
    assert judge(rule, shuffled, mixed, prices=prices, money=money) == judge(
        rule, punches, items, prices=prices, money=money
    )
    assert reward_in_words(rule, shuffled, prices=prices, money=money) == reward_in_words(
        rule, punches, prices=prices, money=money
    )


@given(rules, punches_of_a_card, price_lists, shelves)
def test_every_refusal_is_one_sentence_and_only_rewards_are_given(rule, punches, prices, items) -> None:
    judged = judge(rule, punches, items, prices=prices, money=money)
    assert sorted(one.item.product_id for one in judged) == sorted(SIZES)
    for one in judged:
        assert one.is_allowed == (one.why_not == "")
        assert one.is_allowed or re.fullmatch(r"[A-Z][^.]*(\.\d\d[^.]*)*\.", one.why_not), one.why_not
        assert one.item.is_reward or not one.is_allowed
    assert re.fullmatch(r"[A-Z][^.]*(\.\d\d[^.]*)*\.", reward_in_words(rule, punches, prices=prices, money=money))


@given(st.sampled_from(["any", "same_size"]), punches_of_a_card, price_lists, products, st.integers(1, 9))
def test_a_cheaper_punch_never_allows_more(choice, punches, prices, product, kept) -> None:
    """The product that comes onto the card by it apart: that one has become what was bought."""
    assume(choice == "any" or product in {punch.product_id for punch in punches})
    rule = replace(UP_TO_CHEAPEST, choice=choice)
    more = [*punches, OnCard(product, SIZES[product], kept)]
    cheapest = min((v for p in punches if (v := value(p.product_id, punches, prices)) is not None), default=None)
    added = value(product, more, prices)
    assume(cheapest is not None and added is not None and added <= cheapest)
    before, after = (allowed(rule, card, ALL, prices) for card in (punches, more))
    assert after - {product} <= before - {product}


@given(rules, punches_of_a_card, price_lists)
def test_the_cheapest_on_the_card_may_be_taken_where_the_choice_takes_it(rule, punches, prices) -> None:
    counts = {p.product_id: sum(q.product_id == p.product_id for q in punches) for p in punches}
    often = {product for product, count in counts.items() if count == max(counts.values())}
    values = {product: value(product, punches, prices) for product in counts}
    limit = min((v for v in values.values() if v is not None), default=None)
    cheapest = {product for product, v in values.items() if v is None or v == limit}
    expected = cheapest & often if rule.choice == "most_bought" else cheapest
    assert expected <= allowed(rule, punches, ALL, prices)


@given(rules, punches_of_a_card, price_lists, st.integers(2, 50))
def test_when_everything_rises_by_the_same_factor_nothing_changes(rule, punches, prices, factor) -> None:
    dearer = [replace(p, kept_cents=p.kept_cents and p.kept_cents * factor) for p in punches]
    risen = {product: price * factor for product, price in prices.items()}
    assert allowed(rule, dearer, ALL, risen) == allowed(rule, punches, ALL, prices)


@given(rules, products, st.lists(amounts, min_size=1, max_size=6), amounts)
def test_no_price_forbids_the_only_item_that_was_bought(rule, product, kept, today) -> None:
    punches = [OnCard(product, SIZES[product], price) for price in kept]
    assert product in allowed(rule, punches, ALL, {} if today is None else {product: today})


@given(rules, punches_of_a_card, price_lists)
def test_a_value_limit_only_takes_away_and_a_choice_too(rule, punches, prices) -> None:
    freest = allowed(ANY, punches, ALL, prices)
    assert freest == set(SIZES)
    chosen = allowed(replace(rule, value_limit="none"), punches, ALL, prices)
    limited = allowed(replace(rule, choice="any"), punches, ALL, prices)
    assert allowed(rule, punches, ALL, prices) == chosen & limited


@given(rules, punches_of_a_card, price_lists)
def test_the_words_say_nothing_exactly_where_nothing_on_the_card_can_be_given(rule, punches, prices) -> None:
    bought = {punch.product_id for punch in punches}
    words = reward_in_words(rule, punches, prices=prices, money=money)
    assert words.startswith("Nothing") == (not bought & allowed(rule, punches, ALL, prices))
