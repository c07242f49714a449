"""What this module itself keeps of a customer (`parts.py`): contact, address, pets, tags, codes, where they were met.

Changes and what was said about an address stay with the account in which they were written down.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from astro.customers.actions.kinds import settle_kind
from astro.customers.addresses import in_one_line
from astro.customers.consent.asking import hear, refresh
from astro.customers.consent.ledger import stricter
from astro.customers.consent.queries import address_of, state_of
from astro.customers.details import NOTE_LENGTH, fold_email
from astro.customers.look_up import search_text, sort_name
from astro.customers.models import (
    SORT_NAME_LENGTH,
    Act,
    Address,
    BreederNumber,
    Change,
    Channel,
    Consent,
    Customer,
    CustomerCode,
    CustomerTag,
    Kind,
    KindSpan,
    LikelyDouble,
    Merge,
    Pet,
    Reach,
    SeenAt,
    Source,
)
from astro.customers.parts import Moved, Outline, Section, pseudonym
from astro.customers.pets import in_words
from astro.kit.folding import fold
from astro.kit.ids import id_text, new_id
from astro.kit.phones import national

CONTACT = ("phone", "email", "internal_id")
PET_BLANKS = ("kind", "breed", "born_year", "born_month", "born_day")


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    """The kept customer's own contact wins, and blanks are filled from the other, who is retired by now."""
    closed = _closed(kept, gone)
    moved: Moved = {
        "contact": _fill_contact(kept, gone),
        "address": _copy_address(kept, gone),
        "pets": _move_pets(kept, gone),
        "tags": _copy_tags(kept, gone),
        "codes": _move_codes(kept, gone),
        "seen": _copy_sightings(kept, gone),
        "kinds": _move_kinds(kept, gone),
    }
    refresh(kept)
    for channel in closed:
        hear(channel, address_of(kept, channel), Act.STOP, source=Source.MERGE, customer=kept, now=now)
    return moved


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    """What was filled in goes again, unless somebody changed it since."""
    _empty_contact(kept, moved["contact"])
    Address.objects.filter(pk=moved["address"].get("copy"), changed_at=moved["address"].get("changed_at")).delete()
    Pet.objects.filter(pk__in=moved["pets"]["moved"], customer=kept).update(customer=gone)
    for pk, filled in moved["pets"]["filled"].items():
        for name, value in filled.items():
            Pet.objects.filter(pk=pk, **{name: value}).update(**{name: _blank(name)})
    CustomerTag.objects.filter(pk__in=moved["tags"], customer=kept).delete()
    CustomerCode.objects.filter(pk__in=moved["codes"], customer=kept).update(customer=gone)
    _undo_sightings(moved["seen"])
    _move_kinds_back(kept, gone, moved.get("kinds", {}))
    refresh(kept)
    refresh(gone)


def outline(customer: Customer) -> Outline:
    address = Address.objects.filter(customer=customer).first()
    contact = [national(customer.phone) if customer.phone else "", customer.email, customer.internal_id]
    pets = Pet.objects.filter(customer=customer, retired_at__isnull=True)
    tags = CustomerTag.objects.filter(customer=customer).select_related("tag").order_by("tag__label_folded")
    met = SeenAt.objects.filter(customer=customer).select_related("location").order_by("location__name")
    states = [(Channel.TEXT, customer.text_state), (Channel.EMAIL, customer.email_state)]
    return [
        (_("Contact"), [line for line in contact if line]),
        (_("Address"), [in_one_line(address)] if address else []),
        (_("Opt-in"), [f"{channel.label}: {Reach(state).label}" for channel, state in states if state != Reach.NONE]),
        (_("Kind of account"), _kind_in_words(customer)),
        (_("Pets"), [in_words(pet) for pet in pets]),
        (_("Tags"), [one.tag.label for one in tags]),
        (_("Note"), [customer.note] if customer.note else []),
        (_("Known at"), [row.location.name for row in met]),
    ]


