"""What a return can be refused for, in the words of the store."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError


class CannotReturn(DomainError):
    """It cannot be submitted, or not so."""


class CannotMoveOn(DomainError):
    """It stands elsewhere by now."""


def takes_no_part(brand: str) -> CannotReturn:
    sentence = _("%(brand)s takes nothing back from customers through Astro. Ask its representative.")
    return CannotReturn(sentence % {"brand": brand}, field="product")


def no_brand(product: str) -> CannotReturn:
    sentence = _("“%(product)s” has no brand that could credit it. Choose an item of a brand that takes part.")
    return CannotReturn(sentence % {"product": product}, field="product")


def email_missing(brand: str, customer: str) -> CannotReturn:
    sentence = _("%(brand)s asks for the customer's email, and there is none of %(customer)s. Add it first.")
    return CannotReturn(sentence % {"brand": brand, "customer": customer}, field="customer")


def phone_missing(brand: str, customer: str) -> CannotReturn:
    sentence = _("%(brand)s asks for the customer's phone, and there is none of %(customer)s. Add it first.")
    return CannotReturn(sentence % {"brand": brand, "customer": customer}, field="customer")


def purchase_missing(brand: str, days: int) -> CannotReturn:
    sentence = ngettext(
        "%(brand)s asks for a purchase that was recorded in the last %(days)s day. Choose it from the list.",
        "%(brand)s asks for a purchase that was recorded in the last %(days)s days. Choose it from the list.",
        days,
    )
    return CannotReturn(sentence % {"brand": brand, "days": days}, field="purchase")


def more_than_bought(left: int) -> CannotReturn:
    sentence = ngettext(
        "Of this purchase %(left)s unit is left to bring back. Change the quantity, or choose another purchase.",
        "Of this purchase %(left)s units are left to bring back. Change the quantity, or choose another purchase.",
        left,
    )
    return CannotReturn(sentence % {"left": left}, field="quantity")


def words_missing() -> CannotReturn:
    return CannotReturn(_("Say in a few words what was wrong."), field="reason_text")


def lot_missing() -> CannotReturn:
    return CannotReturn(_("Type the lot code as it is printed on the package, or scan the label."), field="lot_code")


def quantity_wrong(most: int) -> CannotReturn:
    return CannotReturn(_("Type how many were brought back: 1 to %(most)s.") % {"most": most}, field="quantity")


def does_not_pay(distributor: str, brand: str) -> CannotReturn:
    sentence = _("%(distributor)s does not credit %(brand)s at this location. Choose one from the list.")
    return CannotReturn(sentence % {"distributor": distributor, "brand": brand}, field="distributor")


def stands_elsewhere(state: str) -> CannotMoveOn:
    sentence = _("This return is “%(state)s” by now, so that cannot be done. Look at its history.")
    return CannotMoveOn(sentence % {"state": state}, status=409)


def pulled_already() -> CannotMoveOn:
    sentence = _(
        "The distributor has pulled its credit into a batch, so it can no longer be taken back here. Ask them."
    )
    return CannotMoveOn(sentence, status=409)


def reason_missing() -> CannotMoveOn:
    return CannotMoveOn(_("Say why: the store reads it."), field="decline_reason")
