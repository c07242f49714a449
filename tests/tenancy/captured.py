"""Reads the SQL that requests send and finds tables of retailers whose `retailer_id` is not compared.

Every alias of such a table must be tied: to a value (`"t"."retailer_id" = %s`), or to the retailer of an alias that is
tied itself, of the same SELECT or of one around it. What stands under an OR or a NOT, in a CASE or outside WHERE and ON
ties nothing. A shared-or-own table may also be tied by `"t"."retailer_id" IS NULL`, alone or OR its own retailer.

`tests/conftest.py` hands `requests_name_their_retailer` to every test.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import get_ident
from typing import Any

import pytest
from django.apps import apps
from django.core.signals import request_finished, request_started
from django.db import connection

from astro.tenancy import current
from astro.tenancy.policies import UNWALLED
from astro.tenancy.walls import RetailerModel, SharedOrOwn

TOKEN = re.compile(
    r"""'(?:[^']|'')*' | %s | \$\d+ | \d+ | (?:"[^"]+"|\w+)(?:\."[^"]+"|\.\w+)? | [(),=] | [^\s\w(),="']+""", re.X
)
SOURCES = {"FROM", "JOIN", "UPDATE", "INTO", "USING"}
NO_ALIAS = {"WHERE", "ON", "SET", "JOIN", "INNER", "LEFT", "CROSS", "GROUP", "ORDER", "HAVING", "LIMIT", "FOR"}
NO_ALIAS |= {"RETURNING", "USING", "VALUES", "UNION"}
UNIONS = {"UNION", "EXCEPT", "INTERSECT"}
AFTER = {"GROUP", "ORDER", "HAVING", "LIMIT", "RETURNING", "FOR"}

READ_ACROSS = frozenset({
    "programs_application", "programs_applicationdecision", "programs_applicationwithdrawal",
    "programs_enrollment", "checkout_exceptionticket", "checkout_exceptionstep", "tenancy_location",
    "credits_consumerreturn", "credits_returnstep",
})  # fmt: skip
"""What support reads of all stores at once, by `across_retailers`: who applies for a brand's program, what is asked
onto its cards, what was brought back, and where; which day has begun at no store, and how many take part in
a program."""

Tokens = list["str | Tokens"]


@dataclass
class Select:
    """One SELECT, UPDATE, DELETE or INSERT: its aliases with their tables, and those that are tied to a retailer."""

    outer: "Select | None"
    aliases: dict[str, str] = field(default_factory=dict)
    tied: set[str] = field(default_factory=set)

    def find(self, alias: str) -> "Select | None":
        return self if alias in self.aliases else self.outer.find(alias) if self.outer else None


@cache
def untied(sql: str, *, walled: frozenset[str], shared: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The tables of `walled` and `shared` that this statement touches without comparing their retailer."""
    found: list[str] = []
    sql = re.sub(r"%\(\w+\)s", "%s", sql)  # plain SQL names its parameters
    _read(_nest(iter(TOKEN.findall(sql))), None, {**dict.fromkeys(walled, False), **dict.fromkeys(shared, True)}, found)
    return tuple(found)


def tables_of_retailers() -> tuple[frozenset[str], frozenset[str]]:
    """The tables whose rows all belong to a retailer, and those that are shared or own."""
    models = [model for model in apps.get_models() if model._meta.db_table not in UNWALLED]
    return (
        frozenset(model._meta.db_table for model in models if issubclass(model, RetailerModel)),
        frozenset(model._meta.db_table for model in models if issubclass(model, SharedOrOwn)),
    )


@contextmanager
def capturing() -> Iterator[list[str]]:
    """Collects a sentence for each statement of this block that leaves a retailer out."""
    walled, shared = tables_of_retailers()
    wrong: list[str] = []

    def look(execute, sql, params, many, context):
        everywhere = current.scope() == current.EVERYWHERE
        for one in sql.split(";\n"):  # what is sent together is judged one by one
            tables = untied(one, walled=walled, shared=frozenset() if everywhere else shared)
            if tables and not (everywhere and READ_ACROSS.issuperset(tables)):
                wrong.append(f"{', '.join(tables)} without its retailer in: {one}")
        return execute(sql, params, many, context)

    wrappers = connection.execute_wrappers  # of this thread's connection, whoever closes the block
    wrappers.append(look)
    try:
        yield wrong
    finally:
        wrappers.remove(look)


