"""`/live`, `/ready` and `/metrics`, for whatever watches over this installation. No secrets here: `astro doctor` tells
more. Each answers within seconds: who asks must hear "no" rather than nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from astro.accounts.access import public
from astro.desk.checkup import BEFORE_VISITORS, Check
from astro.desk.operating.gauges import gauges
from astro.kit.clock import utc_now
from astro.kit.metrics import counted
from astro.kit.one_writer import waiting_at_most
from astro.tenancy.middleware import reading

PATIENCE = 2.0
"""Seconds for each question to the database."""

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@public
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"live": True})


@public
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Visitors may come: the database is writable and migrated, the walls stand, the outbox is young."""
    problem = _first_problem()
    if problem is None:
        return JsonResponse({"ready": True})
    return JsonResponse({"ready": False, "problem": problem}, status=503)


@public
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads. With ASTRO_METRICS_TOKEN for who says it, else for this machine alone."""
    if not may_read_metrics(request):
        answer = HttpResponse("These numbers are for whoever runs this installation.\n", "text/plain", status=403)
        if settings.METRICS_TOKEN:
            answer.status_code = 401
            answer["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        with _patiently():
            asked = gauges(now=utc_now())
    except DatabaseError:
        asked = DATABASE_AWAY
    return HttpResponse(counted() + asked, CONTENT_TYPE_LATEST)


DATABASE_AWAY = b"# TYPE astro_database_up gauge\nastro_database_up 0.0\n"


def may_read_metrics(request: HttpRequest) -> bool:
    """By the token, where there is one. Else only who asks from this machine, and not through a server in front of us:
    what comes through one comes from this machine too."""
    if settings.METRICS_TOKEN:
        scheme, _, told = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(told.strip(), settings.METRICS_TOKEN)
    if any(header in request.headers for header in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _first_problem() -> str | None:
    sentences = iter(BEFORE_VISITORS.items())
    try:
        with _patiently():
            return next((sentence for sentence, check in sentences if _fails(check)), None)
    except DatabaseError:
        return next(iter(BEFORE_VISITORS))


def _fails(check: Check) -> bool:
    try:
        with reading():  # a savepoint where it counts: the next question can still be asked
            return bool(check())
    except DatabaseError:
        return True


@contextmanager
def _patiently() -> Iterator[None]:
    """No question below waits long: neither for a writer on SQLite nor for a lock or a slow disk on PostgreSQL."""
    with waiting_at_most(PATIENCE):
        if connection.vendor != "postgresql":
            yield
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"set local statement_timeout = {int(PATIENCE * 1000)}")
            yield
