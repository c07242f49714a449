"""Whatever stands in an address or a body: an answer, never a crash, and nothing counted that was not bought."""

import json

import pytest
from django.urls import reverse

from astro.cards.models import Card, Punch, Redemption
from astro.checkout.models import Purchase, Visit
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_actions import a_line
from tests.checkout.test_finishing import Counter
from tests.checkout.test_views import now_body, post
from tests.desk.recounted import recounted

TEXTS = ["\x00", "a\x00b", "\u202e\x1b[2J", "x" * 5000, "%00'\"<script>", "9" * 30, "٣", "-1", "\n"]
NO_TEXTS = [None, True, 1.5, float("nan"), 10**400, [], [[]], {"a": 1}]


@pytest.fixture
def counter(midtown, owner):
    made = Counter(cast.by_day(midtown), owner)
    made.now = utc_now()
    made.finish(made.buy(3))
    return made


@pytest.fixture
def at_till(client, owner, counter):
    return signed_in(client, owner)


@pytest.fixture
def there(counter):
    """The ids of one of everything, by name."""
    with inside(counter.at.retailer):
        rows = {"card": Card, "purchase": Purchase, "redemption": Redemption}
        return {name: model.objects.get().pk for name, model in rows.items()} | {"visit": Visit.objects.get().key}


def address(name, counter, *more):
    return reverse(f"checkout:{name}", args=[counter.customer.pk, *more])


@pytest.mark.parametrize("text", TEXTS)
def test_in_an_address(at_till, counter, there, text):
    for path, names in (
        (reverse("checkout:look_up"), ["q"]),
        (reverse("checkout:look_up"), ["code"]),
        (reverse("checkout:day"), ["on", "cursor", "only"]),
        (reverse("checkout:kept"), ["cursor", "q", "why", "state", "place", "sort"]),
        (address("redeem", counter), ["visit"]),
        (address("redeem", counter), ["reward"]),
        (address("history", counter), ["cursor", "card", "state"]),
        (address("history_export", counter), ["as", "card"]),
        (address("removal", counter, there["purchase"]), ["unit", "next"]),
    ):
        answer = at_till.get(path, dict.fromkeys(names, text))
        assert answer.status_code < 500, (path, names)
        assert b"".join(answer), (path, names)  # a download is made while it is read


@pytest.mark.parametrize("text", TEXTS)
def test_in_a_form(at_till, counter, there, text):
    for path, names in (
        (address("note", counter, there["card"]), ["text", "seen", "next"]),
        (address("removals", counter, there["purchase"]), ["unit"]),
        (address("removal", counter, there["purchase"]), ["unit", "next"]),
        (address("undo_redemption", counter, there["redemption"]), ["next_step", "next"]),
        (address("undo_visit", counter, there["visit"]), ["next"]),
    ):
        assert at_till.post(path, dict.fromkeys(names, text)).status_code < 500, (path, names)
    assert recounted(now=utc_now())[0] == []


@pytest.mark.parametrize("value", [*TEXTS, "\ud800", *NO_TEXTS])
def test_in_what_a_till_sends(at_till, counter, value):
    home = {"postcode": "59901", "street": "1 Main St", "city": "Kalispell", "region": "MT", "country": "US"}
    chosen = {"reward_id": "1", "product_id": "1", "is_scanned": True}
    sound = {
        "visits": now_body(a_line(counter.bag)) | {"reason": "other", "reason_text": "five dogs"},
        "preview": {"lines": [a_line(counter.bag)]},
        "finish": {"key": None, "visit": None, "redemptions": [chosen], "email": "ann@example.com", "address": home},
        "here": {"page": str(new_key(utc_now())), "leaving": False},
    }
    for name, body in sound.items():
        for place in _places(body):
            changed = json.loads(json.dumps(body))
            if "key" in body:
                changed["key"] = str(new_key(utc_now()))
            _put(changed, place, value)
            assert post(at_till, name, counter.customer, changed).status_code < 500, (name, place)
    with inside(counter.at.retailer):
        bought = sum(Purchase.objects.values_list("quantity", flat=True))
        assert Punch.objects.count() == bought
    assert recounted(now=utc_now())[0] == []


def _places(body, before=()):
    """The way to everything in a body, at every depth."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in pairs:
        yield (*before, key)
        yield from _places(value, (*before, key))


def _put(body, place, value):
    for key in place[:-1]:
        body = body[key]
    body[place[-1]] = value
