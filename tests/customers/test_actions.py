"""Adding, changing and retiring customers: look at the rows and at what was recorded."""

from datetime import timedelta
from typing import Any

import pytest

from astro.accounts.models import User
from astro.activity.models import Event
from astro.customers.actions import (
    add_customer,
    add_practice_customer,
    change_customer,
    fill_in,
    give_code,
    retire_customer,
    seen_at,
)
from astro.customers.errors import AlreadyCustomer, DetailError, Gone, PracticeStays
from astro.customers.models import Address, CodeKind, Customer, CustomerCode, SeenAt
from astro.customers.queries import customer_by_code, customers_matching
from astro.kit.codes import is_own_code
from astro.tenancy.current import OtherRetailer
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_customer

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def test_a_customer_is_added_normalised(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        made = add_customer(
            first_name=" Zoë  &  Bo ", last_name="Ortiz", phone="(406) 555-0142", email=" Zoe@Example.com ",
            at=midtown, by=cashier, now=NOW,
        )  # fmt: skip
        row = Customer.objects.get(pk=made.pk)
        assert (row.first_name, row.last_name, row.phone, row.email) == (
            "Zoë & Bo", "Ortiz", "+14065550142", "Zoe@Example.com",
        )  # fmt: skip
        assert (row.email_folded, row.sort_name) == ("zoe@example.com", "ortiz zoe & bo")
        assert row.search == " zoe & bo ortiz \n14065550142\nzoe@example.com\n"
        assert (row.created_at, row.retired_at, row.is_practice) == (NOW, None, False)
        assert list(SeenAt.objects.values_list("customer_id", "location_id", "first_seen_at", "last_seen_at")) == [
            (made.pk, midtown.pk, NOW, NOW)
        ]
        assert list(
            Event.objects.filter(about_kind="customers.customer").values_list(
                "name", "about_id", "by_user_id", "location_id", "at", "facts"
            )
        ) == [("customer added", made.pk, cashier.pk, midtown.pk, NOW, {})]


def test_a_number_is_read_in_the_country_of_the_location(huxley: Retailer, midtown: Location) -> None:
    midtown.country = "GB"
    with inside(huxley):
        assert make_customer(at=midtown, phone="020 7946 0123").phone == "+442079460123"


def test_what_cannot_be_kept_leaves_nothing(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        with pytest.raises(DetailError):
            make_customer(at=midtown, first_name="x" * 10_000)
        assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("field", "first", "second", "sentence"),
    [
        (
            "phone",
            "(406) 555-0142",
            "+1 406 555 0142",
            "Ben Ortiz has this number already. Use that customer, or type another number.",
        ),
        (
            "email",
            "ben@example.com",
            "BEN@Example.com",
            "Ben Ortiz has this e-mail address already. Use that customer, or type another address.",
        ),
    ],
)  # fmt: skip
def test_a_second_customer_with_the_same(
    huxley: Retailer, midtown: Location, riverside: Location, field: str, first: str, second: str, sentence: str
) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", at=midtown, **{field: first})
        with pytest.raises(AlreadyCustomer) as refused:
            make_customer(first_name="Someone", at=riverside, **{field: second})
        assert (str(refused.value), refused.value.field, refused.value.existing) == (sentence, field, ben)
        assert Customer.objects.count() == 1


def test_the_database_refuses_a_double_too(
    huxley: Retailer, midtown: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As between two tills: the first look sees nobody, the constraint decides, and the sentence is the same."""
    from astro.customers.actions import people

    looks = []
    refuse_double = people._refuse_double

    def blind_once(customer: Customer) -> None:
        looks.append(customer)
        if len(looks) > 1:
            refuse_double(customer)

    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", at=midtown)
        monkeypatch.setattr(people, "_refuse_double", blind_once)
        with pytest.raises(AlreadyCustomer) as refused:
            make_customer(phone="4065550142", at=midtown)
        assert refused.value.existing == ben


def test_the_same_person_at_two_retailers(
    huxley: Retailer, midtown: Location, otherpaws: Retailer, elsewhere: Location
) -> None:
    contact = {"phone": "4065550142", "email": "ben@example.com"}
    with inside(otherpaws):
        theirs = make_customer(first_name="Ben", last_name="Secret", at=elsewhere, **contact)
    with inside(huxley):
        ours = make_customer(first_name="Ben", last_name="Ortiz", at=midtown, **contact)
        assert customers_matching("5550142", limit=10) == customers_matching("ben", limit=10) == [ours]
        with pytest.raises(AlreadyCustomer) as refused:
            make_customer(at=midtown, **contact)
        assert refused.value.existing == ours
        with pytest.raises(OtherRetailer):
            seen_at(theirs, at=midtown, now=NOW)
        with pytest.raises(OtherRetailer):
            give_code(theirs, now=NOW)
    with inside(otherpaws):
        assert customers_matching("ben", limit=10) == [theirs]


def test_a_change_writes_everything_anew(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", at=midtown)
        change_customer(
            ben,
            first_name="Ben",
            last_name="Ortega",
            phone="",
            email="b@x.org",
            at=midtown,
            by=cashier,
            now=LATER,
        )
        row = Customer.objects.get()
        assert (row.name, row.phone, row.email, row.email_folded) == (
            "Ben Ortega",
            "",
            "b@x.org",
            "b@x.org",
        )
        assert (row.search, row.sort_name) == (" ben ortega \nb@x.org\n", "ortega ben")
        assert customers_matching("0142", limit=5) == customers_matching("ortiz", limit=5) == []
        assert customers_matching("ortega", limit=5) == [ben]
        assert list(Event.objects.filter(name="customer changed").values_list("about_id", "by_user_id", "facts")) == [
            (ben.pk, cashier.pk, {"fields": ["last_name", "phone", "email"]})
        ]


def test_a_change_of_nothing_is_not_recorded(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", at=midtown)
        change_customer(
            ben, first_name=" Ben", last_name="Ortiz", phone="406-555-0142", email="", at=midtown, by=cashier, now=LATER
        )
        assert not Event.objects.filter(name="customer changed").exists()


def test_a_change_may_keep_phone_and_email(huxley: Retailer, midtown: Location, cashier: User) -> None:
    contact = {"phone": "+14065550142", "email": "ben@example.com"}
    with inside(huxley):
        ben = make_customer(first_name="Ben", at=midtown, **contact)
        change_customer(ben, first_name="Benny", last_name="Ortiz", at=midtown, by=cashier, now=LATER, **contact)
        assert list(Customer.objects.values_list("first_name", "phone", "email")) == [("Benny", *contact.values())]


def test_a_change_to_what_another_has_is_refused(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", phone="4065550142", at=midtown)
        ann = make_customer(first_name="Ann", at=midtown)
        with pytest.raises(AlreadyCustomer) as refused:
            change_customer(
                ann, first_name="Ann", last_name="Lee", phone="4065550142", email="", at=midtown, by=cashier, now=LATER
            )
        assert refused.value.existing == ben
        assert Customer.objects.get(pk=ann.pk).phone == ""


def test_a_retired_customer_is_found_nowhere_and_frees_phone_and_email(
    huxley: Retailer, midtown: Location, owner: User
) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", phone="4065550142", email="ben@example.com", at=midtown)
        code = give_code(ben, now=NOW)
        retire_customer(ben, at=midtown, by=owner, now=LATER)
        assert Customer.objects.get().retired_at == LATER
        assert customers_matching("ben", limit=5) == customers_matching(code.code, limit=5) == []
        assert make_customer(phone="4065550142", email="ben@example.com", at=midtown).pk != ben.pk
        assert Event.objects.filter(name="customer retired", about_id=ben.pk, by_user_id=owner.pk).count() == 1


def test_retiring_twice_or_changing_afterwards_says_so(huxley: Retailer, midtown: Location, owner: User) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", at=midtown)
        stale = Customer.objects.get(pk=ben.pk)
        retire_customer(ben, at=midtown, by=owner, now=LATER)
        with pytest.raises(Gone):
            retire_customer(stale, at=midtown, by=owner, now=LATER)
        with pytest.raises(Gone):
            change_customer(stale, first_name="B", last_name="O", phone="", email="", at=midtown, by=owner, now=LATER)


def test_the_practice_customer_is_made_once_known_everywhere_and_stays(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User
) -> None:
    with inside(huxley):
        sally = add_practice_customer(now=NOW)
        assert add_practice_customer(now=LATER) == sally
        assert (sally.name, sally.is_practice, Customer.objects.count()) == ("Sally Pet Owner", True, 1)
        assert set(SeenAt.objects.values_list("location__name", flat=True)) == {"Midtown", "Riverside"}
        assert customers_matching("pet owner", limit=5) == [sally]
        with pytest.raises(PracticeStays):
            retire_customer(sally, at=midtown, by=owner, now=LATER)


def test_a_code_is_ours_and_finds_its_customer(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", at=midtown)
        row = give_code(ben, kind=CodeKind.APP, now=NOW)
        assert (row.kind, row.code[0], is_own_code(row.code)) == ("app", "C", True)
        assert customer_by_code(row.code) == customer_by_code(f" {row.code.lower()} ") == ben
        row.ended_at = LATER
        row.save()
        assert customer_by_code(row.code) is None


def test_an_old_code_finds_its_customer(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", at=midtown)
        CustomerCode.objects.create(customer=ben, code="K-0042", kind=CodeKind.OLD)
        assert customers_matching("K-0042", limit=5) == [ben]
        assert [customer_by_code(text) for text in ("", " ", "0042", "K", "🐶", "K" * 40, "K-0042\x00")] == [None] * 7


def test_being_seen_keeps_the_first_and_the_last_moment(
    huxley: Retailer, midtown: Location, riverside: Location
) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", at=midtown)
        early, late = NOW - timedelta(days=9), NOW + timedelta(days=9)
        for moment in (late, early, NOW):
            seen_at(ben, at=midtown, now=moment)
        seen_at(ben, at=riverside, now=late)
        assert list(
            SeenAt.objects.order_by("location__name").values_list("location__name", "first_seen_at", "last_seen_at")
        ) == [("Midtown", early, late), ("Riverside", late, late)]


AT_HOME = {"postcode": "59901", "street": "1 Main St", "city": "Kalispell", "region": "MT"}


def test_what_was_asked_for_in_passing_is_filled_in(huxley: Retailer, midtown: Location, cashier: User) -> None:
    with inside(huxley):
        sally = make_customer(at=midtown, first_name="Sally", last_name="Shopper")
        filled = fill_in(sally, email=" Sally@Example.com ", address=AT_HOME, at=midtown, by=cashier, now=LATER)
        row = Customer.objects.get(pk=sally.pk)
        assert (filled.email, row.email, row.email_folded) == ("Sally@Example.com",) * 2 + ("sally@example.com",)
        assert customers_matching("sally@example", limit=5) == [row]
        home = Address.objects.get(customer=sally)
        assert (home.postcode, home.city, home.country, home.changed_at) == ("59901", "Kalispell", "US", LATER)
        event = Event.objects.get(name="customer changed")
        assert (event.about_id, event.by_user_id, event.facts) == (
            sally.pk, cashier.pk, {"fields": ["email", "address"]},
        )  # fmt: skip


def test_filling_in_changes_nothing_that_is_known(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        sally = make_customer(at=midtown, email="old@example.com")
        fill_in(sally, address=AT_HOME, at=midtown, by=None, now=NOW)
        for _ in range(2):
            fill_in(
                sally, email="new@example.com", address={**AT_HOME, "city": "Elsewhere"}, at=midtown, by=None, now=LATER
            )
        assert Customer.objects.get(pk=sally.pk).email == "old@example.com"
        assert Address.objects.get(customer=sally).city == "Kalispell"
        assert Event.objects.filter(name="customer changed").count() == 1


def test_nothing_to_fill_in_asks_the_database_nothing(
    huxley: Retailer, midtown: Location, django_assert_num_queries: Any
) -> None:
    with inside(huxley):
        sally = make_customer(at=midtown)
        with django_assert_num_queries(2):  # the savepoint of `atomic`
            assert fill_in(sally, email=" ", at=midtown, by=None, now=NOW) is sally


def test_filling_in_refuses_what_cannot_be_kept_and_writes_none_of_it(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        sally = make_customer(at=midtown)
        make_customer(at=midtown, first_name="Ben", email="taken@example.com")
        with pytest.raises(DetailError):
            fill_in(sally, email="sally@", address=AT_HOME, at=midtown, by=None, now=NOW)
        with pytest.raises(DetailError):
            fill_in(sally, email="sally@example.com", address={}, at=midtown, by=None, now=NOW)
        with pytest.raises(AlreadyCustomer):
            fill_in(sally, email="taken@example.com", address=AT_HOME, at=midtown, by=None, now=NOW)
        assert Customer.objects.get(pk=sally.pk).email == ""
        assert not Address.objects.exists()
        retire_customer(sally, at=midtown, by=None, now=NOW)
        with pytest.raises(Gone):
            fill_in(sally, email="sally@example.com", at=midtown, by=None, now=NOW)