def tell(customer: Customer) -> dict[str, Section]:
    address = Address.objects.filter(customer=customer).first()
    pets = Pet.objects.filter(customer=customer)
    tags = CustomerTag.objects.filter(customer=customer).select_related("tag").order_by("since", "id")
    codes = CustomerCode.objects.filter(customer=customer).order_by("created_at", "id")
    met = SeenAt.objects.filter(customer=customer).select_related("location").order_by("first_seen_at", "id")
    spans = KindSpan.objects.filter(customer=customer).order_by("at", "id")
    numbers = BreederNumber.objects.filter(customer=customer).select_related("brand").order_by("at", "id")
    said = Consent.objects.filter(customer=customer).select_related("location", "wording").order_by("id")
    changes = Change.objects.filter(customer=customer).select_related("location").order_by("id")
    return {
        "customer": [
            {
                "Astro ID": id_text(customer.pk),
                "first name": customer.first_name,
                "last name": customer.last_name,
                "mobile phone": customer.phone,
                "e-mail": customer.email,
                "Internal Customer ID": customer.internal_id,
                "address": in_one_line(address) if address else "",
                "note": customer.note,
                "kind": str(Kind(customer.kind).label),
                "texts": str(Reach(customer.text_state).label),
                "mail": str(Reach(customer.email_state).label),
                "app since": _moment(customer.app_since),
                "added": _moment(customer.created_at),
                "removed": _moment(customer.retired_at),
            }
        ],
        "pets": [
            {"pet": in_words(pet), "added": _moment(pet.created_at), "taken off": _moment(pet.retired_at)}
            for pet in pets
        ],
        "tags": [{"tag": one.tag.label, "since": _moment(one.since)} for one in tags],
        "codes": [
            {
                "code": one.code,
                "kind": str(one.get_kind_display()),
                "since": _moment(one.created_at),
                "until": _moment(one.ended_at),
            }
            for one in codes
        ],
        "breeder or employee": [
            {
                "kind": str(span.get_kind_display()),
                "Employee ID": span.employee_id,
                "from": span.from_on.isoformat(),
                "until": span.until_on.isoformat() if span.until_on else "",
            }
            for span in spans
        ],
        "breeder numbers": [
            {
                "brand": one.brand.name,
                "number": one.number,
                "from": one.from_on.isoformat(),
                "until": one.until_on.isoformat() if one.until_on else "",
            }
            for one in numbers
        ],
        "known at": [
            {"location": row.location.name, "first": _moment(row.first_seen_at), "last": _moment(row.last_seen_at)}
            for row in met
        ],
        "consent": [
            {
                "moment": _moment(row.at),
                "channel": str(row.get_channel_display()),
                "act": str(row.get_act_display()),
                "basis": str(row.get_basis_display()) if row.basis else "",
                "source": str(row.get_source_display()),
                "location": row.location.name if row.location else "",
                "words": row.wording.text if row.wording else "",
                "evidence": row.evidence,
            }
            for row in said
        ],
        "changes": [
            {
                "moment": _moment(row.at),
                "field": row.field,
                "was": row.old,
                "became": row.new,
                "location": row.location.name if row.location else "",
            }
            for row in changes
        ],
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """Names become the pseudonym, and everything that could tell who it was goes. What was said about the addresses
    stays, by their hashes; they are closed, so that nobody who comes back by a list is written to."""
    for channel in Channel:
        address = address_of(customer, channel)
        if address and state_of(channel, address) != Reach.STOPPED:
            hear(channel, address, Act.STOP, source=Source.OFFICE, customer=customer, now=now)
    for rows in (Address, Pet, CustomerTag, Change, KindSpan, BreederNumber):
        rows.objects.filter(customer=customer).delete()
    for code in CustomerCode.objects.filter(customer=customer):
        code.code, code.ended_at = f"-{id_text(code.pk)}", code.ended_at or now
        code.save(update_fields=["code", "ended_at"])
    for key in ("first", "second"):
        LikelyDouble.objects.filter(**{key: customer}).delete()
    for key in ("kept", "gone"):
        Merge.objects.filter(**{key: customer}).update(moved={})
    first_name, last_name = pseudonym(customer)
    values: dict[str, Any] = {
        **dict.fromkeys((*CONTACT, "email_folded", "internal_id_folded", "note"), ""),
        "first_name": first_name,
        "last_name": last_name,
        "kind": Kind.PET_OWNER,
        "search": search_text(first_name=first_name, last_name=last_name, phone="", email=""),
        "sort_name": sort_name(first_name=first_name, last_name=last_name, length=SORT_NAME_LENGTH),
        "text_state": Reach.NONE,
        "email_state": Reach.NONE,
        "app_since": None,
        "erase_on": None,
        "erased_at": now,
    }
    _write(customer, values)


def _closed(kept: Customer, gone: Customer) -> list[Channel]:
    """Over which the kept customer may no longer be written to: the other account said stop, by another address."""
    closed = []
    for channel in Channel:
        mine, theirs = address_of(kept, channel), address_of(gone, channel)
        states = state_of(channel, mine), state_of(channel, theirs)
        if mine and states[0] != Reach.STOPPED and stricter(*states) == Reach.STOPPED:
            closed.append(channel)
    return closed


def _fill_contact(kept: Customer, gone: Customer) -> dict[str, Any]:
    """Says which of the kept customer's fields became what they are, and what they were."""
    was: dict[str, Any] = {}
    for name in CONTACT:
        if not getattr(kept, name) and getattr(gone, name):
            was[name] = ""
            setattr(kept, name, getattr(gone, name))
    if gone.note and gone.note not in kept.note:
        was["note"] = kept.note
        kept.note = "\n".join(filter(None, (kept.note, gone.note)))[:NOTE_LENGTH]
    if gone.app_since and (kept.app_since is None or gone.app_since < kept.app_since):
        was["app_since"] = _moment(kept.app_since)
        kept.app_since = gone.app_since
    if was:
        _write_contact(kept, was)
    became = {name: _moment(kept.app_since) if name == "app_since" else getattr(kept, name) for name in was}
    return {"was": was, "became": became}


def _empty_contact(kept: Customer, moved: dict[str, Any]) -> None:
    back = []
    for name, was in moved["was"].items():
        now_is = _moment(kept.app_since) if name == "app_since" else getattr(kept, name)
        if now_is == moved["became"][name]:
            back.append(name)
            value = was if name != "app_since" else datetime.fromisoformat(was) if was else None
            setattr(kept, name, value)
    if back:
        _write_contact(kept, back)


def _write_contact(customer: Customer, names: Any) -> None:
    values = {name: getattr(customer, name) for name in names}
    details = {name: getattr(customer, name) for name in ("first_name", "last_name", *CONTACT)}
    values["search"] = search_text(**details)
    values["email_folded"] = fold_email(customer.email)
    values["internal_id_folded"] = customer.internal_id.casefold()
    _write(customer, values)


def _write(customer: Customer, values: dict[str, Any]) -> None:
    Customer.objects.filter(pk=customer.pk).update(**values)
    for name, value in values.items():
        setattr(customer, name, value)


def _copy_address(kept: Customer, gone: Customer) -> dict[str, Any]:
    theirs = Address.objects.filter(customer=gone).first()
    if theirs is None or Address.objects.filter(customer=kept).exists():
        return {}
    theirs.pk, theirs.customer, theirs._state.adding = new_id(), kept, True
    theirs.save(force_insert=True)
    return {"copy": theirs.pk, "changed_at": theirs.changed_at.isoformat()}


def _move_pets(kept: Customer, gone: Customer) -> dict[str, Any]:
    """A pet that both accounts have (name and kind) is one: the kept one's blanks are filled, the other one stays."""
    mine = {fold(pet.name): pet for pet in Pet.objects.filter(customer=kept, retired_at__isnull=True) if pet.name}
    moved, filled = [], {}
    for pet in Pet.objects.filter(customer=gone):
        same = mine.get(fold(pet.name)) if pet.retired_at is None else None
        if same is None or (same.kind and pet.kind and same.kind != pet.kind):
            moved.append(pet.pk)
            continue
        blanks = {name: getattr(pet, name) for name in PET_BLANKS if not getattr(same, name) and getattr(pet, name)}
        if blanks and "born_month" not in blanks:
            blanks.pop("born_day", None)  # a day of another month
        if blanks:
            Pet.objects.filter(pk=same.pk).update(**blanks)
            filled[str(same.pk)] = blanks
    Pet.objects.filter(pk__in=moved).update(customer=kept)
    return {"moved": moved, "filled": filled}


def _blank(name: str) -> str | None:
    return None if name.startswith("born_") else ""


def _copy_tags(kept: Customer, gone: Customer) -> list[int]:
    mine = set(CustomerTag.objects.filter(customer=kept).values_list("tag_id", flat=True))
    made = [
        CustomerTag(customer=kept, tag_id=one.tag_id, since=one.since, by_id=one.by_id)
        for one in CustomerTag.objects.filter(customer=gone)
        if one.tag_id not in mine
    ]
    CustomerTag.objects.bulk_create(made)
    return [one.pk for one in made]


def _move_codes(kept: Customer, gone: Customer) -> list[int]:
    codes = CustomerCode.objects.filter(customer=gone)
    moved = sorted(codes.values_list("id", flat=True))
    codes.update(customer=kept)
    return moved


def _move_kinds(kept: Customer, gone: Customer) -> dict[str, list[int]]:
    """Who is something already stays that; numbers come along where they are of use, and no brand gives two."""
    spans = KindSpan.objects.filter(customer=gone)
    if kept.kind != Kind.PET_OWNER:
        spans = spans.filter(until_on__isnull=False)
    moved = {"spans": sorted(spans.values_list("id", flat=True)), "numbers": list[int]()}
    spans.update(customer=kept)
    settle_kind(kept)
    numbers = BreederNumber.objects.filter(customer=gone)
    if kept.kind == Kind.BREEDER:
        mine = BreederNumber.objects.filter(customer=kept, until_on__isnull=True).values_list("brand_id", flat=True)
        numbers = numbers.exclude(until_on__isnull=True, brand__in=list(mine))
    else:
        numbers = numbers.filter(until_on__isnull=False)
    moved["numbers"] = sorted(numbers.values_list("id", flat=True))
    BreederNumber.objects.filter(pk__in=moved["numbers"]).update(customer=kept)
    settle_kind(gone)
    return moved


def _move_kinds_back(kept: Customer, gone: Customer, moved: dict[str, list[int]]) -> None:
    for rows, name in ((KindSpan, "spans"), (BreederNumber, "numbers")):
        rows.objects.filter(pk__in=moved.get(name, []), customer=kept).update(customer=gone)
    settle_kind(kept)
    settle_kind(gone)


def _kind_in_words(customer: Customer) -> list[str]:
    if customer.kind == Kind.PET_OWNER:
        return []
    numbers = BreederNumber.objects.filter(customer=customer, until_on__isnull=True).select_related("brand")
    span = KindSpan.objects.filter(customer=customer, until_on__isnull=True).first()
    told = [f"{one.brand.name} {one.number}" for one in numbers.order_by("brand__name")]
    return [" ".join(filter(None, (str(Kind(customer.kind).label), span.employee_id if span else ""))), *told]


def _copy_sightings(kept: Customer, gone: Customer) -> dict[str, Any]:
    """By location the earliest and the latest of both."""
    mine = {row.location_id: row for row in SeenAt.objects.filter(customer=kept)}
    made, was = [], {}
    for theirs in SeenAt.objects.filter(customer=gone):
        row = mine.get(theirs.location_id)
        if row is None:
            row = SeenAt(
                customer=kept,
                location_id=theirs.location_id,
                first_seen_at=theirs.first_seen_at,
                last_seen_at=theirs.last_seen_at,
            )
            row.save(force_insert=True)
            made.append([row.pk, _moment(row.last_seen_at)])
            continue
        first = min(row.first_seen_at, theirs.first_seen_at)
        last = max(row.last_seen_at, theirs.last_seen_at)
        was[str(row.pk)] = [_moment(row.first_seen_at), _moment(row.last_seen_at), _moment(last)]
        SeenAt.objects.filter(pk=row.pk).update(first_seen_at=first, last_seen_at=last)
    return {"made": made, "was": was}


def _undo_sightings(moved: dict[str, Any]) -> None:
    """Whoever was met since stays met."""
    for pk, last in moved["made"]:
        SeenAt.objects.filter(pk=pk, last_seen_at=last).delete()
    for pk, (first, last, became) in moved["was"].items():
        SeenAt.objects.filter(pk=pk).update(first_seen_at=first)
        SeenAt.objects.filter(pk=pk, last_seen_at=became).update(last_seen_at=last)


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
