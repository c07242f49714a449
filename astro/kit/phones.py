"""Phone numbers: kept as E.164 (`+14065550142`), shown as people of that country write them."""

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from astro.kit.errors import DomainError


class PhoneError(DomainError):
    """This is no phone number; the message says what to do."""


def to_e164(text: str, country: str) -> str:
    """The number in its one stored form. `country` (`US`, `CA`) is where it was typed, for numbers without a `+`.

    Raises `PhoneError` for what nobody could ring up or text.
    """
    if any(character.isalpha() for character in text):
        raise PhoneError(_("This phone number has letters in it. Type the digits only, without an extension."))
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        raise PhoneError(_("This does not look like a phone number. Type it with the area code.")) from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        raise PhoneError(_("This phone number is too short. Type it with the area code."))
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise PhoneError(_("This phone number is too long. Check the digits."))
    if not phonenumbers.is_valid_number(number):
        raise PhoneError(_("There is no such phone number. Check the digits and the area code."))
    if number.extension:
        raise PhoneError(_("Leave the extension out of the phone number."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(e164: str) -> str:
    """A stored number as people write it at home: `(406) 555-0142`. Anything else comes back as it is."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
