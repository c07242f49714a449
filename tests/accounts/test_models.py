"""What the tables of people refuse by themselves."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from astro.accounts import actions
from astro.accounts.models import Device, Membership, User
from astro.activity.models import Event
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_device, make_membership, make_user


def test_person_is_found_by_either_name(owner: User, cashier: User) -> None:
    found = [User.objects.get_by_natural_key(login) for login in (" OWNER@huxleyhouse.example", "HuxleyCashier ")]
    assert found == [owner, cashier]
    for nobody in ("", None, "owner", "@"):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(nobody)


@pytest.mark.parametrize(
    "fields",
    [
        {"email": None, "user_name": None},
        {"email": "Owner@example.com"},
        {"user_name": "Owner"},
        {"user_name": "owner@example.com"},
    ],
)
def test_database_refuses_people_who_could_not_sign_in(db: None, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(name="Nobody", **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"email": "not an address"},
        {"user_name": "two words"},
        {"user_name": "-dash"},
        {"user_name": "émile"},
        {"user_name": "a@b"},
        {"user_name": "x" * 41},
        {"user_name": "huxleycashier"},
        {"user_name": "HuxleyCashier"},
    ],
)
def test_adding_somebody_who_could_not_sign_in_is_refused(cashier: User, fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        actions.add_user(name="New", password=PASSWORD, **fields)


def test_passwords_are_kept_with_argon2(cashier: User) -> None:
    assert cashier.password.startswith("argon2$argon2id$")


def test_only_a_master_has_all_locations(huxley: Retailer, midtown: Location) -> None:
    user = make_user()
    for role, location in [("cashier", None), ("administrator", None), ("master", midtown), ("boss", midtown)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_membership(user, role=role, retailer=huxley, location=location)


def test_living_membership_is_unique(huxley: Retailer, owner: User, cashier: User, midtown: Location) -> None:
    for user, role, location in [(owner, "master", None), (cashier, "administrator", midtown)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_membership(user, role=role, retailer=huxley, location=location)
        actions.end_membership(user.memberships.get(), by=None, now=NOW)
        make_membership(user, role=role, retailer=huxley, location=location)


def test_membership_cannot_name_a_location_of_another_retailer(huxley: Retailer, elsewhere: Location) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(retailer=huxley, user=make_user(), role="cashier", location_id=elsewhere.pk)


def test_ending_twice_is_recorded_once(cashier: User, huxley: Retailer) -> None:
    membership = cashier.memberships.get()
    for _ in range(2):
        actions.end_membership(membership, by=None, now=NOW)
    with inside(huxley):
        assert Event.objects.filter(name="membership ended", about_id=membership.pk).count() == 1


def test_device_keeps_the_hash_of_its_secret_only(owner: User, midtown: Location) -> None:
    device, cookie = make_device(midtown, by=owner)
    assert len(cookie.secret) == 43, "256 bits"
    with inside(midtown.retailer):
        row = Device.objects.filter(pk=device.pk).values().get()
    assert cookie.secret not in {str(value) for value in row.values()}
