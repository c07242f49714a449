"""My Astro Customers: filters, marks, paging, tags for many, exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from astro.accounts.models import User
from astro.cards.models import Reward
from astro.customers.actions import (
    add_pet,
    add_practice_customer,
    add_tag,
    archive_tag,
    joined_app,
    retire_customer,
    seen_at,
    set_tags,
    write_address,
)
from astro.customers.consent.asking import hear
from astro.customers.list_filter import ListFilter
from astro.customers.listing import asked_for
from astro.customers.models import Act, Channel, Customer, CustomerTag, LikelyDouble, Merge, SeenAt, Source, Tag
from astro.customers.pets import read_pet
from astro.tenancy import features
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_customer, signed_in
from tests.project.access_matrix import a_gift

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


@pytest.fixture
def till(client: Client, cashier: User) -> Client:
    return signed_in(client, cashier)


@pytest.fixture
def known(huxley: Retailer, midtown: Location, riverside: Location, cashier: User) -> Mapping[str, Customer]:
    """Ann said yes to texts, Bo unsubscribed, Cy uses the app, Di was removed, Eve has a name; Flo is Riverside's."""
    with inside(huxley):
        people = {
            "ann": make_customer(first_name="Ann", last_name="A", phone="4065550101", at=midtown),
            "bo": make_customer(first_name="Bo", last_name="B", email="bo@example.com", at=midtown),
            "cy": make_customer(first_name="Cy", last_name="C", email="cy@example.com", at=midtown),
            "di": make_customer(first_name="Di", last_name="D", phone="4065550104", at=midtown),
            "eve": make_customer(first_name="Eve", last_name="E", at=midtown),
            "flo": make_customer(first_name="Flo", last_name="F", phone="4065550106", at=riverside),
        }
        said = {"source": Source.REPLY, "now": NOW}
        hear(Channel.TEXT, people["ann"].phone, Act.YES, customer=people["ann"], **said)
        hear(Channel.EMAIL, people["bo"].email, Act.STOP, customer=people["bo"], **said)
        hear(Channel.TEXT, people["flo"].phone, Act.ASKED, customer=people["flo"], **said)
        joined_app(people["cy"], now=NOW)
        vip, old = add_tag("VIP", now=NOW), add_tag("Old", now=NOW)
        set_tags(people["ann"], [vip.pk], by=cashier, at=midtown, now=NOW)
        set_tags(people["bo"], [old.pk], by=cashier, at=midtown, now=NOW)
        set_tags(people["flo"], [vip.pk], by=cashier, at=midtown, now=NOW)
        archive_tag(old, by=cashier, at=midtown, now=NOW)
        retire_customer(people["di"], at=midtown, by=cashier, now=NOW)
    return people


def names(client: Client, asked: str) -> str:
    """The first letters of those shown, in their order."""
    response = client.get(f"/customers/?{asked}")
    assert response.status_code == 200
    return "".join(row.customer.first_name[0] for row in response.context["shown"].rows)


def tag_id(retailer: Retailer, label: str) -> int:
    with inside(retailer):
        return int(Tag.objects.get(label=label).pk)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "ABCE"),
        ("place=all", "ABCEF"),
        ("text=yes", "A"),
        ("text=asked", ""),
        ("text=asked&place=all", "F"),
        ("text=none", "BCE"),
        ("email=stopped", "B"),
        ("email=on_file", "C"),
        ("email=none&text=none", "E"),
        ("app=yes", "C"),
        ("app=no", "ABE"),
        ("reward=yes", ""),
        ("tag=VIP", "A"),
        ("tag=VIP&place=all", "AF"),
        ("tag=VIP&place=all&q=flo", "F"),
        ("tag=VIP&q=bo", ""),
        ("tag=VIP&q=bo&sort=name", ""),
        ("tag=none", "BCE"),
        ("tag=Old", "ABCE"),
        ("removed=yes", "D"),
        ("removed=yes&q=di%20d", "D"),
        ("removed=yes&q=ann", ""),
        ("removed=yes&text=on_file", "D"),
        ("removed=yes&text=yes", ""),
        ("text=nonsense&email=%00&app=maybe&reward=no&tag=7&removed=1", "ABCE"),
        ("tag=" + "9" * 40, "ABCE"),
    ],
)
def test_a_filter_lets_through(
    office: Client, huxley: Retailer, known: Mapping[str, Customer], asked: str, shown: str
) -> None:
    for label in ("VIP", "Old"):
        asked = asked.replace(f"tag={label}", f"tag={tag_id(huxley, label)}")
    assert names(office, asked) == shown


