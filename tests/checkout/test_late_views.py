"""Entering a receipt after its day, as a plain form; its marks, its report and its limits."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from astro.checkout.late import enter_late, lines_of
from astro.checkout.models import LateEntry, LateLimits, LateWhy, Purchase, Visit
from astro.customers.actions import give_code, retire_customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted


@pytest.fixture
def counter(midtown, owner):
    made = Counter(midtown, owner)
    made.now = utc_now().replace(microsecond=0)
    return made


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


def day_of(counter, days):
    return counter.at.day(counter.now) - timedelta(days=days)


def fields(counter, *, days=1, **more):
    """The form as it is sent with one bag in it."""
    return {
        "key": str(new_uuid7(counter.now)),
        "day": day_of(counter, days).isoformat(),
        "time": "09:30",
        "why": "outage",
        "note": "",
        "product": [str(counter.bag.pk)],
        "quantity": ["1"],
        "do": "save",
        **more,
    }


def send(client, counter, told, **headers):
    return client.post(reverse("checkout:late_new", args=[counter.customer.pk]), told, headers=headers)


def words(answer):
    """The page as it reads, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def late(counter, days, *, why=LateWhy.OUTAGE, note="", by=None, at=None, customer=None):
    key = new_uuid7(counter.now)
    with inside(counter.at.retailer):
        return enter_late(
            customer or counter.customer,
            lines_of(key, [(counter.bag.pk, 1)]),
            key=key,
            occurred_at=counter.now - timedelta(days=days),
            why=why,
            note=note,
            at=at or counter.at,
            by=by or counter.by,
            now=counter.now,
        ).visit


def test_from_check_out_to_the_customer_by_name_and_by_card(at_till, counter):
    look_up = at_till.get(reverse("checkout:look_up"))
    assert reverse("checkout:late_find") in look_up.text
    there = reverse("checkout:late_new", args=[counter.customer.pk])
    found = at_till.get(reverse("checkout:late_find"), {"q": counter.customer.last_name})
    assert there in found.text
    with inside(counter.at.retailer):
        code = give_code(counter.customer, now=counter.now).code
    assert at_till.get(reverse("checkout:late_find"), {"q": code}).url == there
    assert "Nobody matches" in at_till.get(reverse("checkout:late_find"), {"q": "nobody\x00at all"}).text
    assert "one more letter" in at_till.get(reverse("checkout:late_find"), {"q": "x"}).text
    history = at_till.get(reverse("checkout:history", args=[counter.customer.pk]))
    assert there in history.text
    assert reverse("checkout:paper_card", args=[counter.customer.pk]) in history.text


def test_the_form_names_who_enters_it_and_how_far_back_they_may_go(at_till, client, owner, counter):
    page = at_till.get(reverse("checkout:late_new", args=[counter.customer.pk]))
    assert "entered by Cass Cashier" in words(page)
    assert f'min="{day_of(counter, 2)}" max="{day_of(counter, 0)}"' in page.text
    page = signed_in(client, owner).get(reverse("checkout:late_new", args=[counter.customer.pk]))
    assert f'min="{day_of(counter, 30)}"' in page.text


def test_items_are_added_by_code_and_by_name_and_taken_out_again(at_till, counter):
    with inside(counter.at.retailer):
        code = counter.bag.barcodes.get().gtin
    cast.make_product(name="Adult Lamb")
    empty = fields(counter, product=[], quantity=[], do="add")
    page = send(at_till, counter, {**empty, "item": code})
    assert "Added: Adult 30 lb." in words(page)
    assert f'name="product" value="{counter.bag.pk}"' in page.text
    twice = send(at_till, counter, fields(counter, do="add", item=code))
    assert 'name="quantity" value="2"' in twice.text
    several = send(at_till, counter, {**empty, "item": "adult"})
    assert "Which one?" in words(several)
    assert f'name="pick" value="{counter.bag.pk}"' in several.text
    picked = send(at_till, counter, {**empty, "do": "", "pick": str(counter.bag.pk)})
    assert "Added: Adult 30 lb." in words(picked)
    only = send(at_till, counter, {**empty, "item": "lamb"})
    assert "Added: Adult Lamb 30 lb." in words(only)
    unknown = send(at_till, counter, fields(counter, do="add", item="098765432105"))
    assert "No item is like “098765432105”" in words(unknown)
    assert f'name="product" value="{counter.bag.pk}"' in unknown.text
    removed = send(at_till, counter, fields(counter, do="", remove=str(counter.bag.pk)))
    assert "Removed: Adult 30 lb." in words(removed)
    assert 'name="product"' not in removed.text
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()


