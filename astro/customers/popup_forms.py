"""Everything that is known of a pet owner, as one form in five parts: contact, pets, address, tags, and a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from astro.customers.actions.pets import MOST_PETS
from astro.customers.details import as_typed_here, read_note
from astro.customers.forms import CustomerForm, Typed
from astro.customers.models import Address, Customer, Pet, Tag
from astro.customers.new_forms import AddressForm, Together
from astro.customers.pet_forms import COUNT, PetForm
from astro.customers.pets import PetDetails

MOST_CARDS: Final = 2 * MOST_PETS
"""More than can be kept, so that `add_pet` says so and not the form."""

CONTACT: Final = ("first_name", "last_name", "phone", "email", "internal_id")


class ContactForm(CustomerForm):
    """Names, phone, e-mail, the store's own number where that is switched on, and the note."""

    note = Typed(label=_("Note"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": "3"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # the pop-up opens where it was asked to
            field.widget.attrs.pop("autofocus", None)

    def clean_note(self) -> str:
        return self._read("note", read_note)

    def details(self) -> dict[str, Any]:
        """What `actions.change_customer` takes. Once it is valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "note"}


class TagsForm(forms.Form):
    """Which of the store's tags the customer carries; archived ones are not to be seen."""

    tags = forms.TypedMultipleChoiceField(
        label=_("Tags"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these tags was archived. Choose again.")},
    )

    def __init__(self, *args: Any, tags: Iterable[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(tag.pk, tag.label) for tag in tags]  # type: ignore[attr-defined]


class KeptPetForm(PetForm):
    """A pet's card: of one on file (`pet`), or of one more. `is_gone` is ticked where it lives there no longer."""

    def __init__(self, *args: Any, pet: Pet | None = None, is_gone: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pet = pet
        self.is_gone = is_gone and pet is not None

    def full_clean(self) -> None:
        """What stands on the card of a pet that goes is nobody's concern."""
        if self.is_gone:
            self._errors = forms.utils.ErrorDict()
        else:
            super().full_clean()


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is known of a customer now, for the form to begin with. `version` changes with each change of it."""

    customer: Customer
    address: Address | None
    pets: Sequence[Pet]
    tag_ids: frozenset[int]
    version: int


@dataclass(frozen=True, slots=True)
class Where:
    """What the form has to know of the place where it is filled in."""

    country: str
    today: date
    tags: Sequence[Tag]
    with_internal_id: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A pet's card before it stands in its place."""

    initial: Mapping[str, Any]
    pet: Pet | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The whole form. `version` is what it began with."""

    contact: ContactForm
    address: AddressForm
    cards: Sequence[KeptPetForm]
    tags: TagsForm
    version: int

    @property
    def together(self) -> Together:
        return Together(self.contact, *self.cards, self.address, self.tags)

    def is_valid(self) -> bool:
        """Every part is read, so that all that is wrong is said at once."""
        wrong = [form for form in (self.contact, self.address, self.tags, *self.cards) if not form.is_valid()]
        return not wrong

    def kept(self) -> list[tuple[Pet, PetDetails]]:
        """The pets on file with what they are from now on. One whose card was emptied is gone. Once it is valid."""
        return [(card.pet, card.details) for card in self.cards if card.pet and card.details and not card.is_gone]

    def gone(self) -> list[Pet]:
        return [card.pet for card in self.cards if card.pet and (card.is_gone or card.details is None)]

    def added(self) -> list[PetDetails]:
        return [card.details for card in self.cards if card.pet is None and card.details]


def account_on_file(known: OnFile, where: Where) -> Account:
    """The form as it opens; an empty card stands where there is no pet."""
    begun = [Begun(typed_again(pet, where.today), pet) for pet in known.pets]
    return Account(
        contact=_contact(where, initial=contact_again(known.customer, where.country)),
        address=AddressForm(country=where.country, known=known.address),
        cards=_cards(begun or [Begun({})], where),
        tags=TagsForm(tags=where.tags, initial={"tags": sorted(known.tag_ids)}),
        version=known.version,
    )


def account_sent(data: QueryDict, known: OnFile, where: Where) -> Account:
    """The form as it came, to be read. Raises Http404 for a pet of somebody else."""
    cards = [
        KeptPetForm(data, prefix=prefix, pet=pet, is_gone=f"{prefix}-gone" in data, today=where.today)
        for prefix, pet in _cards_named(data, known)
    ]
    return Account(
        contact=_contact(where, data),
        address=AddressForm(data, country=where.country, known=known.address),
        cards=cards,
        tags=TagsForm(data, tags=where.tags),
        version=_whole(data.get("version", ""), most=19),
    )


def account_again(data: QueryDict, known: OnFile, where: Where, *, anew: Iterable[str] = (), more: int = 0) -> Account:
    """The form as it came, to be gone on with and not read yet, with empty cards behind. What is named in `anew`
    (`first_name`, `address`, `pet`, `tag`, ...) begins with what is on file."""
    fresh, names = account_on_file(known, where), set(anew)
    contact = {name: data.get(name, "") for name in fresh.contact.fields if name not in names}
    home = {name: data.get(name, "") for name in AddressForm.base_fields}
    chosen = [int(one) for one in data.getlist("tags") if one.isascii() and one.isdigit()]
    begun = [
        Begun(
            {name: data.get(f"{prefix}-{name}", "") for name in PetForm.base_fields},
            pet,
            is_gone=f"{prefix}-gone" in data,
        )
        for prefix, pet in _cards_named(data, known)
    ]
    if "pet" in names:
        begun = [Begun(typed_again(pet, where.today), pet) for pet in known.pets]
    return Account(
        contact=_contact(where, initial={**fresh.contact.initial, **contact}),
        address=fresh.address
        if "address" in names
        else AddressForm(country=where.country, known=known.address, typed=home),
        cards=_cards([*begun, *[Begun({})] * more], where),
        tags=fresh.tags if "tag" in names else TagsForm(tags=where.tags, initial={"tags": chosen}),
        version=known.version,
    )


def contact_again(customer: Customer, country: str) -> dict[str, str]:
    """What is on file as somebody would type it who was reading it off."""
    columns = {name: getattr(customer, name) for name in (*CONTACT, "note")}
    return {**columns, "phone": as_typed_here(customer.phone, country)}


def typed_again(pet: Pet, today: date) -> dict[str, Any]:
    """A pet's card as it was filled in. An age that was told is told as it is today."""
    born = {"age": pet.age_on(today)} if pet.is_age_told else {"birth_year": pet.born_year}
    months = {"birth_month": pet.born_month, "birth_day": pet.born_day}
    return {"name": pet.name, "kind": pet.kind, "breed": pet.breed, **born, **months}


def _contact(where: Where, data: Mapping[str, Any] | None = None, **more: Any) -> ContactForm:
    return ContactForm(data, country=where.country, with_internal_id=where.with_internal_id, **more)


def _cards(begun: Sequence[Begun], where: Where) -> list[KeptPetForm]:
    return [
        KeptPetForm(initial=one.initial, pet=one.pet, is_gone=one.is_gone, prefix=f"pet-{number}", today=where.today)
        for number, one in enumerate(begun[:MOST_CARDS])
    ]


def _cards_named(data: QueryDict, known: OnFile) -> list[tuple[str, Pet | None]]:
    """The prefix of each card that came, and its pet. One that was taken off at another screen has a card no more."""
    pets = {str(pet.pk): pet for pet in known.pets}
    named = []
    for number in range(min(_whole(data.get(COUNT, ""), most=4), MOST_CARDS)):
        prefix = f"pet-{number}"
        told = data.get(f"{prefix}-id", "")
        if told and told not in pets:
            if known.version == _whole(data.get("version", ""), most=19):
                raise Http404("No such pet of this customer.")
            continue
        named.append((prefix, pets.get(told)))
    return named


def _whole(text: str, *, most: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else 0
