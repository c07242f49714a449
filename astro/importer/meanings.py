"""What a column may mean, and how stores head it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.kit.folding import fold

LEFT_OUT = ""
PETS = 2
CARDS = 3

_PET = {"name": _("Pet %(n)d: name"), "kind": _("Pet %(n)d: type"), "breed": _("Pet %(n)d: breed")}
_PET |= {"birthday": _("Pet %(n)d: birthday"), "age": _("Pet %(n)d: age")}
_CARD = {
    "item": _("Card %(n)d: item bought (UPC, or the card's name)"),
    "count": _("Card %(n)d: punches"),
    "dates": _("Card %(n)d: dates bought"),
    "note": _("Card %(n)d: note"),
}

GROUPS: dict[str | Promise, dict[str, str | Promise]] = {
    _("Who"): {
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "full_name": _("Full name"),
        "phone": _("Mobile phone"),
        "email": _("E-mail"),
        "internal_id": _("Internal Customer ID"),
        "tags": _("Tags"),
        "note": _("Note"),
    },
    _("Consent"): {"text_yes": _("Wants texts (yes, no)"), "email_yes": _("Wants e-mails (yes, no)")},
    _("Address"): {
        "street": _("Street and number"),
        "street2": _("Apartment, suite"),
        "city": _("City"),
        "region": _("State or province"),
        "postcode": _("Postcode"),
    },
    _("Pets"): {f"pet{n}_{part}": label % {"n": n} for n in range(1, PETS + 1) for part, label in _PET.items()},
    _("Punches of old cards"): {
        f"card{n}_{part}": label % {"n": n} for n in range(1, CARDS + 1) for part, label in _CARD.items()
    },
}
LABELS: dict[str, str | Promise] = {key: label for group in GROUPS.values() for key, label in group.items()}

_NAMED = {
    "first_name": "first name|first|given name|forename|fname|firstname|pet owner first name|customer first name|"
    "billing first name|prenom|nombre",
    "last_name": "last name|last|surname|family name|lname|lastname|pet owner last name|customer last name|"
    "billing last name|apellido|apellidos",
    "full_name": "full name|name|customer|customer name|client|client name|pet owner|owner|owner name|display name|"
    "contact name|nom complet|nombre completo",
    "phone": "mobile phone|mobile|cell|cell phone|cellphone|mobile number|cell number|pet owner mobile phone|sms|"
    "text number|phone|phone number|phone no|primary phone|telephone|telephone number|tel|phone 1|contact number|"
    "customer phone|home phone|day phone|main phone|telefono|celular",
    "email": "email|e mail|email address|e mail address|pet owner email|customer email|primary email|mail|"
    "contact email|courriel|correo|correo electronico",
    "internal_id": "internal customer id|customer id|customer number|customer no|customer code|id|account number|"
    "account no|account|client id|client number|pos id|member id|member number|loyalty id|loyalty number",
    "tags": "tags|tag|labels|groups|group|customer group|customer tags|segment|segments",
    "note": "note|notes|comment|comments|remarks|memo|customer notes",
    "text_yes": "sms opt in|text opt in|texts|sms consent|text consent|accepts sms marketing|sms marketing|"
    "opt in text|opt in sms|text opt in date|sms opt in date|wants texts",
    "email_yes": "email opt in|e mail opt in|email consent|accepts marketing|accepts email marketing|email marketing|"
    "opt in email|mailing list|newsletter|subscribed|email opt in date|wants emails|wants e mails|marketing consent",
    "street": "street|street address|address|address 1|address1|address line 1|home address|street 1|"
    "street and number|billing address|mailing address|direccion",
    "street2": "street 2|street2|address 2|address2|address line 2|apartment|apt|suite|unit|apartment suite",
    "city": "city|town|billing city|ville|ciudad",
    "region": "state|province|region|st|state province|state or province|prov|billing state|estado",
    "postcode": "zip|zip code|zipcode|postcode|postal code|post code|postal|zip postal code|billing zip|codigo postal",
}
_PET_NAMED = {
    "name": "pet %(n)s|pet name %(n)s|pet %(n)s name|name of pet %(n)s|dog name %(n)s|cat name %(n)s|pets name %(n)s|"
    "dogs name %(n)s|cats name %(n)s|dog s name %(n)s|cat s name %(n)s|pet s name %(n)s",
    "kind": "pet type %(n)s|pet %(n)s type|type of pet %(n)s|species %(n)s|pet species %(n)s|pet kind %(n)s|"
    "pet %(n)s species|animal %(n)s",
    "breed": "breed %(n)s|pet breed %(n)s|pet %(n)s breed",
    "birthday": "pet birthday %(n)s|pet %(n)s birthday|birthday %(n)s|pet birth date %(n)s|pet %(n)s birth date|"
    "pet dob %(n)s|pet %(n)s dob|pet date of birth %(n)s|pet birth month %(n)s|pet %(n)s birth month|birth month %(n)s|"
    "pets birthday %(n)s",
    "age": "pet age %(n)s|pet %(n)s age|age of pet %(n)s",
}
_CARD_NAMED = {
    "item": "card %(n)s|card %(n)s item|card item %(n)s|punch item %(n)s|punch card %(n)s|program card %(n)s|"
    "frequent buyer card %(n)s|program %(n)s",
    "count": "punches %(n)s|card %(n)s punches|points %(n)s|current points %(n)s|number of punches %(n)s|stamps %(n)s|"
    "purchases %(n)s",
    "dates": "punch dates %(n)s|punch date %(n)s|card %(n)s dates|card %(n)s date|purchase dates %(n)s|"
    "purchase date %(n)s|card dates %(n)s",
    "note": "punch note %(n)s|card %(n)s note|card note %(n)s",
}

Rank = int


def folded(heading: str) -> str:
    """A heading as it is compared and remembered: words and digits only."""
    return " ".join(re.sub(r"[^\w]+|_", " ", fold(heading).replace("#", " number ")).split())[:120]


def _known() -> dict[str, tuple[str, Rank]]:
    found: dict[str, tuple[str, Rank]] = {}
    for meaning, names in _NAMED.items():
        for rank, name in enumerate(names.split("|")):
            found.setdefault(name, (meaning, rank))
    for prefix, most, parts in (("pet", PETS, _PET_NAMED), ("card", CARDS, _CARD_NAMED)):
        for part, names in parts.items():
            for n in range(1, most + 1):
                for rank, name in enumerate(names.split("|")):
                    told = [name % {"n": n}] + ([name.replace(" %(n)s", "")] if n == 1 else [])
                    for one in told:
                        found.setdefault(one, (f"{prefix}{n}_{part}", rank))
    for key, label in LABELS.items():
        found.setdefault(folded(str(label)), (key, 0))
    return found


KNOWN = _known()


def is_known(cell: str) -> bool:
    """Whether a cell is the name of a column."""
    return folded(cell) in KNOWN


def guess(headings: Sequence[str], *, remembered: Mapping[str, str], offered: Collection[str]) -> list[str]:
    """What each column means, as far as its heading says; `remembered` by folded heading wins. No meaning twice."""
    wishes: list[tuple[int, int, int, str]] = []
    for place, heading in enumerate(headings):
        name = folded(heading)
        if name in remembered:
            wishes.append((0, 0, place, remembered[name]))
        elif name in KNOWN:
            meaning, rank = KNOWN[name]
            wishes.append((1, rank, place, meaning))
    meanings = [LEFT_OUT] * len(headings)
    given: set[str] = set()
    for _remembered, _rank, place, meaning in sorted(wishes):
        if meaning in offered and meaning not in given:
            meanings[place] = meaning
            given.add(meaning)
    return meanings


def offered(*, has_internal_id: bool) -> list[str]:
    """The meanings that this store may choose."""
    return [key for key in LABELS if key != "internal_id" or has_internal_id]
