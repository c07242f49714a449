"""The five signs of a customer: Text, Email, App, Pets, Tags, each with a state, words for it, and what stands behind.

Green: has it in full, or said yes. Yellow: the fact is on file, the yes is not. Red: has it not, takes no part, or has
opted out. The two channels go by the states that the consent ledger wrote on the customer's row; the ledger's own lines
only tell since when and by whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from astro.customers.consent.addresses import address_hash
from astro.customers.models import OFFERS, Act, Basis, Channel, Consent, Customer, CustomerTag, Pet, Reach

OK: Final = "ok"
WARN: Final = "warn"
BAD: Final = "bad"


@dataclass(frozen=True, slots=True)
class Sign:
    """One of the five: `state` ok, warn or bad, told by `words`; `detail` says since when, by whom, what is missing."""

    state: str
    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Signs:
    """All five, in the order in which they stand; and the pets' names in a row, *Biscuit & Miso*."""

    text: Sign
    email: Sign
    app: Sign
    pets: Sign
    tags: Sign
    pet_names: str

    def in_order(self) -> list[tuple[str, str, str, Sign]]:
        """Each with its name, what it is called, and its icon."""
        return [(name, str(LABELS[name]), ICONS[name], getattr(self, name)) for name in NAMES]


NAMES: Final = ("text", "email", "app", "pets", "tags")
LABELS: Final = {
    "text": gettext_lazy("Text"),
    "email": gettext_lazy("Email"),
    "app": gettext_lazy("App"),
    "pets": gettext_lazy("Pets"),
    "tags": gettext_lazy("Tags"),
}
ICONS: Final = {"text": "message", "email": "mail", "app": "device-mobile", "pets": "paw", "tags": "tags"}


def signs_of(customers: Sequence[Customer], *, today: date) -> dict[int, Signs]:
    """The signs of each, by id: three questions to the database, however many customers. `today` is the location's."""
    said = _said_last(customers)
    pets = _by_customer(
        Pet.objects.filter(customer__in=customers, retired_at__isnull=True).order_by("customer_id", "created_at", "id")
    )
    tags = _by_customer(
        CustomerTag.objects.filter(customer__in=customers, tag__archived_at__isnull=True)
        .select_related("tag")
        .order_by("tag__label_folded", "id")
    )
    return {
        one.pk: Signs(
            text=text_sign(one.text_state, said.get((one.pk, Channel.TEXT)), today=today),
            email=email_sign(one.email_state, said.get((one.pk, Channel.EMAIL)), today=today),
            app=app_sign(one.app_since, has_email=bool(one.email), today=today),
            pets=pets_sign(pets.get(one.pk, [])),
            tags=tags_sign([row.tag.label for row in tags.get(one.pk, [])]),
            pet_names=names_of(pets.get(one.pk, [])),
        )
        for one in customers
    }


def text_sign(state: str, said: Consent | None, *, today: date) -> Sign:
    """Texts: `said` is the line of the ledger that made the state, where one did."""
    match state:
        case Reach.YES:
            return Sign(OK, _("Opted in"), since(said, today))
        case Reach.ASKED:
            return Sign(WARN, _("Asked, no answer"), asked(said, today))
        case Reach.STOPPED:
            return Sign(BAD, _("Opted out"), since(said, today))
        case Reach.BOUNCES:
            return Sign(BAD, _("Texts do not arrive"), since(said, today))
        case Reach.ON_FILE:
            return Sign(WARN, _("Not asked yet"), _("A mobile phone is on file"))
    return Sign(BAD, _("No mobile phone"), _("Add one to send the opt-in text"))


def email_sign(state: str, said: Consent | None, *, today: date) -> Sign:
    """E-mail, in the same way."""
    match state:
        case Reach.YES:
            return Sign(OK, _("Verified, on your mailing list"), since(said, today))
        case Reach.ASKED:
            return Sign(WARN, _("Not verified"), asked(said, today))
        case Reach.STOPPED:
            return Sign(BAD, _("Unsubscribed"), since(said, today))
        case Reach.BOUNCES:
            return Sign(BAD, _("Mail comes back"), since(said, today))
        case Reach.ON_FILE:
            return Sign(WARN, _("Not verified"), _("Not asked yet: the Welcome Email was not sent"))
    return Sign(BAD, _("No e-mail on file"), _("Add one to send the Welcome Email"))