def test_who_has_a_reward_waiting(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        buyer = a_gift(midtown).customer
        make_customer(first_name="Zed", at=midtown)
    assert names(office, "reward=yes") == ""
    with inside(huxley):
        Reward.objects.filter(customer=buyer).update(state="ready")
    response = office.get("/customers/?reward=yes")
    assert [row.customer.pk for row in response.context["shown"].rows] == [buyer.pk]
    assert response.context["shown"].rows[0].figures.rewards == 1
    assert "1 reward waiting" in response.content.decode()


def test_a_cashier_sees_no_removed_ones_and_no_office_buttons(till: Client, known: Mapping[str, Customer]) -> None:
    assert names(till, "removed=yes") == "ABCE"
    text = till.get("/customers/").content.decode()
    for address in ("/customers/export/", "/customers/pets/export/", "/customers/tags/", "removed"):
        assert address not in text


def test_another_retailer_s_tag_filters_nothing(
    office: Client, known: Mapping[str, Customer], otherpaws: Retailer
) -> None:
    with inside(otherpaws):
        theirs = add_tag("Theirs", now=NOW)
    assert names(office, f"tag={theirs.pk}") == "ABCE"
    assert "Theirs" not in office.get("/customers/").content.decode()


def test_filters_that_are_on_are_chips_that_go(office: Client, known: Mapping[str, Customer]) -> None:
    text = office.get("/customers/?place=all&text=yes&app=no&q=ann").content.decode()
    assert 'class="chip is-on" href="?place=all&amp;app=no&amp;q=ann">Texts: Opted in' in text
    assert 'class="chip is-on" href="?place=all&amp;text=yes&amp;q=ann">App: Does not use it' in text
    assert 'href="?place=all&amp;q=ann">Clear all' in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("email=yes", "No customer of Midtown passes these filters."),
        ("email=bounces&place=all", "No customer passes these filters."),
        ("email=yes&q=ann", "Filters are on."),
        ("removed=yes&place=all&app=yes", "No customer was removed here."),
    ],
)
def test_an_empty_answer_says_why(office: Client, known: Mapping[str, Customer], asked: str, words: str) -> None:
    assert words in office.get(f"/customers/?{asked}").content.decode()


