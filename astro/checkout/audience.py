"""Which of the cards that a basket would fill are for this customer: some are only for breeders, or for employees.

Till, check out and late entries ask here, for the day of the purchase.
"""

from __future__ import annotations

from datetime import date

from astro.checkout.dealing import Filling, cards_in
from astro.customers.models import Customer
from astro.customers.queries import kind_on
from astro.programs.audience import why_turned_away


def for_this_customer(customer: Customer, filling: Filling, *, day: date) -> tuple[Filling, dict[int, str]]:
    """The cards that the customer's purchases of that day fill; and why not the others, by program card.

    Asks nothing where every card is for everyone, else twice.
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
    turned_away = {pk: why for pk, why in judged.items() if why}
    kept = {
        product_id: [card for card in cards if card.program_card_id not in turned_away]
        for product_id, cards in filling.items()
    }
    return {product_id: cards for product_id, cards in kept.items() if cards}, turned_away
