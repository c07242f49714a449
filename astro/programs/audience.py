"""For whom a program is, and in words a cashier can say aloud why a customer's purchase does not fill its card.

Only filling is judged here: what was punched stays, and a reward that was earned may be redeemed by whoever the
customer has become since.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from django.utils.translation import gettext as _

Audience = Literal["everyone", "breeders", "numbered", "employees"]
"""`numbered`: breeders to whom the program's own brand gave a number."""


def is_for(audience: Audience, kind: str) -> bool:
    """Whether customers of this kind take part at all, given the number that the brand may ask."""
    return audience == "everyone" or kind == ("employee" if audience == "employees" else "breeder")


def why_turned_away(
    audience: Audience,
    *,
    title: str,
    brand: str,
    brand_id: int | None,
    name: str,
    kind: str,
    numbered_by: Collection[int],
) -> str:
    """Why the card takes no purchase of this customer; empty where it does.

    `kind` is what the customer was on the day (`pet_owner`, `breeder`, `employee`), `numbered_by` the ids of the brands
    whose number they had. `title` and `brand` are those of the card.
    """
    told = {"title": title, "brand": brand, "name": name}
    is_breeder, is_employee = kind == "breeder", kind == "employee"
    if audience == "everyone" or (audience == "employees" and is_employee):
        return ""
    if audience == "employees":
        if is_breeder:
            return _("%(title)s: this card is for employees, and %(name)s is a breeder.") % told
        return (
            _("%(title)s: this card is for employees, and %(name)s is a pet owner. Convert the account under Edit.")
            % told
        )
    if not is_breeder:
        if is_employee:
            return _("%(title)s: this card is for breeders, and %(name)s is an employee.") % told
        return (
            _("%(title)s: this card is for breeders, and %(name)s is a pet owner. Convert the account under Edit.")
            % told
        )
    if audience == "numbered" and brand_id not in numbered_by:
        return (
            _("%(title)s: this card needs a breeder number of %(brand)s. Write down the one of %(name)s under Edit.")
            % told
        )
    return ""
