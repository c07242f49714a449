"""Signing a store up: what is made, what is said to whom, and that it happens once."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from astro.accounts.models import Membership, User
from astro.activity.models import Event
from astro.credits.models import CreditLine
from astro.customers.models import Customer
from astro.desk import jobs
from astro.desk.models import FirstSteps, SignUp
from astro.desk.signing_up import actions, opening
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow, PlainMail
from astro.tenancy.models import AccountState, Location, Retailer
from tests.cast import PASSWORD, inside, make_membership, make_retailer, make_user, signed_in
from tests.messaging.mailing import send_all

pytestmark = pytest.mark.django_db

URL = "/sign-up/"
SECRET = "seven quiet tortoises"
TYPED = {
    "store_name": "Brand New Pets",
    "locations": "one",
    "name": "Nina New",
    "email": "Nina@BrandNew.example",
    "password": SECRET,
    "street": "1 First Street",
    "city": "Helena",
    "region": "MT",
    "postcode": "59601",
}


@pytest.fixture(autouse=True)
def nothing_counted(db):
    cache.clear()


@pytest.fixture
def by_mail(settings):
    settings.MAIL_GOES_OUT, settings.MAIL_ROUTE = True, "smtp"
    settings.PUBLIC_URL = "https://cards.example.com"


def sign_up(client=None, **changed):
    return (client or Client()).post(URL, {"key": str(uuid4()), **TYPED, **changed})


def letters():
    """What the worker would send, oldest first; the mails stay."""
    now = utc_now()
    for row in OutboxRow.objects.filter(kind=actions.LETTER, finished_at=None):
        jobs.write_sign_up_letter(row.payload, now=now)
        row.delete()
    return list(PlainMail.objects.order_by("id"))


def link_in(mail):
    return re.search(r"https://cards\.example\.com(/sign-up/[^/\s]+/)", mail.text)[1]


def new_store():
    return Retailer.objects.get(name="Brand New Pets")


# --- at once, where no mail goes out


def test_it_makes_a_store_on_trial_and_one_master_who_is_signed_in(client):
    before = utc_now()
    answer = sign_up(client)
    assert (answer.status_code, answer.url) == (302, "/")
    store = new_store()
    assert (store.state, store.country, store.currency) == (AccountState.TRIAL, "US", "USD")
    assert timedelta(0) <= store.trial_until - before - timedelta(days=15) < timedelta(minutes=1)
    (membership,) = Membership.objects.filter(retailer=store)
    assert (membership.role, membership.is_billing_contact) == ("master", True)
    assert (membership.user.email, membership.user.name) == ("nina@brandnew.example", "Nina New")
    assert membership.user.check_password(SECRET)
    with inside(store):
        place = Location.objects.get()
        assert (place.name, place.is_primary, place.region, str(place.time_zone)) == (
            "Helena",
            True,
            "MT",
            "America/Denver",
        )
        assert (place.street, place.postcode, place.store_name) == ("1 First Street", "59601", "Brand New Pets")
        sally = Customer.objects.get()
        assert (str(sally.name), sally.is_practice) == ("Sally Pet Owner", True)
        told = set(Event.objects.values_list("name", flat=True))
        assert {"store signed up", "location added", "membership given", "customer added", "signed in"} <= told
        assert not CreditLine.objects.exists()
    page = client.get("/").text
    assert "Home of Helena" in page
    assert "First steps" in page


def test_a_province_makes_a_canadian_store_by_its_own_clock():
    sign_up(region="NS", postcode="b3h 1a1", city="Halifax", phone="902-422-0000")
    store = new_store()
    assert (store.country, store.currency) == ("CA", "CAD")
    with inside(store):
        place = Location.objects.get()
        assert (place.postcode, str(place.time_zone), place.phone) == ("B3H 1A1", "America/Halifax", "+19024220000")


def test_another_time_zone_may_be_chosen():
    sign_up(region="TX", postcode="79901", city="El Paso", time_zone="America/Denver")
    with inside(new_store()):
        assert str(Location.objects.get().time_zone) == "America/Denver"


def test_several_locations_are_the_first_steps_next_one(client):
    sign_up(client, locations="several")
    page = client.get("/").text
    assert reverse("accounts:new_location") in page
    answer = client.post(
        reverse("accounts:new_location"),
        {**TYPED, "name": "Butte", "time_zone": "America/Denver", "city": "Butte", "email": ""},
    )
    assert answer.status_code == 302
    with inside(new_store()):
        assert sorted(Location.objects.values_list("name", "is_primary")) == [("Butte", False), ("Helena", True)]


WRONG = [
    ("store_name", " ", "Type the name of your store."),
    ("store_name", "x" * 121, "at most 120 characters"),
    ("locations", "", "Choose one or several."),
    ("name", "", "Type your name."),
    ("email", "", "Type your e-mail."),
    ("email", "nina", "This is not a whole e-mail address."),
    ("email", "nina@x.example\r\nBcc: a@b.example", "This is not a whole e-mail address."),
    ("password", "", "Type a password."),
    ("password", "short", "15"),
    ("password", "brandnewpets nina", None),
    ("street", "", "Type the street and number."),
    ("city", "", "Type the city."),
    ("region", "", "Choose your state or province."),
    ("region", "ZZ", "Choose a state or province from the list."),
    ("postcode", "", "Type the postcode."),
    ("postcode", "K1A 0B1", "A ZIP code has 5 digits"),
    ("phone", "call me", "letters in it"),
    ("time_zone", "Mars/Base", "Choose a time zone from the list."),
    ("key", "x", None),
    ("bait", "http://spam.example", "A program filled in a box that nobody sees."),
]


@pytest.mark.parametrize(("field", "typed", "sentence"), WRONG)
def test_what_is_wrong_is_told_beside_it_and_nothing_is_written(client, field, typed, sentence):
    answer = sign_up(client, **{field: typed})
    assert answer.status_code == 422
    words = answer.text.replace("&#x27;", "'")
    assert field in answer.context["form"].errors
    assert sentence is None or sentence in words
    for name in ("street", "city", "name", "store_name"):
        assert name == field or f'value="{TYPED[name]}"' in words
    assert SECRET not in words
    assert not Retailer.objects.exists()
    assert not User.objects.exists()
    assert not SignUp.objects.exists()
    assert not OutboxRow.objects.exists()


def test_where_no_mail_goes_out_a_known_address_is_told(client):
    make_user(name="Nina", email="nina@brandnew.example")
    answer = sign_up(client)
    assert answer.status_code == 422
    assert "This e-mail signs in here already." in answer.text
    assert (Retailer.objects.count(), SignUp.objects.count()) == (0, 0)


def test_a_second_press_goes_in_and_opens_no_second_store():
    key = str(uuid4())
    for client in (Client(), Client()):
        assert sign_up(client, key=key).url == "/"
        assert "Home of Helena" in client.get("/").text
    assert (Retailer.objects.count(), User.objects.count()) == (1, 1)
    stranger = sign_up(key=key, password="other words than hers")
    assert stranger.status_code == 422
    assert Retailer.objects.count() == 1


def test_where_the_opening_fails_nothing_is_left(client, monkeypatch):
    def fail(*, now):
        raise IntegrityError

    monkeypatch.setattr(opening, "add_practice_customer", fail)
    client.raise_request_exception = False
    assert sign_up(client).status_code == 500
    assert not Retailer.objects.exists()
    assert not User.objects.exists()
    assert not SignUp.objects.exists()


# --- by mail


def test_by_mail_the_store_opens_with_the_link_and_the_password(by_mail, client):
    asked = sign_up(client)
    page = client.get(asked.url).text
    assert "We sent a mail to <strong>nina@brandnew.example</strong>." in page
    assert not Retailer.objects.exists()
    (mail,) = letters()
    assert mail.to == ["nina@brandnew.example"]
    link = link_in(mail)
    shown = client.get(link)
    assert "Open Brand New Pets" in shown.text
    assert not Retailer.objects.exists()
    row = SignUp.objects.get()
    assert row.password_hash.startswith("argon2")
    assert link.split("/")[2] not in (row.token_hash, str(row.told))
    opened = client.post(link, {"password": SECRET})
    assert (opened.status_code, opened.url) == (302, "/")
    assert "Home of Helena" in client.get("/").text
    assert new_store().is_on_trial(utc_now())
    row.refresh_from_db()
    assert (row.told, row.password_hash) == ({}, "")


def test_whoever_typed_anothers_address_gets_nothing_she_would_confirm(by_mail, client):
    """The link comes to her, the password is theirs: without both nothing opens."""
    sign_up(password="the stranger's own words")
    (mail,) = letters()
    answer = client.post(link_in(mail), {"password": SECRET})
    assert answer.status_code == 422
    assert "This is not the password that you chose when you signed up." in answer.text
    assert not Retailer.objects.exists()


def test_the_page_says_the_same_and_does_the_same_for_a_known_address(by_mail, client, django_assert_max_num_queries):
    make_user(name="Nina", email="nina@brandnew.example")

    def ask(email):
        cache.clear()
        with django_assert_max_num_queries(60) as seen:
            answer = sign_up(email=email)
        page = client.get(answer.url)
        words = re.sub(r"[A-Za-z0-9]{64}", "…", page.text.replace(email, "…"))  # the form's token
        return answer.status_code, page.status_code, words, [re.sub(r"\d+|'[^']*'", "?", q["sql"]) for q in seen]

    known, unknown = ask("nina@brandnew.example"), ask("fresh@brandnew.example")
    assert known[:3] == unknown[:3]
    assert len(known[3]) == len(unknown[3])
    assert not [sql for sql in known[3] if "accounts_user" in sql]
    told, link = letters()
    assert (told.subject, link.subject) == ("You have an Astro account already", "Open your store in Astro")
    assert "/sign-in/" in told.text
    assert "sign up one more store? Sign in first" in told.text
    assert not Retailer.objects.exists()


def test_the_same_form_again_sends_one_letter_and_two_forms_open_one_store(by_mail, client):
    key = str(uuid4())
    for _ in range(2):
        sign_up(key=key)
    sign_up()
    first, second = letters()
    for _ in range(2):
        assert client.post(link_in(first), {"password": SECRET}).url == "/"
    late = Client().post(link_in(second), {"password": SECRET})
    assert late.status_code == 422
    assert "This e-mail signs in here already." in late.text
    assert (Retailer.objects.count(), User.objects.count()) == (1, 1)


def test_a_link_is_good_once_and_for_a_day(by_mail, client):
    sign_up()
    (mail,) = letters()
    client.post(link_in(mail), {"password": SECRET})
    stranger = Client()
    assert stranger.get(link_in(mail)).url == "/sign-in/"
    SignUp.objects.update(used_at=utc_now() - timedelta(minutes=3))
    assert stranger.post(link_in(mail), {"password": SECRET}).url == "/sign-in/"
    sign_up(email="slow@brandnew.example")
    SignUp.objects.filter(email="slow@brandnew.example").update(until_at=utc_now())
    assert [mail.subject for mail in letters()] == ["Open your store in Astro"]
    assert Client().get("/sign-up/no-such-link/").status_code == 404


def test_a_mailbox_is_not_flooded(by_mail):
    for _ in range(5):
        assert sign_up().status_code == 302
    assert len(letters()) == actions.LETTERS_A_DAY


def test_a_flood_of_forms_is_stopped(by_mail):
    for number in range(10):
        assert sign_up(email=f"n{number}@brandnew.example").status_code == 302
    refused = sign_up()
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    assert "There were too many tries." in refused.text
    assert f'value="{TYPED["street"]}"' in refused.text
    assert SignUp.objects.count() == 10


def test_passwords_of_a_link_are_not_tried_forever(by_mail):
    sign_up()
    (mail,) = letters()
    tries = [Client().post(link_in(mail), {"password": f"wrong {number}"}).status_code for number in range(11)]
    assert tries == [422] * 10 + [429]


def test_what_nobody_confirms_is_forgotten(by_mail):
    sign_up()
    assert actions.forget_old(now=utc_now() + timedelta(hours=47)) == 0
    assert actions.forget_old(now=utc_now() + timedelta(hours=49)) == 1


# --- one more store of somebody who is signed in


def test_who_is_signed_in_opens_one_more_store_and_stands_in_it(client, owner, huxley):
    signed_in(client, owner)
    form = client.get(URL).text
    assert 'name="email"' not in form
    key = str(uuid4())
    for _ in range(2):
        assert client.post(URL, {**TYPED, "key": key}).url == "/"
    assert "Home of Helena" in client.get("/").text
    store = new_store()
    assert [one.user for one in Membership.objects.filter(retailer=store)] == [owner]
    assert Retailer.objects.count() == 2
    assert User.objects.filter(email="nina@brandnew.example").count() == 0


def test_who_is_kept_out_of_their_store_opens_no_other(client):
    lapsed = make_retailer(state=AccountState.TRIAL, trial_until=utc_now() - timedelta(days=1))
    user = make_user(email="over@example.com")
    make_membership(user, retailer=lapsed, role="master")
    signed_in(client, user)
    assert client.get(URL).status_code in (302, 403)
    assert client.post(URL, {**TYPED, "key": str(uuid4())}).status_code in (302, 403)
    assert Retailer.objects.count() == 1


def test_support_signs_no_store_up(client):
    user = make_user(email="help@platform.example")
    User.objects.filter(pk=user.pk).update(is_support=True)
    client.force_login(User.objects.get(pk=user.pk))
    assert client.post(URL, {**TYPED, "key": str(uuid4())}).status_code == 409
    assert not Retailer.objects.exists()


# --- first steps


def test_first_steps_are_shown_until_put_away(client):
    sign_up(client)
    assert "First steps" in client.get("/").text
    for _ in range(2):
        assert client.post(reverse("desk:put_away_first_steps")).status_code == 302
    assert "First steps" not in client.get("/").text
    with inside(new_store()):
        assert FirstSteps.objects.get().put_away_at is not None


def test_an_old_store_has_no_first_steps(client, owner):
    assert "First steps" not in signed_in(client, owner).get("/").text


def test_the_sign_in_page_leads_here_and_the_letters_go_out(client, by_mail, settings, mailoutbox):
    assert f'href="{URL}"' in client.get("/sign-in/").text
    sign_up()
    assert PASSWORD != SECRET
    send_all(utc_now())
