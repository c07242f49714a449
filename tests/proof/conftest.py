"""A store with forty customers, and a till before a network that a test takes away."""

import json

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.conftest import shelf as shelf
from tests.proof.nasty_proxy import NastyProxy
from tests.proof.real_till import RealTill

CUSTOMERS = 40


@pytest.fixture
def proxy(live_server):
    proxy = NastyProxy(live_server.thread.port)
    yield proxy
    proxy.stop()


@pytest.fixture
def customers(huxley, midtown):
    with inside(huxley):
        return [cast.make_customer(at=midtown) for _ in range(CUSTOMERS)]


@pytest.fixture
def enrolled(midtown, owner):
    _, cookie = cast.make_device(midtown, by=owner)
    return cookie


@pytest.fixture
def make_till(browser, proxy, cashier, shelf, customers, enrolled, session_of, tmp_path):
    tills = []

    def make(**how):
        till = RealTill(browser.browser_type, tmp_path / f"profile-{len(tills)}", proxy, **how)
        tills.append(till)
        till.install(session=session_of(cashier), device=enrolled, customer=customers[0])
        return till

    yield make
    for till in tills:
        till.close()


@pytest.fixture
def till(make_till):
    return make_till()


@pytest.fixture
def session_of():
    """A session in which this person works."""
    return lambda user: signed_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def recount(capsys):
    """What disagrees when everything is added up again."""

    def found():
        capsys.readouterr()
        call_command("verify", "--json")
        return json.loads(capsys.readouterr().out)["findings"]

    return found
