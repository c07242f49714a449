"""The small cast everyone knows: two locations of a retailer, its people, and a second retailer that must never appear.

`huxley` has `midtown` and `riverside`; `owner` is its master administrator, `cashier` works in Midtown,
`riverside_administrator` runs Riverside. `otherpaws` has `elsewhere` and `other_owner`. Say `with inside(huxley):`
(`astro.tenancy.current.retailer`) before touching a retailer's rows. More rows: `tests/cast.py`.
"""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from whitenoise.middleware import WhiteNoiseMiddleware

from astro.accounts.models import User
from astro.kit.passwords.hashing import Argon2
from astro.support import notices, status
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.activity.captured import requests_are_recorded as requests_are_recorded
from tests.browser import chromium
from tests.collection import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.tenancy.captured import requests_name_their_retailer as requests_name_their_retailer

# Hashing well takes 50 ms; here only that it is done counts.
Argon2.time_cost = 1
Argon2.memory_cost = 8
Argon2.parallelism = 1


# Hypothesis would refuse an example that takes 200 ms, and data that are slow to make: on a busy machine any may.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def static_files_are_looked_for_once() -> Iterator[None]:
    """WhiteNoise looks for them when a client asks its first question: more work than most answers are."""
    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        collected, middleware.files = middleware.files, found
        if not found:
            look(middleware)
        middleware.files = {**collected, **found}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Playwright keeps an event loop in this thread, in which Django would refuse to touch the database."""
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        yield started


@pytest.fixture(autouse=True)
def nothing_cached(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the throttle counted goes with the test: where one commits, only the tables of models are emptied."""
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames
    if not commits and "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def no_notice_stands() -> None:
    """What this process has kept of the operator's notices and of the status page is the last test's."""
    notices.remember([])
    status.forget()


@pytest.fixture
def huxley(db: None) -> Retailer:
    return cast.make_retailer(name="Huxley House")


@pytest.fixture
def midtown(huxley: Retailer) -> Location:
    return cast.make_location(huxley, name="Midtown")


@pytest.fixture
def riverside(huxley: Retailer) -> Location:
    return cast.make_location(huxley, name="Riverside")


@pytest.fixture
def otherpaws(db: None) -> Retailer:
    return cast.make_retailer(name="Other Paws")


@pytest.fixture
def elsewhere(otherpaws: Retailer) -> Location:
    return cast.make_location(otherpaws, name="Elsewhere")


@pytest.fixture
def owner(huxley: Retailer, midtown: Location, riverside: Location) -> User:
    user = cast.make_user(name="Olive Owner", email="owner@huxleyhouse.example")
    cast.make_membership(user, role="master", retailer=huxley, is_billing_contact=True)
    return user


@pytest.fixture
def cashier(huxley: Retailer, midtown: Location) -> User:
    user = cast.make_user(name="Cass Cashier", user_name="huxleycashier")
    cast.make_membership(user, role="cashier", retailer=huxley, location=midtown)
    return user


@pytest.fixture
def riverside_administrator(huxley: Retailer, riverside: Location) -> User:
    user = cast.make_user(name="Rita Riverside", email="riverside@huxleyhouse.example")
    cast.make_membership(user, role="administrator", retailer=huxley, location=riverside)
    return user


@pytest.fixture
def other_owner(otherpaws: Retailer, elsewhere: Location) -> User:
    user = cast.make_user(name="Otto Other", email="owner@otherpaws.example")
    cast.make_membership(user, role="master", retailer=otherpaws)
    return user
