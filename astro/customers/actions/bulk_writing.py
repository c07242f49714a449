"""Writing what `bulk.plan_many` planned: a few statements for any number of people, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from astro.accounts.models import User
from astro.activity.actions import record_many
from astro.customers.actions.bulk import Outcome, Plan, address_in, tags_by_label
from astro.customers.actions.people import columns_of
from astro.customers.addresses import Home, in_one_line
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.asking import STATE_COLUMN
from astro.customers.models import (
    Act,
    Address,
    Basis,
    Change,
    Channel,
    Consent,
    Customer,
    CustomerTag,
    Pet,
    SeenAt,
    Source,
    Tag,
)
from astro.customers.pets import in_words
from astro.kit import plain
from astro.kit.folding import fold
from astro.kit.ids import new_ids
from astro.tenancy.models import Location

AT_ONCE = 500
HOME = tuple(one.name for one in fields(Home))

Undoing = dict[str, Any]
"""What a change can be taken back with, as JSON."""


def write_many(plans: Sequence[Plan], *, at: Location, by: User | None, now: datetime, **facts: Any) -> list[Undoing]:
    """Add and change as planned, and note where all of them were met. `facts` go into the events: from which list.

    Returns, for each plan, what taking it back needs. Raises IntegrityError where a till was faster with a phone, an
    e-mail or an id: then plan anew.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A list is written inside a transaction, or it could be written by half.")
    undoing: list[Undoing] = [{} for _plan in plans]
    taken = [(plan, told) for plan, told in zip(plans, undoing, strict=True) if plan.outcome is not Outcome.WRONG]
    new = [plan for plan, _told in taken if plan.outcome is Outcome.NEW]
    changed = [(plan, told) for plan, told in taken if plan.outcome is Outcome.CHANGED]
    _add(new, now=now)
    _change(changed)
    for plan, told in changed:
        told.update(_what_was(plan))
    _write_homes(taken, now=now)
    _write_pets(taken, now=now)
    _write_tags(taken, by=by, now=now)
    _write_words([plan for plan, _told in taken if plan.words], at=at, by=by, now=now)
    _note([plan for plan, _told in changed], at=at, by=by, now=now)
    people = [plan.customer for plan, _told in taken if plan.customer is not None]
    _meet(people, at=at, now=now)
    _tell(new, [plan for plan, _told in changed], at=at, by=by, now=now, **facts)
    return undoing


def _add(plans: Sequence[Plan], *, now: datetime) -> None:
    for plan, pk in zip(plans, new_ids(len(plans)), strict=True):
        assert plan.details is not None
        states = {column: plan.states[channel] for channel, column in STATE_COLUMN.items()}
        plan.customer = Customer(pk=pk, created_at=now, note=plan.person.note, **states, **columns_of(plan.details))
    plain.insert([plan.customer for plan in plans if plan.customer])


