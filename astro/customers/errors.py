"""What can go wrong with a customer, in the user's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.formats import time_format
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
            "internal_id": _("%(name)s has this Internal Customer ID already. Use that customer, or type another."),
            "breeder_number": _("%(name)s has this breeder number already. Use that customer, or type another number."),
            "employee_id": _("%(name)s has this Employee ID already. Use that customer, or type another one."),
        }[field]
        super().__init__(sentence % {"name": existing.name}, field=field)
        self.existing = existing


class TagTaken(DomainError):
    """There is a tag of that name, perhaps an archived one."""

    def __init__(self, label: str, *, is_archived: bool) -> None:
        sentence = (
            _("There is an archived tag “%(label)s”. Restore it, or type another name.")
            if is_archived
            else _("There is a tag “%(label)s” already. Use it, or type another name.")
        )
        super().__init__(sentence % {"label": label}, field="label")


class CannotRestore(DomainError):
    """A removed customer who cannot come back: `other` has their phone, e-mail or number, or the account is no more."""

    def __init__(self, why: str, *, other: Customer | None = None) -> None:
        sentence = {
            "phone": _("%(name)s has this customer's phone number now. Change it there first, then restore."),
            "email": _("%(name)s has this customer's e-mail address now. Change it there first, then restore."),
            "internal_id": _(
                "%(name)s has this customer's Internal Customer ID now. Change it there first, then restore."
            ),
            "erased": _("What you knew of this customer was erased, so there is nothing to bring back."),
            "merged": _("This account was combined with another one. Open that one and split it there."),
        }[why]
        super().__init__(sentence % {"name": other.name if other else ""}, status=409)


class PracticeStays(DomainError):
    """The practice customer was to be retired."""

    def __init__(self) -> None:
        super().__init__(_("This customer is there to practice with, so it stays. Nothing it buys is reported."))


class Gone(DomainError):
    """The customer was retired, here or at another screen; `into` is the account with which theirs was merged."""

    page = "customers/removed.html"

    def __init__(self, customer: Customer | None = None, *, into: Customer | None = None) -> None:
        sentence = _("This customer was removed from your list. Look for another account of theirs.")
        if customer is not None:
            sentence = _("%(name)s was removed from your list. Look for another account of theirs.")
        if customer is not None and into is not None:
            sentence = _("The account of %(name)s was combined with that of %(into)s. Go on there.")
        super().__init__(
            sentence % {"name": customer.name if customer else "", "into": into.name if into else ""}, status=409
        )
        self.into = into


class CannotMerge(DomainError):
    """Two accounts that cannot become one."""


class CannotSplit(DomainError):
    """Two accounts that stay one."""


class CannotErase(DomainError):
    """Somebody who cannot be erased, or whose erasing cannot be taken back."""


class CannotAsk(DomainError):
    """A Welcome Email or opt-in text that must not go. `until` is when it may, in the location's time."""

    def __init__(self, channel: str, state: str, *, until: datetime | None = None) -> None:
        sentences: dict[tuple[str, str], Any] = {
            ("email", "none"): _("There is no e-mail address on file. Type one and save it first."),
            ("text", "none"): _("There is no mobile phone on file. Type one and save it first."),
            ("email", "yes"): _("This e-mail address is verified already."),
            ("text", "yes"): _("This customer gets your texts already."),
            ("email", "stopped"): _(
                "This address unsubscribed, so nothing may be sent to it. Only the customer can take that back, in the "
                "app or by the link in the last mail."
            ),
            ("text", "stopped"): _(
                "This number opted out, so nothing may be sent to it. Only the customer can take that back: by texting "
                "START to your number, or in the app."
            ),
            ("email", "bounces"): _("Mail to this address came back. Ask the customer for another one."),
            ("text", "bounces"): _("Texts do not reach this number. Ask the customer for another one."),
        }
        if until is not None:
            sentence = _("This was sent just now. From %(time)s on you can send it again.") % {
                "time": time_format(until)
            }
        else:
            sentence = sentences[channel, state]
        super().__init__(sentence, field=channel)
