"""Who there is in the benchmark's database, and what each visit buys: all of it by arithmetic on whole numbers.

Nothing here asks the database. The seeding writes what these functions say, the clients buy what they say, and pgbench
does the same sums in its own script, because the functions work on numbers and on `Term`s (expressions) alike.

Customers come in two kinds. An *ordinary* one holds two cards in progress, with room for every visit to come: a visit
buys one unit on each and one of a program that is new to them, so it updates two cards and opens one, and fills none.
A *rewarded* one holds a full card with its reward, and a second card in progress.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import gcd
from typing import TypeVar

FIRST_ID = 300_000_000_000_000_000
"""Below every id that is made today (63 bits, in the order of time)."""

NEED = 12
PROGRAMS = 20
LONG_PROGRAMS = 3
"""Of the programs, so many ask for `LONG_NEED` units: for the test with all tills on one customer, who fills none."""

LONG_NEED = 250
SHORT_PROGRAMS = PROGRAMS - LONG_PROGRAMS
VARIANTS = 3
"""Products on each program card."""

ROUNDS = 5
"""Visits that an ordinary customer has room for."""

MOST_PUNCHES = 6
"""That an ordinary card begins with; with ROUNDS more it is still not full."""

REWARDED_EACH = 4
"""Every fourth customer is a rewarded one."""

SESSION = "bench"
SESSION_FROM = 100_000
CSRF = "astrobenchastrobenchastrobenchas"


class Kind(IntEnum):
    """What an id names; each kind has a range of its own."""

    RETAILER = 1
    LOCATION = 2
    USER = 3
    MEMBERSHIP = 4
    DEVICE = 5
    BRAND = 6
    DISTRIBUTOR = 7
    PROGRAM = 8
    VERSION = 9
    PROGRAM_CARD = 10
    RULE = 11
    ITEM = 12
    PRODUCT = 13
    BARCODE = 14
    PRICE = 15
    ENROLLMENT = 16
    CUSTOMER = 17
    SEEN = 18
    VISIT = 19
    PURCHASE = 20
    CARD = 21
    PUNCH = 22
    REWARD = 23
    SEALING = 24


RANGE = 10**12


class Term:
    """A sum that pgbench is to do: what Python's operators would have done, as text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: "int | Term") -> "Term":
        return Term(f"({self} + {other})")

    def __radd__(self, other: "int | Term") -> "Term":
        return Term(f"({other} + {self})")

    def __mul__(self, other: "int | Term") -> "Term":
        return Term(f"({self} * {other})")

    def __rmul__(self, other: "int | Term") -> "Term":
        return Term(f"({other} * {self})")

    def __mod__(self, other: "int | Term") -> "Term":
        return Term(f"({self} % {other})")

    def __floordiv__(self, other: "int | Term") -> "Term":
        return Term(f"({self} / {other})")


Number = TypeVar("Number", int, Term)
Let = Callable[[str, Number], Number]
"""Gives a value a name and hands it back, under that name where a script is written."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many retailers (of one location each) and customers. `idle`: programs enrolled besides, bought by nobody."""

    retailers: int
    customers: int
    idle: int = 0

    @property
    def rewarded(self) -> int:
        return self.customers // REWARDED_EACH

    @property
    def ordinary(self) -> int:
        """They have the numbers from 0; the rewarded ones come after them."""
        return self.customers - self.rewarded

    @property
    def visits(self) -> int:
        """Ordinary visits that there is room for."""
        return self.ordinary * ROUNDS


SCALES = {"full": Size(100, 100_000), "small": Size(4, 4_000)}


def row_id(kind: Kind, number: Number) -> Number:
    return FIRST_ID + kind * RANGE + number


def stride(count: int) -> int:
    """A step that meets every number below `count` once, in an order that looks drawn by lot."""
    step = max(1, int(count * 0.618))
    while gcd(step, count) != 1:
        step += 1
    return step


def unnamed(name: str, value: Number) -> Number:
    return value


def ordinary_visit(turn: Number, *, size: Size, let: Let[Number] = unnamed) -> dict[str, Number]:
    """The `turn`th visit (from 0) that fills no card. Turns up to `size.visits` meet each customer ROUNDS times."""
    n = let("n", turn * stride(size.ordinary) % size.ordinary)
    visit = _visit(n, turn // size.ordinary, size=size, let=let)
    first, second = let("first", visit.pop("at_first")), let("second", visit.pop("at_second"))
    return {**visit, "first": first, "first_more": first + 1, "second": second, "second_more": second + 1}


def rewarded_visit(turn: Number, *, size: Size, let: Let[Number] = unnamed) -> dict[str, Number]:
    """The `turn`th visit (from 0, below `size.rewarded`) of a customer with a reward, which it redeems."""
    m = let("m", turn * stride(size.rewarded) % size.rewarded)
    visit = _visit(let("n", m + size.ordinary), m * 0, size=size, let=let)
    del visit["at_first"]
    visit["second"] = let("second", visit.pop("at_second"))
    visit["second_more"] = visit["second"] + 1
    visit["reward"] = row_id(Kind.REWARD, m)
    return visit


def long_visit(customer: int, *, size: Size) -> dict[str, int]:
    """A visit of an ordinary customer that fills nothing however often it comes (LONG_NEED times)."""
    visit = ordinary_visit(customer, size=size)
    for place, name in enumerate(("a", "b", "c")):
        visit[f"product_{name}"] = product(SHORT_PROGRAMS + place, 0)
    return visit


def programs_of(n: Number) -> tuple[Number, Number]:
    """The numbers of the two programs of which this customer holds a card."""
    return n % SHORT_PROGRAMS, (n + 1) % SHORT_PROGRAMS


def punches_of(n: Number) -> tuple[Number, Number]:
    """What the two cards of an ordinary customer begin with; of a rewarded one, the second card."""
    return n % MOST_PUNCHES + 1, n // MOST_PUNCHES % MOST_PUNCHES + 1


def product(program: Number, variant: Number) -> Number:
    return row_id(Kind.PRODUCT, program * VARIANTS + variant)


def _visit(n: Number, round_: Number | int, *, size: Size, let: Let[Number]) -> dict[str, Number]:
    """Who comes, where, with what. `round_` counts the visits of this customer: each opens a card of a new program."""
    a, b = programs_of(n)
    a, b, c = let("a", a), let("b", b), let("c", (n + round_ + 2) % SHORT_PROGRAMS)
    variant, shop = let("variant", (n + round_) % VARIANTS), let("shop", n % size.retailers)
    at_first, at_second = punches_of(n)
    return {
        "retailer": row_id(Kind.RETAILER, shop),
        "location": row_id(Kind.LOCATION, shop),
        "user": row_id(Kind.USER, shop),
        "membership": row_id(Kind.MEMBERSHIP, shop),
        "device": row_id(Kind.DEVICE, shop),
        "session": shop + SESSION_FROM,
        "customer": row_id(Kind.CUSTOMER, n),
        "card_a": row_id(Kind.CARD, n * 2),
        "card_b": row_id(Kind.CARD, n * 2 + 1),
        **{f"program_{name}": row_id(Kind.PROGRAM, g) for name, g in (("a", a), ("b", b), ("c", c))},
        **{f"program_card_{name}": row_id(Kind.PROGRAM_CARD, g) for name, g in (("a", a), ("b", b), ("c", c))},
        **{f"rule_{name}": row_id(Kind.RULE, g) for name, g in (("a", a), ("b", b), ("c", c))},
        **{f"product_{name}": product(g, variant) for name, g in (("a", a), ("b", b), ("c", c))},
        "at_first": at_first + round_,
        "at_second": at_second + round_,
    }
