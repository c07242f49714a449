"""Every address x method x person x whose thing it is about, against the table in `access_matrix.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, include, path, reverse

from astro.accounts.access import Access, staff
from astro.accounts.models import User
from astro.tenancy.models import Location
from tests.cast import inside, signed_in
from tests.project.access_matrix import ROUTES, Reach, Route

NOBODY_ID = 7
NOBODY_KEY = UUID(int=7)
METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Person:
    """Somebody who asks: their role, their location (None: all), where they stand now, what they must never read."""

    name: str
    cookie: str = ""
    role: str = ""
    retailer_id: int = 0
    location_id: int | None = None
    stands_at: int | None = None
    must_not_see: tuple[str, ...] = ()

    def may_open(self, route: Route) -> bool:
        return route.access is Access.PUBLIC or (bool(self.role) and route.access.refusal(self.role) is None)

    def finds(self, place: Location | None, reach: Reach) -> bool:
        if place is None:
            return False
        if reach is Reach.EVERYONE:
            return True
        if place.retailer_id != self.retailer_id or reach is Reach.PERSON:
            return False
        if reach is Reach.HERE:
            return self.stands_at == place.pk
        return reach is Reach.RETAILER or self.location_id in (None, place.pk)


@dataclass(frozen=True)
class World:
    people: list[Person]
    places: dict[str, Location | None]


@pytest.fixture
def world(
    owner: User,
    cashier: User,
    riverside_administrator: User,
    other_owner: User,
    midtown: Location,
    riverside: Location,
    elsewhere: Location,
) -> World:
    """Both retailers with something of everything, so that there is something to leak."""
    places = {"midtown": midtown, "riverside": riverside, "elsewhere": elsewhere, "nobody": None}
    for place in (midtown, riverside, elsewhere):
        for route in ROUTES.values():
            for maker in (*route.ids.values(), *route.sends.values()):
                with inside(place.retailer):
                    maker(place)
    of_huxley = ("Other Paws", "Elsewhere", "Otto Other")
    of_other = ("Huxley", "Midtown", "Riverside", "Olive Owner")
    people = [Person("signed out", must_not_see=(*of_huxley, *of_other))]
    for user, hidden in [
        (cashier, of_huxley),
        (riverside_administrator, of_huxley),
        (owner, of_huxley),
        (other_owner, of_other),
    ]:
        membership = user.memberships.get()
        session = signed_in(Client(), user).session
        assert session.row is not None
        people.append(
            Person(
                user.name,
                cookie=session.session_key,
                role=membership.role,
                retailer_id=membership.retailer_id,
                location_id=membership.location_id,
                stands_at=session.row.location_id,
                must_not_see=hidden,
            )
        )
    return World(people, places)


@pytest.mark.parametrize("name", ROUTES)
def test_route_is_open_to_whom_the_matrix_says(name: str, world: World) -> None:
    route = ROUTES[name]
    wrong = [
        f"{method} {name} of {whose} by {person.name}: {what}"
        for method in METHODS
        for person in world.people
        for whose in (world.places if route.ids or route.sends else ["nobody"])
        for what in _ask(route, name, method=method, person=person, place=world.places[whose])
    ]
    assert wrong == [], "\n".join(wrong)


def _ask(route: Route, name: str, *, method: str, person: Person, place: Location | None) -> Iterator[str]:
    """Ask once, undo whatever it did, and tell what was not as it should be."""
    with _undone():
        ids, sent = _things(route.ids, place), _things(route.sends, place)
        client = Client(raise_request_exception=False)
        if person.cookie:
            client.cookies[settings.SESSION_COOKIE_NAME] = person.cookie
        url = reverse(name, kwargs=ids)
        response = client.post(url, sent) if method == "POST" else client.get(url)
    expected = _expected(route, method=method, person=person, place=place)
    got = _kind(response)
    if got not in expected:
        yield f"{response.status_code} ({got}), not {' or '.join(sorted(expected))}"
    words = (response.getvalue() + response.headers.get("Location", "").encode()).decode()
    if route.reach is not Reach.EVERYONE:
        yield from (f"shows {word!r}" for word in person.must_not_see if word in words)


def _expected(route: Route, *, method: str, person: Person, place: Location | None) -> set[str]:
    known = method in route.methods.split()
    if not person.may_open(route):
        refused = "wrong role" if person.role else "sign in first"
        return {refused} if known else {refused, "unknown method"}
    if not known:
        return {"unknown method"}
    names_a_thing = route.ids or (route.sends and method == "POST")
    if names_a_thing and not person.finds(place, route.reach):
        return {"not found"}
    return {"open"}


def _kind(response: Any) -> str:
    if response.status_code == 302 and response.headers["Location"].startswith(f"{settings.LOGIN_URL}?next="):
        return "sign in first"
    kinds = {401: "sign in first", 403: "wrong role", 404: "not found", 405: "unknown method"}
    return kinds.get(response.status_code, "open" if response.status_code < 500 else "broken")


def _things(makers: Any, place: Location | None) -> dict[str, int | UUID]:
    """What the makers make for that place; for nobody's place ids, or keys, of nothing."""
    if place is None:
        return {name: NOBODY_KEY if name == "key" else NOBODY_ID for name in makers}
    with inside(place.retailer):
        return {key: maker(place) for key, maker in makers.items()}


