"""What may be kept of a name, a phone number and an e-mail address, and in which form.

Names are kept as people write them, in any script, with emoji if they like. Refused is what would make two different
names look the same or turn a line around: control characters and the marks that force a direction of writing.
"""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from email_validator import EmailNotValidError, EmailUndeliverableError, validate_email

from astro.customers.errors import DetailError
from astro.kit.folding import fold
from astro.kit.phones import PhoneError, national, to_e164

NAME_LENGTH = 100
NAME_TYPED = 1000  # characters; of more, accents in the wrong order take a minute to compose
EMAIL_LENGTH = 254
INTERNAL_ID_LENGTH = 40
NOTE_LENGTH = 1000
PHONE_TYPED = 40  # more characters than anybody needs to write a phone number

_FORCED_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED = frozenset({"Cc", "Cs"})


@dataclass(frozen=True)
class Details:
    """A customer's own data, in the form in which it is kept."""

    first_name: str
    last_name: str
    phone: str
    email: str
    internal_id: str

    @property
    def email_folded(self) -> str:
        return fold_email(self.email)

    @property
    def internal_id_folded(self) -> str:
        return self.internal_id.casefold()


def read_details(
    *, first_name: str, last_name: str, phone: str, email: str, internal_id: str = "", country: str
) -> Details:
    """All five as they are kept. Raises `DetailError` for the first that cannot be."""
    return Details(
        first_name=read_name(first_name, "first_name"),
        last_name=read_name(last_name, "last_name"),
        phone=read_phone(phone, country),
        email=read_email(email),
        internal_id=read_internal_id(internal_id),
    )


def read_name(text: str, field: str) -> str:
    """One name (or several, of a household): composed letters, single spaces, at most 100 characters."""
    name = " ".join(text.split())
    if len(name) <= NAME_TYPED:
        name = unicodedata.normalize("NFC", name)
    if len(name) > NAME_LENGTH:
        raise DetailError(
            ngettext(
                "A name can have %(most)d character, and this one has %(count)d. Make it shorter.",
                "A name can have %(most)d characters, and this one has %(count)d. Make it shorter.",
                NAME_LENGTH,
            )
            % {"most": NAME_LENGTH, "count": len(name)},
            field=field,
        )
    if not fold(name):
        missing = {"first_name": _("Type the first name."), "last_name": _("Type the last name.")}
        raise DetailError(missing[field], field=field)
    if not is_plain(name):
        raise DetailError(_("This name has an invisible control character in it. Type it by hand."), field=field)
    return name


def is_plain(text: str) -> bool:
    """Whether all of it can be seen, and reads in the direction of its letters."""
    if text.isascii():
        return text.isprintable()
    return not any(unicodedata.category(character) in _REFUSED or character in _FORCED_DIRECTION for character in text)


def read_phone(text: str, country: str) -> str:
    """E.164, or nothing for nothing. `country` (`US`) is where it was typed."""
    typed = text.strip()
    if not typed:
        return ""
    if len(typed) > PHONE_TYPED:
        raise DetailError(_("This phone number is too long. Check the digits."), field="phone")
    try:
        return to_e164(typed, country)
    except PhoneError as error:
        raise DetailError(error.message, field="phone") from None


def as_typed_here(phone: str, country: str) -> str:
    """A stored number as it is typed in `country`: `(406) 555-0142`, but `+44…` stays whole in the United States."""
    at_home = national(phone)
    try:
        return at_home if to_e164(at_home, country) == phone else phone
    except PhoneError:
        return phone


def read_email(text: str) -> str:
    """As it was typed, without the space around it. Nobody's server is asked."""
    typed = text.strip()
    if not typed:
        return ""
    try:
        found = validate_email(typed[: EMAIL_LENGTH + 1], check_deliverability=False)
    except EmailUndeliverableError:
        raise DetailError(
            _("No mail can reach this e-mail address. Check the part behind the @."), field="email"
        ) from None
    except EmailNotValidError:
        raise DetailError(
            _("This is not a whole e-mail address. It looks like name@example.com."), field="email"
        ) from None
    if max(len(typed), len(found.normalized.casefold())) > EMAIL_LENGTH:
        raise DetailError(_("This e-mail address is too long. Check it for a slip."), field="email")
    return typed


def read_internal_id(text: str) -> str:
    """The store's own number for a customer: as it was typed, single spaces, at most 40 characters."""
    typed = " ".join(text.split())
    if len(typed) > INTERNAL_ID_LENGTH or len(typed.casefold()) > INTERNAL_ID_LENGTH:
        raise DetailError(_("An Internal Customer ID can have 40 characters. Make it shorter."), field="internal_id")
    if not is_plain(typed):
        raise DetailError(_("This has an invisible control character in it. Type it by hand."), field="internal_id")
    return typed


def read_number(text: str, field: str) -> str:
    """The number of a breeder or an employee: as it was typed, single spaces, at least one character and at most 40."""
    typed = " ".join(text.split())
    missing = {
        "breeder_number": _("Type the number that the brand gave this breeder."),
        "employee_id": _("Type the Employee ID."),
    }
    if not fold(typed):
        raise DetailError(missing[field], field=field)
    if max(len(typed), len(typed.casefold())) > INTERNAL_ID_LENGTH:
        raise DetailError(_("This number can have 40 characters. Make it shorter."), field=field)
    if not is_plain(typed):
        raise DetailError(_("This has an invisible control character in it. Type it by hand."), field=field)
    return typed


def read_note(text: str) -> str:
    """A note as it is kept: lines, at most 1,000 characters."""
    lines = [" ".join(line.split()) for line in text.replace("\x00", "").splitlines()]
    note = "\n".join(lines).strip()
    if len(note) > NOTE_LENGTH:
        raise DetailError(_("A note can have 1,000 characters. Make it shorter."), field="note")
    if not is_plain(note.replace("\n", " ")):
        raise DetailError(_("This has an invisible control character in it. Type it by hand."), field="note")
    return note


def fold_email(email: str) -> str:
    """What makes two addresses the same one: case aside, letters composed. Accents count, unlike in a search."""
    return unicodedata.normalize("NFC", email).casefold()
