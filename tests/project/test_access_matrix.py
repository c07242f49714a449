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

from astro.accounts import tills
from astro.accounts.access import TILL_HEADER, Access, staff
from astro.accounts.models import User
from astro.customer_app.sessions import COOKIE
from astro.tenancy.models import Location
from tests.cast import (
    acting,
    inside,
    make_app_account,
    make_customer,
    make_device,
    make_support,
    signed_in,
    signed_in_to_app,
)
from tests.project.access_matrix import ROUTES, Reach, Route
from tests.project.headers import faults_of

OF_CUSTOMERS = ("@example.com", "Pat of ", "Bea of ", "Eve of ", "Ada of ", "Pia of ", "Betty")
"""What the makers write into customers: the platform's support reads none of it."""
NOBODY_ID = 7
NOBODY_KEY = UUID(int=7)
METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Person:
    """Somebody who asks: their role, their location (None: all), what they must never read.

    `app_cookie`: they are signed in to the customers' app; they, and nobody else, may open its pages. `till_cookie`: a
    till's browser, where nobody is signed in. `is_support`: the platform's support, who work for no store. `acts`: they
    act as the one whose role this is, and so do nothing that is done by oneself.
    """

    name: str
    cookie: str = ""
    app_cookie: str = ""
    till_cookie: str = ""
    role: str = ""
    retailer_id: int = 0
    location_id: int | None = None
    must_not_see: tuple[str, ...] = ()
    is_support: bool = False
    acts: bool = False

    @property
    def works_here(self) -> bool:
        """Is signed in where staff are."""
        return bool(self.role) or self.is_support

    def may_open(self, route: Route, *, is_by_oneself: bool = False) -> bool:
        if self.acts and is_by_oneself:
            return False
        if route.access is Access.CUSTOMER:
            return bool(self.app_cookie)
        if route.access is Access.SUPPORT:
            return self.is_support
        if route.access is Access.SIGNED_IN:
            return self.works_here
        if route.access is Access.TILL and self.till_cookie:
            return True
        return route.access is Access.PUBLIC or (bool(self.role) and route.access.refusal(self.role) is None)

    def finds(self, place: Location | None, reach: Reach) -> bool:
        if place is None:
            return False
        if reach is Reach.EVERYONE:
            return True
        if place.retailer_id != self.retailer_id or reach is Reach.PERSON:
            return False
        return reach is Reach.RETAILER or self.location_id in (None, place.pk)


MAKERS = dict.fromkeys(maker for route in ROUTES.values() for maker in (*route.ids.values(), *route.sends.values()))
"""Each that makes something, once."""


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
        for maker in MAKERS:
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
                must_not_see=hidden,
            )
        )
    with inside(midtown.retailer):
        shopper = make_customer(at=midtown, first_name="Betty", email="betty@example.com")
        app = signed_in_to_app(Client(), make_app_account(shopper), retailer=midtown.retailer)
    people.append(
        Person(
            "Betty in the app",
            app_cookie=app.cookies[COOKIE].value,
            retailer_id=midtown.retailer_id,
            must_not_see=("Other Paws", "Elsewhere", "Otto Other", "Olive Owner", "Cass Cashier", "Rita Riverside"),
        )
    )
    _device, till = make_device(midtown, by=owner)
    response = HttpResponse()
    tills.write_cookie(response, cookie=till)
    people += _others_in_their_place(owner, cashier, midtown, of_huxley)
    people.append(
        Person(
            "a till of Midtown",
            till_cookie=response.cookies[tills.COOKIE].value,
            retailer_id=midtown.retailer_id,
            must_not_see=("Other Paws", "Elsewhere", "Otto Other", "Olive Owner", "Cass Cashier", "Rita Riverside"),
        )
    )
    return World(people, places)


def _others_in_their_place(
    owner: User, cashier: User, midtown: Location, must_not_see: tuple[str, ...]
) -> list[Person]:
    """Support as themselves, support as the owner, and the owner as the cashier."""
    support = make_support()
    itself = Client()
    itself.force_login(support)
    cash, boss = cashier.memberships.get(), owner.memberships.get()
    here = {"retailer_id": midtown.retailer_id, "must_not_see": must_not_see, "acts": True}
    return [
        Person("support", cookie=_key(itself), is_support=True, must_not_see=(*must_not_see, "Rita Riverside")),
        Person("support as the owner", cookie=_key(acting(Client(), support, boss)), role=boss.role, **here),
        Person(
            "the owner as the cashier",
            cookie=_key(acting(Client(), owner, cash)),
            role=cash.role,
            location_id=midtown.pk,
            **here,
        ),
    ]


