"""Two retailers with one customer each: Sally of Huxley House, and a stranger who must never appear."""

import pytest

from astro.customers.models import Customer
from astro.tenancy.models import Location, Retailer
from tests import cast


@pytest.fixture
def sally(huxley: Retailer, midtown: Location) -> Customer:
    with cast.inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Pet Owner", phone="406-555-0142")


@pytest.fixture
def stranger(otherpaws: Retailer, elsewhere: Location) -> Customer:
    with cast.inside(otherpaws):
        return cast.make_customer(at=elsewhere, first_name="Steve", last_name="Stranger", phone="406-555-0142")
