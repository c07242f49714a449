"""What happens to accounts by the clock."""

from datetime import datetime, timedelta

from django.test import Client

from astro.accounts.jobs import sweep_sessions
from astro.accounts.models import StaffSession, User
from astro.kit.clock import utc_now
from astro.kit.outbox.handlers import handler_of, rhythms
from tests.cast import signed_in


def test_sessions_past_their_date_are_forgotten(client: Client, cashier: User, owner: User) -> None:
    signed_in(Client(), owner)
    StaffSession.objects.update(expire_date=utc_now() - timedelta(seconds=1))
    signed_in(client, cashier)
    for _ in range(2):
        sweep_sessions({}, now=utc_now())
    assert StaffSession.objects.get().user == cashier


def test_session_past_its_date_is_no_session_even_before(client: Client, cashier: User) -> None:
    signed_in(client, cashier)
    StaffSession.objects.update(expire_date=utc_now() - timedelta(seconds=1))
    assert client.get("/sign-in/work/").status_code == 302


def test_sweeping_comes_by_the_clock() -> None:
    assert handler_of("accounts.sweep_sessions") is sweep_sessions
    moment = datetime.fromisoformat("2026-11-20T17:00:00+00:00")
    assert rhythms()["accounts.sweep_sessions"].latest(moment) == datetime.fromisoformat("2026-11-20T09:00:00+00:00")
