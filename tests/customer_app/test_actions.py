"""What ties an account to a customer, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.customer_app.actions import link_account, open_account
from astro.customer_app.errors import HasPassword
from astro.customer_app.models import AppAccount, AppLink, AppRetailer
from astro.customer_app.queries import link_of, stores_of
from astro.customers.actions import change_customer, joined_app, retire_customer
from astro.customers.errors import Gone
from astro.customers.models import Customer
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_customer

NAMES = {"first_name": "Betty", "last_name": "Smith", "phone": ""}


def test_an_account_is_opened_once(huxley: Retailer, betty: Customer, account: AppAccount) -> None:
    with inside(huxley), pytest.raises(HasPassword):
        open_account(betty, password="another password", now=NOW)
    assert AppAccount.objects.get() == account


def test_tying_twice_is_one_tie(huxley: Retailer, betty: Customer, account: AppAccount) -> None:
    with inside(huxley):
        first = AppLink.objects.get()
        assert link_account(account, customer=betty, now=NOW) == first
        assert AppLink.objects.count() == 1
    assert AppRetailer.objects.count() == 1


def test_an_address_that_moves_to_another_customer_takes_the_account_along(
    huxley: Retailer, betty: Customer, account: AppAccount, midtown: Location
) -> None:
    with inside(huxley):
        change_customer(betty, **NAMES, email="", at=midtown, by=None, now=NOW)
        assert link_of(account) is None
        heir = make_customer(at=midtown, first_name="Heir", email=account.email)
        assert link_of(account) is None, "having the address is not having opened its link"
        link_account(account, customer=heir, now=NOW)
        assert [(link.customer, link.ended_at) for link in AppLink.objects.order_by("id")] == [
            (betty, NOW),
            (heir, None),
        ]
    assert [store.name for store in stores_of(account)] == ["Huxley House"]


def test_a_new_address_is_a_new_account_and_ends_the_old_tie(
    huxley: Retailer, betty: Customer, account: AppAccount, midtown: Location
) -> None:
    with inside(huxley):
        moved = change_customer(betty, **NAMES, email="new@example.com", at=midtown, by=None, now=NOW)
        other = open_account(moved, password=PASSWORD, now=NOW)
        assert AppLink.objects.get(ended_at__isnull=True).account_id == other.pk
    assert (stores_of(account), len(stores_of(other))) == ([], 1)


def test_nobody_is_tied_who_has_another_address_or_is_gone(
    huxley: Retailer, betty: Customer, account: AppAccount, midtown: Location
) -> None:
    with inside(huxley):
        ann = make_customer(at=midtown, first_name="Ann", email="ann@example.com")
        with pytest.raises(Gone):
            link_account(account, customer=ann, now=NOW)
        retire_customer(betty, at=midtown, by=None, now=NOW)
        with pytest.raises(Gone):
            link_account(account, customer=betty, now=NOW)


def test_the_first_sign_in_is_noted_once(huxley: Retailer, betty: Customer) -> None:
    with inside(huxley):
        joined_app(betty, now=NOW)
        joined_app(betty, now=NOW + timedelta(days=3))
        betty.refresh_from_db()
        assert betty.app_since == NOW