@contextmanager
def _undone() -> Iterator[None]:
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


# Nothing is left out of the matrix.


def test_every_route_has_its_row() -> None:
    wrong = faults(get_resolver(), ROUTES)
    assert wrong == [], "\n".join(wrong)


def faults(resolver: URLResolver, rows: dict[str, Route]) -> list[str]:
    """What the matrix and the addresses do not agree about, in sentences."""
    found = dict(_routes(resolver, ""))
    wrong = [
        f"{name} has no row in tests/project/access_matrix.py. Add one: who may open it, and whose things it names."
        for name in found
        if name not in rows
    ]
    wrong += [f"{name} stands in the matrix, but there is no such route." for name in rows if name not in found]
    for name, (pattern, parameters) in found.items():
        if not pattern.name:
            wrong.append(f"{name} has no name, so the matrix cannot speak of it.")
        access = getattr(pattern.callback, "access", None)
        if access is None:
            wrong.append(f"{name} is not guarded: put @public, @staff, @administrators or @masters on its view.")
        row = rows.get(name)
        if row is None:
            continue
        if access is not None and row.access is not access:
            wrong.append(f"{name} is for {access} in the code, but for {row.access} in the matrix.")
        if set(row.ids) != parameters:
            wrong.append(f"{name} names {sorted(parameters)}, but its row makes {sorted(row.ids)}.")
    return wrong


def _routes(resolver: URLResolver, space: str) -> Iterator[tuple[str, tuple[URLPattern, set[str]]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name or entry.pattern}", (entry, set(entry.pattern.converters))


# The net catches what it is for.


def planted(request: HttpRequest, customer_id: int = 0) -> HttpResponse:
    return HttpResponse("Everything about everybody.")


def resolver_with(*routes: Any) -> URLResolver:
    class Urls:
        urlpatterns = [path("", include((list(routes), "planted")))]

    return URLResolver(get_resolver().pattern, Urls)


def test_undeclared_route_is_found() -> None:
    assert faults(resolver_with(path("x/", staff(planted), name="x")), {}) == [
        "planted:x has no row in tests/project/access_matrix.py. Add one: who may open it, and whose things it names."
    ]


def test_unguarded_misdeclared_nameless_and_vanished_routes_are_found() -> None:
    rows = {"planted:x": Route(Access.MASTERS, "GET"), "planted:gone": Route(Access.STAFF, "GET")}
    resolver = resolver_with(path("<int:customer_id>/", staff(planted), name="x"), path("bare/", planted))
    assert faults(resolver, rows) == [
        "planted:bare/ has no row in tests/project/access_matrix.py."
        " Add one: who may open it, and whose things it names.",
        "planted:gone stands in the matrix, but there is no such route.",
        "planted:x is for staff in the code, but for masters in the matrix.",
        "planted:x names ['customer_id'], but its row makes [].",
        "planted:bare/ has no name, so the matrix cannot speak of it.",
        "planted:bare/ is not guarded: put @public, @staff, @administrators or @masters on its view.",
    ]


def test_view_that_shows_and_finds_too_much_is_caught(world: World, settings: Any) -> None:
    """A page that finds every retailer's things, and names them."""

    def leaking(request: HttpRequest, customer_id: int) -> HttpResponse:
        return HttpResponse("Other Paws and Midtown")

    class Urls:
        urlpatterns = [
            path("leak/<int:customer_id>/", staff(leaking), name="leak"),
            path("", include(settings.ROOT_URLCONF)),
        ]

    settings.ROOT_URLCONF = Urls
    route = Route(Access.STAFF, "GET", ROUTES["checkout:till"].ids)
    by_name = {person.name: person for person in world.people}
    found = {
        (name, whose): list(_ask(route, "leak", method="GET", person=by_name[name], place=world.places[whose]))
        for name, whose in [("Cass Cashier", "midtown"), ("Cass Cashier", "elsewhere"), ("Otto Other", "nobody")]
    }
    assert found == {
        ("Cass Cashier", "midtown"): ["shows 'Other Paws'"],
        ("Cass Cashier", "elsewhere"): ["200 (open), not not found", "shows 'Other Paws'"],
        ("Otto Other", "nobody"): ["200 (open), not not found", "shows 'Midtown'"],
    }