def _change(changed: Sequence[tuple[Plan, Undoing]]) -> None:
    rows, columns = [], {"note", *STATE_COLUMN.values()}
    for plan, _told in changed:
        assert plan.customer is not None
        assert plan.details is not None
        states = {column: plan.states[channel] for channel, column in STATE_COLUMN.items()}
        values = {**columns_of(plan.details), **states}
        if "note" in plan.fields:
            values["note"] = plan.fields["note"][1]
        if any(getattr(plan.customer, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(plan.customer, name, value)
            columns |= values.keys()
            rows.append(plan.customer)
    if rows:
        Customer.objects.bulk_update(rows, sorted(columns), batch_size=AT_ONCE)


def _what_was(plan: Plan) -> Undoing:
    told: Undoing = {}
    if plan.fields:
        told["fields"] = {name: list(pair) for name, pair in plan.fields.items()}
    if plan.home is not None:
        old = plan.address
        told["home"] = [
            _columns_of_home(old) if old is not None else None,
            _columns_of_home(plan.home),
        ]
    return told


def _write_homes(taken: Sequence[tuple[Plan, Undoing]], *, now: datetime) -> None:
    fresh, moved = [], []
    for plan, _told in taken:
        if plan.home is None or plan.customer is None:
            continue
        if plan.address is None:
            fresh.append(Address(customer_id=plan.customer.pk, changed_at=now, **_columns_of_home(plan.home)))
        else:
            row = Address(**{field.attname: getattr(plan.address, field.attname) for field in Address._meta.fields})
            row._state.adding = False
            for name, value in _columns_of_home(plan.home).items():
                setattr(row, name, value)
            row.changed_at = now
            moved.append(row)
    plain.insert(fresh)
    if moved:
        Address.objects.bulk_update(moved, [*HOME, "changed_at"], batch_size=AT_ONCE)


def _columns_of_home(home: Home | Address) -> dict[str, Any]:
    return {name: getattr(home, name) for name in HOME}


def _write_pets(taken: Sequence[tuple[Plan, Undoing]], *, now: datetime) -> None:
    fresh: list[Pet] = []
    for plan, told in taken:
        if plan.customer is None:
            continue
        mine = [Pet(customer_id=plan.customer.pk, created_at=now, **pet.columns()) for pet in plan.pets]
        if mine:
            told["pets"] = [str(pet.pk) for pet in mine]
        if plan.filled:
            told["filled"] = [
                [str(pet.pk), {name: list(pair) for name, pair in what.items()}] for pet, what in plan.filled
            ]
        fresh += mine
        for pet, what in plan.filled:
            for name, (_old, value) in what.items():
                setattr(pet, name, value)
    plain.insert(fresh)
    filled = [pet for plan, _told in taken for pet, _what in plan.filled]
    if filled:
        columns = ["kind", "breed", "born_year", "born_month", "born_day", "is_age_told"]
        Pet.objects.bulk_update(filled, columns, batch_size=AT_ONCE)


def _write_tags(taken: Sequence[tuple[Plan, Undoing]], *, by: User | None, now: datetime) -> None:
    labels = {fold(label): label for plan, _told in taken for label in plan.tags}
    if not labels:
        return
    known = tags_by_label(list(labels.values()))
    made = [
        Tag(label=label, label_folded=folded, created_at=now) for folded, label in labels.items() if folded not in known
    ]
    if made:
        plain.insert(made, unless_there=True)
        known = tags_by_label(list(labels.values()))
    rows = []
    for plan, told in taken:
        if plan.customer is None or not plan.tags:
            continue
        mine = [
            CustomerTag(
                customer_id=plan.customer.pk, tag_id=known[fold(label)].pk, since=now, by_id=by.pk if by else None
            )
            for label in plan.tags
        ]
        told["tags"] = [str(row.pk) for row in mine]
        rows += mine
    plain.insert(rows, unless_there=True)


def _write_words(plans: Sequence[Plan], *, at: Location, by: User | None, now: datetime) -> None:
    rows = []
    for plan in plans:
        assert plan.customer is not None
        for channel, word in plan.words.items():
            rows.append(
                Consent(
                    channel=channel,
                    address_hash=address_hash(channel, address_in(plan, channel)),
                    act=word.act,
                    basis=Basis.EXPRESS if word.act == Act.YES else "",
                    source=Source.IMPORT,
                    customer_id=plan.customer.pk,
                    location_id=at.pk,
                    by_id=by.pk if by else None,
                    evidence=dict(word.evidence),
                    at=now,
                )
            )
    plain.insert(rows)


def _note(plans: Sequence[Plan], *, at: Location, by: User | None, now: datetime) -> None:
    """The customers' own lists of changes, as a person reads them."""
    rows = []
    for plan in plans:
        assert plan.customer is not None
        told = dict(plan.fields)
        if plan.home is not None:
            told["address"] = (in_one_line(plan.address) if plan.address else "", in_one_line(plan.home))
        for name, (old, new) in told.items():
            rows.append((plan.customer, name, old, new))
        for pet in plan.pets:
            rows.append((plan.customer, "pet", "", in_words(Pet(customer_id=plan.customer.pk, **pet.columns()))))
        for label in plan.tags:
            rows.append((plan.customer, "tag", "", label))
    plain.insert(
        [
            Change(
                customer_id=customer.pk,
                field=name,
                old=old,
                new=new,
                location_id=at.pk,
                by_id=by.pk if by else None,
                at=now,
            )
            for customer, name, old, new in rows
        ]
    )


def _meet(people: Sequence[Customer], *, at: Location, now: datetime) -> None:
    rows = [SeenAt(customer_id=one.pk, location_id=at.pk, first_seen_at=now, last_seen_at=now) for one in people]
    plain.insert(rows, unless_there=True)


def _tell(
    new: Sequence[Plan], changed: Sequence[Plan], *, at: Location, by: User | None, now: datetime, **facts: Any
) -> None:
    added = [plan.customer for plan in new if plan.customer]
    record_many("customer added", added, by=by, at=at, now=now, **facts)
    alike: dict[tuple[str, ...], list[Customer]] = {}
    for plan in changed:
        if plan.customer and (names := fields_of(plan)):
            alike.setdefault(names, []).append(plan.customer)
    for names, people in alike.items():
        record_many("customer changed", people, by=by, at=at, now=now, fields=list(names), **facts)
    for channel in Channel.values:
        for act in (Act.YES, Act.STOP):
            said = [
                plan.customer
                for plan in (*new, *changed)
                if plan.customer and (word := plan.words.get(channel)) and word.act == act
            ]
            record_many("consent changed", said, by=by, at=at, now=now, channel=channel, act=str(act), **facts)


def fields_of(plan: Plan) -> tuple[str, ...]:
    """The names of what changes, as events and the list of changes have them."""
    more = [
        name for name, has in (("address", plan.home), ("pet", plan.pets or plan.filled), ("tag", plan.tags)) if has
    ]
    return (*sorted(plan.fields), *more)
