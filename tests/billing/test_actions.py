"""States and holds of an account: each change is on the retailer, in a row of its own and among the store's events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.activity.models import Event
from astro.billing.actions import (
    change_state,
    lift_hold,
    move_billing_contact,
    place_hold,
    switch_feature,
    write_billing_contact,
)
from astro.billing.errors import AlreadySo, NoBillingContact, ReasonMissing, TrialNeedsEnd
from astro.billing.models import BillingContact, ContactMove, Hold, StateChange
from astro.tenancy import features
from astro.tenancy.models import AccountState, Retailer
from tests.cast import NOW, inside, make_membership, make_user
from tests.checkout.test_races import at_once

LATER = NOW + timedelta(days=3)


def events(retailer):
    with inside(retailer):
        rows = Event.objects.filter(about_kind__regex=r"^(billing|tenancy.retailer)").order_by("at", "id")
        return list(rows.values_list("name", "by_user_id", "facts"))


@pytest.mark.django_db
def test_a_change_of_state_is_a_column_a_row_and_an_event(huxley, owner) -> None:
    until = NOW + timedelta(days=15)
    change_state(huxley, AccountState.TRIAL, trial_until=until, by=owner, reason="a second try", now=NOW)
    assert (huxley.state, huxley.trial_until) == ("trial", until)
    change_state(huxley, AccountState.OFFERS_ONLY, by=owner, reason=" chose  the free one ", now=LATER)
    huxley.refresh_from_db()
    assert (huxley.state, huxley.trial_until) == ("offers-only", until), "bills begin where the trial ended"
    with inside(huxley):
        rows = list(StateChange.objects.order_by("at").values_list("was", "became", "trial_until", "reason", "by_id"))
    assert rows == [
        ("active", "trial", until, "a second try", owner.pk),
        ("trial", "offers-only", None, "chose the free one", owner.pk),
    ]
    assert events(huxley) == [
        ("account changed", owner.pk, {"was": "active", "became": "trial"}),
        ("account changed", owner.pk, {"was": "trial", "became": "offers_only"}),
    ]


@pytest.mark.django_db
def test_what_cannot_be_changes_nothing(huxley, owner) -> None:
    with pytest.raises(ReasonMissing):
        change_state(huxley, AccountState.CANCELLED, by=owner, reason=" ", now=NOW)
    with pytest.raises(ReasonMissing):
        place_hold(huxley, by=owner, reason="x" * 201, now=NOW)
    with pytest.raises(TrialNeedsEnd):
        change_state(huxley, AccountState.TRIAL, trial_until=NOW, by=owner, reason="again", now=NOW)
    with pytest.raises(AlreadySo):
        change_state(huxley, AccountState.ACTIVE, by=owner, reason="again", now=NOW)
    with pytest.raises(AlreadySo):
        change_state(huxley, AccountState.RESTRICTED, was="trial", by=owner, reason="it was on trial", now=NOW)
    with pytest.raises(AlreadySo):
        lift_hold(huxley, by=owner, reason="paid", now=NOW)
    assert events(huxley) == []
    assert Retailer.objects.get(pk=huxley.pk).state == "active"


@pytest.mark.django_db
def test_a_hold_is_placed_once_and_lifted_once(huxley, otherpaws, owner) -> None:
    place_hold(huxley, by=owner, reason="the bill of October", now=NOW)
    with pytest.raises(AlreadySo):
        place_hold(huxley, by=owner, reason="again", now=NOW)
    assert huxley.held_at == NOW
    lift_hold(huxley, by=owner, reason="paid", now=LATER)
    place_hold(huxley, by=None, reason="the bill of November", now=LATER)
    with inside(huxley):
        rows = list(Hold.objects.order_by("placed_at").values_list("reason", "lifted_at", "lifted_reason"))
    assert rows == [("the bill of October", LATER, "paid"), ("the bill of November", None, "")]
    assert [name for name, *_ in events(huxley)] == ["hold placed", "hold lifted", "hold placed"]
    otherpaws.refresh_from_db()
    assert (otherpaws.held_at, events(otherpaws)) == (None, [])


@pytest.mark.django_db
def test_bills_go_to_one_administrator_who_can_be_written_to(huxley, owner, cashier, riverside_administrator) -> None:
    was = owner.memberships.get()
    new = riverside_administrator.memberships.get()
    nameless = make_membership(make_user(), retailer=huxley, role="master")
    for unfit in (cashier.memberships.get(), nameless):
        with pytest.raises(NoBillingContact):
            move_billing_contact(huxley, unfit, by=None, reason="she left", now=NOW)
    move_billing_contact(huxley, new, by=None, reason="she left", now=NOW)
    with pytest.raises(AlreadySo):
        move_billing_contact(huxley, new, by=None, reason="she left", now=NOW)
    new.refresh_from_db()
    was.refresh_from_db()
    assert (was.is_billing_contact, new.is_billing_contact) == (False, True)
    with inside(huxley):
        rows = list(ContactMove.objects.values_list("was_id", "became_id", "reason"))
        told = list(Event.objects.filter(name="billing contact moved").values_list("about_id", "facts"))
    assert rows == [(was.pk, new.pk, "she left")]
    assert told == [(new.pk, {"was_id": was.pk})]


@pytest.mark.django_db
def test_nobody_of_another_store_becomes_billing_contact(huxley, owner, other_owner) -> None:
    with pytest.raises(NoBillingContact):
        move_billing_contact(huxley, other_owner.memberships.get(), by=None, reason="by mistake", now=NOW)
    assert owner.memberships.get().is_billing_contact


@pytest.mark.django_db
def test_where_bills_go_is_written_once_and_recorded_by_field_name_only(huxley, owner) -> None:
    told = {"name": "Bo Books", "email": "books@huxleyhouse.example", "phone": ""}
    for _twice in range(2):
        write_billing_contact(huxley, **told, by=owner, now=NOW)
    write_billing_contact(huxley, **{**told, "phone": "+14065550142"}, by=owner, now=NOW)
    with inside(huxley):
        assert list(BillingContact.objects.values_list("name", "email", "phone")) == [
            (*tuple(told.values())[:2], "+14065550142")
        ]
    assert [facts for _name, _by, facts in events(huxley)] == [{"fields": ["name", "email"]}, {"fields": ["phone"]}]


@pytest.mark.django_db
def test_a_switch_is_one_stores_and_says_who(huxley, otherpaws, owner) -> None:
    assert switch_feature(huxley, features.ASTRO_ID, is_on=True, by=owner, reason="asked", now=NOW)
    assert not switch_feature(huxley, features.ASTRO_ID, is_on=True, by=owner, reason="asked", now=NOW)
    with inside(huxley):
        assert features.has(huxley, features.ASTRO_ID)
        assert Event.objects.get(name="feature switched on").facts == {"feature": "astro_id"}
    with inside(otherpaws):
        assert not features.has(otherpaws, features.ASTRO_ID)


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
def test_two_who_place_a_hold_at_once_place_one(huxley) -> None:
    def place(number: int) -> str:
        try:
            place_hold(huxley, by=None, reason=f"bill {number}", now=NOW)
        except AlreadySo:
            return "already"
        return "placed"

    assert sorted(at_once([lambda number=number: place(number) for number in range(4)])) == [
        "already",
        "already",
        "already",
        "placed",
    ]
    with inside(huxley):
        assert Hold.objects.count() == 1