def test_what_was_typed_stays_while_items_are_added(at_till, counter):
    told = fields(counter, do="add", item="", note="receipt 4711", why="forgotten")
    page = send(at_till, counter, told)
    for kept in (told["key"], told["day"], "receipt 4711", "09:30"):
        assert f'value="{kept}"' in page.text
    assert re.search(r'value="forgotten"[^>]*checked', page.text)


def test_enter_in_any_box_adds_and_never_saves(at_till, counter):
    """A browser presses the first button of the form for Enter, and scanners type Enter."""
    page = at_till.get(reverse("checkout:late_new", args=[counter.customer.pk])).text
    form = page[page.index('class="stack late"') :]
    first = re.search(r"<button[^>]*>", form)[0]
    assert 'name="do" value="add"' in first


def test_htmx_gets_the_items_alone(at_till, counter):
    page = send(
        at_till, counter, fields(counter, do="add", item=""), **{"HX-Request": "true", "HX-Target": "late-items"}
    )
    assert page.text.lstrip().startswith('<section class="panel" id="late-items"')
    assert "<html" not in page.text


def test_the_check_says_what_it_will_do_and_writes_nothing(at_till, counter):
    toy = cast.make_product(name="Rope toy")
    counter.buy(1)
    told = fields(counter, do="check", product=[str(counter.bag.pk), str(toy.pk)], quantity=["2", "1"], time="")
    page = send(at_till, counter, told)
    assert page.status_code == 200
    for sentence in [
        "Nothing is saved yet", "12 noon is counted", "Entered by Cass Cashier", "2 punches on card 1: 3 of 3.",
        "A free item waits", "Fills no card. It is in no program.", "Why more than one?",
    ]:  # fmt: skip
        assert sentence in words(page), sentence
    with inside(counter.at.retailer):
        assert (Visit.objects.count(), LateEntry.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ({"from_on": 0}, "is enrolled in Treats since"),
        ({"from_on": 300}, "It was not on the list of Treats"),
    ],
)
def test_the_check_says_why_an_item_fills_nothing(at_till, counter, cashier, span, sentence):
    treat = cast.make_product(name="Treat")
    program = cast.make_program(title="Treats", products=[treat])
    cast.make_enrollment(counter.at, program=program, by=cashier, from_on=day_of(counter, span["from_on"]))
    if span["from_on"]:
        with cast.platform("the tests' list"):
            program.cards.get().items.update(from_on=day_of(counter, 0))
    page = send(at_till, counter, fields(counter, do="check", product=[str(treat.pk)]))
    assert sentence in words(page)
    assert "No card gets a punch" in words(page)


def test_saving_twice_counts_once_and_leads_to_the_visit(at_till, counter):
    told = fields(counter, note="receipt 4711")
    done = send(at_till, counter, told)
    again = send(at_till, counter, told)
    with inside(counter.at.retailer):
        visit = Visit.objects.get()
        assert LateEntry.objects.get().note == "receipt 4711"
    assert done.url == again.url == reverse("checkout:visit", args=[visit.key])
    page = at_till.get(again.url)
    assert "It counts once." in words(page)
    assert "by Cass Cashier: Astro could not be reached; the receipt was set aside: receipt 4711" in words(page)
    other = send(at_till, counter, {**told, "quantity": ["2"], "reason": "stocking_up"})
    assert other.status_code == 409
    assert "something else in it" in words(other)
    assert counter.rounds() == [(1, 1, "open")]
    assert recounted(now=utc_now())[0] == []


def test_several_units_on_one_card_are_asked_about_as_at_the_till(at_till, counter):
    told = fields(counter, quantity=["2"])
    asked = send(at_till, counter, told)
    assert asked.status_code == 422
    assert "Choose why there is more than one." in words(asked)
    other = send(at_till, counter, {**told, "reason": "other"})
    assert "Say the reason in a few words." in words(other)
    assert send(at_till, counter, {**told, "reason": "several_pets", "reason_text": ""}).status_code == 302
    with inside(counter.at.retailer):
        assert Visit.objects.get().reason == "several_pets"


