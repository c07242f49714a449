"""What can go wrong at the till, in the cashier's words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError


class BadVisit(DomainError):
    """A visit that cannot be read or recorded. Nothing of it is written; the till keeps its basket."""


def unknown_products(count: int) -> BadVisit:
    sentence = ngettext(
        "One of the items is not in the catalogue any more. Remove it and check out again.",
        "%(count)s of the items are not in the catalogue any more. Remove them and check out again.",
        count,
    )
    return BadVisit(sentence % {"count": count}, field="product_id")


def too_large() -> BadVisit:
    return BadVisit(_("This visit is too large to send. Check out part of it, then the rest."), status=413)
