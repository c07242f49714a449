"""What browsers are told on every answer. Those of all routes are looked at by the access matrix; here are the rest."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as own
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from astro.accounts import tills
from astro.accounts.access import public
from astro.accounts.models import User
from astro.kit.security import SecurityHeaders, told
from astro.tenancy.models import Location
from tests import cast
from tests.cast import signed_in
from tests.project.headers import faults_of

ROOT = Path(__file__).parents[2]
KEY = secrets.token_urlsafe(64)


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("A fault of ours")


@public
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("The database is away")


class Urls:
    handler500 = "astro.kit.outage.broke"
    urlpatterns = [
        path("broken/", broken, name="broken"),
        path("away/", away, name="away"),
        path("", include("astro.project.urls")),
    ]


def ask(method: str, address: str, **how: Any) -> Callable[[], HttpResponse]:
    def asking() -> HttpResponse:
        client = Client(raise_request_exception=False, enforce_csrf_checks=how.pop("csrf", False))
        return getattr(client, method)(address, **how)  # type: ignore[no-any-return]

    return asking


ANSWERS = {
    "a page that is not there": (404, ask("get", "/nowhere/")),
    "an address without its slash": (301, ask("get", "/status")),
    "a method nobody knows": (405, ask("put", "/sign-in/")),
    "another name of this machine": (400, ask("get", "/sign-in/", headers={"Host": "evil.example"})),
    "a form without its token": (403, ask("post", "/sign-in/", csrf=True)),
    "to sign in first": (302, ask("get", "/devices/")),
    "a breakdown": (500, ask("get", "/broken/")),
    "a database that is away": (503, ask("get", "/away/")),
    "a static file": (200, ask("get", "/static/kit/favicon.svg")),
    "a static file that is not there": (404, ask("get", "/static/kit/nothing.js")),
    "the service worker": (200, ask("get", "/sw.js")),
    "whether it lives": (200, ask("get", "/live")),
    "a hook that nobody signed": (403, ask("post", "/hooks/mail/")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ANSWERS)
def test_every_kind_of_answer_carries_all_headers(name: str, settings: Any) -> None:
    settings.ROOT_URLCONF = Urls
    settings.ALLOWED_HOSTS = ["testserver"]
    status, asking = ANSWERS[name]
    answer = asking()
    answer.close()
    assert answer.status_code == status
    assert list(faults_of(answer.headers)) == []


@pytest.mark.django_db
def test_with_https_browsers_are_told_to_stay_with_it(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 60 * 60 * 24 * 365, True
    plain, secure = Client().get("/sign-in/"), Client().get("/sign-in/", secure=True)
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/sign-in/")
    assert "Strict-Transport-Security" not in plain
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
    assert list(faults_of(plain.headers)) == []


def test_nothing_may_come_from_elsewhere() -> None:
    """Each source is named, and is this installation; only pictures may also stand in the page itself (QR codes)."""
    policy = own.SECURE_CSP
    assert policy["default-src"] == ["'none'"]
    assert {source for sources in policy.values() for source in sources} == {"'none'", "'self'", "data:"}
    assert [name for name, sources in policy.items() if "data:" in sources] == ["img-src"]
    assert "unsafe" not in told(policy)


def test_an_answer_keeps_its_own_and_a_frame_of_ours_shows_a_letter() -> None:
    def letter(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse("Dear Betty", headers={"Content-Security-Policy": "default-src 'none'; sandbox"})
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
        return answer

    answer = SecurityHeaders(letter)(HttpRequest())
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert list(faults_of(answer.headers)) == []


def test_the_net_catches_what_is_missing() -> None:
    bare = dict.fromkeys(faults_of({}))
    assert [fault.partition(":")[0] for fault in bare] == [
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "X-Permitted-Cross-Domain-Policies",
        "Content-Security-Policy",
        "Permissions-Policy",
    ]


# Cookies


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_ours_alone(https: bool, client: Client, cashier: User, settings: Any) -> None:
    """No script reads the session, no other site sends it, and with HTTPS it never goes out in the clear."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = https
    page = client.get("/sign-in/", secure=https)
    csrf = page.cookies[own.CSRF_COOKIE_NAME]
    signed_in(client, cashier)
    assert (csrf["samesite"], bool(csrf["secure"])) == ("Lax", https)
    told_in = {"login": "huxleycashier", "password": "practice makes paws"}
    answer = Client().post("/sign-in/", told_in, secure=https)
    session = answer.cookies[own.SESSION_COOKIE_NAME]
    assert (session["samesite"], session["httponly"], bool(session["secure"])) == ("Lax", True, https)
    assert session["domain"] == ""


def test_the_tokens_cookie_is_read_by_no_script(client: Client) -> None:
    assert client.get("/sign-in/").cookies[own.CSRF_COOKIE_NAME]["httponly"]


@pytest.mark.once
def test_with_https_no_neighbour_can_plant_a_cookie() -> None:
    """Settings are read once for a process, so this is asked of another one."""
    ask_it = (
        "from django.conf import settings; import django; django.setup(); from astro.accounts import tills; "
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, tills.COOKIE, settings.SESSION_COOKIE_PATH, "
        "settings.SESSION_COOKIE_DOMAIN, settings.SESSION_COOKIE_SECURE)"
    )
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "astro.project.settings", "ASTRO_HTTPS": "yes"}
    env |= {"ASTRO_SECRET_KEY": KEY, "ASTRO_LASTING_KEY": KEY[::-1], "ASTRO_HOSTS": "cards.example.com"}
    done = subprocess.run([sys.executable, "-c", ask_it], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "__Host-astro_session",
        "__Host-astro_csrf",
        "__Host-astro_device",
        "/",
        "None",
        "True",
    ]


def test_a_till_that_was_enrolled_before_stays_one(midtown: Location, owner: User, monkeypatch: Any) -> None:
    _device, cookie = cast.make_device(midtown, by=owner)
    answer = HttpResponse()
    tills.write_cookie(answer, cookie=cookie)
    request = HttpRequest()
    request.COOKIES[tills.PLAIN] = answer.cookies[tills.PLAIN].value
    monkeypatch.setattr(tills, "COOKIE", f"__Host-{tills.PLAIN}")
    assert tills.read_cookie(request) == cookie
    tills.write_cookie(answer, cookie=cookie)
    assert tills.read_cookie(request) == cookie
    gone = HttpResponse()
    tills.drop_cookie(gone)
    assert {name: morsel["max-age"] for name, morsel in gone.cookies.items()} == {
        f"__Host-{tills.PLAIN}": 0,
        tills.PLAIN: 0,
    }
