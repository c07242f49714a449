"""What can go wrong at the till, in the cashier's words."""

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class BadVisit(DomainError):
    """A visit that cannot be read or recorded. Nothing of it is written; the till keeps its basket."""


def unknown_products(count: int) -> BadVisit:
    return BadVisit(
        _("%(count)s of the scanned items is not in the catalogue any more. Remove it and check out again.")
        % {"count": count}
    )
