"""Tags: their names, who carries them, and thousands tagged at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.actions import (
    add_tag,
    archive_tag,
    rename_tag,
    restore_tag,
    retire_customer,
    set_tags,
    tag_many,
)
from astro.customers.errors import DetailError, Gone, TagTaken
from astro.customers.models import Change, Customer, CustomerTag, Tag
from astro.customers.queries import tags_in_use
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_customer

pytestmark = pytest.mark.django_db


def labels_of(customer: Customer) -> list[str]:
    rows = CustomerTag.objects.filter(customer=customer).order_by("tag__label_folded")
    return list(rows.values_list("tag__label", flat=True))


def changes_of(customer: Customer) -> list[tuple[str, str]]:
    return list(Change.objects.filter(customer=customer, field="tag").order_by("id").values_list("old", "new"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("VIP", "VIP"),
        ("  Puppy   class ", "Puppy class"),
        ("x" * 40, "x" * 40),
        ("Größe 🐶", "Größe 🐶"),
    ],
)
def test_a_tag_keeps_its_name(huxley: Retailer, typed: str, kept: str) -> None:
    with inside(huxley):
        assert add_tag(typed, now=NOW).label == kept
        assert [tag.label for tag in tags_in_use()] == [kept]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 41, "ﬃ" * 20, "a\x00b", "\u202eright", "\u200b", "x" * 10_000])
def test_a_tag_without_a_name_to_read_is_refused(huxley: Retailer, typed: str) -> None:
    with inside(huxley):
        with pytest.raises(DetailError) as refused:
            add_tag(typed, now=NOW)
        assert refused.value.field == "label"
        assert not Tag.objects.exists()


@pytest.mark.parametrize("again", ["café", "Cafe", " CAFÉ "])
def test_two_tags_differ_by_more_than_case_and_accents(huxley: Retailer, otherpaws: Retailer, again: str) -> None:
    with inside(huxley):
        add_tag("Café", now=NOW)
        other = add_tag("Other", now=NOW)
        with pytest.raises(TagTaken, match="There is a tag “Café” already"):
            add_tag(again, now=NOW)
        with pytest.raises(TagTaken):
            rename_tag(other, again, by=None, at=None, now=NOW)
        archive_tag(Tag.objects.get(label="Café"), by=None, at=None, now=NOW)
        with pytest.raises(TagTaken, match="There is an archived tag “Café”"):
            add_tag(again, now=NOW)
    with inside(otherpaws):
        assert add_tag("Café", now=NOW).pk


def test_a_tag_may_change_its_own_case(huxley: Retailer) -> None:
    with inside(huxley):
        tag = add_tag("vip", now=NOW)
        assert rename_tag(tag, "VIP", by=None, at=None, now=NOW).label == "VIP"
        assert Tag.objects.get().label == "VIP"


def test_a_customer_has_exactly_the_tags_set(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        customer = make_customer(at=midtown)
        vip, puppy, breeder = (add_tag(label, now=NOW) for label in ("VIP", "Puppy", "Breeder"))
        set_tags(customer, [vip.pk, puppy.pk], by=cashier, at=midtown, now=NOW)
        set_tags(customer, [vip.pk, puppy.pk], by=cashier, at=midtown, now=NOW)
        set_tags(customer, [breeder.pk, vip.pk], by=cashier, at=midtown, now=NOW)
        assert labels_of(customer) == ["Breeder", "VIP"]
        assert changes_of(customer) == [("", "Puppy, VIP"), ("Puppy", "Breeder")]
        told = Event.objects.filter(name="customer changed", about_id=customer.pk)
        assert [event.facts for event in told] == [{"fields": ["tag"]}] * 2
        set_tags(customer, [], by=cashier, at=midtown, now=NOW)
        assert labels_of(customer) == []


def test_an_archived_tag_stays_on_and_cannot_be_given(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        customer = make_customer(at=midtown)
        old, new = add_tag("Old", now=NOW), add_tag("New", now=NOW)
        set_tags(customer, [old.pk], by=cashier, at=midtown, now=NOW)
        archive_tag(old, by=cashier, at=midtown, now=NOW)
        set_tags(customer, [new.pk], by=cashier, at=midtown, now=NOW)
        assert labels_of(customer) == ["New", "Old"]
        with pytest.raises(DetailError, match="archived"):
            set_tags(customer, [old.pk], by=cashier, at=midtown, now=NOW)
        with pytest.raises(DetailError, match="archived"):
            tag_many([customer.pk], old, on=True, by=cashier, at=midtown, now=NOW)
        restore_tag(old, by=cashier, at=midtown, now=NOW)
        assert [tag.label for tag in tags_in_use()] == ["New", "Old"]


def test_nobody_else_s_tag_is_given(
    huxley: Retailer, midtown: Location, otherpaws: Retailer, elsewhere: Location, cashier: User
) -> None:
    with inside(otherpaws):
        theirs, stranger = add_tag("Theirs", now=NOW), make_customer(at=elsewhere)
    with inside(huxley):
        customer, ours = make_customer(at=midtown), add_tag("Ours", now=NOW)
        with pytest.raises(DetailError):
            set_tags(customer, [theirs.pk], by=cashier, at=midtown, now=NOW)
        with pytest.raises(DetailError):
            tag_many([customer.pk], theirs, on=True, by=cashier, at=midtown, now=NOW)
        assert tag_many([stranger.pk], ours, on=True, by=cashier, at=midtown, now=NOW) == 0
    with inside(otherpaws):
        assert labels_of(stranger) == []


def test_a_removed_customer_is_not_tagged(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        customer, tag = make_customer(at=midtown), add_tag("VIP", now=NOW)
        retire_customer(customer, at=midtown, by=cashier, now=NOW)
        with pytest.raises(Gone):
            set_tags(customer, [tag.pk], by=cashier, at=midtown, now=NOW)
        assert tag_many([customer.pk], tag, on=True, by=cashier, at=midtown, now=NOW) == 0


def test_fifty_are_tagged_in_as_many_statements_as_two(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        people = [make_customer(at=midtown) for _number in range(52)]
        tag = add_tag("VIP", now=NOW)
        with CaptureQueriesContext(connection) as two:
            assert tag_many([one.pk for one in people[:2]], tag, on=True, by=cashier, at=midtown, now=NOW) == 2
        with CaptureQueriesContext(connection) as fifty:
            assert tag_many([one.pk for one in people[2:]], tag, on=True, by=cashier, at=midtown, now=NOW) == 50
        assert len(fifty) == len(two)
        assert all(labels_of(one) == ["VIP"] for one in people)
        assert changes_of(people[7]) == [("", "VIP")]
        assert tag_many([one.pk for one in people], tag, on=True, by=cashier, at=midtown, now=NOW) == 0
        assert tag_many([one.pk for one in people[:3]], tag, on=False, by=cashier, at=midtown, now=NOW) == 3
        assert changes_of(people[0]) == [("", "VIP"), ("VIP", "")]
        assert CustomerTag.objects.count() == 49


def test_five_thousand_are_tagged_in_few_statements(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        Customer.objects.bulk_create(
            [
                Customer(first_name="Ann", last_name=f"Lee {number}", search="", sort_name=f"lee {number}")
                for number in range(5000)
            ]
        )
        tag = add_tag("VIP", now=NOW)
        ids = list(Customer.objects.order_by("?").values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as asked:
            assert tag_many(ids, tag, on=True, by=cashier, at=midtown, now=NOW) == 5000
        assert len(asked) < 100
        assert CustomerTag.objects.filter(tag=tag).count() == Change.objects.count() == 5000
        assert Event.objects.filter(name="customer changed").count() == 5000
        later = NOW + timedelta(days=1)
        assert tag_many(ids, tag, on=False, by=cashier, at=midtown, now=later) == 5000
        assert not CustomerTag.objects.exists()
