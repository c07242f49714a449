"""Taking a till over with a PIN: for whom, where, how often, and what it opens."""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from astro.accounts import tills
from astro.accounts.models import Device, Pin, StaffSession, User
from astro.accounts.pins.actions import set_pin
from astro.accounts.pins.digits import weakness
from astro.activity.models import Event
from astro.tenancy.models import Location, Retailer
from tests.accounts.stepping import prove
from tests.cast import NOW, PASSWORD, inside, make_device, make_membership, make_user, signed_in

SWITCH = "/till/switch/"
DIGITS = "4711"


def give_pin(user: User, digits: str = DIGITS) -> int:
    """At the first place where they work, whose membership it returns."""
    membership = user.memberships.get()
    with inside(membership.retailer):
        set_pin(membership, digits, now=NOW)
    return membership.pk


def browser_of(device: tuple[Device, tills.TillCookie]) -> Client:
    response = HttpResponse()
    tills.write_cookie(response, cookie=device[1])
    client = Client()
    client.cookies[tills.COOKIE] = response.cookies[tills.COOKIE].value
    return client


@pytest.fixture
def device(midtown: Location, owner: User) -> tuple[Device, tills.TillCookie]:
    return make_device(midtown, by=owner, name="Front counter")


@pytest.fixture
def till(device: tuple[Device, tills.TillCookie]) -> Client:
    """A browser that is a till of Midtown; nobody is signed in."""
    return browser_of(device)


def take_over(client: Client, person: int, digits: str = DIGITS, **more: Any) -> Any:
    return client.post(SWITCH, {"person": person, "digits": digits, **more})


def row(client: Client) -> StaffSession | None:
    key = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return StaffSession.objects.filter(session_key=key.value, user__isnull=False).first() if key and key.value else None


@pytest.mark.parametrize(
    "digits",
    [
        *("", "471", "471147114", "47a1", "４７１１", "4 71", "-471"),
        *("0000", "1234", "4321", "7890", "0987", "9012", "12345678"),
        *("1212", "471471", "1122", "998877", "1987", "2031", "2580", "0852"),
    ],
)
def test_digits_that_are_no_pin(digits: str) -> None:
    assert weakness(digits)


@pytest.mark.parametrize("digits", ["4711", "8305", "1847", "21901", "73519", "90210417"])
def test_digits_that_are_one(digits: str) -> None:
    assert weakness(digits) is None


