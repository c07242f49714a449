"""Off the list and on it again."""

from __future__ import annotations

import pytest
from django.test import Client

from astro.accounts.models import User
from astro.activity.models import Event
from astro.cards.models import Reward
from astro.customers.actions import add_practice_customer, give_code, restore_customer, retire_customer
from astro.customers.consent.asking import hear
from astro.customers.errors import CannotRestore
from astro.customers.models import Act, Channel, Customer, Merge, Reach, Source
from astro.customers.queries import customer_by_code, customers_matching
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_customer, signed_in
from tests.project.access_matrix import a_gift

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


@pytest.fixture
def ben(huxley: Retailer, midtown: Location) -> Customer:
    with inside(huxley):
        return make_customer(
            first_name="Ben",
            last_name="Ortiz",
            phone="4065550142",
            email="ben@example.com",
            internal_id="B7",
            at=midtown,
        )


def test_removing_asks_first_and_says_what_happens(office: Client, huxley: Retailer, ben: Customer) -> None:
    text = office.get(f"/customers/{ben.pk}/remove/").content.decode()
    for words in ("Remove Ben Ortiz from your list?", "look-up at the till does not find them",
                  "visits, punches and messages stay", "free for another account"):  # fmt: skip
        assert words in text
    with inside(huxley):
        assert Customer.objects.get().retired_at is None


def test_removed_and_restored_by_an_administrator(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, owner: User
) -> None:
    with inside(huxley):
        code = give_code(ben, now=NOW).code
    assert office.post(f"/customers/{ben.pk}/remove/").headers["Location"] == "/customers/"
    with inside(huxley):
        assert customers_matching("Ben", limit=5) == []
        assert customer_by_code(code) is None
    text = office.get(f"/customers/{ben.pk}/").content.decode()
    assert "Removed from your list on" in text
    assert "by Olive Owner" in text
    assert f'href="/checkout/{ben.pk}/"' not in text
    response = office.post(f"/customers/{ben.pk}/restore/")
    assert response.headers["Location"] == f"/customers/{ben.pk}/"
    with inside(huxley):
        assert customers_matching("Ben", limit=5) == [ben]
        assert customer_by_code(code) == ben
        told = Event.objects.filter(about_id=ben.pk).order_by("id")
        assert [(event.name, event.by_user_id) for event in told][-2:] == [
            ("customer retired", owner.pk),
            ("customer restored", owner.pk),
        ]


def test_who_is_there_is_not_restored_twice(office: Client, huxley: Retailer, ben: Customer) -> None:
    assert office.post(f"/customers/{ben.pk}/restore/").status_code == 302
    with inside(huxley):
        assert not Event.objects.filter(name="customer restored").exists()
    assert office.post("/customers/7/restore/").status_code == 404


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        ({"phone": "4065550142"}, "Ann Lee has this customer's phone number now."),
        ({"email": "BEN@example.com"}, "Ann Lee has this customer's e-mail address now."),
        ({"internal_id": "b7"}, "Ann Lee has this customer's Internal Customer ID now."),
    ],
)
def test_nobody_comes_back_with_what_another_has_now(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, taken: dict[str, str], words: str
) -> None:
    with inside(huxley):
        retire_customer(ben, at=midtown, by=None, now=NOW)
        make_customer(first_name="Ann", last_name="Lee", at=midtown, **taken)
    response = office.post(f"/customers/{ben.pk}/restore/")
    assert response.status_code == 409
    assert words.replace("'", "&#x27;") in response.content.decode()
    with inside(huxley):
        assert Customer.objects.get(pk=ben.pk).retired_at == NOW


def test_what_was_said_meanwhile_counts(huxley: Retailer, midtown: Location, ben: Customer) -> None:
    with inside(huxley):
        hear(Channel.TEXT, ben.phone, Act.YES, source=Source.REPLY, customer=ben, now=NOW)
        retire_customer(ben, at=midtown, by=None, now=NOW)
        hear(Channel.TEXT, ben.phone, Act.STOP, source=Source.REPLY, customer=None, now=NOW)
        assert restore_customer(ben, by=None, at=midtown, now=NOW).text_state == Reach.STOPPED
        assert Customer.objects.get(pk=ben.pk).text_state == Reach.STOPPED


@pytest.mark.parametrize(("how", "status"), [("erased", 404), ("merged", 409)])
def test_an_account_that_is_no_more_does_not_come_back(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, how: str, status: int
) -> None:
    with inside(huxley):
        kept = make_customer(first_name="Kit", at=midtown)
        retire_customer(ben, at=midtown, by=None, now=NOW)
        if how == "merged":
            Merge(kept=kept, gone=ben, merged_at=NOW, split_until=NOW).save()
        else:
            Customer.objects.filter(pk=ben.pk).update(erased_at=NOW)
        with pytest.raises(CannotRestore):
            restore_customer(ben, by=None, at=midtown, now=NOW)
    assert office.post(f"/customers/{ben.pk}/restore/").status_code == status


def test_the_practice_customer_stays(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        sally = add_practice_customer(now=NOW)
    for answer in (office.get(f"/customers/{sally.pk}/remove/"), office.post(f"/customers/{sally.pk}/remove/")):
        assert answer.status_code == 422
        assert "so it stays" in answer.content.decode()
    assert f"/customers/{sally.pk}/remove/" not in office.get(f"/customers/{sally.pk}/").content.decode()
    with inside(huxley):
        assert Customer.objects.get().retired_at is None


def test_a_cashier_removes_nobody(client: Client, cashier: User, huxley: Retailer, ben: Customer) -> None:
    till = signed_in(client, cashier)
    assert till.post(f"/customers/{ben.pk}/remove/").status_code == 403
    assert f"/customers/{ben.pk}/remove/" not in till.get(f"/customers/{ben.pk}/").content.decode()
    with inside(huxley):
        assert Customer.objects.get().retired_at is None


def test_a_reward_that_waits_is_told_before(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        buyer = a_gift(midtown).customer
        Reward.objects.filter(customer=buyer).update(state="ready")
    assert "1 reward that waits for them cannot" in office.get(f"/customers/{buyer.pk}/remove/").content.decode()
