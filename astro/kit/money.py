"""Money: whole cents and a currency. No floats; fractions of a cent only between a calculation and `round_cents`."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import get_format
from django.utils.numberformat import format as format_number
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError

MOST_CENTS = 999_999_999  # an amount fits an integer column of every engine

# Symbol, and the region that means this currency when it writes the symbol alone.
_SYMBOLS = {"USD": ("$", "us"), "CAD": ("$", "ca"), "EUR": ("€", ""), "GBP": ("£", "gb")}
_FULL_SYMBOLS = {"USD": "US$", "CAD": "CA$"}
_SYMBOL_BEHIND = {"fr"}

# Digits with at most two behind the point; thousands apart by commas or spaces; or a decimal comma.
_AMOUNT = re.compile(
    r"""(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\ [0-9]{3})+)?(?:\.(?P<cents>[0-9]{1,2})?)?
      | (?P<whole_comma>[0-9]+|[0-9]{1,3}(?:\ [0-9]{3})+),(?P<cents_comma>[0-9]{1,2})""",
    re.VERBOSE,
)


class AmountError(DomainError):
    """This is no amount of money; the message says how to write one."""


def round_cents(amount: Decimal) -> int:
    """Cents with a fraction to whole cents, half a cent away from zero. The only place that rounds money.

    That is how a cash register and a pencil do it, so a store can check us; and taking back an amount takes back what
    was given, because minus half a cent rounds as plus half a cent does. (Half-even would spare a bias over millions of
    half cents that we do not have.)
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_cents(cents: int, currency: str = "USD", locale: str | None = None) -> str:
    """Cents as people of `locale` (`en-us`, `fr-ca`; else the current language) write them: 6499 is $64.99.

    Where the region has another currency of that symbol, the full one is shown: CA$64.99 to a reader in Montana.
    """
    language, _dash, region = (locale or get_language() or "en").lower().partition("-")
    symbol, home = _SYMBOLS.get(currency, (currency, ""))
    if region and home not in ("", region):
        symbol = _FULL_SYMBOLS.get(currency, symbol)
    number = format_number(
        Decimal(abs(cents)).scaleb(-2),
        get_format("DECIMAL_SEPARATOR", locale),
        decimal_pos=2,
        grouping=get_format("NUMBER_GROUPING", locale),
        thousand_sep=get_format("THOUSAND_SEPARATOR", locale),
        force_grouping=True,
        use_l10n=True,
    )
    if language in _SYMBOL_BEHIND:
        written = f"{number}\u00a0{symbol}"
    else:
        written = f"{symbol}\u00a0{number}" if symbol.isalpha() else f"{symbol}{number}"
    return f"\u2212{written}" if cents < 0 else written


def parse_cents(text: str) -> int:
    """What a person typed as a price, in cents: `64.99`, `$1,299`, `64,99`. Raises `AmountError`.

    A point with three digits behind it is refused, not guessed at: it is a thousand to some and a slip to others.
    """
    typed = " ".join(text.replace("$", " ").replace("€", " ").replace("£", " ").split())
    if typed.startswith(("-", "\u2212")):
        raise AmountError(_("An amount cannot be below zero. Type it without the minus."))
    match = _AMOUNT.fullmatch(typed)
    if match is None or not any(character.isdigit() for character in typed):
        raise AmountError(_("This is not an amount of money. Type it like 64.99."))
    whole = re.sub(r"[, ]", "", match["whole"] or match["whole_comma"] or "0")
    fraction = (match["cents"] or match["cents_comma"] or "").ljust(2, "0")
    if len(whole.lstrip("0")) > 8 or int(whole) * 100 + int(fraction) > MOST_CENTS:
        raise AmountError(_("This amount is too large. Check the digits."))
    return int(whole) * 100 + int(fraction)