def test_a_row_tells_pets_and_five_marks(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", email="ben@example.com", at=midtown)
        for name in ("Biscuit", "Miso"):
            add_pet(ben, read_pet(name=name, kind="dog", age=3, today=TODAY), by=None, at=midtown, now=NOW)
    row = office.get("/customers/").context["shown"].rows[0]
    assert row.pets == "Biscuit & Miso"
    assert [sign.state for _name, _label, _icon, sign in row.signs.in_order()] == ["bad", "warn", "warn", "ok", "bad"]
    text = office.get("/customers/").content.decode()
    assert "Biscuit &amp; Miso" in text
    assert "Email: Not verified" in text


@pytest.mark.parametrize("asked", ["", "place=all&sort=last_visit", "text=none&tag=none", "q=lee", "removed=yes&q=lee"])
def test_fifty_cost_as_many_questions_as_one(
    office: Client, huxley: Retailer, midtown: Location, cashier: User, asked: str
) -> None:
    def add(count: int) -> None:
        with inside(huxley):
            for number in range(count):
                one = make_customer(
                    first_name=f"N{number}", last_name="Lee", email=f"{number}.{count}@x.org", at=midtown
                )
                add_pet(one, read_pet(name="Rex", today=TODAY), by=None, at=midtown, now=NOW)
                if "removed" in asked:
                    retire_customer(one, at=midtown, by=cashier, now=NOW)

    with inside(huxley):
        add_tag("VIP", now=NOW)
    add(1)
    office.get(f"/customers/?{asked}")
    with CaptureQueriesContext(connection) as one:
        assert len(office.get(f"/customers/?{asked}").context["shown"].rows) == 1
    add(30)
    with CaptureQueriesContext(connection) as many:
        assert len(office.get(f"/customers/?{asked}").context["shown"].rows) == 31
    assert len(many) == len(one)


@pytest.mark.parametrize("asked", ["", "sort=newest", "sort=last_visit", "text=none", "place=all&sort=last_visit"])
def test_nobody_is_shown_twice_or_left_out_while_others_are_added(
    office: Client, huxley: Retailer, midtown: Location, asked: str
) -> None:
    chance = Random(asked)  # noqa: S311 - a story that can be told again
    with inside(huxley):
        first = {
            make_customer(first_name=f"N{number}", last_name=f"{chance.random()}", at=midtown, now=NOW).pk
            for number in range(130)
        }
        for pk in sorted(first)[:40]:
            seen_at(Customer.objects.get(pk=pk), at=midtown, now=NOW + timedelta(hours=chance.randrange(50)))
    shown: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        response = office.get(f"/customers/?{asked}&cursor={cursor}")
        shown += [row.customer.pk for row in response.context["shown"].rows]
        cursor = response.context["shown"].next
        with inside(huxley):
            for number in range(7):
                make_customer(first_name=f"Late {number}", last_name=f"{chance.random()}", at=midtown, now=NOW)
    assert len(shown) == len(set(shown))
    assert first <= set(shown)


def test_ticked_customers_are_tagged_and_untagged(
    till: Client, huxley: Retailer, midtown: Location, known: Mapping[str, Customer]
) -> None:
    vip = tag_id(huxley, "VIP")
    chosen = [known["bo"].pk, known["cy"].pk]
    listed = "place=all&sort=newest&q=o"
    sent = {"tag": vip, "customer": chosen, "do": "on", "list": listed}
    response = till.post("/customers/taggings/", sent)
    assert (response.status_code, response.headers["Location"]) == (302, f"/customers/?{listed}")
    assert "2 customers now have the tag “VIP”." in till.get("/customers/").content.decode()
    with inside(huxley):
        assert CustomerTag.objects.filter(tag=vip).count() == 4
    till.post("/customers/taggings/", {**sent, "do": "off"})
    with inside(huxley):
        assert CustomerTag.objects.filter(tag=vip).count() == 2


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"tag": "VIP"}, "Tick the customers first"),
        ({"tag": "VIP", "customer": "x"}, "Tick the customers first"),
        ({"tag": "VIP", "customer": "9223372036854775808"}, "Tick the customers first"),
        ({"tag": "", "customer": "1"}, "Choose a tag first."),
        ({"tag": "7", "customer": "1"}, "Choose a tag first."),
        ({"tag": "Old", "customer": "1"}, "Choose a tag first."),
        ({"tag": "VIP", "all": "yes"}, "Tick the customers first"),
    ],
)
def test_what_cannot_be_tagged_is_said(
    till: Client, huxley: Retailer, known: Mapping[str, Customer], sent: dict[str, str], words: str
) -> None:
    if sent["tag"] in ("VIP", "Old"):
        sent = {**sent, "tag": str(tag_id(huxley, sent["tag"]))}
    response = till.post("/customers/taggings/", sent)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_an_administrator_tags_everybody_that_the_list_found(
    office: Client, huxley: Retailer, midtown: Location, known: Mapping[str, Customer]
) -> None:
    with inside(huxley):
        Customer.objects.bulk_create(
            [Customer(first_name="P", last_name=f"{n}", search="", sort_name=f"p {n}") for n in range(300)]
        )
    sent = {"tag": tag_id(huxley, "VIP"), "all": "yes", "do": "on", "list": "place=all&email=none&q="}
    office.post("/customers/taggings/", sent)
    with inside(huxley):
        tagged = Customer.objects.filter(pk__in=CustomerTag.objects.values("customer"))
        assert tagged.filter(email="").count() == 303
        assert not tagged.filter(first_name__in=["Cy", "Di"]).exists()


