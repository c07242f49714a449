"""Why a location cannot join, leave or change, in the store's words."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class CannotEnroll(DomainError):
    """This location cannot take part in this program, not now or not this way."""


class EnrollmentOver(DomainError):
    """An enrollment that was to be changed has ended meanwhile."""


def not_yours() -> CannotEnroll:
    return CannotEnroll(_("There is no such program for your store. Choose one from the list."), status=404)


def not_included(title: str, reason: str) -> CannotEnroll:
    sentence = _(
        "“%(program)s” cannot be joined. %(reason)s Ask your primary billing contact, or support, to change it."
    )
    return CannotEnroll(sentence % {"program": title, "reason": reason}, status=403)


def starts_later(title: str, starts_on: date) -> CannotEnroll:
    sentence = _("“%(program)s” starts on %(day)s. Choose that day or a later one.")
    return CannotEnroll(sentence % {"program": title, "day": date_format(starts_on)})


def has_ended(title: str, ends_on: date) -> CannotEnroll:
    sentence = _("“%(program)s” ended on %(day)s, so it cannot be joined any more. Choose another program.")
    return CannotEnroll(sentence % {"program": title, "day": date_format(ends_on)})


def enrolled_already(location: str, title: str) -> CannotEnroll:
    sentence = _("%(location)s is already enrolled in “%(program)s”. There is nothing left to do.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def was_enrolled(location: str, title: str, until_on: date) -> CannotEnroll:
    sentence = _("%(location)s was enrolled in “%(program)s” until %(day)s. Choose a day after that.")
    return CannotEnroll(
        sentence % {"location": location, "program": title, "day": date_format(until_on)}, field="from_on"
    )


def not_approved(location: str, title: str) -> CannotEnroll:
    sentence = _("The brand has not approved %(location)s for “%(program)s”. Apply on the page of the program.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def applied_already(location: str, title: str, *, is_denied: bool) -> CannotEnroll:
    if is_denied:
        sentence = _("The brand denied %(location)s “%(program)s”. Write to support if that should change.")
    else:
        sentence = _("%(location)s has applied for “%(program)s” already. Wait for the brand's answer.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def decided_already(location: str, title: str, *, is_approved: bool) -> CannotEnroll:
    if is_approved:
        sentence = _("%(location)s is approved for “%(program)s” already. Unenroll it if it should not take part.")
    else:
        sentence = _("%(location)s was denied “%(program)s” already. It can only be approved now.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def withdrawn_already(location: str, title: str) -> CannotEnroll:
    sentence = _("%(location)s has withdrawn its application for “%(program)s”. It may apply again.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def answered_already(location: str, title: str) -> CannotEnroll:
    sentence = _("The brand has answered %(location)s about “%(program)s”. See the answer on the program's page.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def no_distributor_needed(title: str) -> CannotEnroll:
    sentence = _("No distributor pays for “%(program)s”. Leave the distributor empty.")
    return CannotEnroll(sentence % {"program": title}, field="distributor")


def does_not_carry(distributor: str, title: str) -> CannotEnroll:
    sentence = _("%(distributor)s does not pay for “%(program)s”. Choose one from the list, or Temporary Holding.")
    return CannotEnroll(sentence % {"distributor": distributor, "program": title}, field="distributor")


def does_not_serve(distributor: str, location: str, region: str) -> CannotEnroll:
    sentence = _(
        "%(distributor)s does not deliver to %(location)s (%(region)s). Choose one from the list, or Temporary Holding."
    )
    return CannotEnroll(
        sentence % {"distributor": distributor, "location": location, "region": region}, field="distributor"
    )


def number_missing(distributor: str) -> CannotEnroll:
    """Read beside its field, and behind the label of the field, so it does not say again what is asked for."""
    sentence = _("%(distributor)s asks for it. Copy it from one of their invoices.")
    return CannotEnroll(sentence % {"distributor": distributor}, field="account_number")


def number_misshapen() -> CannotEnroll:
    sentence = _("Type it as on the invoice: up to 40 letters, digits, dashes, slashes and dots.")
    return CannotEnroll(sentence, field="account_number")


def enrollment_over(location: str, title: str) -> EnrollmentOver:
    sentence = _("%(location)s is no longer enrolled in “%(program)s” this way. Reload the page to see how it is now.")
    return EnrollmentOver(sentence % {"location": location, "program": title}, status=409)


def cannot_stay(location: str, title: str) -> CannotEnroll:
    sentence = _("%(location)s has left “%(program)s”, and that cannot be undone any more. Enroll it again instead.")
    return CannotEnroll(sentence % {"location": location, "program": title}, status=409)


def cannot_take_back() -> EnrollmentOver:
    sentence = _("This enrollment cannot be undone any more. Unenroll instead: then today is its last day.")
    return EnrollmentOver(sentence, status=409)
