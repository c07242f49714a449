"""The activity log: who sees what of it, what each line says, how it is narrowed, and what leaves the house."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.accounts.models import Masquerade, Membership
from astro.activity.actions import record
from astro.activity.models import OF_EVERY_CHECKOUT, Event
from astro.customers.actions import add_tag
from astro.desk.activity.listing import ActivityFilter, events_asked_for
from astro.desk.activity.words import FACTS, SENTENCES, details_of
from astro.desk.operating.milestones import VERIFY, note_milestone
from astro.kit.asking import asked
from astro.programs.models import Enrollment
from tests.activity.sealing import START, happened, seal
from tests.activity.test_events import listed_names
from tests.cast import NOW, inside, make_customer, make_device, make_membership, make_user, signed_in
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db
URL = "/account/activity/"


def customer(place, **told):
    with inside(place.retailer):
        return make_customer(at=place, **told)


def write(place, name, about, *, by=None, at=..., now=NOW, **told):
    with inside(place.retailer):
        return record(name, about, by=by, at=place if at is ... else at, now=now, **told)


@pytest.fixture
def betty(midtown):
    return customer(midtown, first_name="Betty", last_name="Smith")


@pytest.fixture
def office(client, owner):
    signed_in(client, owner)
    return client


def read(client, query=""):
    answer = client.get(f"{URL}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def sentences(client, query=""):
    answer = client.get(f"{URL}{query}")
    assert answer.status_code == 200
    return [line.sentence for line in answer.context["lines"]]


def test_every_event_has_a_sentence():
    assert SENTENCES.keys() == set(listed_names())
    assert len({str(words) for words in SENTENCES.values()}) == len(SENTENCES)


def test_a_line_says_who_really_who_about_what_where_and_when(office, midtown, cashier, owner, betty):
    with inside(midtown.retailer):
        device, _cookie = make_device(midtown, by=owner)
    with asked(really_by=owner.pk, address="203.0.113.7"):
        write(midtown, "customer changed", betty, by=cashier, device_id=device.pk, fields=["phone", "email"])
    text = read(office)
    (line,) = [line for line in office.get(URL).context["lines"] if line.sentence == "Changed a customer"]
    assert (line.who, line.really, line.place, line.till) == ("Cass Cashier", "Olive Owner", "Midtown", device.name)
    assert line.details == "Fields: phone, email"
    assert (line.about.name, line.about.url) == ("Betty Smith", reverse("desk:customer", args=[betty.pk]))
    assert line.at.tzinfo == midtown.time_zone
    assert "203.0.113.7" in text
    assert "really: Olive Owner" in text


def test_newest_first_and_the_other_way_round(office, midtown, betty):
    for number, name in enumerate(("customer added", "customer changed", "customer retired")):
        write(midtown, name, betty, now=NOW + timedelta(days=400, minutes=number))
    newest = sentences(office, "?what=all:customers")
    assert newest[:3] == ["Took a customer off the list", "Changed a customer", "Added a customer"]
    assert sentences(office, "?what=all:customers&sort=oldest") == newest[::-1]


def test_what_is_asked_for(office, midtown, riverside, owner, cashier, betty):
    other = customer(riverside, first_name="Carl")
    write(midtown, "customer retired", betty, by=cashier, now=NOW)
    write(riverside, "customer restored", other, by=owner, now=NOW + timedelta(days=3))
    with asked(really_by=owner.pk):
        write(midtown, "tag renamed", betty, by=cashier, now=NOW + timedelta(days=6))
    gone, back, tag = "Took a customer off the list", "Put a customer back on the list", "Renamed a tag"
    day = midtown.day(NOW + timedelta(days=3))
    asked_for = {
        "?what=customer retired": {gone},
        f"?who={cashier.pk}": {gone, tag},
        f"?place={riverside.pk}": {back},
        f"?from_day={day}&to_day={day}": {back},
        f"?to_day={day}": {gone, back},
        "?acting=on": {tag},
        f"?about=customers.customer-{other.pk}": {back},
        "?q=betty": {gone, tag},
        "?q=carl": {back},
        "?q=back on the list": {back},
        "?q=cass": {gone, tag},
        "?what=all:programs": set(),
        "?what=rubbish&who=7&place=x&from_day=never&about=-&masquerade=x&sort=9&cursor=zz": {gone, back, tag},
    }
    mine = {gone, back, tag}
    assert {query: set(sentences(office, query)) & mine for query in asked_for} == asked_for
    by_owner = set(sentences(office, f"?who={owner.pk}")) & mine
    assert by_owner == {back, tag}  # what was really theirs as well


def test_what_was_done_while_one_acted_as_another(office, midtown, owner, cashier, betty):
    with inside(midtown.retailer):
        row = Masquerade(
            really_by=owner, membership=cashier.memberships.get(), reason="help", began_at=NOW,
            until_at=NOW + timedelta(minutes=30),
        )  # fmt: skip
        row.save(force_insert=True)
    with asked(really_by=owner.pk):
        write(midtown, "customer retired", betty, by=cashier, now=NOW + timedelta(minutes=3))
        write(midtown, "customer restored", betty, by=cashier, now=NOW + timedelta(minutes=33))
    write(midtown, "customer changed", betty, by=cashier, now=NOW + timedelta(minutes=4))
    assert sentences(office, f"?masquerade={row.pk}") == ["Took a customer off the list"]
    assert "Olive Owner acting as Cass Cashier" in read(office, f"?masquerade={row.pk}")


def test_an_erased_customer_has_no_name(office, midtown, betty):
    write(midtown, "customer changed", betty)
    assert "Betty Smith" in read(office)
    with inside(midtown.retailer):
        betty.erased_at = betty.retired_at = NOW
        betty.save()
    text = read(office)
    assert "An erased customer" in text
    assert "Betty" not in text


def test_an_administrator_sees_their_location_a_master_everything(
    client, midtown, riverside, riverside_administrator, owner, betty
):
    write(midtown, "customer retired", betty)
    write(midtown, "tag renamed", betty, at=None)
    write(riverside, "customer restored", betty)
    signed_in(client, riverside_administrator)
    seen = set(sentences(client)) | set(sentences(client, f"?place={midtown.pk}"))
    assert "Put a customer back on the list" in seen
    assert not seen & {"Took a customer off the list", "Renamed a tag"}
    signed_in(client, owner)
    assert {"Took a customer off the list", "Renamed a tag", "Put a customer back on the list"} <= set(
        sentences(client)
    )


def test_another_store_is_never_seen(office, elsewhere, other_owner):
    stranger = customer(elsewhere, first_name="Stranger")
    write(elsewhere, "customer retired", stranger, by=other_owner)
    assert "Took a customer off the list" not in sentences(office)
    assert sentences(office, f"?about=customers.customer-{stranger.pk}") == []
    assert "Stranger" not in read(office, f"?about=customers.customer-{stranger.pk}")
    assert "Otto" not in read(office, f"?who={other_owner.pk}")


def test_every_kind_of_thing_has_its_name_and_page(office, midtown, owner, cashier):
    counter = Counter(midtown, owner)
    visit = counter.buy(1)
    with inside(midtown.retailer):
        enrollment, device = Enrollment.objects.get(), make_device(midtown, by=owner, name="Front till")[0]
    things = [visit, enrollment, cashier.memberships.get(), device, midtown, midtown.retailer]
    for thing in things:
        write(midtown, "tag renamed", thing)
    lines = office.get(f"{URL}?what=tag+renamed&sort=oldest").context["lines"]
    assert [line.about.kind for line in lines] == ["Purchase", "Program", "User", "Till", "Location", "Store"]
    with inside(midtown.retailer):
        names = [visit.customer.name, enrollment.program.title, "Cass Cashier", "Front till", "Midtown", ""]
    assert [line.about.name for line in lines] == names
    assert {office.get(line.about.url).status_code for line in lines if line.about.url} == {200}
    assert [bool(line.about.url) for line in lines] == [True] * 5 + [False]


def test_empty_states(office, midtown):
    assert "Nothing in the log is like that." in read(office, "?what=tag renamed")
    with connection.cursor() as cursor, inside(midtown.retailer):
        cursor.execute("delete from activity_event")
    assert "Nothing has happened here yet." in read(office)


def test_a_long_log_has_pages_of_equal_cost(office, midtown, owner, betty):
    def queries(query=""):
        with CaptureQueriesContext(
            connection,
        ) as sent:
            lines = sentences(office, query)
        return len(lines), len(sent)

    people = [make_user(name=f"Person {number}") for number in range(3)]
    for one in people:
        make_membership(one, role="cashier", retailer=midtown.retailer, location=midtown)
    write(midtown, "customer changed", betty, by=people[0])
    _few, first = queries("?what=customer changed")
    for number in range(60):
        write(midtown, "customer changed", betty, by=people[number % 3], now=NOW + timedelta(seconds=number))
    count, second = queries("?what=customer changed")
    assert (count, second) == (50, first)
    cursor = office.get(f"{URL}?what=customer changed").context["page"].next
    assert queries(f"?what=customer changed&cursor={cursor}") == (11, first)


def test_an_export_holds_what_the_list_shows_and_is_recorded(office, midtown, owner, cashier, betty):
    with asked(really_by=owner.pk, address="2001:db8::7"):
        write(midtown, "customer retired", betty, by=cashier)
    answer = office.get(f"{URL}export/?what=customer+retired&q=betty")
    heading, row = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    told = dict(zip(heading, row, strict=True))
    assert (told["Who"], told["Really by"], told["Name"]) == ("Cass Cashier", "Olive Owner", "Betty Smith")
    assert (told["From where"], told["Event"]) == ("2001:db8::7", "customer retired")
    with inside(midtown.retailer):
        event = Event.objects.get(name="list exported")
    assert event.facts == {"what": "activity", "format": "csv", "rows": 1, "filters": ["q", "what"]}
    assert (event.by_user_id, event.about_id) == (owner.pk, midtown.pk)
    assert "betty" not in str(event.facts)
    sheet = office.get(f"{URL}export/?as=xlsx")
    assert sheet["Content-Disposition"].endswith('.xlsx"')
    sheet.close()


def test_how_far_it_is_sealed(office, huxley, midtown):
    assert "Nothing is sealed yet." in read(office)
    happened(midtown, 0)
    seal(huxley, 5)
    assert "is sealed." in read(office)
    assert "The seals are checked each night." in read(office)
    facts = {"findings": 0, "checked": {}, "retailers": [], "touched": []}
    note_milestone(VERIFY, facts, now=START)
    assert "The seals were whole when they were checked last" in read(office)
    note_milestone(VERIFY, {**facts, "findings": 1, "retailers": [huxley.pk]}, now=START)
    assert "Somebody has changed this log" not in read(office)
    note_milestone(VERIFY, {**facts, "findings": 1, "touched": [huxley.pk]}, now=START)
    assert "Somebody has changed this log outside of Astro." in read(office)


def test_what_happens_rarely_is_looked_up_by_name(huxley, midtown, owner):
    """What every checkout writes stands in no index of names: that is most of a log, and found by time at once."""
    assert OF_EVERY_CHECKOUT in SENTENCES
    with inside(huxley), transaction.atomic():
        names = [OF_EVERY_CHECKOUT] * 1500 + [f"happens {number}" for number in range(500)]
        Event.objects.bulk_create(
            Event(name=name, location=midtown, about_kind="-", about_id=1, at=NOW) for name in names
        )
        with connection.cursor() as cursor:  # now, not when the database comes to it; PostgreSQL lets only an owner
            if connection.vendor == "postgresql":
                cursor.execute("set local role astro_owner")
            cursor.execute(f"analyze {Event._meta.db_table}")
            if connection.vendor == "postgresql":
                cursor.execute("set local role none")
        for what, is_by_name in (("hold placed", True), (OF_EVERY_CHECKOUT, False)):
            asked = ActivityFilter({"what": what}, membership=Membership.objects.get(user=owner), at=midtown)
            assert ("event_by_rare_name" in events_asked_for(asked).explain()) == is_by_name, what


def test_details_leave_out_what_only_programs_read():
    assert details_of({"gone_id": 7, "fields": [], "rows": 0, "what": "late_entries"}) == "List: late entries"
    assert not {key for key in FACTS if key.endswith("_id")}


def test_a_cashier_is_refused(client, cashier, midtown):
    signed_in(client, cashier)
    assert client.get(URL).status_code == 403


def test_nothing_typed_by_a_person_runs(office, midtown, owner):
    with inside(midtown.retailer):
        tag = add_tag("<script>x</script>", by=owner, at=midtown, now=NOW)
    write(midtown, "tag renamed", tag)
    assert "<script>x</script>" not in read(office)
