"""Converting an account on screen: shown only where the store has such a program, and it says what stops."""

from __future__ import annotations

import pytest

from astro.customers.actions import make_breeder, make_employee
from astro.customers.models import Customer, Kind
from astro.customers.queries import breeder_numbers, employee_id_of
from astro.kit.clock import utc_now
from astro.programs.models import Audience
from astro.programs.rules import RuleOfCard
from tests.cast import inside, make_brand, make_customer, make_enrollment, make_product, make_program, signed_in
from tests.checkout.buying import buy

pytestmark = pytest.mark.django_db

CONVERSIONS = ("Convert to Breeder Account", "Convert to Employee Account", "Back to Pet Owner")


@pytest.fixture
def till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def betty(midtown):
    with inside(midtown.retailer):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith")


@pytest.fixture
def joined(riverside, owner):
    """The other location of the retailer takes part in a program for some."""

    def join(audience, *, title="Northpaw Breeder", product=None, at=riverside):
        brand = make_brand(name=title.split(maxsplit=1)[0])
        told = {"products": [product]} if product else {}
        program = make_program(title=title, brand=brand, audience=audience, rule=RuleOfCard(5), **told)
        make_enrollment(at, program=program, by=owner)
        return program

    return join


def fresh(customer):
    return Customer.objects.get(pk=customer.pk)


def offers(till, customer, page="popup"):
    told = till.get(f"/customers/{customer.pk}/{page}/").content.decode()
    return [words for words in CONVERSIONS if words in told]


@pytest.mark.parametrize("page", ["popup", "edit"])
def test_a_conversion_is_offered_where_the_store_has_such_a_program(till, midtown, betty, joined, owner, page):
    assert offers(till, betty, page) == []
    joined(Audience.EVERYONE, title="Fernwell Everyone")
    assert offers(till, betty, page) == []
    joined(Audience.EMPLOYEES, title="Feeder Employees")
    assert offers(till, betty, page) == ["Convert to Employee Account"]
    joined(Audience.NUMBERED)
    assert offers(till, betty, page) == ["Convert to Breeder Account", "Convert to Employee Account"]
    with inside(midtown.retailer):
        make_breeder(betty, by=owner, at=midtown, now=utc_now())
    assert offers(till, betty, page) == ["Convert to Employee Account", "Back to Pet Owner"]


def test_what_the_store_has_no_program_for_is_not_there(till, betty, joined, otherpaws):
    joined(Audience.EMPLOYEES, title="Feeder Employees")
    for kind, status in (("breeder", 404), ("employee", 200), ("pet_owner", 200), ("dog", 404)):
        assert till.get(f"/customers/{betty.pk}/kind/{kind}/").status_code == status
    assert till.post(f"/customers/{betty.pk}/kind/breeder/").status_code == 404


def test_a_breeder_gets_a_number_of_each_brand_that_asks(till, midtown, betty, joined):
    program = joined(Audience.NUMBERED)
    joined(Audience.BREEDERS, title="Fernwell Breeder")
    url, field = f"/customers/{betty.pk}/kind/breeder/", f"number_{program.brand_id}"
    page = till.get(f"{url}?next=checkout").content.decode()
    assert "Breeder number of Northpaw" in page
    assert "Breeder number of Fernwell" not in page
    done = till.post(url, {field: "NP 204", "next": "checkout"})
    assert done["Location"] == f"/checkout/{betty.pk}/"
    with inside(midtown.retailer):
        assert fresh(betty).kind == Kind.BREEDER
        assert [row.number for row in breeder_numbers(betty)] == ["NP 204"]
    assert 'value="NP 204"' in till.get(url).content.decode()
    till.post(url, {field: ""})
    with inside(midtown.retailer):
        assert not breeder_numbers(betty).exists()
    told = till.get(f"/customers/{betty.pk}/").content.decode()
    assert "Breeder number" in told
    assert "Northpaw NP 204" in told
    assert "Kind of account" in told


