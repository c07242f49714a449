"""My Location Information: what customers and letters are told of a location, its hours and logo; more locations."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from astro.activity.models import Event
from astro.customers.actions import add_practice_customer
from astro.customers.models import SeenAt
from astro.kit.clock import utc_now
from astro.tenancy.models import Location, Logo, OpenHours
from astro.tenancy.stores import Store, primary_location, store_of
from tests.cast import NOW, inside, make_customer, make_location, signed_in
from tests.messaging.mailing import BETTYS, ask_by_mail, kept, send_all, set_up, tell_address

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Midtown",
    "store_name": "Midtown Pet Supply",
    "street": "12 Main Street",
    "city": "Bozeman",
    "region": "MT",
    "postcode": "59715",
    "phone": "(406) 555-0142",
    "website": "www.midtown.example",
    "email": "hello@midtown.example",
    "time_zone": "America/Denver",
}


@pytest.fixture
def office(owner):
    return signed_in(Client(), owner)


@pytest.fixture
def primary(midtown):
    """Midtown speaks for all locations."""
    with inside(midtown.retailer):
        Location.objects.filter(pk=midtown.pk).update(is_primary=True)
        return Location.objects.get(pk=midtown.pk)


def page(name, place):
    return reverse(f"accounts:{name}", args=[place.pk])


def fields_told(retailer):
    with inside(retailer):
        return [event.facts["fields"] for event in Event.objects.filter(name="location changed").order_by("id")]


def a_file(kind="PNG", size=(900, 300), color="red"):
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, kind, exif=b"Exif\0\0SecretPhone" if kind == "JPEG" else None)
    return SimpleUploadedFile("logo.png", written.getvalue(), content_type="text/html")


# --- what is told


def test_a_store_that_tells_its_address_can_write(office, owner, primary, huxley, settings):
    set_up(settings, port=None)
    assert office.post(page("edit_location", primary), TYPED).url == page("location", primary)
    with inside(huxley):
        address = ("12 Main Street", "Bozeman, MT 59715")
        assert store_of(huxley) == Store("Midtown Pet Supply", address, "+14065550142", "hello@midtown.example")
        event = Event.objects.get(name="location changed")
        assert (event.about_id, event.by_user_id, event.location_id) == (primary.pk, owner.pk, primary.pk)
        assert Location.objects.get(pk=primary.pk).website == "https://www.midtown.example"
        betty = make_customer(at=primary, first_name="Betty", last_name="Smith", email=BETTYS)
    ask_by_mail(betty, by=owner, at=primary)
    send_all()
    assert "12 Main Street" in kept(huxley)[0].text


def test_it_is_read_first_and_opens_with_edit(office, primary):
    office.post(page("edit_location", primary), TYPED)
    words = office.get(page("location", primary)).text
    for told in ("Midtown Pet Supply", "12 Main Street", "(406) 555-0142", "https://www.midtown.example"):
        assert told in words
    assert 'name="street"' not in words
    assert page("edit_location", primary) in words
    assert 'value="12 Main Street"' in office.get(page("edit_location", primary)).text


def test_what_stands_in_headers_is_one_line_without_what_nobody_sees(office, primary, huxley):
    pasted = {"store_name": "Midtown\r\nBcc: evil@example.com \u202e", "street": "12 Main\nStreet\x00"}
    assert office.post(page("edit_location", primary), {**TYPED, **pasted}).status_code == 302
    with inside(huxley):
        store = store_of(huxley)
        assert (store.name, store.postal_address[0]) == ("Midtown Bcc: evil@example.com", "12 Main Street")
    nothing = office.post(page("edit_location", primary), {**TYPED, "store_name": "\u200b\u202e"})
    assert nothing.status_code == 422


def test_a_name_with_a_line_break_can_stand_in_a_subject(owner, primary, huxley, settings):
    set_up(settings, port=None)
    tell_address(primary)
    with inside(huxley):
        Location.objects.filter(pk=primary.pk).update(store_name="Midtown\nPets")
        betty = make_customer(at=primary, first_name="Betty", last_name="Smith", email=BETTYS)
    ask_by_mail(betty, by=owner, at=primary)
    send_all()
    assert [one.subject for one in kept(huxley)] == ["Welcome to Midtown Pets: is this your e-mail address?"]


def test_saving_the_same_again_tells_nothing_new(office, primary, huxley):
    for _ in range(2):
        office.post(page("edit_location", primary), TYPED)
    assert len(fields_told(huxley)) == 1


WRONG = [
    ("name", " ", "Give this location a name."),
    ("name", "Riverside", "Another location of your store has this name."),
    ("store_name", " ", "Fill in the name that your customers know."),
    ("store_name", "x" * 121, "at most 120 characters"),
    ("street", "", "The law asks for it in each letter"),
    ("city", "", "Type the city."),
    ("postcode", "", "Type the postcode."),
    ("postcode", "K1A 0B1", "A ZIP code has 5 digits"),
    ("region", "", "Choose your state or province."),
    ("region", "XX", "Choose a state or province from the list."),
    ("region", "ON", "A postal code looks like K1A 0B1."),
    ("phone", "call me", "letters in it"),
    ("phone", "555 01", "too short"),
    ("website", "javascript://alert.example", "not a whole web address"),
    ("website", "our shop", "not a whole web address"),
    ("email", "hello@midtown\r\nBcc: x@example.com", "not a whole e-mail address"),
    ("time_zone", "Mars/Base", "Choose a time zone from the list."),
]


@pytest.mark.parametrize(("field", "typed", "sentence"), WRONG)
def test_what_cannot_be_kept_is_told_and_nothing_is_written(office, primary, riverside, huxley, field, typed, sentence):
    answer = office.post(page("edit_location", primary), {**TYPED, field: typed})
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#x27;", "'")
    assert 'value="12 Main Street"' in answer.text or field == "street"
    with inside(huxley):
        assert Location.objects.get(pk=primary.pk).street == ""
    assert fields_told(huxley) == []


def test_a_canadian_province_says_the_country(office, primary, huxley):
    told = {**TYPED, "region": "QC", "postcode": "h2x1y4", "time_zone": "America/Toronto"}
    assert office.post(page("edit_location", primary), told).status_code == 302
    with inside(huxley):
        place = Location.objects.get(pk=primary.pk)
        assert (place.country, place.postcode, place.region) == ("CA", "H2X 1Y4", "QC")


def test_another_time_zone_moves_days_from_now_on(office, primary, huxley):
    form = office.get(page("edit_location", primary)).text
    assert "What was bought before keeps its day." in form
    office.post(page("edit_location", primary), {**TYPED, "time_zone": "Pacific/Honolulu"})
    with inside(huxley):
        place = Location.objects.get(pk=primary.pk)
        assert place.time_zone == ZoneInfo("Pacific/Honolulu")
        assert place.day(datetime(2026, 11, 20, 8, tzinfo=UTC)).day == 19


# --- who


def test_who_runs_another_location_sees_and_changes_that_one(riverside_administrator, primary, riverside, huxley):
    client = signed_in(Client(), riverside_administrator)
    assert client.get(reverse("accounts:locations")).url == page("location", riverside)
    assert client.get(reverse("messaging:store")).url == page("location", riverside)
    words = client.get(page("location", riverside)).text
    assert "in the store name and address of Midtown, your primary location" in words
    for name in ("location", "edit_location", "location_hours"):
        assert client.get(page(name, primary)).status_code == 404
    assert client.post(page("edit_location", primary), TYPED).status_code == 404
    assert client.get(reverse("accounts:new_location")).status_code == 403
    tried = client.post(page("edit_location", riverside), {**TYPED, "name": "Riverside", "is_primary": "on"})
    assert tried.status_code == 302
    with inside(huxley):
        assert primary_location(huxley) == primary
        assert Location.objects.get(pk=riverside.pk).city == "Bozeman"


def test_where_store_details_were_one_is_led_on(office, primary):
    assert office.get(reverse("messaging:store")).url == page("location", primary)


def test_another_location_becomes_the_primary_one(office, primary, riverside, huxley):
    assert 'name="is_primary"' not in office.get(page("edit_location", primary)).text
    office.post(page("edit_location", riverside), {**TYPED, "name": "Riverside", "is_primary": "on"})
    with inside(huxley):
        assert list(Location.objects.filter(is_primary=True)) == [riverside]
        assert store_of(huxley).name == "Midtown Pet Supply"
    assert ["is_primary"] in fields_told(huxley)


# --- hours

WEEK = {f"{which}_{day}": clock for day in range(6) for which, clock in (("opens", "09:00"), ("closes", "18:30"))}


def test_hours_are_told_day_by_day(office, midtown, huxley):
    assert office.post(page("location_hours", midtown), WEEK).status_code == 302
    with inside(huxley):
        rows = OpenHours.objects.values_list("weekday", "opens_at", "closes_at")
        assert list(rows) == [(day, time(9), time(18, 30)) for day in range(6)]
    words = office.get(page("location", midtown)).text
    assert words.count("9 a.m. – 6:30 p.m.") + words.count("9:00 AM – 6:30 PM") == 6
    assert words.count("Closed") == 1
    office.post(page("location_hours", midtown), WEEK)
    assert fields_told(huxley) == [["hours"]]
    office.post(page("location_hours", midtown), {})
    with inside(huxley):
        assert not OpenHours.objects.exists()


def test_monday_is_copied_and_nothing_is_saved_yet(office, midtown, huxley):
    answer = office.post(page("location_hours", midtown), {"opens_0": "08:00", "closes_0": "20:00", "copy": "yes"})
    assert answer.status_code == 200
    assert (answer.text.count('value="08:00"'), answer.text.count('value="20:00"')) == (7, 7)
    with inside(huxley):
        assert not OpenHours.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"opens_1": "09:00"}, "Say when you close"),
        ({"closes_1": "09:00"}, "Say when you open"),
        ({"opens_1": "18:00", "closes_1": "09:00"}, "This is not after the opening."),
        ({"opens_1": "noon", "closes_1": "18:00"}, "Type a time, for example 9:00 AM."),
    ],
)
def test_hours_that_cannot_be_are_told(office, midtown, huxley, typed, sentence):
    answer = office.post(page("location_hours", midtown), {**WEEK, "opens_1": "", "closes_1": "", **typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="18:30"' in answer.text
    with inside(huxley):
        assert not OpenHours.objects.exists()


# --- logo


def test_a_logo_is_drawn_anew_in_two_sizes_and_shown_to_everyone(office, midtown, huxley):
    assert office.post(page("location_logo", midtown), {"logo": a_file("JPEG")}).status_code == 302
    with inside(huxley):
        logo = Logo.objects.get(location=midtown)
    for name, size in (("logo", (512, 171)), ("small_logo", (128, 43))):
        shown = Client().get(reverse(f"accounts:{name}", args=[huxley.pk, logo.pk]))
        assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
        picture = Image.open(io.BytesIO(shown.content))
        assert (picture.format, picture.size) == ("PNG", size)
        assert b"Secret" not in shown.content
    assert reverse("accounts:logo", args=[huxley.pk, logo.pk]) in office.get(page("location", midtown)).text
    assert fields_told(huxley) == [["logo"]]


def test_a_logo_is_replaced_and_removed(office, midtown, huxley):
    for color in ("red", "blue"):
        office.post(page("location_logo", midtown), {"logo": a_file(color=color)})
    with inside(huxley):
        logo = Logo.objects.get()
        assert Image.open(io.BytesIO(bytes(logo.image))).getpixel((5, 5)) == (0, 0, 255)
    for _ in range(2):
        assert office.post(page("location_logo", midtown), {"remove": "yes"}).status_code == 302
    with inside(huxley):
        assert not Logo.objects.exists()
    assert Client().get(reverse("accounts:logo", args=[huxley.pk, logo.pk])).status_code == 404
    assert len(fields_told(huxley)) == 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "Choose a picture file first."),
        (b"", "This file is empty."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture that we can read"),
        (b"<html><script>alert(1)</script>", "no picture that we can read"),
        (a_file(size=(300, 300)).read()[:60], "This picture is damaged."),
    ],
)
def test_what_is_no_picture_is_no_logo(office, midtown, huxley, data, sentence):
    sent = {} if data is None else {"logo": SimpleUploadedFile("logo.png", data)}
    answer = office.post(page("location_logo", midtown), sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    with inside(huxley):
        assert not Logo.objects.exists()


def test_a_logo_of_nobody_is_not_found(db, huxley, otherpaws, office, midtown):
    office.post(page("location_logo", midtown), {"logo": a_file()})
    with inside(huxley):
        logo = Logo.objects.get()
    for retailer_id, logo_id in ((otherpaws.pk, logo.pk), (0, logo.pk), (huxley.pk, 1), (10**30, 10**30)):
        assert Client().get(reverse("accounts:logo", args=[retailer_id, logo_id])).status_code == 404


# --- several locations


def test_a_new_location_is_in_the_switch_with_its_next_steps(office, primary, riverside, huxley):
    with inside(huxley):
        add_practice_customer(now=NOW)
    answer = office.post(reverse("accounts:new_location"), {**TYPED, "name": "Uptown"})
    with inside(huxley):
        uptown = Location.objects.get(name="Uptown")
        assert not uptown.is_primary
        assert Event.objects.get(name="location added").about_id == uptown.pk
    words = office.get(answer.url).text
    assert "What this location needs next" in words
    assert "Go to Uptown and choose its programs" in words
    switched = office.post(reverse("accounts:switch_location"), {"location": uptown.pk, "next": "/"}, follow=True)
    assert "Home of Uptown" in switched.text
    send_all(utc_now())
    with inside(huxley):
        assert SeenAt.objects.filter(location=uptown, customer__is_practice=True).exists()


def test_one_name_once_and_nothing_half_written(office, primary, riverside, huxley):
    answer = office.post(reverse("accounts:new_location"), {**TYPED, "name": "Riverside"})
    assert answer.status_code == 422
    assert "Another location of your store has this name." in answer.text
    assert 'value="12 Main Street"' in answer.text
    with inside(huxley):
        assert Location.objects.count() == 2
        assert not Event.objects.filter(name="location added").exists()


def test_another_store_may_have_the_same_name(office, otherpaws, huxley, primary):
    make_location(otherpaws, name="Uptown")
    assert office.post(reverse("accounts:new_location"), {**TYPED, "name": "Uptown"}).status_code == 302


def test_the_list_names_all_and_says_who_speaks(office, primary, riverside):
    words = office.get(reverse("accounts:locations")).text
    assert words.index("Midtown") < words.index("Riverside")
    assert words.count("Primary") == 1
    assert page("location", riverside) in words


def test_the_pages_of_actions_are_tabs_and_the_menu_knows_where_one_is(office, primary):
    pages = (
        "accounts:account",
        "messaging:mailbox",
        "messaging:replies",
        "customers:settings",
        "customers:doubles",
        "accounts:devices",
    )
    for route in pages:
        words = office.get(reverse(route)).text
        tabs = words.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert f'<a href="{reverse(route)}" aria-current="page">' in tabs
        assert tabs.count("aria-current") == 1
        menu = words.partition('<nav class="menu"')[2].partition("</nav>")[0]
        assert menu.count("aria-current") == 1
