"""What the log says of a request, and that it never says who anybody is: a story full of marked names is told to many
routes, with every kind of refusal and failure on the way, and nothing of it is found in the log.
"""

from __future__ import annotations

import io
import json
import logging
import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from astro.desk import views
from astro.kit.clock import utc_now
from astro.kit.logs import Lines, Objects, about_request, facts_of, places, read_request_id
from tests.cast import inside, make_customer, signed_in
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db

FIRST, LAST = "Zyxwina", "Quodlibet"
MAIL = "zyxwina.quodlibet@secret-mail.example"
PHONE, DIGITS = "(303) 555-0142", "3035550142"
NOTE, PET = "Alergicxnote to chicken", "Flumpernickel"
PASSWORD = "correct-horsexyz-battery"
MARKED = re.compile(
    "|".join(["zyxwina", "quodlibet", "secret-mail", "303.{0,3}555", "alergicx", "flumpernickel", "horsexyz"]), re.I
)


@pytest.fixture
def log():
    """Everything that is logged from DEBUG up, in both forms, as the handler of the settings would write it."""
    written = {name: io.StringIO() for name in ("text", "json")}
    handlers = []
    for stream, form in zip(written.values(), (Lines(), Objects()), strict=True):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        handlers.append(handler)
    root, levels = logging.getLogger(), {}
    for name in ("", "astro", "django.request"):
        levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    yield written
    for handler in handlers:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log):
    return [json.loads(line) for line in log["json"].getvalue().splitlines()]


def access(log):
    return [line for line in lines(log) if line["logger"] == "astro.access"]


@pytest.fixture
def person(midtown, owner):
    with inside(midtown.retailer):
        return make_customer(at=midtown, first_name=FIRST, last_name=LAST, phone="+13035550142", email=MAIL)


def test_the_access_line_names_the_route_and_ids(log, client, owner, midtown, person):
    signed_in(client, owner)
    answer = client.get(f"/customers/{person.pk}/?from={MAIL}", HTTP_X_REQUEST_ID="0123456789abcdef0123456789abcdef")
    assert answer.status_code == 200
    [line] = access(log)
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "astro.access", "message": "request", "route": "desk:customer", "method": "GET",
        "status": 200, "retailer_id": midtown.retailer_id, "user_id": owner.pk,
        "request_id": "0123456789abcdef0123456789abcdef",
    }  # fmt: skip
    assert answer["X-Request-ID"] == line["request_id"]
    assert "route=desk:customer" in log["text"].getvalue()


def test_nothing_of_anybody_stands_in_the_log(log, owner, midtown, person, monkeypatch):
    """200, 302, 400, 403, 404, 405, 409, 422, 500: by address, query, body, header, cookie and exception."""
    client = signed_in(Client(raise_request_exception=False), owner)
    statuses = set()

    def ask(method, path, **more):
        statuses.add(getattr(client, method)(path, **more).status_code)

    page = f"/customers/{person.pk}/"
    ask("get", f"/customers/?q={FIRST}+{LAST}")
    ask("get", f"/customers/?q={PHONE}&sort={MAIL}&page={NOTE}")
    ask("get", page, HTTP_REFERER=f"https://elsewhere.example/?who={MAIL}", HTTP_USER_AGENT=f"{FIRST} {MAIL}")
    ask("get", page, HTTP_X_REQUEST_ID=f"{FIRST}-{DIGITS}")
    ask("get", f"/{FIRST}.{LAST}/{MAIL}/{DIGITS}")
    ask("get", f"/customers/{DIGITS}/?{NOTE}")
    ask("get", page, HTTP_HOST=f"{FIRST}.{LAST}.example".lower())
    ask("post", f"{page}note/", data={"note": NOTE})
    ask("post", page, data={"first_name": FIRST})
    new = {"first_name": FIRST, "last_name": LAST, "phone": PHONE, "email": MAIL, "pet_name": PET, "note": NOTE}
    ask("post", "/customers/new/", data=new)
    ask("post", "/customers/new/", data={**new, "email": f"{MAIL} {PHONE}"})
    counter, key = Counter(midtown, owner), str(uuid4())
    for quantity in (1, 2):
        line = {"key": str(uuid4()), "product_id": str(counter.bag.pk), "quantity": quantity}
        visit = {"key": key, "occurred_at": utc_now().isoformat(), "lines": [line], "reason": "other"}
        body = json.dumps({**visit, "reason_text": NOTE})
        ask("post", f"/checkout/{person.pk}/visits/", data=body, content_type="application/json")
    body = json.dumps({"key": FIRST, "lines": NOTE})
    ask("post", f"/checkout/{person.pk}/visits/", data=body, content_type="application/json")
    ask("post", f"/checkout/{person.pk}/visits/", data=f"{{{NOTE}", content_type="application/json")
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    statuses.add(strict.post(f"/sign-in/?next=/{MAIL}", {"login": MAIL, "password": PASSWORD}).status_code)
    out = Client(raise_request_exception=False)
    statuses.add(out.post("/sign-in/", {"login": MAIL, "password": PASSWORD}).status_code)
    statuses.add(out.post("/app/sign-in/", {"email": MAIL, "password": PASSWORD}).status_code)
    for failure in failures():

        def fail(request, *args, failure=failure, **kwargs):
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(views, "render", fail)
            ask("get", f"/?{MAIL}")
    assert {200, 302, 400, 403, 404, 405, 409, 422, 500} <= statuses
    told = log["text"].getvalue() + log["json"].getvalue()
    assert MARKED.findall(told) == []
    assert len(access(log)) >= 15
    failed = [line for line in lines(log) if "exception" in line]
    assert {line["exception"][-1].partition(" ")[0] for line in failed} >= {
        "builtins.ValueError", "builtins.KeyError", "django.db.utils.IntegrityError"
    }  # fmt: skip
    assert any("astro/desk/views.py" in place for line in failed for place in line["exception"])


