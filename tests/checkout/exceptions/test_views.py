"""Asking at the till, the store's list, and the page of one exception."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.checkout.exceptions.actions import approve, reject
from astro.checkout.models import ExceptionReason, ExceptionTicket
from astro.kit.ids import new_uuid7
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import within
from tests.cast import (
    NOW,
    inside,
    make_customer,
    make_enrollment,
    make_gtin,
    make_location,
    make_product,
    make_program,
    make_support,
    signed_in,
)
from tests.checkout.exceptions.asking import an_item, ask_for, card_of, given, state_of
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(midtown, owner):
    counter = Counter(midtown, owner)
    counter.buy()
    return counter


@pytest.fixture
def till(client, cashier):
    return signed_in(client, cashier)


def address(counter, program=None, customer=None):
    with inside(counter.at.retailer):
        card = card_of(program or counter.program)
    return reverse("checkout:exception_new", args=[(customer or counter.customer).pk, card])


def typed(**told):
    return {
        "key": str(new_uuid7(NOW)), "code": make_gtin(), "description": "Northpaw Lamb 30 lb", "quantity": "1",
        "reason": "new", "note": "", **told,
    }  # fmt: skip


def test_asked_on_a_page_it_waits_and_the_till_says_so(till, counter, cashier):
    url = address(counter)
    assert "Add Exception to" in till.get(url).content.decode()
    answer = till.post(url, typed(note="On the shelf since Monday"))
    assert answer.status_code == 302
    assert answer.url == reverse("checkout:till", args=[counter.customer.pk])
    page = till.get(answer.url).content.decode()
    assert "Waiting for approval: Northpaw Lamb 30 lb" in page
    with inside(counter.at.retailer):
        ticket = ExceptionTicket.objects.get()
    assert (ticket.asked_by, ticket.note) == (cashier, "On the shelf since Monday")
    assert "Northpaw Lamb 30 lb" in till.get(url).content.decode()  # and the form tells of it too


def test_asked_in_the_dialog_it_is_answered_in_words(till, counter):
    url = address(counter)
    shown = till.get(url, headers={"HX-Request": "true", "HX-Target": "dialogs"}).content.decode()
    assert "<dialog" in shown
    assert "<html" not in shown
    answer = till.post(url, typed(**{"in": "dialogs"}), headers={"Accept": "application/json", "HX-Request": "true"})
    assert answer.json()["said"].startswith("Asked:")


def test_sent_twice_later_it_is_asked_once(till, counter):
    url, body = address(counter), typed()
    assert [till.post(url, body).status_code for _ in range(2)] == [302, 302]
    with inside(counter.at.retailer):
        assert ExceptionTicket.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"code": "12345"}, "no whole code"),
        ({"code": ""}, "Scan or type the code"),
        ({"description": ""}, "Say what the item is"),
        ({"quantity": "many"}, "from 1 to 99"),
        ({"quantity": "0"}, "from 1 to 99"),
        ({"reason": ""}, "one of the four"),
        ({"reason": "authorized"}, "Say who authorized it"),
        ({"note": "n" * 201}, "up to 200"),
        ({"key": ""}, "required"),
    ],
)
def test_what_is_typed_badly_is_said_beside_its_field(till, counter, told, sentence):
    for more in ({}, {"in": "dialogs"}):
        answer = till.post(address(counter), typed(**told, **more))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    with inside(counter.at.retailer):
        assert not ExceptionTicket.objects.exists()


def test_a_program_that_is_not_joined_here_is_refused_in_words(till, counter):
    answer = till.post(address(counter, make_program()), typed())
    assert answer.status_code == 422
    assert "takes no part" in answer.content.decode()


def test_cash_back_asks_what_was_paid(till, counter, owner):
    program = make_program(products=[make_product()], rule=RuleOfCard(3, gives="back", back_points=1000))
    make_enrollment(counter.at, program=program, by=owner)
    url = address(counter, program)
    assert "What was paid" in till.get(url).content.decode()
    assert "What was paid" not in till.get(address(counter)).content.decode()
    assert "say what was paid" in till.post(url, typed()).content.decode()
    assert "what was paid" in till.post(url, typed(paid="much")).content.decode().lower()
    assert till.post(url, typed(paid="41.50")).status_code == 302
    with inside(counter.at.retailer):
        assert ExceptionTicket.objects.get().paid_cents == 4150


def test_the_till_asks_no_query_more_for_what_waits(till, counter):
    url = reverse("checkout:till", args=[counter.customer.pk])
    till.get(url)

    def count():
        with CaptureQueriesContext(connection) as seen:
            till.get(url)
        return len(seen)

    before = count()
    for _ in range(3):
        ask_for(counter)
    assert count() == before <= 22


def test_no_way_there_from_cards_that_take_none(till, counter, owner):
    own = make_program(retailer=counter.at.retailer, products=[counter.bag])
    make_enrollment(counter.at, program=own, by=owner)
    counter.buy()
    page = till.get(reverse("checkout:till", args=[counter.customer.pk])).content.decode()
    assert page.count('data-act="except"') == 1
    with inside(counter.at.retailer):
        assert f"/cards/of/{card_of(own)}/exception/" not in page


def test_another_one_of_what_is_on_no_list_is_not_offered(till, counter):
    """+ Add takes the last item of the card that gives a punch."""
    later = counter.now + timedelta(minutes=1)
    ticket = ask_for(counter, code="", reason=ExceptionReason.CHANGED, bought_at=later, now=later)
    lamb = make_product(name="Lamb")
    with inside(counter.at.retailer):
        approve(ticket, lamb, is_listed=False, by=make_support(), now=later)
    given(ticket, now=later)
    page = till.get(reverse("checkout:till", args=[counter.customer.pk])).content.decode()
    assert f'data-product="{counter.bag.pk}"' in page
    assert f'data-product="{lamb.pk}"' not in page


# The list


@pytest.fixture
def some(counter):
    """One that waits, one approved, one rejected; and one of another location."""
    sue, lamb = make_support(), make_product(name="Lamb")
    with inside(counter.at.retailer):
        others = [make_customer(at=counter.at, first_name=name) for name in ("Ann", "Bo", "Cy")]
    told = [("Waiting lamb", ExceptionReason.NEW), ("Approved lamb", ExceptionReason.CHANGED)]
    made = [
        ask_for(counter, an_item(counter, description=words, reason=why), customer=who, now=NOW + timedelta(minutes=at))
        for at, ((words, why), who) in enumerate(
            zip([*told, ("Rejected lamb", ExceptionReason.NEW)], others, strict=True)
        )
    ]
    with inside(counter.at.retailer):
        approve(made[1], lamb, is_listed=False, sentence="Pat said so.", by=sue, now=NOW)
        reject(made[2], sentence="Left out on purpose.", by=sue, now=NOW)
    return made


def shown(client, **asked):
    page = client.get(reverse("checkout:exceptions"), asked)
    assert page.status_code == 200
    return [row.ticket.description for row in page.context["rows"]]


def test_the_list_is_searched_filtered_and_sorted(till, some):
    assert shown(till) == ["Rejected lamb", "Approved lamb", "Waiting lamb"]
    assert shown(till, sort="oldest") == ["Waiting lamb", "Approved lamb", "Rejected lamb"]
    assert shown(till, state="waiting") == ["Waiting lamb"]
    assert shown(till, state="once") == ["Approved lamb"]
    assert shown(till, state="nonsense") == shown(till)
    assert shown(till, why="changed") == ["Approved lamb"]
    assert shown(till, q="bo") == ["Approved lamb"]
    assert shown(till, q="rejected") == ["Rejected lamb"]
    assert shown(till, q=some[0].gtin) == ["Waiting lamb"]
    assert "No exception is like that" in till.get(reverse("checkout:exceptions"), {"q": "zebra"}).content.decode()


def test_it_has_pages(till, counter):
    with inside(counter.at.retailer):
        for number in range(21):
            asked = {"description": f"Item {number}", "now": NOW + timedelta(minutes=number)}
            ask_for(counter, customer=make_customer(at=counter.at), **asked)
    first = till.get(reverse("checkout:exceptions"))
    assert (len(first.context["rows"]), bool(first.context["page"].next)) == (20, True)
    assert shown(till, cursor=first.context["page"].next) == ["Item 0"]


def test_nobody_has_asked_yet(till):
    assert "No exception yet" in till.get(reverse("checkout:exceptions")).content.decode()


def test_people_see_the_exceptions_of_their_locations(till, client, counter, some, owner, huxley):
    with within(huxley.pk):
        place = make_location(huxley, name="Lakeside")
    with inside(huxley):
        lakeside = Counter(place, owner)
        ticket = ask_for(lakeside, description="Lakeside lamb")
    assert "Lakeside lamb" not in shown(till)
    assert till.get(reverse("checkout:exception", args=[ticket.pk])).status_code == 404


def test_the_export_holds_what_the_list_shows(client, owner, some):
    office = signed_in(client, owner)
    text = b"".join(office.get(reverse("checkout:exceptions_export"), {"state": "rejected"})).decode("utf-8-sig")
    heading, line = text.splitlines()
    assert heading.startswith('"Asked on","Time","Asked by","Location","Astro ID"')
    assert "Rejected lamb" in line
    assert "Left out on purpose." in line
    assert "Approved lamb" not in text


# One of them


def test_its_page_tells_its_story(till, counter, some):
    given(some[1])
    page = till.get(reverse("checkout:exception", args=[some[1].pk])).content.decode()
    for words in ("Approved lamb", "Pat said so.", "Approved for this purchase", "What it brought"):
        assert words in page
    assert "Withdraw" not in page
    assert "Left out on purpose." in till.get(reverse("checkout:exception", args=[some[2].pk])).content.decode()


def test_the_store_withdraws_it_and_what_is_decided_stays(till, some):
    withdrawal = reverse("checkout:exception_withdrawal", args=[some[0].pk])
    for _ in range(2):
        page = till.post(withdrawal, follow=True).content.decode()
        assert "Withdrawn: nothing comes of it." in page
    assert state_of(some[0]) == "withdrawn"
    page = till.post(reverse("checkout:exception_withdrawal", args=[some[2].pk]), follow=True).content.decode()
    assert "changed meanwhile" in page
    assert state_of(some[2]) == "rejected"
