"""A program that Paws Distributing carries and pays in Montana, besides the small cast."""

import pytest

from astro.catalog.models import Brand, Distributor
from astro.programs.models import Program
from tests import cast


@pytest.fixture
def northpaw(db: None) -> Brand:
    return cast.make_brand(name="Northpaw")


@pytest.fixture
def paws(db: None) -> Distributor:
    return cast.make_distributor(name="Paws Distributing", serves=[("US", "MT"), ("US", "ID")])


@pytest.fixture
def dry_dog(northpaw: Brand, paws: Distributor) -> Program:
    return cast.make_program(title="Northpaw Dry Dog", brand=northpaw, carriers=[paws])