def test_a_number_that_somebody_has_stays_in_the_form_and_nothing_is_written(till, midtown, owner, betty, joined):
    program = joined(Audience.NUMBERED)
    with inside(midtown.retailer):
        ben = make_customer(at=midtown, first_name="Ben", last_name="Ortiz")
        make_breeder(ben, numbers={program.brand_id: "204"}, by=owner, at=midtown, now=utc_now())
    done = till.post(f"/customers/{betty.pk}/kind/breeder/", {f"number_{program.brand_id}": "204"})
    assert done.status_code == 422
    assert "Ben Ortiz has this breeder number already" in done.content.decode()
    with inside(midtown.retailer):
        assert fresh(betty).kind == Kind.PET_OWNER


@pytest.mark.parametrize("typed", ["", "  ", "x" * 41])
def test_an_employee_needs_an_id(till, midtown, betty, joined, typed):
    joined(Audience.EMPLOYEES, title="Feeder Employees")
    url = f"/customers/{betty.pk}/kind/employee/"
    assert till.post(url, {"employee_id": typed}).status_code == 422
    assert till.post(url, {"employee_id": "E-7"})["Location"] == f"/customers/{betty.pk}/"
    with inside(midtown.retailer):
        assert (fresh(betty).kind, employee_id_of(betty)) == (Kind.EMPLOYEE, "E-7")


def test_back_to_pet_owner_names_the_cards_that_stop(till, midtown, owner, betty, joined):
    bag = make_product()
    joined(Audience.BREEDERS, product=bag, at=midtown)
    with inside(midtown.retailer):
        make_breeder(betty, by=owner, at=midtown, now=utc_now())
    buy(betty, bag, 3, at=midtown)
    url = f"/customers/{betty.pk}/kind/pet_owner/"
    page = till.get(url).content.decode()
    assert "take no more punches" in page
    assert "Northpaw Breeder card: 3 of 5" in page
    assert "take no more punches" not in till.get(f"/customers/{betty.pk}/kind/breeder/").content.decode()
    assert till.post(url, {"next": "edit"})["Location"] == f"/customers/{betty.pk}/edit/"
    with inside(midtown.retailer):
        assert fresh(betty).kind == Kind.PET_OWNER


def test_add_new_breeder_account(till, midtown, betty, joined):
    assert "Add New Breeder Account" not in till.get("/customers/").content.decode()
    typed = {"first_name": "Bo", "last_name": "Breeder"}
    till.post("/customers/new/?kind=breeder", typed)
    with inside(midtown.retailer):
        assert Customer.objects.get(first_name="Bo").kind == Kind.PET_OWNER  # no such program: an account as any
    joined(Audience.NUMBERED)
    assert "Add New Breeder Account" in till.get("/customers/").content.decode()
    page = till.get("/customers/new/?kind=breeder").content.decode()
    assert "Save Breeder" in page
    assert "kind=breeder" in page
    done = till.post("/customers/new/?kind=breeder", {"first_name": "Ann", "last_name": "Breeder"})
    with inside(midtown.retailer):
        ann = Customer.objects.get(first_name="Ann")
        assert ann.kind == Kind.BREEDER
    assert done["Location"] == f"/customers/{ann.pk}/kind/breeder/?next=more"


def test_the_kind_stands_beside_the_name_and_narrows_the_list(till, midtown, owner, betty):
    with inside(midtown.retailer):
        ben = make_customer(at=midtown, first_name="Ben", last_name="Ortiz")
        make_employee(betty, employee_id="E-7", by=owner, at=midtown, now=utc_now())
    marked = "#id"  # the icon of the badge
    for url in (f"/customers/{betty.pk}/", f"/checkout/{betty.pk}/", f"/checkout/{betty.pk}/history/", "/customers/"):
        page = till.get(url).content.decode()
        assert "Employee" in page, url
        assert f'{marked}"' in page, url
    assert "Employee" not in till.get(f"/checkout/{ben.pk}/history/").content.decode()
    found = till.get("/customers/?kind=employee").content.decode()
    assert "Betty" in found
    assert "Ortiz" not in found
    assert till.get("/checkout/?q=E-7")["Location"] == f"/checkout/{betty.pk}/"