def failures():
    """As they come: with the value quoted, as the key, from the database, and one caused by another."""
    chained = ValueError(f"invalid literal: '{FIRST}'")
    chained.__cause__ = KeyError(f"{MAIL} {PHONE}")
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into kit_schedule (id, kind, moment) values (1, %s, null)", [MAIL])
    return [ValueError(f"{FIRST} {LAST} {PHONE} {NOTE}"), chained, KeyError(PET), refused.value, DatabaseError(MAIL)]


def record(name, message, *args, exc_info=None, **extra):
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, exc_info)
    made.__dict__.update(extra)
    return made


LIBRARIES = [
    (("django.request", "Not Found: %s", "/zyxwina/"), "Not Found: …"),
    (("urllib3", 'https://%s:%s "%s"', "mail.example", 443, MAIL), 'https://…:… "…"'),
    (("anymail", f"Could not send to {MAIL} at {PHONE}"), "Could not send to [address] at (…"),
    (
        ("allauth", f"No user 'Zyxwina' with \"{PET}\" at /sign-in/?next={NOTE.split()[0]}"),
        "No user … with … at /sign-in/…",
    ),
    (("openpyxl", "50% of %s", "Zyxwina"), "50% of …"),
]


@pytest.mark.parametrize(("told", "sentence"), LIBRARIES)
def test_a_librarys_line_is_told_without_what_was_put_into_it(told, sentence):
    found = facts_of(record(*told))["message"]
    assert found == sentence
    assert MARKED.findall(found) == []


def test_our_lines_are_told_as_they_are_but_for_addresses():
    made = record("astro.kit", "row %s of %s for %s", 1234567890123456789, "mail.send", MAIL)
    assert facts_of(made)["message"] == "row 1234567890123456789 of mail.send for [address]"


def test_what_a_library_attaches_is_left_out():
    made = record("django.request", "Bad Request: %s", "/", request=MAIL, status_code=400, status=400)
    assert facts_of(made).keys() == {"time", "level", "logger", "message", "status"}


def test_one_line_stays_one_line():
    written = Lines().format(record("astro.kit", "a\nforged line\r\nof %s", "x\ny"))
    assert "\n" not in written
    json.loads(Objects().format(record("astro.kit", "a\nb")))


def test_an_exception_is_its_class_and_its_places():
    try:
        try:
            int(FIRST)
        except ValueError as problem:
            raise RuntimeError(MAIL) from problem
    except RuntimeError as error:
        told = places(error)
    assert [line for line in told if not line.startswith("  ")] == [
        "builtins.ValueError", "then:", "builtins.RuntimeError"
    ]  # fmt: skip
    assert any("tests/desk/test_logs.py:" in line for line in told)
    assert MARKED.findall(" ".join(told)) == []


def test_a_request_id_from_outside_is_taken_where_nothing_can_be_said_in_it():
    told = str(uuid4())
    assert read_request_id(told) == told
    for wrong in (None, "", "jane-doe-303-555", "abc", "f" * 65, f"{told}\r\nX: y", "3035550142"):
        made = read_request_id(wrong)
        assert made != wrong
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_every_line_inside_a_request_carries_its_id():
    with about_request("f" * 32):
        assert facts_of(record("django.db", "x"))["request_id"] == "f" * 32
    assert "request_id" not in facts_of(record("django.db", "x"))


def test_the_settings_log_each_line_once_and_no_statements():
    told = settings.LOGGING
    assert told["loggers"]["django"]["handlers"] == []
    assert told["loggers"]["django.db.backends"]["level"] == "INFO"
    assert logging.getLogger("django").handlers == []
    form = told["handlers"]["console"]["formatter"]
    assert told["formatters"][form]["()"] == "astro.kit.logs.Lines"