def test_setting_one_asks_for_the_password(cashier: User, huxley: Retailer, client: Client) -> None:
    signed_in(client, cashier)
    assert client.get("/me/pin/").headers["Location"] == "/me/second-step/proof/?next=%2Fme%2Fpin%2F"
    assert client.post("/me/pin/", {"digits": DIGITS, "again": DIGITS}).headers["Location"].startswith("/me/second-")
    with inside(huxley):
        assert not Pin.objects.exists()
    prove(client)
    assert client.post("/me/pin/", {"digits": DIGITS, "again": DIGITS}).headers["Location"] == "/me/pin/"
    with inside(huxley):
        kept = Pin.objects.get()
        assert (kept.user_id, kept.digits_count) == (cashier.pk, 4)
        assert kept.digits_hash.startswith("argon2")
        assert Event.objects.get(name="pin set").by_user_id == cashier.pk


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"digits": "1234", "again": "1234"}, "among the first that anybody tries"),
        ({"digits": "471", "again": "471"}, "four to eight digits"),
        ({"digits": "4711", "again": "4712"}, "not the same digits"),
        ({"digits": "", "again": ""}, "Type the PIN that you want."),
        ({"digits": "4" * 5000, "again": "4"}, "40"),
    ],
)
def test_poor_pin_is_refused_in_a_sentence(
    cashier: User, huxley: Retailer, client: Client, sent: dict[str, str], said: str
) -> None:
    prove(signed_in(client, cashier))
    answer = client.post("/me/pin/", sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with inside(huxley):
        assert not Pin.objects.exists()


def test_two_people_may_have_the_same_and_neither_learns_of_it(
    cashier: User, owner: User, huxley: Retailer, client: Client
) -> None:
    give_pin(owner)
    prove(signed_in(client, cashier))
    assert client.post("/me/pin/", {"digits": DIGITS, "again": DIGITS}).status_code == 302
    with inside(huxley):
        first, second = Pin.objects.values_list("digits_hash", flat=True)
        assert first != second


def test_signed_out_till_shows_who_works_here_and_has_a_pin(
    till: Client, cashier: User, owner: User, riverside_administrator: User, other_owner: User
) -> None:
    for user in (cashier, riverside_administrator, other_owner):
        give_pin(user)
    page = till.get(SWITCH).content.decode()
    assert "Cass Cashier" in page
    assert not [name for name in ("Olive", "Rita", "Otto") if name in page], "no PIN, elsewhere, another store"


def test_master_is_at_every_till(till: Client, owner: User) -> None:
    give_pin(owner)
    assert "Olive Owner" in till.get(SWITCH).content.decode()


def test_browser_that_is_no_till_learns_no_name(
    client: Client, cashier: User, device: tuple[Device, tills.TillCookie]
) -> None:
    person = give_pin(cashier)
    for cookie in ("", "1.2.secret:made:up"):
        client.cookies[tills.COOKIE] = cookie
        for answer in (client.get(SWITCH), take_over(client, person)):
            assert answer.status_code == 409
            assert 'href="/sign-in/?next=/checkout/"' in answer.content.decode()
            assert "Cass" not in answer.content.decode()
    assert row(client) is None


def test_retired_till_is_no_till(till: Client, cashier: User, device: tuple[Device, tills.TillCookie]) -> None:
    person = give_pin(cashier)
    with inside(device[0].retailer):
        Device.objects.filter(pk=device[0].pk).update(retired_at=NOW)
    assert till.get(SWITCH).status_code == 409
    take_over(till, person)
    assert row(till) is None


def test_one_tap_and_the_digits_take_the_till_over(
    till: Client, cashier: User, device: tuple[Device, tills.TillCookie], huxley: Retailer, midtown: Location
) -> None:
    answer = take_over(till, give_pin(cashier), next="/customers/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/customers/")
    session = row(till)
    assert session is not None
    assert (session.user_id, session.is_by_pin, session.device_id, session.location_id) == (
        cashier.pk,
        True,
        device[0].pk,
        midtown.pk,
    )
    assert till.get("/customers/").status_code == 200
    with inside(huxley):
        event = Event.objects.get(name="person switched")
        assert (event.by_user_id, event.device_id, event.location_id) == (cashier.pk, device[0].pk, midtown.pk)
        assert not Event.objects.filter(name="signed in").exists()


def test_switching_gives_a_new_session_key_and_ends_the_one_before(till: Client, cashier: User, owner: User) -> None:
    first, second = give_pin(cashier), give_pin(owner, "8305")
    take_over(till, first)
    before = till.cookies[settings.SESSION_COOKIE_NAME].value
    assert "Here now" in till.get(SWITCH).content.decode()
    take_over(till, second, "8305")
    session = row(till)
    assert session is not None
    assert session.user_id == owner.pk
    assert session.session_key != before
    assert not StaffSession.objects.filter(session_key=before).exists()


def test_pin_opens_a_cashiers_work_whoever_it_is(till: Client, owner: User) -> None:
    take_over(till, give_pin(owner))
    assert till.get("/checkout/").status_code == 200
    refused = till.get("/devices/?page=2")
    assert refused.status_code == 403
    said = refused.content.decode()
    assert "sign in with your password" in said
    assert 'href="/sign-in/?next=/devices/%3Fpage%3D2"' in said, "and it leads back"


@pytest.mark.parametrize(
    "page", ["/me/pin/", "/me/second-step/", "/me/second-step/app/", "/me/password/", "/sign-in/work/"]
)
def test_pin_is_no_password(till: Client, owner: User, page: str) -> None:
    take_over(till, give_pin(owner))
    assert till.get(page).status_code == 403
    assert till.post(page, {"do": "remove"}).status_code in (403, 405)


def test_password_on_top_of_a_pin_opens_the_rest(till: Client, owner: User) -> None:
    take_over(till, give_pin(owner))
    assert till.get("/sign-in/?next=/devices/").status_code == 200
    answer = till.post("/sign-in/", {"login": owner.login, "password": PASSWORD, "next": "/devices/"})
    assert answer.headers["Location"] == "/devices/"
    session = row(till)
    assert session is not None
    assert not session.is_by_pin
    assert till.get("/devices/").status_code == 200


def test_wrong_digits_are_told_and_counted(till: Client, cashier: User, huxley: Retailer) -> None:
    person = give_pin(cashier)
    answer = take_over(till, person, "9999")
    assert answer.status_code == 422
    assert "4 more tries." in answer.content.decode()
    assert row(till) is None
    take_over(till, person)
    with inside(huxley):
        assert Pin.objects.get().tries == 0, "a right one forgets them"


@pytest.mark.django_db(transaction=True)
def test_five_wrong_ones_switch_it_off_until_the_password(
    till: Client, device: tuple[Device, tills.TillCookie], cashier: User, huxley: Retailer
) -> None:
    person = give_pin(cashier)
    for _ in range(5):
        assert take_over(till, person, "9999").status_code == 422
    answer = take_over(till, person)
    assert (answer.status_code, row(till)) == (422, None), "the right one too"
    assert "This PIN is off" in answer.content.decode()
    assert "PIN is off: sign in with the password" in till.get(SWITCH).content.decode()
    with inside(huxley):
        told = Event.objects.filter(name="pin wrong").order_by("id").values_list("facts", "by_user_id", "device_id")
        assert list(told) == [({"left": left}, None, device[0].pk) for left in (4, 3, 2, 1, 0)]
    till.post("/sign-in/", {"login": cashier.login, "password": PASSWORD})
    assert take_over(till, person).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_till_that_tries_one_after_the_other_has_to_wait(
    till: Client, midtown: Location, huxley: Retailer, owner: User
) -> None:
    people = []
    for _ in range(6):
        user = make_user()
        make_membership(user, retailer=huxley, location=midtown)
        people.append(give_pin(user))
    answers = [take_over(till, people[number // 4], "9999").status_code for number in range(21)]
    assert answers == [422] * 20 + [429]
    answer = take_over(till, people[-1])
    assert (answer.status_code, row(till)) == (429, None)
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "or sign in with your password" in answer.content.decode()
    other = browser_of(make_device(midtown, by=owner))
    assert take_over(other, people[-1]).status_code == 302, "another till is another till"


@pytest.mark.parametrize("person", ["", "0", "-1", "x", "９", "9" * 30, "7"])
def test_nobody_is_nobody(till: Client, cashier: User, person: str) -> None:
    give_pin(cashier)
    answer = till.post(SWITCH, {"person": person, "digits": DIGITS})
    assert (answer.status_code, row(till)) == (422, None)
    assert "That is not the PIN." in answer.content.decode()


def test_person_of_elsewhere_is_nobody_here(
    till: Client, riverside_administrator: User, other_owner: User, cashier: User
) -> None:
    for user in (riverside_administrator, other_owner):
        answer = take_over(till, give_pin(user))
        assert (answer.status_code, row(till)) == (422, None)
    without = cashier.memberships.get().pk
    assert "That is not the PIN." in take_over(till, without).content.decode()


def test_who_was_removed_or_shut_out_comes_in_no_more(till: Client, cashier: User, owner: User) -> None:
    """On a page that was open already: the one is told, the other hears what a wrong PIN hears."""
    person, other = give_pin(cashier), give_pin(owner)
    cashier.memberships.update(ended_at=timezone.now())
    User.objects.filter(pk=owner.pk).update(is_active=False)
    page = till.get(SWITCH).content.decode()
    assert "Cass" not in page
    assert "Olive" not in page
    assert (take_over(till, person).status_code, take_over(till, other).status_code) == (403, 422)
    assert row(till) is None


def test_who_was_moved_away_from_a_till_was_not_removed(till: Client, cashier: User, riverside: Location) -> None:
    person = give_pin(cashier)
    cashier.memberships.update(ended_at=timezone.now())
    make_membership(cashier, retailer=riverside.retailer, location=riverside)
    assert take_over(till, person).status_code == 422


def test_asking_who_was_removed_is_counted_like_a_wrong_pin(till: Client, cashier: User) -> None:
    person = give_pin(cashier)
    cashier.memberships.update(ended_at=timezone.now())
    assert [take_over(till, person).status_code for _ in range(21)] == [403] * 20 + [429]


def test_removal_ends_a_session_begun_with_a_pin(till: Client, cashier: User) -> None:
    take_over(till, give_pin(cashier))
    cashier.memberships.update(ended_at=timezone.now())
    assert till.get("/checkout/").status_code in (302, 403)
    assert row(till) is None


def test_new_pin_and_no_pin_end_what_the_old_one_began(till: Client, cashier: User, client: Client) -> None:
    take_over(till, give_pin(cashier))
    prove(signed_in(client, cashier))
    client.post("/me/pin/", {"digits": "8305", "again": "8305"})
    assert row(till) is None
    take_over(till, cashier.memberships.get().pk, "8305")
    assert row(till) is not None
    client.post("/me/pin/", {"do": "remove"})
    assert row(till) is None
    assert take_over(till, cashier.memberships.get().pk, "8305").status_code == 422


def test_addresses_of_the_store_hold_for_its_tills(till: Client, cashier: User, huxley: Retailer) -> None:
    person = give_pin(cashier)
    Retailer.objects.filter(pk=huxley.pk).update(networks="192.0.2.0/24")
    answer = till.get(SWITCH)
    assert answer.status_code == 403
    assert "Cass" not in answer.content.decode()
    assert take_over(till, person).status_code == 403
    assert "Cass" in till.get(SWITCH, REMOTE_ADDR="192.0.2.9").content.decode()


def test_held_account_holds_for_who_comes_with_a_pin(till: Client, cashier: User, huxley: Retailer) -> None:
    person = give_pin(cashier)
    Retailer.objects.filter(pk=huxley.pk).update(held_at=NOW)
    take_over(till, person)
    answer = till.get("/customers/")
    assert answer.status_code == 403
    assert "on hold" in answer.content.decode()


def test_second_step_is_not_asked_for_at_the_till(till: Client, owner: User, huxley: Retailer) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(needs_second_step=True)
    take_over(till, give_pin(owner))
    assert till.get("/checkout/").status_code == 200


def test_lock_signs_out_to_the_tiles_and_keeps_where_one_was(till: Client, cashier: User) -> None:
    take_over(till, give_pin(cashier))
    answer = till.post("/till/lock/", {"next": "/checkout/late/"})
    assert answer.headers["Location"] == "/till/switch/?next=%2Fcheckout%2Flate%2F"
    assert row(till) is None
    assert 'value="/checkout/late/"' in till.get(answer.headers["Location"]).content.decode()
    assert till.post("/till/lock/", {"next": "https://evil.example/"}).headers["Location"].endswith("%2Fcheckout%2F")


def test_sheet_of_a_till_has_switch_and_lock_and_no_other_browser_has(
    till: Client, cashier: User, client: Client
) -> None:
    take_over(till, give_pin(cashier))
    page = till.get("/customers/").content.decode()
    assert "Switch person" in page
    assert "Lock the till" in page
    assert "Switch person" not in signed_in(client, cashier).get("/customers/").content.decode()


def test_sign_in_page_of_a_till_asks_who_is_there(till: Client, cashier: User, client: Client) -> None:
    assert "Who is at the till?" not in till.get("/sign-in/").content.decode(), "nobody has a PIN"
    give_pin(cashier)
    page = till.get("/sign-in/?next=/customers/").content.decode()
    assert "Who is at the till?" in page
    assert "Cass Cashier" in page
    assert "Cass Cashier" not in client.get("/sign-in/").content.decode()


def test_key_of_the_hash_is_not_the_secret_key(till: Client, cashier: User, settings: Any) -> None:
    person = give_pin(cashier)
    settings.LASTING_KEY = "another " * 10
    assert take_over(till, person).status_code == 422


def test_browser_that_has_just_become_a_till_has_them_too(owner: User, midtown: Location, client: Client) -> None:
    signed_in(client, owner).post("/devices/", {"name": "Back counter", "location": midtown.pk})
    assert "Switch person" in client.get("/customers/").content.decode()
