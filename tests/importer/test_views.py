"""The screens of an upload: what they say, to whom, and what they refuse."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.customers.models import Customer
from astro.importer import actions
from astro.importer.models import Upload, UploadState
from astro.kit.clock import utc_now
from tests.cast import inside, signed_in
from tests.importer.lists import added, fresh, received, tried, worked_off
from tests.importer.test_running import HEAD, LIST

pytestmark = pytest.mark.django_db(transaction=True)

BOUNDARY = "multipart/form-data; boundary=B"


@pytest.fixture
def desk(owner):
    return signed_in(Client(), owner)


def sent(client, text, name="list.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post("/customers/upload/new/", {"file": SimpleUploadedFile(name, data)})


def columns_of(upload, **more):
    names = ["first_name", "last_name", "phone", "email", "street", "city", "region", "postcode"]
    names += ["pet1_name", "pet1_kind", "tags"]
    told = {f"column_{place}": name for place, name in enumerate(names)}
    return {**told, "last_first": "no", "day_first": "no", **more}


def test_a_file_goes_all_the_way_by_plain_forms(desk, huxley, midtown):
    assert "No list was uploaded yet" in desk.get("/customers/upload/").text
    answer = sent(desk, LIST)
    assert answer.status_code == 302
    with inside(huxley):
        upload = Upload.objects.get()
    page = desk.get(answer["Location"]).text
    assert page.count("<select") == 11
    assert '<option value="pet1_kind" selected>' in page
    assert "Biscuit" in page
    answer = desk.post(answer["Location"], columns_of(upload))
    assert answer["Location"] == f"/customers/upload/{upload.pk}/"
    page = desk.get(answer["Location"])
    assert "Checking the list" in page.text
    assert 'hx-trigger="load delay:1s"' in page.text
    worked_off(now=utc_now())
    part = desk.get(answer["Location"], headers={"HX-Request": "true", "HX-Target": "progress"})
    assert part["HX-Refresh"] == "true"
    page = desk.get(answer["Location"]).text
    assert "nothing is added yet" in page
    assert "Type the last name." in page
    answer = desk.post(f"/customers/upload/{upload.pk}/runs/")
    worked_off(now=utc_now())
    page = desk.get(answer["Location"]).text
    assert "The list is in" in page
    assert "until " in page
    assert "list.csv" in desk.get("/customers/upload/").text
    desk.post(f"/customers/upload/{upload.pk}/undos/")
    worked_off(now=utc_now())
    assert "2 customers are as before." in desk.get(answer["Location"]).text


def test_the_rows_to_fix_can_be_mended_and_fed_back(desk, huxley, midtown, owner):
    upload = added("First Name,Last Name,Mobile\n=Ann,,+1 406 555 2142\nBen,Ortiz,12\n", at=midtown, by=owner)
    text = desk.get(f"/customers/upload/{upload.pk}/rows-to-fix/").getvalue().decode("utf-8-sig")
    assert text.splitlines() == [
        '"First Name","Last Name","Mobile","error"',
        '"\'=Ann","","\'+1 406 555 2142","Type the last name."',
        '"Ben","Ortiz","12","Mobile phone: This phone number is too short. Type it with the area code."',
    ]
    again = added(text.replace(',"",', ',"Smith",').replace('"12"', '"406-555-2143"'), at=midtown, by=owner)
    assert again.counts == {"new": 2}
    with inside(huxley):
        assert set(Customer.objects.values_list("first_name", "last_name", "phone")) == {
            ("=Ann", "Smith", "+14065552142"),
            ("Ben", "Ortiz", "+14065552143"),
        }
    book = desk.get(f"/customers/upload/{upload.pk}/rows-to-fix/?as=xlsx").getvalue()
    rows = list(openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True))
    assert rows[1] == ("=Ann", None, "+1 406 555 2142", "Type the last name.")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_to_fill_in_is_understood_as_it_is(desk, huxley, midtown, owner, form):
    data = desk.get(f"/customers/upload/template/?as={form}").getvalue()
    upload = tried(io.BytesIO(data), at=midtown, by=owner)
    assert upload.columns["0"] == "first_name"
    assert len(upload.columns) == len(upload.reading["headings"])
    assert upload.counts == {"new": 2, "yes_left_out": 2, "said_stop": 1}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.7\n", "This file is no list."),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600, "old Excel file"),
    ],
)
def test_what_is_no_list_is_said_beside_the_field_and_nothing_is_kept(desk, huxley, data, told):
    answer = sent(desk, data)
    assert answer.status_code == 422
    assert told in answer.text
    with inside(huxley):
        assert not Upload.objects.exists()


def test_no_file_at_all(desk):
    answer = desk.post("/customers/upload/new/", {})
    assert (answer.status_code, "Choose the file with your list." in answer.text) == (422, True)


def test_a_name_of_a_file_is_only_a_name(desk, huxley):
    sent(desk, LIST, name="..\\..\\evil\u202e<b>.csv")
    with inside(huxley):
        assert Upload.objects.get().name == "evil<b>.csv"


class Endless(io.RawIOBase):
    """A body that nobody must read."""

    def read(self, *size):
        raise AssertionError("It was read.")


@pytest.mark.parametrize("length", [str(1024**3), "33554433000", "-1", "many"])
@pytest.mark.parametrize("path", ["/customers/upload/new/", "/sign-in/"])
def test_a_body_beyond_the_limit_is_refused_unread(desk, path, length):
    answer = desk.post(path, b"x", content_type=BOUNDARY, CONTENT_LENGTH=length, **{"wsgi.input": Endless()})
    assert answer.status_code == 413
    assert "larger than 32 MB" in answer.text


def test_a_file_beyond_the_limit_within_a_form_is_refused(desk, huxley, settings):
    settings.UPLOAD_MOST = 1_000
    answer = sent(desk, LIST + "x" * 2_000)
    assert answer.status_code == 422
    with inside(huxley):
        assert not Upload.objects.exists()


def test_the_same_file_again_is_said_so(desk, huxley, midtown, owner):
    added(LIST, at=midtown, by=owner)
    answer = sent(desk, LIST)
    page = desk.get(answer["Location"]).text
    assert "This very file came in on November 20, 2026 already, from Olive Owner (Done)." in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"column_3": "phone"}, "Two columns are “Mobile phone”"),
        ({"column_0": "", "column_1": "", "column_2": "", "column_3": ""}, "Choose the columns with the names"),
        ({"has_proof": "on", "proof": "yes"}, "Write in a sentence where the proof can be seen"),
        ({"column_0": "password"}, "not one of the available choices"),
        ({"column_0": "internal_id"}, "not one of the available choices"),
    ],
)
def test_columns_that_cannot_be_are_refused(desk, midtown, owner, changed, told):
    upload = received(LIST, at=midtown, by=owner)
    answer = desk.post(f"/customers/upload/{upload.pk}/columns/", columns_of(upload, **changed))
    assert (answer.status_code, told in answer.text) == (422, True)
    assert fresh(upload).state == UploadState.RECEIVED


def test_what_is_pressed_too_late_is_told(desk, midtown, owner):
    upload = received(LIST, at=midtown, by=owner)
    assert desk.post(f"/customers/upload/{upload.pk}/runs/").status_code == 409
    assert desk.post(f"/customers/upload/{upload.pk}/undos/").status_code == 409
    assert desk.post(f"/customers/upload/{upload.pk}/stops/").status_code == 302
    assert desk.get(f"/customers/upload/{upload.pk}/")["Location"].endswith("/columns/")


def test_uploads_are_seen_where_one_decides(huxley, midtown, owner, riverside_administrator, other_owner, cashier):
    upload = added(f"{HEAD}\n,Ann,Smith,4065552142,,,,\n", at=midtown, by=owner)
    seen = {}
    for user in (owner, riverside_administrator, other_owner, cashier):
        client = signed_in(Client(), user)
        listed = client.get("/customers/upload/")
        page = client.get(f"/customers/upload/{upload.pk}/")
        seen[user.name] = (listed.status_code, "list.csv" in listed.text, page.status_code)
    assert seen == {
        "Olive Owner": (200, True, 200),
        "Rita Riverside": (200, False, 404),
        "Otto Other": (200, False, 404),
        "Cass Cashier": (403, False, 403),
    }


def test_the_list_asks_the_same_for_one_and_for_many(desk, midtown, owner):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            desk.get("/customers/upload/")
        counts.append(len(asked))
        for _ in range(3):
            received(LIST, at=midtown, by=owner)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get("/customers/upload/").text.count("list.csv") == 6
    assert len(asked) == counts[1]


def test_old_uploads_are_on_the_next_page(desk, midtown, owner):
    for number in range(51):
        received(LIST, at=midtown, by=owner, name=f"list {number}.csv")
    page = desk.get("/customers/upload/").text
    assert page.count("<tr>") == 51
    assert 'rel="next"' in page


def test_a_list_with_nothing_new_says_so_and_offers_no_button(desk, midtown, owner):
    added(LIST, at=midtown, by=owner)
    for text, told in (
        (LIST, "Mend the rows below"),
        (LIST.replace("Ben,,", ",,").replace("406 555 2144", ""), "Everybody"),
    ):
        upload = tried(text, at=midtown, by=owner)
        page = desk.get(f"/customers/upload/{upload.pk}/").text
        assert "There is nothing to add." in page
        assert told in page
        assert "Add them" not in page


def test_stopping_is_answered_and_done(desk, huxley, midtown, owner):
    upload = tried(LIST, at=midtown, by=owner)
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=utc_now())
    desk.post(f"/customers/upload/{upload.pk}/stops/")
    worked_off(now=utc_now())
    page = desk.get(f"/customers/upload/{upload.pk}/").text
    assert "Go on" in page
    assert "Stopped" in page
