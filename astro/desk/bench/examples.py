"""Checkouts of different customers, taken down for the floor."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.urls import Resolver404, resolve

from astro.desk.bench.client import FINISHED, OFFER
from astro.desk.bench.errors import NotRepeatable, Unreadable
from astro.desk.bench.floor import Example
from astro.desk.bench.inside import ask
from astro.desk.bench.population import Size, ordinary_visit, rewarded_visit
from astro.desk.bench.requests import finish_body, finish_request, visit_body, visit_request
from astro.desk.bench.wire import taken_down

HOST = "127.0.0.1"
WANTED = 4
TURNS = 400
"""The first turns, of either kind, are kept for these."""

TELLS_APART = ("first", "first_more", "second", "second_more")

Visit = Mapping[str, Any]


def can_redeem() -> bool:
    """Whether this application has the second half of a checkout."""
    try:
        resolve("/checkout/1/finish/")
    except Resolver404:
        return False
    return True


def ordinary_examples(size: Size) -> list[Example]:
    """Checkouts that fill nothing."""
    visits = (ordinary_visit(turn, size=size) for turn in range(min(TURNS, size.visits // 2)))
    return _examples(visits, buy)


def rewarded_examples(size: Size) -> list[Example]:
    """Checkouts with a redemption: both requests, one after the other."""
    visits = (rewarded_visit(turn, size=size) for turn in range(min(TURNS, size.rewarded // 2)))
    return _examples(visits, redeem)


def buy(visit: Visit) -> None:
    _answered(visit_request(visit, visit_body(visit), host=HOST), FINISHED)


def redeem(visit: Visit) -> None:
    body = visit_body(visit)
    _answered(visit_request(visit, body, host=HOST), OFFER)
    _answered(finish_request(visit, finish_body(visit, visit_key=body["key"]), host=HOST), FINISHED)


def _examples(visits: Iterator[dict[str, int]], check_out: Callable[[Visit], None]) -> list[Example]:
    """Each at another shop, after another checkout there: what the process keeps of a shop it has then learnt."""
    learnt: set[Any] = set()
    taken: dict[Any, Example] = {}
    for visit in visits:
        shop = visit["retailer"]
        if shop in taken or _alike(visit, taken):
            continue
        if shop not in learnt:
            check_out(visit)
            learnt.add(shop)
            continue
        taken[shop] = Example(taken_down(partial(check_out, visit)), visit)
        if len(taken) == WANTED:
            return list(taken.values())
    raise NotRepeatable("There are too few customers to take examples from.")


def _alike(visit: Visit, taken: Mapping[Any, Example]) -> bool:
    """Whether its counts of punches are those of an example that is there, so that they could not be told apart."""
    counts = [visit.get(name) for name in TELLS_APART]
    return any(counts == [example.known.get(name) for name in TELLS_APART] for example in taken.values())


def _answered(request: bytes, mark: bytes) -> None:
    answer = ask(request)
    if answer.status != 200 or mark not in _plain(answer.body, answer.headers):
        raise Unreadable(f"The application answered {answer.status}: {answer.body[:500]!r}")


def _plain(body: bytes, headers: Mapping[str, str]) -> bytes:
    return zlib.decompress(body, wbits=31) if headers.get("content-encoding") == "gzip" else body