def app_sign(first_sign_in: datetime | None, *, has_email: bool, today: date) -> Sign:
    """The customers' app: its user name is the e-mail address."""
    if first_sign_in is not None:
        return Sign(OK, _("Uses the app"), _("Since %(day)s") % {"day": day_in_words(first_sign_in, today)})
    if has_email:
        return Sign(WARN, _("Not registered yet"), _("The Welcome Email says how"))
    return Sign(BAD, _("Cannot register"), _("The app needs an e-mail address"))


def pets_sign(pets: Sequence[Pet]) -> Sign:
    """Green when the store knows name, kind, and age or birthday of every pet."""
    if not pets:
        return Sign(BAD, _("No pet on file"))
    gaps = [
        _("%(pet)s: %(missing)s missing") % {"pet": called(pet), "missing": gap} for pet in pets if (gap := gap_of(pet))
    ]
    if gaps:
        return Sign(WARN, _("Something is missing"), "; ".join(gaps))
    return Sign(OK, ngettext("%(count)d pet", "%(count)d pets", len(pets)) % {"count": len(pets)}, names_of(pets))


def tags_sign(labels: Sequence[str]) -> Sign:
    """The labels of the tags that are in use."""
    if not labels:
        return Sign(BAD, _("No tag"))
    return Sign(
        OK, ngettext("%(count)d tag", "%(count)d tags", len(labels)) % {"count": len(labels)}, ", ".join(labels)
    )


def called(pet: Pet) -> str:
    """A pet by its name, or by its kind, or as *a pet*."""
    return pet.name or (str(pet.get_kind_display()) if pet.kind else _("A pet"))


def names_of(pets: Iterable[Pet]) -> str:
    """*Biscuit & Miso*: the pets that have a name."""
    names = [pet.name for pet in pets if pet.name]
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s & %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def gap_of(pet: Pet) -> str:
    """What the store does not know of a pet; empty when it is complete."""
    gaps = []
    if not pet.name:
        gaps.append(_("name"))
    if not pet.kind:
        gaps.append(_("type"))
    if not (pet.born_year or pet.born_month):
        gaps.append(_("age or birthday"))
    return ", ".join(gaps)


def since(said: Consent | None, today: date) -> str:
    """*Since November 3, at the till, Cass Cashier*."""
    if said is None:
        return ""
    day, source = day_in_words(said.at, today), str(said.get_source_display())
    told = {"day": day, "source": source, "who": said.by.name if said.by else ""}
    return (_("Since %(day)s, %(source)s, %(who)s") if said.by else _("Since %(day)s, %(source)s")) % told


def asked(said: Consent | None, today: date) -> str:
    """*Asked November 3 by Cass Cashier, no answer yet*."""
    if said is None:
        return ""
    told = {"day": day_in_words(said.at, today), "who": said.by.name if said.by else ""}
    if said.by:
        return _("Asked %(day)s by %(who)s, no answer yet") % told
    return _("Asked %(day)s, no answer yet") % told


def day_in_words(moment: datetime, today: date) -> str:
    """A moment as a day at the location: today, yesterday, November 3, or with the year where it is another one."""
    day = timezone.localtime(moment).date()
    if (ago := (today - day).days) in (0, 1):
        return _("yesterday") if ago else _("today")
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


_MADE_BY: Final = {
    Reach.YES: {Act.YES},
    Reach.ASKED: {Act.ASKED},
    Reach.STOPPED: {Act.STOP, Act.COMPLAINED},
    Reach.BOUNCES: {Act.BOUNCED},
}


def _said_last(customers: Iterable[Customer]) -> Mapping[tuple[int, str], Consent]:
    """By customer and channel: the latest line of the ledger that stands for the state on the customer's row."""
    wanted: dict[str, tuple[tuple[int, str], set[Act]]] = {}
    for one in customers:
        for channel, state, address in (
            (Channel.TEXT, one.text_state, one.phone),
            (Channel.EMAIL, one.email_state, one.email),
        ):
            if address and (acts := _MADE_BY.get(Reach(state))):
                wanted[address_hash(channel, address)] = ((one.pk, channel), acts)
    rows = Consent.objects.filter(channel__in=Channel.values, address_hash__in=list(wanted), purpose=OFFERS)
    found: dict[tuple[int, str], Consent] = {}
    for row in rows.select_related("by").order_by("id"):
        key, acts = wanted[row.address_hash]
        if row.act in acts and row.basis != Basis.IMPLIED:
            found[key] = row
    return found


def _by_customer(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.customer_id, []).append(row)
    return grouped
