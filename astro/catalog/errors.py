"""What can be wrong with a product or its code, in the words of who typed it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError
from astro.kit.gtin import display_gtin


class CodeTaken(DomainError):
    """A barcode number that another product carries already."""


def code_taken(gtin14: str, product: object) -> CodeTaken:
    sentence = _("%(code)s is the code of “%(product)s” already. Check the number under the bars.")
    return CodeTaken(sentence % {"code": display_gtin(gtin14), "product": product}, status=409, field="gtin")
