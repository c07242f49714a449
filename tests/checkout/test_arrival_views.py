"""The door for what tills kept: who may bring what, and what they are told."""

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from astro.accounts import tills
from astro.accounts.actions import retire_device
from astro.activity.models import Event
from astro.cards.models import Punch
from astro.checkout.arrivals import MOST_BYTES
from astro.checkout.models import Arrival, KeptVisit, TillQueue, Visit
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_actions import a_line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper", phone="+14065550142")


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product(name="Northpaw Gold")
    program = cast.make_program(title="Northpaw Dry Dog", products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


@pytest.fixture
def device(midtown, owner):
    return cast.make_device(midtown, by=owner)


@pytest.fixture
def till(device):
    """A browser that is a till of Midtown, where nobody is signed in. It checks CSRF as a real one would be."""
    return till_of(device[1])


def till_of(cookie):
    response = HttpResponse()
    tills.write_cookie(response, cookie=cookie)
    client = Client(enforce_csrf_checks=True)
    client.cookies[tills.COOKIE] = response.cookies[tills.COOKIE].value
    return client


def kept(customer, *lines, at, occurred_at=None, **more):
    """The body of a visit that a till kept."""
    return {
        "key": str(new_key(utc_now())),
        "occurred_at": (occurred_at or utc_now() - HOUR).isoformat(),
        "retailer": str(at.retailer_id),
        "location": str(at.pk),
        "by": None,
        "customer": customer,
        "lines": list(lines),
        **more,
    }


def send(client, body, *, clock=None, **headers):
    told = {"X-Astro-Till": "1", "X-Till-Clock": (clock or utc_now()).isoformat(), **headers}
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(reverse("checkout:arrivals"), sent, content_type="application/json", headers=told)


def test_till_brings_what_it_kept_though_nobody_is_signed_in(till, device, huxley, midtown, cashier, sally, bag):
    when = utc_now() - 3 * HOUR
    body = kept({"id": str(sally.pk)}, a_line(bag, 2), at=midtown, occurred_at=when, by=str(cashier.pk))
    answer = send(till, body)
    assert answer.status_code == 200
    url = reverse("checkout:visit", args=[body["key"]])
    told = {"arrival": {"key": body["key"], "outcome": "recorded", "why": [], "visit_url": url}}
    assert answer.json() == told
    assert send(till, body).json() == told
    with inside(huxley):
        visit = Visit.objects.get()
        assert (visit.by_id, visit.device_id, visit.occurred_at) == (cashier.pk, device[0].pk, when)
        assert (Arrival.objects.count(), Punch.objects.count()) == (1, 2)


def test_what_cannot_be_recorded_is_kept_and_told_alike(till, huxley, midtown, bag):
    body = kept({"note": "Red coat, two beagles"}, a_line(bag), at=midtown)
    told = {"arrival": {"key": body["key"], "outcome": "kept", "why": ["unnamed"]}}
    assert [send(till, body).json() for _ in range(3)] == [told] * 3
    with inside(huxley):
        assert KeptVisit.objects.get().body["customer"] == {"note": "Red coat, two beagles"}


def test_visit_whose_online_answer_was_lost_comes_again_by_the_queue(till, huxley, midtown, cashier, sally, bag):
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now())
    online = signed_in(Client(), cashier)
    address = reverse("checkout:visits", args=[sally.pk])
    asked = {name: body[name] for name in ("key", "occurred_at", "lines")}
    assert online.post(address, json.dumps(asked), content_type="application/json").status_code < 400
    assert send(till, body).json()["arrival"]["outcome"] == "recorded"
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count(), KeptVisit.objects.count()) == (1, 1, 0)


def test_nobody_at_all_is_told_to_sign_in(client, midtown, sally, bag):
    answer = send(client, kept({"id": str(sally.pk)}, a_line(bag), at=midtown))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_till")


def test_without_its_header_it_is_refused(till, huxley, midtown, sally, bag):
    """A form of another site cannot send the header, and a script of another site has to ask first."""
    answer = send(till, kept({"id": str(sally.pk)}, a_line(bag), at=midtown), **{"X-Astro-Till": "0"})
    assert answer.status_code == 403
    with inside(huxley):
        assert not Visit.objects.exists()


def test_person_who_is_signed_in_brings_what_a_browser_kept_that_is_no_till(huxley, midtown, cashier, sally, bag):
    browser = signed_in(Client(enforce_csrf_checks=True), cashier)
    assert send(browser, kept({"id": str(sally.pk)}, a_line(bag), at=midtown)).status_code == 200
    with inside(huxley):
        assert Visit.objects.get().device_id is None


def test_location_out_of_a_persons_reach_is_another_store(riverside, cashier, sally, bag):
    answer = send(signed_in(Client(), cashier), kept({"id": str(sally.pk)}, a_line(bag), at=riverside))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_store")


def test_till_that_moved_records_where_it_was(till, huxley, riverside, sally, bag):
    assert send(till, kept({"id": str(sally.pk)}, a_line(bag), at=riverside)).status_code == 200
    with inside(huxley):
        assert Visit.objects.get().location_id == riverside.pk