WRONG = [
    ({"day": ""}, "Choose the day"),
    ({"day": "soon"}, "year-month-day"),
    ({"time": "25:00"}, "hours and minutes"),
    ({"days": 0, "time": ""}, "type the time that stands on the receipt"),
    ({"days": -1}, "That is in the future"),
    ({"days": 3}, "up to 2 days ago"),
    ({"day": "9999-12-31", "time": "23:59"}, "That is in the future"),
    ({"day": "0001-01-01", "time": "00:00"}, "up to 2 days ago"),
    ({"why": ""}, "Choose why it is entered late"),
    ({"why": "paper_card"}, "Choose one of these"),
    ({"why": "other"}, "Say why in a few words"),
    ({"note": "x" * 201}, "up to 200 characters"),
    ({"product": [], "quantity": []}, "Add at least one item"),
    ({"quantity": ["0"]}, "a whole number from 1 to 999"),
    ({"quantity": ["½"]}, "a whole number from 1 to 999"),
    ({"quantity": [""]}, "a whole number from 1 to 999"),
    ({"key": "no key"}, ""),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_written(at_till, counter, wrong, sentence):
    page = send(at_till, counter, fields(counter, **wrong))
    assert page.status_code == 422
    assert sentence in words(page)
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()


def test_a_customer_who_was_removed_meanwhile_is_told_of(at_till, owner, counter):
    with inside(counter.at.retailer):
        retire_customer(counter.customer, by=owner, at=counter.at, now=counter.now)
    page = send(at_till, counter, fields(counter))
    assert page.status_code == 409
    assert "removed" in words(page)
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()


def test_strange_lines_are_left_out(at_till, counter, otherpaws):
    foreign = cast.make_product(name="Foreign", retailer=otherpaws)
    told = fields(counter, product=["x", str(foreign.pk), "9" * 30, str(counter.bag.pk)], quantity=["1"] * 4)
    assert send(at_till, counter, told).status_code == 302
    with inside(counter.at.retailer):
        assert [row.product_id for row in Purchase.objects.all()] == [counter.bag.pk]


def test_another_retailers_customer_is_not_found(client, other_owner, counter):
    signed_in(client, other_owner)
    assert client.get(reverse("checkout:late_new", args=[counter.customer.pk])).status_code == 404
    assert send(client, counter, fields(counter)).status_code == 404


def test_the_cashier_who_entered_it_takes_it_back_the_same_day(at_till, counter):
    send(at_till, counter, fields(counter, days=2))
    with inside(counter.at.retailer):
        visit = Visit.objects.get()
    page = at_till.get(reverse("checkout:visit", args=[visit.key]))
    undo = reverse("checkout:undo_visit", args=[counter.customer.pk, visit.key])
    assert undo in page.text
    at_till.post(undo)
    assert [punches for _number, punches, _state in counter.rounds()] in ([], [0])
    assert recounted(now=utc_now())[0] == []


def test_one_that_was_entered_on_an_earlier_day_is_an_administrators_to_take_back(at_till, counter):
    counter.later(days=-1)
    visit = late(counter, 1)
    page = at_till.get(reverse("checkout:visit", args=[visit.key]))
    undo = reverse("checkout:undo_visit", args=[counter.customer.pk, visit.key])
    assert undo not in page.text
    at_till.post(undo)
    assert counter.rounds() == [(1, 1, "open")]


def test_it_is_marked_wherever_it_is_shown(client, owner, counter):
    visit = late(counter, 3, note="receipt 4711")
    page = signed_in(client, owner)
    mark = "by Olive Owner: Astro could not be reached; the receipt was set aside: receipt 4711"
    places = [
        reverse("checkout:visit", args=[visit.key]),
        reverse("checkout:history", args=[counter.customer.pk]),
        f"{reverse('checkout:day')}?on={visit.day}",
        reverse("desk:customer", args=[counter.customer.pk]),
        reverse("desk:customer_visits", args=[counter.customer.pk]),
    ]
    for place in places:
        assert f"Late entry, entered {_written(counter)} {mark}" in words(page.get(place)), place
    exported = b"".join(page.get(reverse("checkout:history_export", args=[counter.customer.pk])).streaming_content)
    assert "receipt 4711" in exported.decode("utf-8-sig")
    told = page.get(reverse("customers:told", args=[counter.customer.pk])).text
    assert "receipt 4711" in told


def test_one_of_today_is_marked_among_todays_items(at_till, counter):
    late(counter, 0)
    page = at_till.get(reverse("checkout:till", args=[counter.customer.pk]))
    assert "late entry" in page.text


def _written(counter):
    return date_format(counter.at.day(counter.now))


def test_the_report_lists_searches_filters_sorts_and_adds_up(client, owner, counter, riverside, cashier):
    signed_in(client, owner)
    empty = client.get(reverse("checkout:late"))
    assert "Nothing was entered late." in words(empty)
    with inside(counter.at.retailer):
        zoe = cast.make_customer(at=riverside, first_name="Zoe", last_name="Quist")
    late(counter, 3, note="receipt 4711")
    late(counter, 9, why=LateWhy.FORGOTTEN, by=cashier)
    late(counter, 5, at=riverside, customer=zoe)
    page = client.get(reverse("checkout:late"))
    assert "3 entries · 3 items · 2 punches that count · 2 customers" in words(page)

    def days(**asked):
        found = client.get(reverse("checkout:late"), asked)
        return [int(number) for number in re.findall(r"(\d+) days later", words(found))]

    assert days(sort="bought") == [3, 5, 9]
    assert days(sort="bought_oldest") == [9, 5, 3]
    assert days(q="quist") == [5]
    assert days(q="4711") == [3]
    assert days(why="forgotten") == [9]
    assert days(who=str(cashier.pk)) == [9]
    assert days(place=str(riverside.pk)) == [5]
    assert days(bought_from=day_of(counter, 5).isoformat(), sort="bought") == [3, 5]
    assert days(bought_to=day_of(counter, 5).isoformat(), sort="bought") == [5, 9]
    assert len(days(entered_from=day_of(counter, 0).isoformat())) == 3
    assert days(entered_to=day_of(counter, 1).isoformat()) == []
    assert len(days(why="x", place="x", who="x", sort="x", entered_from="x", cursor="x")) == 3
    assert "No late entry is like that." in words(client.get(reverse("checkout:late"), {"q": "nobody"}))
    part = client.get(reverse("checkout:late"), {"q": "quist"}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert part.text.lstrip().startswith('<div id="found"')
    assert "<html" not in part.text


def test_the_report_is_exported_as_it_is_asked_for(client, owner, counter):
    late(counter, 3, note="=receipt")
    late(counter, 9, why=LateWhy.FORGOTTEN)
    signed_in(client, owner)
    answer = client.get(reverse("checkout:late_export"), {"why": "outage"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["Entered by"], row["Location"], row["Days late"], row["Note"], row["Quantity"]) for row in rows] == [
        ("Olive Owner", "Midtown", "3", "'=receipt", "1")
    ]
    sheet = client.get(reverse("checkout:late_export"), {"as": "xlsx"})
    assert b"".join(sheet.streaming_content).startswith(b"PK")


def test_an_administrator_sees_their_location_and_masters_all(client, riverside_administrator, owner, counter):
    late(counter, 3)
    signed_in(client, riverside_administrator)
    assert "Nothing was entered late." in words(client.get(reverse("checkout:late")))
    place = {"place": str(counter.at.pk)}
    assert "3 days later" not in words(client.get(reverse("checkout:late"), place))
    assert "3 days later" in words(signed_in(client, owner).get(reverse("checkout:late"), place))


def test_the_report_takes_as_many_queries_for_one_entry_as_for_many(
    client, owner, counter, django_assert_max_num_queries
):
    signed_in(client, owner)
    late(counter, 3)

    def counted():
        with django_assert_max_num_queries(60) as captured:
            client.get(reverse("checkout:late"))
        return len(captured)

    counted()
    one = counted()
    for days in range(4, 8):
        late(counter, days)
    assert counted() == one


def test_a_long_report_has_pages(client, owner, counter):
    for _number in range(51):
        late(counter, 3)
    signed_in(client, owner)
    first = client.get(reverse("checkout:late"))
    more = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first.text)[1].replace("&amp;", "&")
    assert words(client.get(reverse("checkout:late") + more)).count("3 days later") == 1


def test_the_limits_are_settled_by_administrators(client, owner, counter):
    signed_in(client, owner)
    page = client.get(reverse("checkout:late_settings"))
    assert 'value="30"' in page.text
    assert 'value="2"' in page.text
    for wrong, sentence in [
        ({"administrator_days": "401", "cashier_days": "2"}, "from 0 to 400"),
        ({"administrator_days": "", "cashier_days": "x"}, "from 0 to 400"),
        ({"administrator_days": "1", "cashier_days": "2"}, "Cashiers cannot go back further"),
    ]:
        refused = client.post(reverse("checkout:late_settings"), wrong)
        assert refused.status_code == 422
        assert sentence in words(refused)
    done = client.post(reverse("checkout:late_settings"), {"administrator_days": "90", "cashier_days": "7"})
    assert done.url == reverse("checkout:late_settings")
    with inside(counter.at.retailer):
        assert str(LateLimits.objects.get()) == "90 / 7"


def test_reports_are_in_the_menu_of_administrators_alone(at_till, client, owner):
    home = reverse("desk:home")
    assert reverse("checkout:late") not in at_till.get(home).text
    assert reverse("checkout:late") in signed_in(client, owner).get(home).text
