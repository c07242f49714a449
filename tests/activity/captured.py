"""Sees to it that whoever changes or takes away a retailer's data is written down.

Every request of the whole test suite is watched: one that is answered (below 400) and wrote to a retailer's table, or
handed out a file, must have written an event in the same request. What was rolled back, and what changed no row, is not
a write. Tables and files that need no event stand in `quiet.py`, each with its reason.

`tests/conftest.py` hands `requests_are_recorded` to every test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponseBase

from astro.tenancy import current
from astro.tenancy.current import PLATFORM
from tests.activity.quiet import OPEN_FILES, READ_WITH_CARE, UNRECORDED

EVENTS = "activity_event"
WRITE = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
SAVEPOINT = re.compile(r'(SAVEPOINT|ROLLBACK TO SAVEPOINT|RELEASE SAVEPOINT)\s+"?(\w+)"?', re.IGNORECASE)


@dataclass
class Written:
    """The tables that a block wrote to, without what was rolled back: to a savepoint, or with its transaction."""

    tables: list[str] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    committed: int = 0

    @contextmanager
    def looking(self) -> Iterator[None]:
        """A transaction ends without a statement that a wrapper would see."""
        here = connections[DEFAULT_DB_ALIAS]
        commit, rollback = here.commit, here.rollback

        def committed() -> None:
            commit()
            self.committed = len(self.tables)

        def rolled_back() -> None:
            rollback()
            del self.tables[self.committed :]

        with pytest.MonkeyPatch.context() as patch, here.execute_wrapper(self.look):
            patch.setattr(here, "commit", committed)
            patch.setattr(here, "rollback", rolled_back)
            yield

    def look(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        savepoint = SAVEPOINT.match(sql)
        if savepoint:
            word, name = savepoint[1].upper(), savepoint[2]
            if word == "SAVEPOINT":
                self.marks[name] = len(self.tables)
            elif word.startswith("ROLLBACK"):
                del self.tables[self.marks.get(name, 0) :]
            return answer
        statements = sql.split(";\n")  # several are sent together: then nobody can say which of them changed nothing
        for one in statements:
            written = WRITE.match(one)
            if written and current.scope() != PLATFORM and (len(statements) > 1 or context["cursor"].rowcount != 0):
                self.tables.append(written[1])
        return answer


@cache
def tables_of_stores() -> frozenset[str]:
    """Everything that carries a retailer, the retailers themselves, and the people who work there."""
    carrying = {
        model._meta.db_table
        for model in apps.get_models()
        if any(one.name in {"retailer", "retailer_id"} for one in model._meta.concrete_fields)
    }
    return frozenset(carrying | {"tenancy_retailer", "accounts_user"})


def unrecorded(written: Written, *, by_support: bool = False) -> list[str]:
    """The tables that were written to although no event was. What the platform's people change of themselves stands in
    no store's log."""
    tables = dict.fromkeys(table for table in written.tables if table in tables_of_stores())
    if EVENTS in tables:
        return []
    return [table for table in tables if table not in UNRECORDED and not (by_support and table == "accounts_user")]


def untold(request: HttpRequest, response: HttpResponseBase, written: Written) -> str:
    """What was handed out although no event says so; empty where all is well."""
    if EVENTS in written.tables or request.method == "HEAD" or response.status_code != 200:
        return ""
    match = getattr(request, "resolver_match", None)
    route = match.view_name if match else ""
    is_file = response.get("Content-Disposition", "").startswith("attachment")
    is_opened = route in READ_WITH_CARE and "HX-Target" not in request.headers  # searched in: it was told when opened
    return route if (is_file and route not in OPEN_FILES) or is_opened else ""


@contextmanager
def watching() -> Iterator[list[str]]:
    """Collects a sentence for each request of this block that ought to have been recorded and was not."""
    wrong: list[str] = []
    answer = BaseHandler.get_response

    def get_response(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        written = Written()
        with written.looking():
            response = answer(handler, request)
        if response.status_code < 400 or getattr(response, "keep_writes", False):
            if tables := unrecorded(written, by_support=getattr(getattr(request, "user", None), "is_support", False)):
                wrong.append(f"{request.method} {request.path} wrote to {', '.join(tables)} and no event says so.")
            if route := untold(request, response, written):
                wrong.append(f"{request.method} {request.path} ({route}) handed out a file and no event says so.")
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHandler, "get_response", get_response)
        yield wrong


@pytest.fixture(autouse=True)
def requests_are_recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every request that writes, or hands out a file, leaves an event."""
    if request.node.get_closest_marker("plants_a_fault"):
        yield
        return
    with watching() as wrong:
        yield
    assert wrong == [], "\n".join(wrong)
