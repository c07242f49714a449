"""A till's queue behind the worst network there is: whatever it kept stands on the server, once, and nothing is left.

The queue's own modules in real Chromium, two windows at once, behind `nasty_proxy.py`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.browser import PATIENCE
from tests.desk import shop_for_killing
from tests.proof.nasty_proxy import FAULTS, NastyProxy
from tests.proof.queue_page import begin, expect_stored, finish
from tests.servers import Postgres, Server, astro, environment

SEED = 20261122


@pytest.fixture
def proxy_before():
    """Puts a proxy before a port."""
    proxies = []

    def put(port, rate):
        proxies.append(NastyProxy(port, seed=SEED, rate=rate))
        return proxies[-1]

    yield put
    for proxy in proxies:
        proxy.stop()


@contextmanager
def windows(browser, proxy, shop, count):
    """Of one browser, in which the first cashier is signed in."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        session = {"name": settings.SESSION_COOKIE_NAME, "value": shop["sessions"][0], "url": proxy.url}
        context.add_cookies([session])
        yield [context.new_page() for _ in range(count)]


def ring_up(browser, proxy, shop, *, visits, **how):
    """Two windows ring up half of it each; says what they kept."""
    with windows(browser, proxy, shop, 2) as pages:
        half = visits // len(pages)
        for number, page in enumerate(pages):
            begin(page, address=proxy.url, shop=shop, count=half, first=number * half, **how)
        kept = {key: told for page in pages for key, told in finish(page).items()}
        assert [page.evaluate("() => window.left()") for page in pages] == [0, 0]
    proxy.settle()
    assert len(kept) == visits
    return kept


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_a_till_kept_stands_once_whatever_the_network_does(browser, live_server, proxy_before, capsys):
    shop = shop_for_killing.open_shop()
    proxy = proxy_before(live_server.thread.port, rate=0.3)
    proxy.script.extend(FAULTS)
    kept = ring_up(browser, proxy, shop, visits=150)
    expect_stored(kept, shop_for_killing.count())
    assert [fault for fault in FAULTS if not proxy.counts[fault]] == []
    call_command("verify", "--json")
    assert json.loads(capsys.readouterr().out)["findings"] == []


@contextmanager
def database(folder):
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder}/astro.sqlite3"
        return
    cluster = Postgres()
    try:
        yield cluster.address
    finally:
        cluster.stop()


@pytest.mark.long
@pytest.mark.browser
def test_ten_thousand_visits_through_the_worst_network(browser, tmp_path, proxy_before):
    with database(tmp_path) as address:
        env = environment(tmp_path, address)
        astro(env, "astro", "migrate", "--verbosity", "0")
        astro(env, "astro", "collectstatic", "--noinput", "--verbosity", "0")
        shop = json.loads(astro(env, "tests.desk.shop_for_killing", "open"))
        server = Server(env)
        try:
            server.wait()
            proxy = proxy_before(int(env["PORT"]), rate=0.15)
            kept = ring_up(browser, proxy, shop, visits=10_000, static=tmp_path / "static")
        finally:
            server.stop()
        expect_stored(kept, json.loads(astro(env, "tests.desk.shop_for_killing", "count")))
        assert min(proxy.counts[fault] for fault in FAULTS) > 50
        assert json.loads(astro(env, "astro", "verify", "--json"))["findings"] == []