@contextmanager
def looking_at_requests() -> Iterator[list[str]]:
    """As `capturing`, for what requests send inside this block; what the test itself sends does not count.

    A live server answers several at once, each in a thread of its own: each closes what it opened.
    """
    wrong: list[str] = []
    open_blocks: dict[int, list[Any]] = defaultdict(list)

    def started(**kwargs: Any) -> None:
        block = capturing()
        open_blocks[get_ident()].append((block, block.__enter__()))

    def finished(*, thread: int | None = None, **kwargs: Any) -> None:
        if mine := open_blocks[thread or get_ident()]:
            block, found = mine.pop()
            block.__exit__(None, None, None)
            wrong.extend(found)

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        yield wrong
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)
        for thread in list(open_blocks):
            while open_blocks[thread]:
                finished(thread=thread)


@pytest.fixture(autouse=True)
def requests_name_their_retailer(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every statement that a request sends compares the retailer of each table of retailers in it."""
    if request.node.get_closest_marker("plants_a_fault"):
        yield
        return
    with looking_at_requests() as wrong:
        yield
    assert wrong == []


def _nest(tokens: Iterator[str]) -> Tokens:
    nested: Tokens = []
    for token in tokens:
        if token == ")":
            break
        nested.append(_nest(tokens) if token == "(" else token)
    return nested


def _word(token: "str | Tokens") -> str:
    return token.upper() if isinstance(token, str) else ""


def _name(token: str) -> str:
    return token.replace('"', "")


def _read(tokens: Tokens, outer: Select | None, tables: Mapping[str, bool], found: list[str]) -> None:
    """Read one bracket: each part between UNIONs is a statement of its own."""
    part: Tokens = []
    for token in [*tokens, "UNION"]:
        if _word(token) in UNIONS:
            _read_part(part, outer, tables, found)
            part = []
        else:
            part.append(token)


def _read_part(tokens: Tokens, outer: Select | None, tables: Mapping[str, bool], found: list[str]) -> None:
    select = Select(outer)
    is_select = any(_word(token) in SOURCES for token in tokens)
    if is_select:
        _collect_aliases(tokens, select, tables)
        _tie(tokens, select, tables)
        for alias, table in select.aliases.items():
            if table in tables and alias not in select.tied:
                found.append(table)
    for token in tokens:
        if isinstance(token, list):
            _read(token, select if is_select else outer, tables, found)


def _collect_aliases(tokens: Tokens, select: Select, tables: Mapping[str, bool]) -> None:
    in_from = False
    for at, token in enumerate(tokens):
        word = _word(token)
        in_from = (in_from or word == "FROM") and word not in NO_ALIAS
        if not (word in SOURCES or (word == "," and in_from)) or _is_locking(tokens, at):
            continue
        source, rest = (tokens[at + 1 :] or [[]])[0], tokens[at + 2 :]
        if isinstance(source, list):
            continue
        table = _name(source)
        rest = rest[1:] if rest and _word(rest[0]) == "AS" else rest
        following = rest[0] if rest else ""
        alias = _name(following) if _is_alias(following) else table
        select.aliases[alias] = table
        if word == "INTO" and isinstance(following, list) and "retailer_id" in map(_name, _flat(following)):
            select.tied.add(alias)


def _is_alias(token: str | Tokens) -> bool:
    return isinstance(token, str) and bool(re.fullmatch(r'"\w+"|\w+', token)) and _word(token) not in NO_ALIAS


def _is_locking(tokens: Tokens, at: int) -> bool:
    return _word(tokens[at]) == "UPDATE" and at > 0 and _word(tokens[at - 1]) in {"FOR", "DO", "KEY"}


def _tie(tokens: Tokens, select: Select, tables: Mapping[str, bool]) -> None:
    """Tie aliases to values first, then to each other until nothing more follows."""
    pairs = []
    for left, right in _equalities(_conditions(tokens), select, tables):
        if right is None:
            select.tied.add(left)
        else:
            pairs += [(left, right), (right, left)]
    grew = True
    while grew:
        grew = False
        for one, other in pairs:
            home = select.find(other)
            if one in select.aliases and one not in select.tied and home and other in home.tied:
                select.tied.add(one)
                grew = True


def _conditions(tokens: Tokens) -> list["str | Tokens"]:
    """What must hold, flat: the tokens after WHERE and ON, brackets opened where neither OR nor NOT stands by."""
    flat: list[str | Tokens] = []
    inside = False
    cases = 0
    for at, token in enumerate(tokens):
        word = _word(token)
        cases += (word == "CASE") - (word == "END")
        if word in {"WHERE", "ON"} and not (
            word == "ON" and at + 1 < len(tokens) and _word(tokens[at + 1]) == "CONFLICT"
        ):
            inside = True
            flat.append("AND")
        elif word in AFTER or word in {"JOIN", "LEFT", "INNER", "CROSS", "SET"}:
            inside = False
        elif inside and not cases:
            flat += _opened(token, before=_word(tokens[at - 1]) if at else "")
    return flat if "OR" not in [_word(token) for token in flat] else []


def _opened(token: "str | Tokens", *, before: str) -> list["str | Tokens"]:
    if isinstance(token, str):
        return [token]
    words = [_word(part) for part in token]
    is_condition = before in {"AND", "WHERE", "ON"} or not re.fullmatch(r"[A-Z_]\w*", before)
    if "SELECT" in words or not is_condition:
        return []  # a subquery, an argument, an IN, a NOT
    if "OR" in words:
        return [token]  # kept whole: it may be “nobody's or mine”
    flat: list[str | Tokens] = []
    for at, part in enumerate(token):
        flat += _opened(part, before=words[at - 1] if at else "AND")
    return flat


def _equalities(
    flat: list["str | Tokens"], select: Select, tables: Mapping[str, bool]
) -> Iterator[tuple[str, str | None]]:
    """Pairs of aliases whose retailers are equal, or an alias and None where it equals a value."""
    for at, token in enumerate(flat):
        if isinstance(token, list):
            alias = _shared_or_mine(token, select, tables)
            if alias is not None:
                yield alias, None
            continue
        alias = _retailer_of(token, select, tables)
        if alias is None:
            continue
        following = flat[at + 1 : at + 3]
        if following[:1] == ["="] and len(following) == 2 and isinstance(following[1], str):
            right = _retailer_of(following[1], select, tables)
            if right is not None:
                yield alias, right
            elif re.fullmatch(r"%s|\$\d+|\d+", following[1]):
                yield alias, None
        elif [_word(part) for part in following] == ["IS", "NULL"] and tables.get(select.aliases.get(alias, "")):
            yield alias, None


def _shared_or_mine(bracket: Tokens, select: Select, tables: Mapping[str, bool]) -> str | None:
    """The alias of `(t.retailer_id IS NULL OR t.retailer_id = %s)`, in either order."""
    flat = _flat(bracket)
    sides = re.split(" or ", " ".join(flat), flags=re.IGNORECASE)
    names = {_retailer_of(side.split(" ")[0], select, tables) for side in sides}
    kinds = {side.split(" ", 1)[1].upper() if " " in side else "" for side in sides}
    alias = names.pop() if len(names) == 1 else None
    is_plain = len(sides) == 2 and "IS NULL" in kinds and any(re.fullmatch(r"= (%S|\$\d+|\d+)", kind) for kind in kinds)
    return alias if alias is not None and is_plain and tables.get(select.aliases.get(alias, "")) else None


def _flat(tokens: Tokens) -> list[str]:
    return [word for token in tokens for word in ([token] if isinstance(token, str) else _flat(token))]


def _retailer_of(token: str, select: Select, tables: Mapping[str, bool]) -> str | None:
    """The alias whose `retailer_id` this column is; without an alias, that of the only table of a retailer here."""
    alias, dot, column = _name(token).rpartition(".")
    if column != "retailer_id":
        return None
    if dot:
        return alias if select.find(alias) else None
    candidates = [name for name, table in select.aliases.items() if table in tables]
    return candidates[0] if len(candidates) == 1 else None