def _key(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _routes(resolver: URLResolver, space: str) -> Iterator[tuple[str, tuple[URLPattern, set[str]]]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name or entry.pattern}", (entry, set(entry.pattern.converters))


WRITES_TO_PEOPLE = {"customers:ask", "messaging:unsubscribe"}
"""These have a message sent, which nobody does in another's name."""

BY_ONESELF = {
    name
    for name, (pattern, _parameters) in _routes(get_resolver(), "")
    if getattr(pattern.callback, "is_by_oneself", False)
}
"""Nobody does these in another's name."""


# A handful of addresses share one world: making it costs more than asking for them.
HANDFULS = [list(ROUTES)[first::8] for first in range(8)]


@pytest.mark.parametrize("names", HANDFULS, ids=lambda names: names[0])
def test_routes_are_open_to_whom_the_matrix_says(names: list[str], world: World) -> None:
    wrong = [
        f"{method} {name} of {whose} by {person.name}: {what}"
        for name in names
        for person in world.people
        for method in _methods(name, person)
        for whose in _places(name, method=method, person=person, world=world)
        for what in _ask(ROUTES[name], name, method=method, person=person, place=world.places[whose])
    ]
    assert wrong == [], "\n".join(wrong)


def _methods(name: str, person: Person) -> list[str]:
    """Whoever is in somebody else's place, or in none, is asked for once where the answer is no."""
    known = ROUTES[name].methods.split()
    if not (person.acts or person.is_support):
        return list(METHODS)
    return known if person.may_open(ROUTES[name], is_by_oneself=name in BY_ONESELF) else known[:1]


def _places(name: str, *, method: str, person: Person, world: World) -> list[str]:
    """Whose things are asked for. Where the answer is no before anything is looked for, one real thing is enough; who
    acts as another is refused what is another retailer's, and the rest is as for the other one."""
    route = ROUTES[name]
    if not (route.ids or route.sends):
        return ["nobody"]
    if method not in route.methods.split() or not person.may_open(route, is_by_oneself=name in BY_ONESELF):
        return ["midtown"]
    return ["midtown", "elsewhere"] if person.acts else list(world.places)


def _ask(route: Route, name: str, *, method: str, person: Person, place: Location | None) -> Iterator[str]:
    """Ask once, undo whatever it did, and tell what was not as it should be."""
    with _undone():
        ids, sent = _things(route.ids, place), _things(route.sends, place)
        client = Client(raise_request_exception=False)
        if person.cookie:
            client.cookies[settings.SESSION_COOKIE_NAME] = person.cookie
        if person.app_cookie:
            client.cookies[COOKIE] = person.app_cookie
        if person.till_cookie:
            client.cookies[tills.COOKIE] = person.till_cookie
        headers = {TILL_HEADER: "1"} if route.access is Access.TILL else {}
        url = reverse(name, kwargs=ids)
        response = client.post(url, sent, headers=headers) if method == "POST" else client.get(url, headers=headers)
    expected = _expected(route, name, method=method, person=person, place=place)
    got = _kind(response)
    if got not in expected:
        yield f"{response.status_code} ({got}), not {' or '.join(sorted(expected))}"
    yield from (f"headers: {fault}" for fault in faults_of(response.headers))
    words = (response.getvalue() + response.headers.get("Location", "").encode()).decode()
    if route.reach is not Reach.EVERYONE and route.access is not Access.SUPPORT:
        yield from (f"shows {word!r}" for word in person.must_not_see if word in words)
    if route.access is Access.SUPPORT:
        yield from (f"shows {word!r} of a customer" for word in OF_CUSTOMERS if word in words)


def _expected(route: Route, name: str, *, method: str, person: Person, place: Location | None) -> set[str]:
    known = method in route.methods.split()
    if not person.may_open(route, is_by_oneself=name in BY_ONESELF):
        is_in = person.works_here and not (person.is_support and route.access is Access.TILL)
        refused = "wrong role" if is_in and route.access is not Access.CUSTOMER else "sign in first"
        return {refused} if known else {refused, "unknown method"}
    if not known:
        return {"unknown method"}
    if route.reach is Reach.SIGNED or (person.acts and name in WRITES_TO_PEOPLE and method == "POST"):
        return {"wrong role"} if place is None or person.finds(place, route.reach) else {"wrong role", "not found"}
    names_a_thing = route.ids or (route.sends and method == "POST")
    if names_a_thing and not person.finds(place, route.reach):
        return {"not found"}
    return {"open"}


def _kind(response: Any) -> str:
    to_sign_in = (f"{settings.LOGIN_URL}?next=", f"{reverse('customer_app:sign_in')}?next=")
    if response.status_code == 302 and response.headers["Location"].startswith(to_sign_in):
        return "sign in first"
    if response.status_code == 302 and response.headers["Location"] == reverse("backoffice:stores"):
        return "wrong role"  # support asks for a store's home, and is shown the stores
    kinds = {401: "sign in first", 403: "wrong role", 404: "not found", 405: "unknown method"}
    return kinds.get(response.status_code, "open" if response.status_code < 500 else "broken")


def _things(makers: Any, place: Location | None) -> dict[str, int | str | UUID]:
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
