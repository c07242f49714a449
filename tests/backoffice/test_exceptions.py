"""Support finds exceptions of all stores, and decides them in the brand's name."""

import pytest
from django.urls import reverse

from astro.catalog.models import Product
from astro.catalog.queries import barcodes_of
from astro.checkout.models import ExceptionReason, ExceptionStep
from astro.kit.models import PlainMail
from astro.programs.models import ProgramItem
from astro.support.models import Ticket
from tests.cast import inside, make_customer, make_product, make_support, platform, signed_in
from tests.checkout.exceptions.asking import an_item, ask_for, given, state_of
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


@pytest.fixture
def ticket(counter):
    return ask_for(counter, description="Northpaw Gold Lamb 30 lb")


@pytest.fixture
def sue(client):
    client.force_login(make_support())
    return client


def page_of_it(ticket, name=""):
    return reverse(f"backoffice:exception{name}", args=[ticket.retailer_id, ticket.pk])


def listed(client, **asked):
    page = client.get(reverse("backoffice:exceptions"), asked)
    assert page.status_code == 200
    return [row.description for row in page.context["page"].rows]


def approving(ticket, **told):
    return {"item": "new", "name": "Gold Lamb", "size": "30 lb", "code": ticket.gtin, "reason": "", **told}


def test_the_list_is_of_all_stores_searched_filtered_and_exported(sue, counter, ticket, elsewhere, other_owner):
    other = Counter(elsewhere, other_owner)
    salmon = ask_for(other, description="Salmon", reason=ExceptionReason.CHANGED)
    assert set(listed(sue)) == {"Northpaw Gold Lamb 30 lb", "Salmon"}
    assert listed(sue, q="salm") == ["Salmon"]
    assert listed(sue, q=ticket.gtin) == ["Northpaw Gold Lamb 30 lb"]
    assert listed(sue, state="rejected") == []
    sue.post(page_of_it(salmon, "_rejection"), {"answer-reason": "Left out on purpose."})
    assert listed(sue) == ["Northpaw Gold Lamb 30 lb"]
    assert listed(sue, state="rejected") == ["Salmon"]
    assert set(listed(sue, state="all", sort="newest")) == {"Northpaw Gold Lamb 30 lb", "Salmon"}
    file = b"".join(sue.get(reverse("backoffice:export_exceptions"), {"state": "all"})).decode("utf-8-sig")
    assert len(file.splitlines()) == 3
    assert counter.customer.last_name not in file
    assert "No exception fits this." in sue.get(reverse("backoffice:exceptions"), {"q": "zebra"}).content.decode()


def test_nothing_waits(sue):
    assert "No exception waits" in sue.get(reverse("backoffice:exceptions")).content.decode()


def test_approved_as_a_new_item_of_the_brand_and_listed(sue, counter, ticket):
    page = sue.get(page_of_it(ticket)).content.decode()
    assert "Northpaw Gold Lamb 30 lb" in page
    assert counter.customer.last_name not in page
    answer = sue.post(page_of_it(ticket, "_approval"), approving(ticket, is_listed="on", reason="Welcome"), follow=True)
    assert "Approved: Northpaw Gold Lamb 30 lb. The store is told." in answer.content.decode()
    assert state_of(ticket) == "listed"
    given(ticket)
    assert counter.rounds() == [(1, 1, "open")]
    with inside(counter.at.retailer):
        lamb = Product.objects.get(name="Gold Lamb")
        assert (lamb.brand, lamb.size, lamb.retailer_id) == (counter.program.brand, "30 lb", None)
        assert ProgramItem.objects.filter(product=lamb, program_card=ticket.program_card_id).count() == 1
        mail = PlainMail.objects.latest("pk")
        assert mail.to == [counter.by.email]
        assert "Welcome" in mail.text
        assert Ticket.objects.get(key=ticket.key).state == "closed"


def test_an_item_that_is_known_is_offered_and_chosen(sue, counter, ticket):
    known = make_product(name="Gold Lamb dry", brand=counter.program.brand)
    make_product(name="Gold Lamb of another brand")
    page = sue.get(page_of_it(ticket)).content.decode()
    assert "Gold Lamb dry" in page
    assert "of another brand" not in page
    sue.post(page_of_it(ticket, "_approval"), approving(ticket, item=str(known.pk)))
    with inside(counter.at.retailer):
        assert ExceptionStep.objects.get().product_id == known.pk
        assert not Product.objects.filter(name="Gold Lamb").exists()
    assert state_of(ticket) == "once"


