"""Nobody who is signed out learns who has an account here: equal pages, equal work, and a clock that tells nothing.

What is compared: somebody known, unknown, removed, shut out; signed in with an e-mail or a plain word.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator
from itertools import count
from time import perf_counter
from typing import Any

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.actions import end_membership
from astro.accounts.forgotten import actions as forgotten
from astro.accounts.forgotten import views as forgotten_views
from astro.accounts.models import User
from astro.kit.passwords.hashing import Argon2
from tests.cast import NOW, PASSWORD, make_membership, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(owner: User, cashier: User, huxley: Any, midtown: Any) -> dict[str, str]:
    """What each would type."""
    removed = make_user(name="Rae Removed", email="removed@example.com")
    end_membership(make_membership(removed, retailer=huxley, role="cashier", location=midtown), by=None, now=NOW)
    shut_out = make_user(name="Sid Shut", email="shut@example.com")
    make_membership(shut_out, retailer=huxley, role="cashier", location=midtown)
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    return {
        "known": "owner@huxleyhouse.example",
        "unknown": "nobody@example.com",
        "removed": removed.login,
        "shut out": shut_out.login,
        "known word": "huxleycashier",
        "unknown word": "nobody",
    }


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each time a password is hashed."""
    found: list[str] = []

    class Counting(Argon2):
        def encode(self, password: str, salt: str) -> str:
            found.append("hash")
            return super().encode(password, salt)

        def verify(self, password: str, encoded: str) -> bool:
            found.append("hash")
            return super().verify(password, encoded)

    monkeypatch.setattr(hashers, "get_hasher", lambda algorithm="default": Counting())
    monkeypatch.setattr(hashers, "identify_hasher", lambda encoded: Counting())
    return found


def told_by(answer: Any, *typed: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and page, without what differs from one request to the next, and without what was typed."""
    differ = {"X-Request-ID", "Content-Length", "Expires"}
    headers = {name: value for name, value in answer.headers.items() if name not in differ}
    body = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', "", answer.content.decode())
    for text in typed:
        body = body.replace(text, "")
    return answer.status_code, headers, body


def shape_of(asked: CaptureQueriesContext) -> list[str]:
    """Which statements, without their values."""
    return [re.sub(r"'(?:[^']|'')*'|\b\d+\b", "?", one["sql"]) for one in asked.captured_queries]


def test_signing_in_says_and_does_the_same_for_everyone(people: dict[str, str], hashed: list[str]) -> None:
    told, work = {}, {}
    for who, login in people.items():
        cache.clear()
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = Client().post("/sign-in/", {"login": login, "password": "not my password"})
        told[who] = told_by(answer, login)
        work[who] = (len(asked), len(hashed))
    assert set(map(str, told.values())) == {str(told["known"])}
    assert {who: hashes for who, (_statements, hashes) in work.items()} == dict.fromkeys(people, 1)
    by_mail = {work[who] for who in ("known", "unknown", "removed", "shut out")}
    by_word = {work[who] for who in ("known word", "unknown word")}
    assert (len(by_mail), len(by_word)) == (1, 1), work


def test_the_right_password_tells_a_removed_person_what_is_the_matter_and_nobody_else(people: dict[str, str]) -> None:
    """Whoever knows it learns nothing new; whom we shut out ourselves is told as little as a stranger."""
    told = {
        who: told_by(Client().post("/sign-in/", {"login": people[who], "password": PASSWORD}), people[who])
        for who in ("unknown", "removed", "shut out")
    }
    assert told["shut out"] == told["unknown"]
    assert (told["removed"][0], "Your access was removed" in told["removed"][2]) == (403, True)


def test_forgetting_says_and_does_the_same_for_everyone(people: dict[str, str], hashed: list[str]) -> None:
    told, work = [], []
    for login in people.values():
        cache.clear()
        client = Client()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post("/sign-in/forgotten/", {"login": login})
        told.append((told_by(answer), told_by(client.get(answer.headers["Location"]))))
        work.append(shape_of(asked))
    assert told == [told[0]] * len(people)
    assert work == [work[0]] * len(people)
    assert hashed == []


def test_the_plant_is_seen_a_page_that_looks_the_person_up_first(
    people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above could not fail."""
    monkeypatch.setattr(forgotten_views, "ask_new_password", forgotten.send_link)
    work = []
    for who in ("known", "unknown"):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            Client().post("/sign-in/forgotten/", {"login": people[who]})
        work.append(shape_of(asked))
    assert work[0] != work[1]


# The clock. Pairs, one right after the other, so that a busy machine slows both; each pair's ratio, and the middle one.

PAIRS = 60
APART = 0.2
"""How far from 1 the middle ratio may be: a missing hash or a look-up more is far beyond."""


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As strong as outside of tests, so that what a hash hides is hidden here as well."""
    for name, value in {"memory_cost": 47_104, "time_cost": 2, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2, name, value)
    hashers.get_hashers.cache_clear()
    yield
    hashers.get_hashers.cache_clear()


def middle_ratio(ask: Callable[[str], Any], known: str, unknowns: Iterator[str]) -> float:
    """How much longer it takes for somebody known; each turn begins with the other of the two."""
    ratios = []
    for turn in range(PAIRS):
        cache.clear()
        order = [known, next(unknowns)]
        took = {}
        for login in order if turn % 2 else reversed(order):
            begun = perf_counter()
            ask(login)
            took[login] = perf_counter() - begun
        ratios.append(took[order[0]] / took[order[1]])
    return statistics.median(ratios)


def strangers() -> Iterator[str]:
    return (f"stranger{number}@example.com" for number in count())


def signs_in(login: str) -> None:
    Client().post("/sign-in/", {"login": login, "password": "not my password"})


def forgets(login: str) -> None:
    Client().post("/sign-in/forgotten/", {"login": login})


@pytest.mark.long
@pytest.mark.usefixtures("real_hashes")
def test_the_clock_tells_nothing_at_the_sign_in_page_and_a_missing_hash_would_be_seen(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    assert abs(middle_ratio(signs_in, owner.login, strangers()) - 1) < APART
    monkeypatch.setattr(AuthenticationBackend, "_mitigate_timing_attack", lambda self, password: None)
    assert middle_ratio(signs_in, owner.login, strangers()) > 1 + 2 * APART


@pytest.mark.long
def test_the_clock_tells_nothing_of_a_forgotten_password_and_a_look_up_would_be_seen(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert abs(middle_ratio(forgets, owner.login, strangers()) - 1) < APART
    monkeypatch.setattr(forgotten_views, "ask_new_password", forgotten.send_link)
    assert middle_ratio(forgets, owner.login, strangers()) > 1 + APART