def test_another_retailers_visit_is_refused_and_nothing_of_it_is_written(
    till, huxley, midtown, otherpaws, elsewhere, other_owner, sally, bag
):
    body = kept({"id": str(sally.pk)}, a_line(bag), at=elsewhere)
    answer = send(till, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_store")
    told = {**body, "retailer": str(huxley.pk)}  # the right retailer, with a location of the other one
    assert send(till, told).status_code == 403
    mixed = {**body, "location": str(midtown.pk)}  # the other retailer, with a location of this one
    assert send(till, mixed).status_code == 403
    assert send(signed_in(Client(), other_owner), {**told, "location": None}).status_code == 403
    for retailer in (huxley, otherpaws):
        with inside(retailer):
            assert [model.objects.count() for model in (Visit, KeptVisit, Arrival)] == [0, 0, 0]


def test_till_beside_a_session_of_another_retailer_brings_its_own(device, huxley, midtown, other_owner, sally, bag):
    browser = till_of(device[1])
    signed_in(browser, other_owner)
    assert send(browser, kept({"id": str(sally.pk)}, a_line(bag), at=midtown)).status_code == 200
    with inside(huxley):
        assert Visit.objects.get().device_id == device[0].pk


def test_retired_till_brings_what_it_kept_before_and_nothing_later(till, device, huxley, midtown, owner, sally, bag):
    with inside(huxley):
        retire_device(device[0], by=owner, now=utc_now() - HOUR)
    before = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now() - 2 * HOUR)
    since = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now() - HOUR / 2)
    assert [send(till, body).status_code for body in (before, since)] == [200, 401]
    signed_in(till, owner)
    assert send(till, since).status_code == 200


def test_cookie_that_is_not_ours_is_no_till(till, midtown, sally, bag):
    till.cookies[tills.COOKIE] = till.cookies[tills.COOKIE].value[:-3] + "xyz"
    assert send(till, kept({"id": str(sally.pk)}, a_line(bag), at=midtown)).status_code == 401


def test_wrong_secret_is_no_till(device, midtown, sally, bag):
    forged = tills.TillCookie(device[1].retailer_id, device[1].device_id, tills.new_secret())
    assert send(till_of(forged), kept({"id": str(sally.pk)}, a_line(bag), at=midtown)).status_code == 401


@pytest.mark.parametrize("body", [b'{"key": "a"}', b"{}", b'{"key": 12}', b'{"key": null, "lines": []}'])
def test_without_a_key_nothing_can_be_taken(till, body):
    answer = send(till, body)
    assert (answer.status_code, set(answer.json())) == (422, {"error"})


@pytest.mark.parametrize("body", [b"[]", b"\xff\xfe", b"[" * 100_000, b'{"key": "0192'])
def test_what_is_no_object_may_have_been_cut_on_its_way_and_is_to_come_again(till, body):
    assert send(till, body).status_code == 400


def test_body_without_bounds_is_refused(till, midtown):
    body = kept({"note": "x"}, at=midtown, padding="x" * MOST_BYTES)
    assert send(till, body).status_code == 413


def test_clock_two_years_off_is_put_right_and_shown(till, huxley, midtown, sally, bag):
    off = timedelta(days=730)
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now() - DAY + off)
    assert send(till, body, clock=utc_now() + off).json()["arrival"]["why"] == ["clock"]
    with inside(huxley):
        visit = Visit.objects.get()
        assert abs(visit.occurred_at - (utc_now() - DAY)) < timedelta(minutes=1)


def test_till_says_how_many_wait(till, device, huxley):
    def say(**told):
        address = reverse("checkout:waiting")
        return till.post(address, told, content_type="application/json", headers={"X-Astro-Till": "1"})

    since = utc_now() - 2 * HOUR
    assert say(waiting=3, oldest_at=since.isoformat()).json() == {"noted": True}
    assert say(waiting=2, oldest_at=since.isoformat()).status_code == 200
    with inside(huxley):
        queue = TillQueue.objects.get()
        assert (queue.device_id, queue.waiting, queue.oldest_at) == (device[0].pk, 2, since)
    say(waiting=0, oldest_at=None)
    with inside(huxley):
        queue.refresh_from_db()
        assert (queue.waiting, queue.oldest_at) == (0, None)
    assert say(waiting="many").status_code == 422


def test_browser_that_is_no_till_notes_nothing(client, cashier, huxley):
    browser = signed_in(client, cashier)
    told = {"waiting": 1, "oldest_at": utc_now().isoformat()}
    answer = browser.post(
        reverse("checkout:waiting"), told, content_type="application/json", headers={"X-Astro-Till": "1"}
    )
    assert answer.json() == {"noted": False}
    with inside(huxley):
        assert not TillQueue.objects.exists()


def test_what_somebody_signed_in_brings_from_long_ago_is_shown_with_who_sent_it(
    client, huxley, midtown, owner, cashier, sally, bag
):
    """No till vouches for the day: it counts, but what they could not have entered late is shown to a person."""
    browser = signed_in(client, cashier)
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now() - 9 * DAY, by=str(owner.pk))
    assert send(browser, body).json()["arrival"] | {"visit_url": ""} == {
        "key": body["key"],
        "outcome": "recorded",
        "why": ["clock"],
        "visit_url": "",
    }
    recent = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, occurred_at=utc_now() - DAY)
    assert send(browser, recent).json()["arrival"]["why"] == []
    with inside(huxley):
        told = Event.objects.filter(name="visit arrived").order_by("id").values_list("facts", flat=True)
        assert [one["sent_by_id"] for one in told] == [cashier.pk] * 2
