"""*Billing Information*, and the reminder of a trial."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from astro.billing.actions import change_state, place_hold
from astro.billing.models import BillingContact
from astro.kit.clock import utc_now
from astro.tenancy.models import AccountState, Retailer
from tests.cast import acting, inside, make_support, signed_in

pytestmark = pytest.mark.django_db

BILLING = "/account/billing/"
BOOKS = {"name": "Bo Books", "email": "books@huxleyhouse.example", "phone": "406 555 0142"}


def text_of(client, url: str = BILLING) -> str:
    return client.get(url).content.decode()


def on_trial(retailer: Retailer, *, days: float) -> None:
    until = utc_now() + timedelta(days=days)
    Retailer.objects.filter(pk=retailer.pk).update(state=AccountState.TRIAL, trial_until=until)


def test_it_says_what_the_account_has_and_who_pays(client, owner, riverside_administrator) -> None:
    signed_in(client, riverside_administrator)
    page = text_of(client)
    assert "Active" in page
    assert "Punch cards: buy so many, get one" in page
    assert "Not included: the Astro ID" in page
    assert "Olive Owner is the primary billing contact" in page
    assert "Save Changes" not in page
    assert "card number" not in page.lower()


def test_a_hold_says_since_when_and_why(client, huxley, owner) -> None:
    signed_in(client, owner)
    place_hold(huxley, by=None, reason="The bill of October is open", now=utc_now())
    page = text_of(client)
    assert "On hold" in page
    assert "The bill of October is open" in page
    assert "Nothing is deleted" in page
    assert "Put on hold" in page


def test_the_history_names_who_and_why(client, huxley, owner) -> None:
    support = make_support()
    change_state(huxley, AccountState.RESTRICTED, by=support, reason="a brand pays now", now=utc_now())
    signed_in(client, owner)
    page = text_of(client)
    assert "Active became Restricted" in page
    assert "a brand pays now" in page
    assert "Sue Support" in page


def test_only_the_primary_billing_contact_says_where_bills_go(client, huxley, owner, riverside_administrator) -> None:
    signed_in(client, riverside_administrator)
    answer = client.post(reverse("billing:contact"), BOOKS)
    assert answer.status_code == 409
    assert "Only the primary billing contact" in answer.content.decode()
    signed_in(client, owner)
    assert client.post(reverse("billing:contact"), BOOKS).status_code == 302
    with inside(huxley):
        assert list(BillingContact.objects.values_list("name", "email", "phone")) == [
            ("Bo Books", "books@huxleyhouse.example", "+14065550142")
        ]
    assert "(406) 555-0142" in text_of(client)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "books"}, "This is not a whole e-mail address."),
        ({"name": " "}, "Write the name of who reads the bills."),
        ({"phone": "12"}, "phone"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(client, huxley, owner, wrong, sentence) -> None:
    signed_in(client, owner)
    answer = client.post(reverse("billing:contact"), {**BOOKS, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with inside(huxley):
        assert not BillingContact.objects.exists()


def test_it_is_written_while_the_account_is_held(client, huxley, owner) -> None:
    signed_in(client, owner)
    place_hold(huxley, by=None, reason="a bill came back", now=utc_now())
    assert client.post(reverse("billing:contact"), BOOKS).status_code == 302


def test_nobody_writes_it_in_anothers_name(client, huxley, owner) -> None:
    acting(client, make_support(), owner.memberships.get())
    assert "Save Changes" not in text_of(client)
    assert client.post(reverse("billing:contact"), BOOKS).status_code == 403
    with inside(huxley):
        assert not BillingContact.objects.exists()


def test_who_may_not_come_in_from_here_sees_no_billing_page_either(client, huxley, owner) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(networks="203.0.113.9")
    signed_in(client, owner)
    answer = client.get(BILLING)
    assert answer.status_code == 403
    assert "IP Address Restricted" in answer.content.decode()
    assert client.get(reverse("support:tickets")).status_code == 403


@pytest.mark.parametrize(
    ("days", "words"), [(9, "Trial: 9 days left"), (0.5, "Trial: 1 day left"), (15, "Trial: 15 days")]
)
def test_a_trial_reminds_administrators_and_not_the_till(client, huxley, owner, cashier, days, words) -> None:
    on_trial(huxley, days=days)
    signed_in(client, owner)
    home = text_of(client, "/")
    assert words in home
    assert "Activate" in home
    assert BILLING in home
    assert words not in text_of(client, "/checkout/")
    signed_in(client, cashier)
    assert "Trial:" not in text_of(client, "/")


def test_an_active_account_is_not_reminded(client, owner) -> None:
    signed_in(client, owner)
    assert "Trial:" not in text_of(client, "/")


def test_a_trial_that_ends_says_until_when(client, huxley, owner) -> None:
    on_trial(huxley, days=9)
    signed_in(client, owner)
    page = text_of(client)
    assert "9 days left" in page
    assert "It does not go on by itself" in page
    assert "To activate your account" in page
