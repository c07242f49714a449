"""The watch over requests itself: what it lets pass, and that it bites."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseForbidden
from django.urls import path

from astro.accounts.access import staff
from astro.activity.actions import record
from astro.activity.models import Event
from astro.customers.models import Customer, Tag
from astro.project.urls import urlpatterns as ours
from tests.activity.captured import EVENTS, Written, tables_of_stores, watching
from tests.activity.quiet import OPEN_FILES, READ_WITH_CARE, UNRECORDED
from tests.cast import NOW, inside, make_customer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.plants_a_fault]


@staff
def quietly(request, how):
    """A view that was made for this: it changes a customer, in one of several ways."""
    rows = Customer.objects.filter(first_name="Betty")
    if how == "unchanged":
        rows.filter(first_name="Nobody").update(note="x")
    elif how == "rolled_back":
        with transaction.atomic():
            rows.update(note="x")
            transaction.set_rollback(True)
    elif how != "file":
        rows.update(note="x")
    if how in ("recorded", "other"):
        about = rows.get() if how == "recorded" else request.location
        record("customer changed", about, by=request.user, at=request.location, now=NOW)
    if how == "refused":
        return HttpResponseForbidden()
    answer = HttpResponse("ok")
    if how == "file":
        answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return answer


urlpatterns = [path("quietly/<str:how>/", quietly, name="quietly"), *ours]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("quiet", ["POST /quietly/quiet/ wrote to customers_customer and no event says so."]),
        ("file", ["POST /quietly/file/ (quietly) handed out a file and no event says so."]),
        ("recorded", []),
        ("unchanged", []),
        ("rolled_back", []),
        ("refused", []),
    ],
)
@pytest.mark.urls("tests.activity.test_captured")
def test_who_writes_quietly_is_found(client, owner, midtown, how, told):
    with inside(midtown.retailer):
        make_customer(at=midtown, first_name="Betty")
    signed_in(client, owner)
    with watching() as wrong:
        client.post(f"/quietly/{how}/")
    assert wrong == told


def test_what_was_rolled_back_to_a_savepoint_was_not_written(huxley):
    written = Written()
    with inside(huxley), connection.execute_wrapper(written.look):
        with transaction.atomic():
            Tag(label="One", label_folded="one", created_at=NOW).save(force_insert=True)
        with transaction.atomic():
            Tag(label="Two", label_folded="two", created_at=NOW).save(force_insert=True)
            transaction.set_rollback(True)
    assert written.tables == ["customers_tag"]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_with_its_transaction_was_not_written(huxley, midtown):
    written = Written()
    with inside(huxley), written.looking():
        with transaction.atomic():
            Tag(label="One", label_folded="one", created_at=NOW).save(force_insert=True)
        with transaction.atomic():
            make_customer(at=midtown, first_name="Nobody")
            transaction.set_rollback(True)
    assert written.tables == ["customers_tag"]


def test_every_table_of_a_store_is_watched():
    assert {"customers_customer", "accounts_membership", "tenancy_retailer", "support_ticket", EVENTS} <= (
        tables_of_stores()
    )


def test_what_needs_no_event_is_there_and_says_why():
    tables = {model._meta.db_table for model in apps.get_models()}
    assert UNRECORDED.keys() <= tables
    assert all([*UNRECORDED.values(), *OPEN_FILES.values(), *READ_WITH_CARE.values()])
    routes = {f"{space}{name}" for space, name in _routes()}
    assert {*OPEN_FILES, *READ_WITH_CARE} <= routes


def _routes(patterns=ours, space=""):
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from _routes(one.url_patterns, f"{one.app_name}:" if one.app_name else space)
        elif one.name:
            yield space, one.name


@pytest.mark.parametrize(
    ("url", "name", "facts"),
    [
        (
            "/customers/export/?q=bet&app=no",
            "list exported",
            {"what": "customers", "rows": 1, "filters": ["app", "q"]},
        ),
        ("/customers/pets/export/?as=xlsx", "list exported", {"what": "pets", "rows": 0, "format": "xlsx"}),
        ("/checkout/late/export/", "list exported", {"what": "late_entries", "rows": 0, "filters": []}),
        ("/checkout/day/export/", "list exported", {"what": "visits", "rows": 0, "filters": []}),
        ("/checkout/kept/export/", "list exported", {"what": "kept_visits"}),
        ("/messages/replies/export/", "list exported", {"what": "replies"}),
        ("/help/tickets/export/", "list exported", {"what": "tickets"}),
        ("/account/acting/export/", "list exported", {"what": "actings"}),
        ("/account/activity/export/", "list exported", {"what": "activity"}),
        ("/account/acting/", "actings opened", {}),
        ("/checkout/BETTY/history/export/", "list exported", {"what": "history"}),
        ("/customers/BETTY/data/", "personal data opened", {"format": "page"}),
        ("/customers/BETTY/data/?as=json", "personal data opened", {"format": "json"}),
        ("/customers/BETTY/data/?as=xlsx", "personal data opened", {"format": "xlsx"}),
    ],
)
def test_what_leaves_the_house_is_written_down(client, owner, midtown, url, name, facts):
    """By whom and how much; the names of filters, and never what was typed."""
    with inside(midtown.retailer):
        betty = make_customer(at=midtown, first_name="Betty")
    signed_in(client, owner)
    answer = client.get(url.replace("BETTY", str(betty.pk)), REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 200
    answer.getvalue()
    with inside(midtown.retailer):
        (event,) = Event.objects.filter(name=name)
    assert (event.by_user_id, event.address, event.location_id) == (owner.pk, "203.0.113.9", midtown.pk)
    assert {key: event.facts[key] for key in facts} == facts
    assert event.about_id == (betty.pk if "BETTY" in url else midtown.pk)
    assert "bet" not in str(event.facts).casefold()
