"""How often somebody may try: every door that a stranger can knock at, and every list that can be carried away, has a
limit or a reason why it needs none. A new one that says neither fails the build."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver

from astro.accounts import throttle
from astro.accounts.access import Access
from astro.accounts.models import User
from astro.tenancy.models import Location
from tests.cast import signed_in
from tests.project.access_matrix import ROUTES
from tests.project.test_access_matrix import _routes

TESTS = Path(__file__).parents[1]

LIMITED = {
    "accounts:sign_in": ("20 in 10 minutes by name, and by address", "accounts/test_sign_in.py"),
    "account_login": ("the same door by another address", "accounts/test_sign_in.py"),
    "mfa_authenticate": ("10 in 10 minutes by person, 50 a day", "accounts/test_second_step.py"),
    "accounts:sign_in_by_passkey": ("20 in 10 minutes by address", "accounts/test_second_step.py"),
    "accounts:switch_person": ("5 by person, 20 in 10 minutes by till", "accounts/test_pins.py"),
    "accounts:forgotten": ("5 an hour by name, 20 by address", "accounts/test_forgotten.py"),
    "accounts:password": ("20 in 10 minutes by person", "accounts/test_own_password.py"),
    "customer_app:sign_in": ("20 in 10 minutes by name, and by address", "customer_app/test_sign_in.py"),
    "customer_app:forgot": ("5 an hour by name, 20 by address", "customer_app/test_sign_in.py"),
    "customer_app:join": ("20 in 10 minutes", "customer_app/test_join.py"),
    "desk:sign_up": ("10 an hour by address, 300 altogether", "desk/test_signing_up.py"),
    "desk:confirm_sign_up": ("10 an hour by link", "desk/test_signing_up.py"),
    "support:send": ("5 an hour by address, 100 altogether", "support/test_access_help.py"),
    "support:write": ("the same count by a form", "support/test_access_help.py"),
    "support:new_ticket": ("20 an hour by person", "support/test_tickets.py"),
}
"""Route: its limit, and the tests in which too many tries are answered with 429."""

_LINK = "its link holds 256 random bits, or a signature, and works for one thing"
_OWN = "it takes away only what the browser that asks has itself"
_SIGNED = "unsigned calls are refused before anything is looked up"
UNLIMITED = {
    "accounts:sign_out": _OWN,
    "accounts:lock": _OWN,
    "accounts:stop_acting": _OWN,
    "customer_app:sign_out": _OWN,
    "accounts:new_password": _LINK,
    "accounts:invitation": _LINK,
    "messaging:verify": _LINK,
    "messaging:return": _LINK,
    "messaging:unsubscribe": _LINK,
    "messaging:one_click": _LINK,
    "messaging:mail_status": _SIGNED,
    "messaging:text_in": _SIGNED,
    "messaging:text_status": _SIGNED,
}


def test_every_door_that_a_stranger_can_knock_at_has_a_limit_or_a_reason() -> None:
    doors = {name for name, row in ROUTES.items() if row.access is Access.PUBLIC and "POST" in row.methods}
    assert sorted(doors - LIMITED.keys() - UNLIMITED.keys()) == []
    assert sorted((LIMITED.keys() & UNLIMITED.keys()) | (LIMITED.keys() - ROUTES.keys())) == []


@pytest.mark.parametrize("name", LIMITED)
def test_each_limit_is_reached_in_a_test(name: str) -> None:
    file = TESTS / LIMITED[name][1]
    functions = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.FunctionDef)]
    reached = [one for one in functions if one.name.startswith("test_") and _names_429(one)]
    assert reached, f"No test of {file.name} is answered with 429."


def _names_429(function: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Constant) and one.value == 429 for one in ast.walk(function))


def test_every_list_that_can_be_carried_away_is_counted() -> None:
    found = {name: pattern.callback for name, (pattern, _ids) in _routes(get_resolver(), "")}
    exports = {name: view for name, view in found.items() if "export" in name or name == "customers:told"}
    del exports["programs:products_export"]  # nobody's secret: what a brand's program takes
    assert len(exports) >= 9
    assert [name for name, view in exports.items() if not getattr(view, "is_export", False)] == []


@pytest.mark.django_db
def test_nobody_carries_everything_away_in_a_minute(
    client: Client, owner: User, riverside_administrator: User, riverside: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, "export", "3/1h/key")
    signed_in(client, owner)
    answers = [client.get(url).status_code for url in ("/customers/export/", "/customers/pets/export/") * 2]
    assert answers == [200, 200, 200, 429]
    page = client.get("/help/tickets/export/")
    assert (page.status_code, "Wait 60 minutes" in page.content.decode()) == (429, True)
    assert signed_in(Client(), riverside_administrator).get("/customers/export/").status_code == 200
