"""What a list says of people, held against those whom the store knows: who is new, who changes, what stands against it.

`plan_many` only reads, and asks a fixed number of questions for any number of people; `bulk_writing.write_many` writes
what was planned. A dry run is the plan without the writing, so that both come to the same.

A person is known by their internal id, else by their phone, else by their e-mail: never by their name alone. What the
list leaves blank stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from astro.customers.addresses import Home, in_one_line
from astro.customers.consent.queries import states_of
from astro.customers.details import NOTE_LENGTH, Details
from astro.customers.models import Act, Address, Channel, Customer, CustomerTag, Pet, Reach, Tag
from astro.customers.pets import PetDetails
from astro.kit.folding import fold

MOST_PETS = 20


@dataclass(frozen=True, slots=True)
class Word:
    """What a list says somebody answered, and where that can be seen."""

    act: Act
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a list, each part in the form in which it is kept; empty for what the list does not say."""

    details: Details
    note: str = ""
    home: Home | None = None
    pets: tuple[PetDetails, ...] = ()
    tags: tuple[str, ...] = ()
    words: Mapping[str, Word] = field(default_factory=dict)
    """By channel."""


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(slots=True)
class Plan:
    """What is to be done about one person. `customer` is None for a new one, until it was written."""

    person: Person
    outcome: Outcome
    customer: Customer | None = None
    details: Details | None = None
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    address: Address | None = None
    home: Home | None = None
    pets: list[PetDetails] = field(default_factory=list)
    filled: list[tuple[Pet, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    words: dict[str, Word] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    def is_more(self) -> bool:
        """Whether anything of a known customer changes."""
        return bool(self.fields or self.home or self.pets or self.filled or self.tags or self.words)


NAMES = ("first_name", "last_name", "phone", "email", "internal_id")


def plan_many(people: Sequence[Person], *, locked: bool = False) -> list[Plan]:
    """A plan for each person, in their order. `locked`: the known ones are held until the transaction ends."""
    known = _Known(people, locked=locked)
    plans = [_plan(person, known) for person in people]
    states = {channel: states_of(channel, _addresses(plans, channel)) for channel in Channel.values}
    for plan in plans:
        if plan.outcome is not Outcome.WRONG:
            _hear(plan, states)
            if plan.customer is not None:
                plan.outcome = Outcome.CHANGED if plan.is_more() else Outcome.SAME
    return plans


class _Known:
    """Whoever may be meant, with what is on file of them."""

    def __init__(self, people: Sequence[Person], *, locked: bool) -> None:
        told = [person.details for person in people]
        self.by_id = _living("internal_id_folded", (one.internal_id_folded for one in told), locked)
        self.by_phone = _living("phone", (one.phone for one in told), locked)
        self.by_email = _living("email_folded", (one.email_folded for one in told), locked)
        rows = {row.pk: row for found in (self.by_id, self.by_phone, self.by_email) for row in found.values()}
        for found in (self.by_id, self.by_phone, self.by_email):
            for key, row in found.items():
                found[key] = rows[row.pk]  # one object each, whichever way they were found
        ids = list(rows)
        self.homes: dict[int, Address] = {
            row.customer_id: row for row in Address.objects.filter(customer__in=ids) if ids
        }
        self.pets: dict[int, list[Pet]] = {}
        self.tags: dict[int, set[str]] = {}
        if ids:
            for pet in Pet.objects.filter(customer__in=ids, retired_at__isnull=True):
                self.pets.setdefault(pet.customer_id, []).append(pet)
            carried = CustomerTag.objects.filter(customer__in=ids).values_list("customer_id", "tag__label_folded")
            for customer_id, label in carried:
                self.tags.setdefault(customer_id, set()).add(label)
        self.met: set[int] = set()


def _living(column: str, values: Any, locked: bool) -> dict[str, Customer]:
    wanted = {value for value in values if value}
    if not wanted:
        return {}
    rows = Customer.objects.filter(retired_at__isnull=True, **{f"{column}__in": sorted(wanted)})
    if locked:
        rows = rows.select_for_update()
    return {getattr(row, column): row for row in rows}


def _plan(person: Person, known: _Known) -> Plan:
    told = person.details
    found = {
        "internal_id": known.by_id.get(told.internal_id_folded),
        "phone": known.by_phone.get(told.phone),
        "email": known.by_email.get(told.email_folded),
    }
    customer = found["internal_id"] or found["phone"] or found["email"]
    if customer is None:
        return _new(person)
    plan = Plan(person, Outcome.SAME, customer)
    plan.trouble = _stands_against(person, customer, found, known)
    if plan.trouble:
        plan.outcome = Outcome.WRONG
        return plan
    known.met.add(customer.pk)
    plan.details = Details(**{name: getattr(told, name) or getattr(customer, name) for name in NAMES})
    plan.fields = {
        name: (getattr(customer, name), getattr(plan.details, name))
        for name in NAMES
        if getattr(plan.details, name) != getattr(customer, name)
    }
    if (note := _note(customer.note, person.note)) != customer.note:
        plan.fields["note"] = (customer.note, note)
    plan.address = known.homes.get(customer.pk)
    if person.home and (plan.address is None or in_one_line(plan.address) != in_one_line(person.home)):
        plan.home = person.home
    _plan_pets(plan, known.pets.get(customer.pk, []))
    carried = known.tags.get(customer.pk, set())
    plan.tags = [label for label in person.tags if fold(label) not in carried]
    return plan


def _new(person: Person) -> Plan:
    plan = Plan(person, Outcome.NEW, details=person.details, home=person.home)
    plan.pets, plan.tags = list(person.pets), list(person.tags)
    if person.note:
        plan.fields["note"] = ("", person.note)
    missing = [name for name in ("first_name", "last_name") if not getattr(person.details, name)]
    if missing:
        plan.outcome = Outcome.WRONG
        plan.trouble = _("Type the first name.") if missing[0] == "first_name" else _("Type the last name.")
    return plan


def _stands_against(person: Person, customer: Customer, found: Mapping[str, Customer | None], known: _Known) -> str:
    told = person.details
    for name, sentence in (
        ("phone", _("%(other)s has this phone already. The other details are those of %(name)s.")),
        ("email", _("%(other)s has this e-mail address already. The other details are those of %(name)s.")),
    ):
        other = found[name]
        if other is not None and other.pk != customer.pk:
            return sentence % {"other": other.name, "name": customer.name}
    if customer.is_practice:
        return _("This is the customer to practice with. Take the row out.")
    by_id = found["internal_id"] is not None
    if told.internal_id and customer.internal_id and not by_id:
        return _("%(name)s has this phone or e-mail address, and the Internal Customer ID %(id)s.") % {
            "name": customer.name,
            "id": customer.internal_id,
        }
    if not by_id and not _share_a_name(told, customer):
        return _(
            "%(name)s has this phone or e-mail address already. If it is the same person, write the name as Astro has "
            "it. If not, take the phone or e-mail out of this row."
        ) % {"name": customer.name}
    if customer.pk in known.met:
        return _("Another row of this file is about the same customer, %(name)s. Put the two together.") % {
            "name": customer.name
        }
    return ""


def _share_a_name(told: Details, customer: Customer) -> bool:
    """Whether any word of the names is the same; a list that says no name says nothing against it."""
    words = set(fold(f"{told.first_name} {told.last_name}").split())
    return not words or bool(words & set(fold(customer.name).split()))


def _note(kept: str, told: str) -> str:
    """The note with what the list says below it, unless it says so already or there is no room."""
    if not told or told in kept:
        return kept
    both = f"{kept}\n{told}" if kept else told
    return both if len(both) <= NOTE_LENGTH else kept


def _plan_pets(plan: Plan, living: Sequence[Pet]) -> None:
    """A pet of the same name is the same pet: what is not known of it is filled in. Others are added."""
    by_name = {fold(pet.name): pet for pet in living if pet.name}
    for told in plan.person.pets:
        pet = by_name.get(fold(told.name)) if told.name else None
        if pet is None:
            nameless = not told.name and any(one.kind == told.kind for one in living)
            if not nameless and len(living) + len(plan.pets) < MOST_PETS:
                plan.pets.append(told)
            continue
        columns = told.columns()
        blank = {name: columns[name] for name in ("kind", "breed") if columns[name] and not getattr(pet, name)}
        if pet.born_year is None and pet.born_month is None and (told.born_year or told.born_month):
            blank |= {name: columns[name] for name in ("born_year", "born_month", "born_day", "is_age_told")}
        changes = {name: (getattr(pet, name), new) for name, new in blank.items() if getattr(pet, name) != new}
        if changes:
            plan.filled.append((pet, changes))


def _addresses(plans: Sequence[Plan], channel: str) -> list[str]:
    return [address for plan in plans if (address := address_in(plan, channel))]


def address_in(plan: Plan, channel: str) -> str:
    """Where the person will be reached."""
    if plan.details is None:
        return ""
    return plan.details.email if channel == Channel.EMAIL else plan.details.phone


def _hear(plan: Plan, states: Mapping[str, Mapping[str, str]]) -> None:
    """What the list says of consent, as far as it adds anything; and how things stand afterwards.

    A yes that a list brings never lifts a stop, and is not written down again where it stands already.
    """
    for channel in Channel.values:
        address = address_in(plan, channel)
        state: str = states[channel].get(address, Reach.NONE)
        word = plan.person.words.get(channel)
        if address and word is not None:
            adds = state in (Reach.ON_FILE, Reach.ASKED) if word.act == Act.YES else state != Reach.STOPPED
            if adds:
                plan.words[channel] = word
                state = Reach.YES if word.act == Act.YES else Reach.STOPPED
        plan.states[channel] = str(state)


def tags_by_label(labels: Sequence[str]) -> dict[str, Tag]:
    """Tags that there are, by their folded label."""
    return {tag.label_folded: tag for tag in Tag.objects.filter(label_folded__in=[fold(one) for one in labels])}
