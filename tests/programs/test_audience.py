"""Whose purchases fill a program's cards, in words for the till."""

import pytest

from astro.programs.audience import why_turned_away

NORTHPAW, OTHER = 1, 2
BUT_A_PET_OWNER = "Dry Dog: this card is for %s, and Betty is a pet owner. Convert the account under Edit."
BUT_ELSE = "Dry Dog: this card is for %s, and Betty is %s."
NO_NUMBER = "Dry Dog: this card needs a breeder number of Northpaw. Write down the one of Betty under Edit."


@pytest.mark.parametrize(
    ("kind", "numbered_by", "breeders", "numbered", "employees"),
    [
        ("pet_owner", [], *[BUT_A_PET_OWNER % "breeders"] * 2, BUT_A_PET_OWNER % "employees"),
        ("pet_owner", [NORTHPAW], *[BUT_A_PET_OWNER % "breeders"] * 2, BUT_A_PET_OWNER % "employees"),
        ("breeder", [], "", NO_NUMBER, BUT_ELSE % ("employees", "a breeder")),
        ("breeder", [OTHER], "", NO_NUMBER, BUT_ELSE % ("employees", "a breeder")),
        ("breeder", [OTHER, NORTHPAW], "", "", BUT_ELSE % ("employees", "a breeder")),
        ("employee", [], *[BUT_ELSE % ("breeders", "an employee")] * 2, ""),
    ],
)
def test_why_a_card_takes_no_purchase_of_a_customer(kind, numbered_by, breeders, numbered, employees):
    judged = [
        why_turned_away(
            audience,
            title="Dry Dog",
            brand="Northpaw",
            brand_id=NORTHPAW,
            name="Betty",
            kind=kind,
            numbered_by=frozenset(numbered_by),
        )
        for audience in ("everyone", "breeders", "numbered", "employees")
    ]
    assert judged == ["", breeders, numbered, employees]
