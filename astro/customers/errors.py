"""What can go wrong with a customer, in the user's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError

if TYPE_CHECKING:
    from astro.customers.models import Customer


class DetailError(DomainError):
    """A name, phone number or address that cannot be kept as it was typed; `field` says which."""


class AlreadyCustomer(DomainError):
    """The phone number or e-mail address belongs to another living customer, who is in `existing`."""

    existing: Customer

    def __init__(self, existing: Customer, *, field: str) -> None:
        sentence = {
            "phone": _("%(name)s has this number already. Use that customer, or type another number."),
            "email": _("%(name)s has this e-mail address already. Use that customer, or type another address."),
        }[field]
        super().__init__(sentence % {"name": existing.name}, field=field)
        self.existing = existing


class PracticeStays(DomainError):
    """The practice customer was to be retired."""

    def __init__(self) -> None:
        super().__init__(_("This customer is there to practice with, so it stays. Nothing it buys is reported."))


class Gone(DomainError):
    """The customer was retired, here or at another screen."""

    def __init__(self) -> None:
        super().__init__(_("This customer was removed from your list. Look for another account of theirs."), status=409)
