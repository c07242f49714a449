"""Which of the cards that a basket would fill are for this customer: some are only for breeders, or for employees.

Till, check out and late entries ask here, for the day of the purchase.
"""

from __future__ import annotations

from datetime import date

from astro.checkout.dealing import Filling, cards_in
from astro.customers.models import Customer, Kind
from astro.customers.queries import kind_on
from astro.programs.audience import why_turned_away


def for_this_customer(customer: Customer, filling: Filling, *, day: date) -> tuple[Filling, dict[int, str]]:
    """The cards that the customer's purchases of that day fill; and why not the others, by program card.

    What fills another card needs no excuse: a pet owner's bag says nothing of the breeders' card that lists it, too. A
    breeder whose number is missing is always told. Asks nothing where every card is for everyone, else twice.
    """
    special = {pk: card for pk, card in cards_in(filling).items() if card.audience != "everyone"}
    if not special:
        return filling, {}
    was = kind_on(customer, day=day)
    judged = {
        pk: why_turned_away(
            card.audience,
            title=card.title,
            brand=card.brand,
            brand_id=card.brand_id,
            name=customer.first_name,
            kind=was.kind,
            numbered_by=was.numbered_by,
        )
        for pk, card in special.items()
    }
    kept = {
        product_id: [card for card in cards if not judged.get(card.program_card_id)]
        for product_id, cards in filling.items()
    }
    in_vain = {card.program_card_id for pk, cards in filling.items() if not kept[pk] for card in cards}
    told = {
        pk: why
        for pk, why in judged.items()
        if why and (pk in in_vain or (was.kind == Kind.BREEDER and special[pk].audience == "numbered"))
    }
    return {product_id: cards for product_id, cards in kept.items() if cards}, told