def offered(client, ticket):
    form = client.get(page_of_it(ticket)).context["approval"]
    return [str(label).partition(" (")[0] for _value, label in form.fields["item"].choices][:-2]


def test_the_likeliest_item_is_offered_first(sue, counter):
    brand = counter.program.brand
    for name in ("Beef", "Gold Beef", "Gold Lamb"):
        make_product(name=name, brand=brand)
    other = make_product(name="Whatever", size="")
    with inside(counter.at.retailer):
        code = barcodes_of([other.pk])[other.pk]
    ticket = ask_for(counter, an_item(counter, code=code, description=f"{brand.name} Gold Lamb 30 lb"))
    found = [one.removeprefix(f"{brand.name} ") for one in offered(sue, ticket)]
    assert found == ["Whatever", "Gold Lamb 30 lb", "Gold Beef 30 lb", "Beef 30 lb"]


def test_another_item_is_named_by_its_code(sue, counter, ticket):
    salmon = make_product(name="Salmon")
    with inside(counter.at.retailer):
        code = barcodes_of([salmon.pk])[salmon.pk]
    for wrong in ("", "12", "614141000036"):
        answer = sue.post(page_of_it(ticket, "_approval"), approving(ticket, item="coded", code=wrong))
        assert answer.status_code == 422
        assert "No item has this code." in answer.content.decode()
    sue.post(page_of_it(ticket, "_approval"), approving(ticket, item="coded", code=code))
    with inside(counter.at.retailer):
        assert ExceptionStep.objects.get().product_id == salmon.pk


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"item": ""}, "Choose an item"),
        ({"name": " "}, "Type what the new item is called."),
        ({"item": "5"}, "Select a valid choice"),
        ({"code": "12"}, "Error"),
        ({"reason": "r" * 201}, "Keep it to 200"),
    ],
)
def test_what_is_typed_badly_decides_nothing(sue, ticket, told, sentence):
    answer = sue.post(page_of_it(ticket, "_approval"), approving(ticket, **told))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert state_of(ticket) == "waiting"


def test_a_code_that_is_taken_is_said_beside_it(sue, counter, ticket):
    salmon = make_product(name="Salmon")
    with inside(counter.at.retailer):
        code = barcodes_of([salmon.pk])[salmon.pk]
    answer = sue.post(page_of_it(ticket, "_approval"), approving(ticket, code=code))
    assert answer.status_code == 422
    assert "Salmon" in str(answer.context["approval"].errors["code"])
    with platform("to look"):
        assert not Product.objects.filter(name="Gold Lamb").exists()


def test_a_rejection_needs_words_and_can_be_taken_back(sue, ticket):
    assert sue.post(page_of_it(ticket, "_rejection"), {"answer-reason": ""}).status_code == 422
    sue.post(page_of_it(ticket, "_rejection"), {"answer-reason": "Left out on purpose."})
    assert state_of(ticket) == "rejected"
    page = sue.get(page_of_it(ticket)).content.decode()
    assert "Left out on purpose." in page
    assert "Take the decision back" in page
    sue.post(page_of_it(ticket, "_taking_back"), {"answer-reason": "They changed their mind."})
    assert state_of(ticket) == "waiting"
    assert "Reject" in sue.get(page_of_it(ticket)).content.decode()


def test_who_comes_too_late_is_told(sue, ticket):
    sue.post(page_of_it(ticket, "_rejection"), {"answer-reason": "No."})
    answer = sue.post(page_of_it(ticket, "_approval"), approving(ticket))
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    assert state_of(ticket) == "rejected"


def test_the_stores_own_people_decide_nothing(client, owner, ticket):
    office = signed_in(client, owner)
    for name in ("", "_approval", "_rejection", "_taking_back"):
        answer = office.get(page_of_it(ticket)) if not name else office.post(page_of_it(ticket, name), {})
        assert answer.status_code in (302, 403, 404)
    assert state_of(ticket) == "waiting"


def test_the_list_asks_as_often_for_three_as_for_one(
    sue, counter, django_assert_num_queries, django_assert_max_num_queries
):
    ask_for(counter)
    listed(sue)
    with django_assert_max_num_queries(9) as seen:
        listed(sue)
    for _ in range(2):
        with inside(counter.at.retailer):
            customer = make_customer(at=counter.at)
        ask_for(counter, customer=customer)
    with django_assert_num_queries(len(seen)):
        listed(sue)
