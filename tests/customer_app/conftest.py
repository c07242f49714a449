"""Betty shops at Huxley House; a stranger with the same address shops at Other Paws."""

import pytest

from astro.customer_app.models import AppAccount
from astro.customers.models import Customer
from astro.tenancy.models import Location, Retailer
from tests import cast

EMAIL = "Betty.Smith@example.com"


@pytest.fixture
def betty(huxley: Retailer, midtown: Location) -> Customer:
    with cast.inside(huxley):
        return cast.make_customer(
            at=midtown, first_name="Betty", last_name="Smith", email=EMAIL, phone="(406) 555-0142"
        )


@pytest.fixture
def elsewhere_betty(otherpaws: Retailer, elsewhere: Location) -> Customer:
    """The same person at another store, under another name."""
    with cast.inside(otherpaws):
        return cast.make_customer(at=elsewhere, first_name="Elizabeth", last_name="Smithers", email=EMAIL.lower())


@pytest.fixture
def account(huxley: Retailer, betty: Customer) -> AppAccount:
    with cast.inside(huxley):
        return cast.make_app_account(betty)


@pytest.fixture
def token(huxley: Retailer, betty: Customer) -> str:
    """What the link in Betty's Welcome Email holds."""
    with cast.inside(huxley):
        return cast.app_link(betty)
