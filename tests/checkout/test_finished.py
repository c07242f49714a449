"""What Finished tells of a visit, from the two answers stored with it."""

from typing import Any

from astro.checkout.finished import CardAfter, Line, told


def a_line(name: str, quantity: int, *cards: str) -> dict[str, Any]:
    return {"name": name, "size": "30 lb", "quantity": quantity, "cards": list(cards)}


def a_card(title: str, punches: int, added: int, *, need: int = 12) -> dict[str, Any]:
    rewards = int(punches == need)
    return {"brand": "Northpaw", "title": title, "need": need, "punches": punches, "added": added, "rewards": rewards}


def an_answer(lines: list[dict[str, Any]], cards: list[dict[str, Any]]) -> dict[str, Any]:
    return {"lines": lines, "cards": cards, "rewards": sum(card["rewards"] for card in cards)}


def sealed(*gifts: tuple[str, str, bool], kept: int = 0) -> dict[str, Any]:
    rows = [{"name": name, "size": "30 lb", "title": title, "is_scanned": scanned} for name, title, scanned in gifts]
    return {"redemptions": rows, "kept": kept}


def test_without_rewards_it_is_what_was_bought() -> None:
    found = told(an_answer([a_line("Gold", 2, "Dry"), a_line("Rope", 1)], [a_card("Dry", 5, 2)]), None)
    assert (found.punches, found.kept, found.gifts) == (2, 0, [])
    assert [(line.title, line.words, line.kind) for line in found.lines] == [
        ("Gold 30 lb", "Dry", "ok"),
        ("Rope 30 lb", "No program for this item", ""),
    ]
    assert [card.words for card in found.cards] == ["5 of 12, 7 to go"]


def test_a_full_card_waits_until_its_reward_is_handed_out() -> None:
    answer = an_answer([a_line("Gold", 1, "Dry")], [a_card("Dry", 12, 1)])
    assert [(card.words, card.is_ready) for card in told(answer, None).cards] == [("12 of 12", True)]
    assert told(answer, sealed(kept=1)).kept == 1
    after = told(answer, sealed(("Gold", "Dry", False)))
    assert [(card.words, card.is_ready) for card in after.cards] == [("redeemed, 12 of 12", False)]
    assert (after.kept, after.punches, after.lines[0].free) == (0, 1, 0)


def test_a_scanned_unit_leaves_its_line_and_its_cards() -> None:
    answer = an_answer(
        [a_line("Gold", 2, "Dry", "Club")], [a_card("Dry", 12, 1), a_card("Dry", 1, 1), a_card("Club", 4, 2)]
    )
    found = told(answer, sealed(("Gold", "Dry", True)))
    assert found.lines == [Line("Gold", "30 lb", 2, ["Dry", "Club"], free=1)]
    assert found.lines[0].words == "1 of them counted once, as the free one"
    assert found.cards == [
        CardAfter("Northpaw", "Dry", 12, 12, 1, is_full=True, is_redeemed=True),
        CardAfter("Northpaw", "Club", 12, 3, 1, is_full=False),
    ]
    assert found.punches == 2


def test_each_free_item_takes_a_unit_of_its_own() -> None:
    answer = an_answer([a_line("Gold", 2, "Dry")], [a_card("Dry", 2, 2)])
    found = told(answer, sealed(("Gold", "Other", True), ("Gold", "Other", True), ("Gold", "Other", True)))
    assert (found.lines[0].free, found.lines[0].paid, found.lines[0].words) == (2, 0, "counted once, as the free one")
    assert found.cards == []


def test_a_second_item_beside_one_that_is_paid_for_is_told_as_such() -> None:
    answer = an_answer([a_line("Gold", 1, "Dry"), a_line("Lamb", 2, "Dry")], [a_card("Dry", 12, 3)])
    gifts = [("Gold", "Dry", False), ("Lamb", "Dry", True), ("Senior", "Dry", False)]
    found = told(answer, sealed(*gifts))
    assert [(gift["name"], gift["is_besides"]) for gift in found.gifts] == [
        ("Gold", True),
        ("Lamb", False),
        ("Senior", False),
    ]


def test_a_visit_that_the_clock_sealed_kept_nothing_in_mind() -> None:
    found = told(an_answer([a_line("Gold", 1, "Dry")], [a_card("Dry", 12, 1)]), {"redemptions": []})
    assert (found.gifts, found.kept) == ([], 0)
