"""Accounts that may be of one person: found in the store's whole list once a day, for somebody to look at.

Nobody is compared with everybody. Customers are walked twice in the order of their names (once last name first, once
first name first) and each is compared with the few before them; besides, whoever shares an e-mail name, the end of a
phone number, a home or a name turned around is compared. What a pair then has in common adds up to a score.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import QuerySet
from rapidfuzz.distance import JaroWinkler

from astro.customers.models import Address, Customer, LikelyDouble
from astro.customers.queries import living
from astro.customers.similar import ALIKE, alikeness
from astro.kit.folding import digits_of, fold

LIKELY = 50
"""Scores from here on are listed."""

MOST_LISTED = 2_000
NEIGHBOURS = 6
AS_WRITTEN = 0.96  # of two whole names that stand beside each other: worth a closer look
MOST_NAMESAKES = 3  # where more have one name, the name alone says nothing
MOST_SHARING = 6  # where more share a home or the end of a number, it is a club's or a firm's
PHONE_END = 7  # digits: the number without its area
EMAIL_LEAST = 5  # letters of an e-mail name that say something

NEARLY = 0.95  # of two names: one letter, or an ending
SAME_NAME, NEARLY_SAME, LIKE, SHARED, NEAR = 55, 45, 35, 30, 10
ALL_ELSE_DIFFERS = 5

Pair = tuple[int, int]
"""Two customers by id, the smaller first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A pair that is worth a look. `reason` as in `LikelyDouble`."""

    pair: Pair
    reason: str
    score: int


@dataclass(frozen=True, slots=True)
class _Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    home: str
    postcode: str


def look_for_doubles(*, today: date) -> int:
    """Bring the list of the current retailer up to date; says how many stand on it.

    Pairs that were said to be two people stay as they are and do not come again.
    """
    found = {one.pair: one for one in _best(_judged(_candidates()))}
    there = {(row.first_id, row.second_id): row for row in LikelyDouble.objects.all()}
    stale = [row.pk for pair, row in there.items() if pair not in found and row.dismissed_at is None]
    LikelyDouble.objects.filter(pk__in=stale).delete()
    changed = []
    for pair, one in found.items():
        row = there.get(pair)
        if row is not None and (row.reason, row.score) != (one.reason, one.score):
            row.reason, row.score = one.reason, one.score
            changed.append(row)
    LikelyDouble.objects.bulk_update(changed, ["reason", "score"], batch_size=500)
    fresh = [
        LikelyDouble(first_id=pair[0], second_id=pair[1], reason=one.reason, score=one.score, found_on=today)
        for pair, one in found.items()
        if pair not in there
    ]
    LikelyDouble.objects.bulk_create(fresh, batch_size=500)
    return likely_doubles().count()


def likely_doubles() -> QuerySet[LikelyDouble]:
    """Pairs that nobody has settled yet, both of living customers."""
    rows: QuerySet[LikelyDouble] = LikelyDouble.objects.filter(
        dismissed_at__isnull=True, first__retired_at__isnull=True, second__retired_at__isnull=True
    )
    return rows


def _candidates() -> set[Pair]:
    everybody = living().filter(is_practice=False)
    pairs = set(_beside(everybody.order_by("sort_name", "id").values_list("id", "sort_name").iterator()))
    turned = (
        (pk, _name_of(search)) for pk, search in everybody.order_by("search").values_list("id", "search").iterator()
    )
    pairs |= set(_beside(turned))
    contact = everybody.order_by().values_list("id", "email_folded", "phone", "sort_name", "search").iterator()
    emails: dict[str, list[int]] = defaultdict(list)
    phones: dict[str, list[int]] = defaultdict(list)
    names: dict[str, list[int]] = defaultdict(list)
    for pk, email, phone, sorted_name, search in contact:
        _put(emails, _email_name(email), pk)
        _put(phones, _phone_end(phone), pk)
        name = _name_of(search)
        if name != sorted_name:
            _put(names, "\n".join(sorted((name, sorted_name))), pk)
    homes: dict[str, list[int]] = defaultdict(list)
    lived_in = Address.objects.filter(customer__retired_at__isnull=True, customer__is_practice=False)
    for pk, postcode, street in lived_in.values_list("customer_id", "postcode", "street").iterator():
        _put(homes, _home(postcode, street), pk)
    for shared in (emails, phones, names, homes):
        for ids in shared.values():
            if 1 < len(ids) <= MOST_SHARING:
                pairs |= {_pair(one, other) for one, other in combinations(ids, 2)}
    return pairs


def _beside(named: Iterable[tuple[int, str]]) -> Iterator[Pair]:
    """Of names in their order, those that are much like one of the few before them."""
    last: deque[tuple[int, str]] = deque(maxlen=NEIGHBOURS)
    for pk, name in named:
        for other, theirs in last:
            if JaroWinkler.normalized_similarity(name, theirs, score_cutoff=AS_WRITTEN):
                yield _pair(pk, other)
        last.append((pk, name))


def _judged(pairs: Collection[Pair]) -> Iterator[Found]:
    ordered = sorted(pairs)
    for start in range(0, len(ordered), 500):
        some = ordered[start : start + 500]
        people = _people({pk for pair in some for pk in pair})
        for pair in some:
            if pair[0] in people and pair[1] in people and (one := _judge(pair, people)):
                yield one


def _judge(pair: Pair, people: dict[int, _Person]) -> Found | None:
    one, other = people[pair[0]], people[pair[1]]
    alike = alikeness((one.first_name, one.last_name), (other.first_name, other.last_name))
    score, reasons = 0, []
    if alike >= ALIKE:
        score += SAME_NAME if alike == 1 else NEARLY_SAME if alike >= NEARLY else LIKE
        reasons.append("name")
    checks: list[tuple[str, Callable[[_Person], str]]] = [
        ("phone", lambda who: _phone_end(who.phone)),
        ("email", lambda who: _email_name(who.email)),
        ("address", lambda who: who.home),
    ]
    for reason, of in checks:
        if of(one) and of(one) == of(other):
            score += SHARED
            reasons.append(reason)
    if "address" not in reasons and one.postcode and one.postcode == other.postcode:
        score += NEAR
    if reasons == ["name"] and all((one.phone, other.phone, one.email, other.email)):
        score -= ALL_ELSE_DIFFERS
    return Found(pair, "+".join(reasons), min(score, 100)) if reasons and score >= LIKELY else None


def _best(found: Iterable[Found]) -> list[Found]:
    """The surest first. Whoever has nothing in common but a name that many have is left out."""
    rows = list(found)
    namesakes: dict[int, int] = defaultdict(int)
    for one in rows:
        if one.reason == "name":
            for pk in one.pair:
                namesakes[pk] += 1
    rows = [one for one in rows if one.reason != "name" or max(namesakes[pk] for pk in one.pair) < MOST_NAMESAKES]
    return sorted(rows, key=lambda one: (-one.score, one.pair))[:MOST_LISTED]


def _people(ids: Collection[int]) -> dict[int, _Person]:
    homes = {
        row.customer_id: row
        for row in Address.objects.filter(customer__in=list(ids)).only(
            "customer_id", "retailer_id", "postcode", "street"
        )
    }
    rows = Customer.objects.filter(pk__in=list(ids)).order_by()
    people = {}
    for pk, first_name, last_name, email, phone in rows.values_list(
        "id", "first_name", "last_name", "email_folded", "phone"
    ):
        home: Any = homes.get(pk)
        postcode = fold(home.postcode) if home else ""
        street = _home(home.postcode, home.street) if home else ""
        people[pk] = _Person(first_name, last_name, email, phone, street, postcode)
    return people


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _put(shared: dict[str, list[int]], key: str, pk: int) -> None:
    if key and len(shared[key]) <= MOST_SHARING:
        shared[key].append(pk)


def _name_of(search: str) -> str:
    """First name, last name, folded, as look-up keeps it."""
    return search.partition("\n")[0].strip()


def _email_name(folded: str) -> str:
    """What stands before the @, without what people put in or leave out."""
    name = re.sub(r"[^a-z]", "", folded.partition("@")[0].partition("+")[0])
    return name if len(name) >= EMAIL_LEAST else ""


def _phone_end(phone: str) -> str:
    return phone[-PHONE_END:] if len(phone) > PHONE_END else ""


_WORDS = re.compile(r"\w+")


def _home(postcode: str, street: str) -> str:
    """Postcode, number and the name of the street, however they were typed: *12 N Main Street*, *12 Main St.*"""
    words = _WORDS.findall(fold(street))
    number = next((digits_of(word) for word in words if digits_of(word)), "")
    name = next((word for word in words if len(word) > 2 and not digits_of(word)), "")
    return f"{fold(postcode)} {number} {name}" if number and name else ""