def test_more_than_can_be_written_at_once_are_not_tagged(
    office: Client, huxley: Retailer, known: Mapping[str, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("astro.customers.list_views.MOST_TAGGED", 3)
    sent = {"tag": tag_id(huxley, "VIP"), "all": "yes", "do": "off", "list": "place=all"}
    response = office.post("/customers/taggings/", sent)
    assert (response.status_code, "Narrow the list down first." in response.content.decode()) == (422, True)
    with inside(huxley):
        assert CustomerTag.objects.filter(tag=sent["tag"]).count() == 2


def test_likely_doubles_are_counted_for_administrators(
    office: Client, huxley: Retailer, known: Mapping[str, Customer]
) -> None:
    with inside(huxley):
        for first, second in (("ann", "bo"), ("ann", "di")):
            LikelyDouble(first=known[first], second=known[second], reason="name", score=90, found_on=TODAY).save()
    assert office.get("/customers/").context["doubles"] == 1


def test_who_was_merged_is_not_among_the_removed(
    office: Client, huxley: Retailer, known: Mapping[str, Customer]
) -> None:
    with inside(huxley):
        Merge(kept=known["ann"], gone=known["di"], merged_at=NOW, split_until=NOW).save()
    assert names(office, "removed=yes") == ""


def table(response: object) -> list[list[str]]:
    text = response.getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_an_export_of_customers_tells_all_that_is_known(
    office: Client, huxley: Retailer, midtown: Location, known: Mapping[str, Customer], cashier: User
) -> None:
    home = {"postcode": "59901", "street": "1 Main St", "street2": "", "city": "Kalispell", "region": "MT"}
    with inside(huxley):
        write_address(known["ann"], home, by=cashier, at=midtown, now=NOW)
        joined_app(known["ann"], now=NOW)
    heading, line = table(office.get("/customers/export/?text=yes"))
    told = dict(zip(heading, line, strict=True))
    assert {name: told[name] for name in ("First name", "Texts", "E-mails", "App since", "Street", "City", "Tags")} == {
        "First name": "Ann",
        "Texts": "Opted in",
        "E-mails": "Nothing on file",
        "App since": "2026-11-20",
        "Street": "1 Main St",
        "City": "Kalispell",
        "Tags": "VIP",
    }
    assert "Internal Customer ID" not in heading
    with inside(huxley):
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
    assert table(office.get("/customers/export/?text=yes"))[0][1] == "Internal Customer ID"
    assert table(office.get("/customers/pets/export/"))[0][1] == "Internal Customer ID"


def test_an_export_of_pets_has_a_line_for_each(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(first_name="Ben", last_name="Ortiz", phone="4065550142", at=midtown)
        make_customer(first_name="Nobody", at=midtown)
        for told in (
            {"name": "=cmd|'/c calc'!A1", "kind": "dog", "breed": "Beagle", "birth_year": 2021, "birth_month": 5},
            {"name": "Miso", "kind": "cat"},
        ):
            add_pet(ben, read_pet(**told, today=TODAY), by=None, at=midtown, now=NOW)
    who = [str(ben.pk), "Ben", "Ortiz", "(406) 555-0142", ""]
    heading, *lines = table(office.get("/customers/pets/export/?as=csv"))
    assert heading[5:] == ["Pet name", "Pet type", "Breed", "Age", "Birth year", "Birth month", "Birth day"]
    assert lines == [
        [*who, "'=cmd|'/c calc'!A1", "Dog", "Beagle", "5", "2021", "5", ""],
        [*who, "Miso", "Cat", "", "", "", "", ""],
    ]
    sheet = load_workbook(io.BytesIO(office.get("/customers/pets/export/?as=xlsx").getvalue())).active
    assert [row[5].value for row in sheet] == ["Pet name", "=cmd|'/c calc'!A1", "Miso"]
    assert [row[5].data_type for row in sheet] == ["s", "s", "s"]


@pytest.mark.parametrize("which", ["export", "pets/export"])
def test_an_export_asks_little_for_many(office: Client, huxley: Retailer, midtown: Location, which: str) -> None:
    with inside(huxley):
        for number in range(40):
            one = make_customer(first_name=f"N{number}", at=midtown)
            add_pet(one, read_pet(name="Rex", today=TODAY), by=None, at=midtown, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        assert len(table(office.get(f"/customers/{which}/"))) == 41
    assert len(asked) < 30  # seven of them count that this person exports


def test_the_practice_customer_is_in_the_list_and_said_so(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        add_practice_customer(now=NOW)
    heading, line = table(office.get("/customers/export/"))
    assert dict(zip(heading, line, strict=True))["For practice"] == "yes"


def test_the_address_holds_the_filters(office: Client, known: Mapping[str, Customer]) -> None:
    text = office.get("/customers/?place=all&text=none&sort=newest").content.decode()
    asked = QueryDict("place=all&text=none&sort=newest&as=csv")
    assert f'href="/customers/export/?{asked.urlencode()}"'.replace("&", "&amp;") in text


def test_the_last_visit_of_each_is_looked_up_not_searched(huxley: Retailer, midtown: Location) -> None:
    """Among a hundred thousand, reading all visits for each row of a page takes a second."""
    with inside(huxley):
        asked = ListFilter(QueryDict("place=all"), here="Midtown")
        plan = asked_for(asked, at=midtown).explain()
    if connection.vendor == "sqlite":
        assert "seen_at_by_customer (retailer_id=? AND customer_id=?)" in plan
    assert "seen_at_by_customer" in {index.name for index in SeenAt._meta.indexes}


def test_a_filter_is_asked_of_all_that_a_search_found(
    office: Client, huxley: Retailer, midtown: Location, cashier: User
) -> None:
    """Not only of the fifty best matches."""
    with inside(huxley):
        people = [make_customer(first_name=f"N{number:02}", last_name="Smith", at=midtown) for number in range(60)]
        vip = add_tag("VIP", now=NOW)
        for one in (people[0], people[59]):
            set_tags(one, [vip.pk], by=cashier, at=midtown, now=NOW)
    for sort in ("", "&sort=name"):
        shown = office.get(f"/customers/?q=smith&tag={vip.pk}{sort}").context["shown"]
        assert ([row.customer.first_name for row in shown.rows], shown.has_more) == (["N00", "N59"], False)
