"""kill -9, again and again, while eight tills check out: what was acknowledged is stored, and nothing is stored twice.

The real server over real HTTP, in processes of its own. A till sends the same bytes until it is answered, as the page
does; killed are a web worker, the whole server, and on PostgreSQL a backend (which takes all sessions with it) and the
postmaster. The database syncs, unlike that of the other tests.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.desk.busy_tills import Log, Till
from tests.servers import Postgres, Server, astro, environment

pytestmark = pytest.mark.long

VISITS = 40
"""That each till makes."""
KILLS = 12


@contextmanager
def database(folder):
    """An address that no other test uses, and the ways in which what stands behind it can be killed."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder}/astro.sqlite3", []
        return
    cluster = Postgres()
    try:
        yield cluster.address, [cluster.kill_a_backend, cluster.kill_postmaster]
    finally:
        cluster.stop()


def test_what_was_acknowledged_is_stored_once(tmp_path):
    with database(tmp_path) as (address, database_kills):
        env = environment(tmp_path, address)
        astro(env, "astro", "migrate", "--verbosity", "0")
        astro(env, "astro", "collectstatic", "--noinput", "--verbosity", "0")
        shop = json.loads(astro(env, "tests.desk.shop_for_killing", "open"))
        log, server = Log(), Server(env)
        try:
            kills = [server.kill_web_workers, *database_kills, server.kill_everything]
            port, count = int(env["PORT"]), len(shop["sessions"])
            tills = [Till(number, shop=shop, port=port, log=log, visits=VISITS) for number in range(count)]
            with ThreadPoolExecutor(len(tills)) as pool:
                working = [pool.submit(till.work) for till in tills]
                least = VISITS * len(tills)
                for turn in range(KILLS):
                    log.wait_for((turn + 1) * least // (KILLS + 1))
                    kills[turn % len(kills)]()
                for one in working:
                    one.result(timeout=300)
        finally:
            server.stop()
        stored = json.loads(astro(env, "tests.desk.shop_for_killing", "count"))
        assert stored["visits"] == sorted([key, units] for key, units in log.visits.items())
        assert stored["punches"] == sum(log.visits.values())
        assert stored["sealings"] == sorted(log.sealings)
        assert stored["rewards"] == stored["owed"] == sorted(log.rewards)
        assert len(stored["visits"]) == VISITS * len(tills)
        assert Counter(stored["rewards"]).most_common(1)[0][1] == 1
        assert log.repeats > 0, "No till ever had to ask twice: nothing was killed under it."
        assert json.loads(astro(env, "astro", "verify", "--json"))["findings"] == []
