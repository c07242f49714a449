"""The New Astro Pet Owner Account: the ways to it, what is typed, what is sent, and what is asked once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.customers.consent.asking import SEND_REQUEST, ask, stop
from astro.customers.models import AccountRules, Channel, Consent, Customer
from astro.customers.requests import send_requests, words_of_request
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.tenancy import features
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_customer, signed_in

pytestmark = pytest.mark.django_db
BEN = {"first_name": "Ben", "last_name": "Ortiz"}
PHONE = {"phone": "(406) 555-0142"}
EMAIL = {"email": "ben@example.com"}
TEXT_BOX, EMAIL_BOX = {"send_text": "on"}, {"send_email": "on"}
NEW = "/customers/new/"


@pytest.fixture(params=["cashier", "owner"])
def anyone(request: pytest.FixtureRequest, client: Client) -> Client:
    """A cashier's browser, and an administrator's: for both it goes the same."""
    return signed_in(client, request.getfixturevalue(request.param))


@pytest.fixture
def till(client: Client, cashier: User) -> Client:
    return signed_in(client, cashier)


def settle(retailer: Retailer, **rules: Any) -> None:
    with inside(retailer):
        AccountRules(**rules).save(force_insert=True)


def everybody(retailer: Retailer) -> list[str]:
    with inside(retailer):
        return sorted(customer.name for customer in Customer.objects.all())


def asked(retailer: Retailer) -> list[tuple[str, str]]:
    """Over which channel something was asked, and what is on its way because of that."""
    with inside(retailer):
        said = [(row.channel, row.act) for row in Consent.objects.order_by("channel")]
    going = sorted(row.payload["channel"] for row in OutboxRow.objects.filter(kind=SEND_REQUEST))
    assert [channel for channel, _act in said] == going
    return said


def notices(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def words_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("/", '<a class="button new tile-button" href="/customers/new/">'),
        ("/customers/", '<a class="button add" href="/customers/new/">'),
        ("/checkout/", '<a class="button add large" href="/customers/new/">'),
        ("/checkout/?q=Zebulon", 'href="/customers/new/?q=Zebulon"'),
    ],
)
def test_home_list_and_look_up_lead_to_the_account(anyone: Client, page: str, link: str) -> None:
    assert link in anyone.get(page).content.decode()


def test_the_blue_icon_and_the_red_buttons_say_what_stores_know(anyone: Client) -> None:
    assert "New Customer</a>" in anyone.get("/").content.decode()
    for page in ("/customers/", "/checkout/", "/checkout/?q=Zebulon"):
        assert "Add Customer</a>" in anyone.get(page).content.decode()


@pytest.mark.parametrize(("label", "page"), [("Check Out", "/checkout/"), ("Customers", "/customers/")])
def test_the_header_leads_to_list_and_look_up_from_anywhere(anyone: Client, label: str, page: str) -> None:
    for start in ("/", "/help/", NEW):
        menu = {item.label: item.url for item in anyone.get(start).context["menu"]}
        assert menu[label] == page
    assert f'<a class="button save tile-button" href="{menu["Check Out"]}">' in anyone.get("/").content.decode()


def test_the_account_goes_the_same_for_cashier_and_administrator(anyone: Client, huxley: Retailer) -> None:
    assert "<h1>New Astro Pet Owner Account</h1>" in anyone.get(NEW).content.decode()
    saved = anyone.post(NEW, {**BEN, **PHONE, **EMAIL, **TEXT_BOX, **EMAIL_BOX})
    with inside(huxley):
        ben = Customer.objects.get()
    assert (saved.status_code, saved.headers["Location"]) == (302, f"/customers/{ben.pk}/more/")
    assert (ben.name, ben.phone, ben.email) == ("Ben Ortiz", "+14065550142", "ben@example.com")
    assert anyone.post(saved.headers["Location"], {"pets": "1"}).headers["Location"] == f"/checkout/{ben.pk}/"


@pytest.mark.parametrize("first", ["Ann & Bob", "Ann, Bob and Cy", "Ann Bob"])
@pytest.mark.parametrize("last", ["Chen", "Chen & Ortiz"])
def test_a_couple_shares_an_account(till: Client, huxley: Retailer, first: str, last: str) -> None:
    assert till.post(NEW, {"first_name": first, "last_name": last}).status_code == 302
    assert everybody(huxley) == [f"{first} {last}"]


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({}, ["Type the first name.", "Type the last name."]),
        ({"first_name": "Ben", **EMAIL, **EMAIL_BOX}, ["Type the last name."]),
        ({"last_name": "Ortiz", **PHONE, **TEXT_BOX}, ["Type the first name."]),
    ],
)
def test_nothing_is_saved_or_sent_until_both_names_are_there(
    till: Client, huxley: Retailer, typed: dict[str, str], sentences: list[str]
) -> None:
    refused = till.post(NEW, typed)
    assert refused.status_code == 422
    assert [error for errors in refused.context["form"].errors.values() for error in errors] == sentences
    assert (everybody(huxley), asked(huxley)) == ([], [])
    for name, value in typed.items():
        assert refused.context["form"][name].value() == (value if name not in {"send_text", "send_email"} else True)


@pytest.mark.parametrize(
    ("boxes", "said", "told"),
    [
        ({}, [], "Ben Ortiz is added."),
        (TEXT_BOX, [("text", "asked")], "Ben Ortiz is added. The SMS Opt In Text is on its way."),
        (EMAIL_BOX, [("email", "asked")], "Ben Ortiz is added. The Welcome Email is on its way."),
        (
            TEXT_BOX | EMAIL_BOX,
            [("email", "asked"), ("text", "asked")],
            "Ben Ortiz is added. The SMS Opt In Text is on its way. The Welcome Email is on its way.",
        ),
    ],
)
def test_each_box_sends_its_request_and_no_box_sends_nothing(
    till: Client, huxley: Retailer, boxes: dict[str, str], said: list[tuple[str, str]], told: str
) -> None:
    saved = till.post(NEW, {**BEN, **PHONE, **EMAIL, **boxes}, follow=True)
    assert (asked(huxley), notices(saved)) == (said, [told])
    with inside(huxley):
        ben = Customer.objects.get()
        states = {channel: "asked" if (channel, "asked") in said else "on_file" for channel in ("text", "email")}
        assert {"text": ben.text_state, "email": ben.email_state} == states


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (
            TEXT_BOX | EMAIL,
            "phone",
            "Type the mobile phone number that the text goes to, or clear Send SMS Opt In Text.",
        ),
        (
            EMAIL_BOX | PHONE,
            "email",
            "Type the e-mail address that the Welcome Email goes to, or clear Send Welcome Email.",
        ),
    ],
)
def test_a_box_is_of_no_use_without_its_field(
    till: Client, huxley: Retailer, typed: dict[str, str], field: str, sentence: str
) -> None:
    refused = till.post(NEW, BEN | typed)
    assert (refused.status_code, refused.context["form"].errors) == (422, {field: [sentence]})
    assert everybody(huxley) == []


def test_a_wrong_number_is_said_once(till: Client) -> None:
    refused = till.post(NEW, {**BEN, **TEXT_BOX, "phone": "555"})
    assert len(refused.context["form"].errors["phone"]) == 1


def test_what_goes_is_what_is_kept_word_for_word(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        words = {str(channel): words_of_request(channel, huxley) for channel in Channel}
    shown = till.get(NEW)
    assert shown.context["words"] == words["text"]
    assert re.search(r"\d+/\d+, \d parts?<", shown.content.decode())
    till.post(NEW, {**BEN, **PHONE, **EMAIL, **TEXT_BOX, **EMAIL_BOX})
    with inside(huxley):
        assert {row.channel: row.wording.text for row in Consent.objects.select_related("wording")} == words
    assert f"/m/terms/{huxley.pk}/" in words["text"]


def test_a_refused_request_never_loses_the_customer(till: Client, huxley: Retailer, midtown: Location) -> None:
    """Whose number stopped long ago comes back as another customer: saved, and told why nothing goes out."""
    with inside(huxley):
        before = make_customer(**PHONE, at=midtown)
        stop(before, Channel.TEXT, by=User.objects.get(user_name="huxleycashier"), at=midtown, now=NOW)
        before.retired_at = NOW
        before.save(update_fields=["retired_at"])
    saved = till.post(NEW, {**BEN, **PHONE, **EMAIL, **TEXT_BOX, **EMAIL_BOX}, follow=True)
    assert saved.redirect_chain[-1][1] == 302
    assert "Ben Ortiz" in everybody(huxley)
    first, second = notices(saved)
    assert first == "Ben Ortiz is added. The Welcome Email is on its way."
    assert second.startswith("The SMS Opt In Text was not sent. This number opted out, so nothing may be sent to it.")


def test_asking_too_often_is_refused_one_channel_alone(huxley: Retailer, midtown: Location, cashier: User) -> None:
    now = utc_now()
    with inside(huxley):
        ben = make_customer(**PHONE, **EMAIL, at=midtown)
        ask(ben, Channel.EMAIL, words="Please.", by=cashier, at=midtown, now=now)
        sent = send_requests(ben, list(Channel), by=cashier, at=midtown, now=now)
    assert sent.going == (Channel.TEXT,)
    assert [why.field for why in sent.refused] == ["email"]


@pytest.mark.parametrize(
    ("level", "typed", "status"),
    [
        ("required", {}, 422),
        ("required", EMAIL, 302),
        ("wanted", {}, 422),
        ("wanted", {"asked": "email"}, 302),
        ("wanted", {"asked": "phone"}, 422),
        ("wanted", EMAIL, 302),
        ("neither", {}, 302),
    ],
)
def test_the_store_says_what_it_asks_for(
    till: Client, huxley: Retailer, level: str, typed: dict[str, str], status: int
) -> None:
    settle(huxley, email=level)
    answer = till.post(NEW, BEN | typed)
    assert (answer.status_code, everybody(huxley)) == (status, ["Ben Ortiz"] if status == 302 else [])


def test_what_is_required_is_said_by_its_name(till: Client, huxley: Retailer) -> None:
    settle(huxley, email="required", phone="required")
    refused = till.post(NEW, BEN)
    assert refused.context["form"].errors == {
        "phone": ["Type the mobile phone number. Your store asks for it."],
        "email": ["Type the e-mail address. Your store asks for it."],
    }
    assert words_of(till.get(NEW)).count("(optional)") == 0


@pytest.mark.parametrize(
    ("rules", "question", "goes_to"),
    [
        ({"email": "wanted"}, "Add an e-mail address?", "#id_email"),
        ({"phone": "wanted"}, "Add a phone number?", "#id_phone"),
        ({"phone": "wanted", "email": "wanted"}, "Add a phone number and an e-mail address?", "#id_phone"),
    ],
)
def test_recommended_asks_once(
    till: Client, huxley: Retailer, rules: dict[str, str], question: str, goes_to: str
) -> None:
    """Yes leads to the field; no, or saving again, goes on. Nothing typed is lost, and no script is needed."""
    settle(huxley, **rules)
    once = till.post(NEW, BEN)
    text = words_of(once)
    assert question in text
    assert f'<a class="button" href="{goes_to}" autofocus>Yes, fill it in</a>' in text
    assert '<button class="button quiet">No, go on without</button>' in text
    assert (once.context["form"]["first_name"].value(), once.context["form"].errors) == ("Ben", {})
    for name in rules:
        assert f'<input type="hidden" name="asked" value="{name}">' in text
    assert till.post(NEW, {**BEN, "asked": list(rules)}).status_code == 302


def test_what_was_asked_is_not_asked_again_after_another_slip(till: Client, huxley: Retailer) -> None:
    settle(huxley, email="wanted")
    slip = till.post(NEW, {**BEN, "asked": ["email", "<script>"], "last_name": ""})
    assert slip.context["asked"] == ["email"]


def test_boxes_ticked_beforehand_ask_and_consent_to_nothing(till: Client, huxley: Retailer) -> None:
    settle(huxley, asks_by_text=True, asks_by_email=True)
    form = till.get(NEW).context["form"]
    assert (form["send_text"].value(), form["send_email"].value()) == (True, True)
    saved = till.post(NEW, {**BEN, **PHONE, **TEXT_BOX, **EMAIL_BOX}, follow=True)
    assert notices(saved) == ["Ben Ortiz is added. The SMS Opt In Text is on its way."]
    assert asked(huxley) == [("text", "asked")]
    with inside(huxley):
        assert Customer.objects.get().text_state == "asked"


def test_the_internal_customer_id_is_there_where_it_is_switched_on(till: Client, huxley: Retailer) -> None:
    assert "Internal Customer ID" not in words_of(till.get(NEW))
    till.post(NEW, {**BEN, "internal_id": "POS 17"})
    with inside(huxley):
        assert Customer.objects.get().internal_id == ""
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
    assert "Internal Customer ID" in words_of(till.get(NEW))
    assert till.post(NEW, {"first_name": "Ann", "last_name": "Lee", "internal_id": " pos  18 "}).status_code == 302
    assert till.get("/checkout/?q=pos+18", follow=True).context["customer"].name == "Ann Lee"
    again = till.post(NEW, {"first_name": "Bo", "last_name": "Lee", "internal_id": "POS 18"})
    assert again.context["form"].errors == {
        "internal_id": ["Ann Lee has this Internal Customer ID already. Use that customer, or type another."]
    }
    with inside(huxley):
        ann = Customer.objects.get(first_name="Ann")
    assert ann.internal_id == "pos 18"
    assert f'href="/checkout/{ann.pk}/">Use Ann' in words_of(again)


def test_two_stores_may_use_the_same_internal_customer_id(
    till: Client, huxley: Retailer, otherpaws: Retailer, elsewhere: Location
) -> None:
    with inside(otherpaws):
        make_customer(internal_id="17", at=elsewhere)
    with inside(huxley):
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
    assert till.post(NEW, {**BEN, "internal_id": "17"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_name": "x" * 10_000}, "first_name"),
        ({"last_name": "é" * 10_000}, "last_name"),
        ({"first_name": "A\x00nn"}, "first_name"),
        ({"last_name": "Or\x1btiz"}, "last_name"),
        ({"last_name": "\u202eztirO"}, "last_name"),
        ({"first_name": "\u200b"}, "first_name"),
        ({"email": "ben@example.com\r\nBcc: all@example.com"}, "email"),
        ({"email": "ben@example.com\x00"}, "email"),
        ({"email": f"{'x' * 10_000}@example.com"}, "email"),
        ({"phone": "+44 20 7946 0958 ext 7"}, "phone"),
        ({"phone": "4" * 10_000}, "phone"),
        ({"phone": "406\x00555\x000142"}, "phone"),
        ({"internal_id": "7" * 10_000}, "internal_id"),
        ({"internal_id": "7\x007"}, "internal_id"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_bad_input_is_a_sentence_and_nothing_is_written(
    till: Client, huxley: Retailer, typed: dict[str, str], field: str
) -> None:
    with inside(huxley):
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
    refused = till.post(NEW, {**BEN, **TEXT_BOX, **EMAIL_BOX, **PHONE, **EMAIL, **typed})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])
    assert (everybody(huxley), asked(huxley)) == ([], [])


def test_a_phone_of_another_country_is_kept_whole(till: Client, huxley: Retailer) -> None:
    assert till.post(NEW, {**BEN, "phone": "+44 20 7946 0958", **TEXT_BOX}).status_code == 302
    with inside(huxley):
        assert Customer.objects.get().phone == "+442079460958"


def test_somebody_with_exactly_that_name_is_asked_about_once(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        known = make_customer(**BEN, **PHONE, at=midtown)
    once = till.post(NEW, {"first_name": "ben", "last_name": "ORTIZ"})
    text = words_of(once)
    assert once.status_code == 422
    assert "Ben Ortiz is on your list already. Is it the same person?" in text
    assert f'<a class="button" href="/checkout/{known.pk}/" autofocus>Yes, use Ben</a>' in text
    assert "(406) 555-0142 · No Email on File" in text
    assert till.post(NEW, {**BEN, "asked": "name"}).status_code == 302
    assert everybody(huxley) == ["Ben Ortiz", "Ben Ortiz"]


def test_pressing_save_twice_makes_one_customer(till: Client, huxley: Retailer) -> None:
    assert [till.post(NEW, BEN).status_code for _press in range(2)] == [302, 422]
    assert everybody(huxley) == ["Ben Ortiz"]


def test_a_double_is_named_and_what_was_typed_stays(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(**BEN, **PHONE, at=midtown)
    refused = till.post(NEW, {"first_name": "Someone", "last_name": "Else", "phone": "406.555.0142", **TEXT_BOX})
    text = words_of(refused)
    assert "Ben Ortiz has this number already. Use that customer, or type another number." in text
    assert f'href="/checkout/{ben.pk}/">Use Ben' in text
    assert 'value="Someone"' in text
    assert refused.context["form"]["send_text"].value() is True


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first_name": "Benny", "last_name": "Ortiz"}, "Ben Ortiz is on your list. Use Ben?"),
        ({"first_name": "Ben", "last_name": "Ortis"}, "Ben Ortiz is on your list. Use Ben?"),
        ({"first_name": "Ortiz", "last_name": "Ben"}, "Ben Ortiz is on your list. Use Ben?"),
        ({"first_name": "Ann & Ben", "last_name": "Ortiz"}, "Ben Ortiz is on your list. Use Ben?"),
        ({"first_name": "Bea", "last_name": "Ortiz"}, ""),
        ({"first_name": "Ben", "last_name": "Baker"}, ""),
        ({"first_name": "x" * 10_000, "last_name": "y" * 10_000}, ""),
        ({"first_name": "%", "last_name": "_"}, ""),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_very_similar_names_are_offered_while_typing(
    till: Client, huxley: Retailer, midtown: Location, typed: dict[str, str], words: str
) -> None:
    with inside(huxley):
        ben = make_customer(**BEN, at=midtown)
    text = till.get("/customers/lookalikes/", typed).content.decode()
    assert (words in text, f"/checkout/{ben.pk}/" in text) == (True, bool(words))
    assert 'name="asked"' not in text  # a similar name says nothing about the exact one


def test_a_name_too_long_to_be_kept_is_like_nobodys(till: Client, huxley: Retailer, midtown: Location) -> None:
    long = {"first_name": "x" * 100, "last_name": "y" * 100}
    with inside(huxley):
        make_customer(**long, at=midtown)
    assert "Use " in till.get("/customers/lookalikes/", long).content.decode()
    longer = {"first_name": "x" * 10_000, "last_name": "y" * 100}
    assert till.get("/customers/lookalikes/", longer).content.strip() == b""


def test_who_was_shown_by_name_is_not_asked_about_again(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        make_customer(**BEN, at=midtown)
    assert '<input type="hidden" name="asked" value="name">' in till.get("/customers/lookalikes/", BEN).content.decode()


def test_another_retailers_doubles_are_not_there(till: Client, otherpaws: Retailer, elsewhere: Location) -> None:
    with inside(otherpaws):
        make_customer(**BEN, **PHONE, **EMAIL, at=elsewhere)
    assert till.get("/customers/lookalikes/", {**BEN, **PHONE, **EMAIL}).content.strip() == b""
    assert till.post(NEW, {**BEN, **PHONE, **EMAIL}).status_code == 302


def test_lookalikes_cost_the_same_for_one_and_many(till: Client, huxley: Retailer, midtown: Location) -> None:
    typed = {"first_name": "Benny", "last_name": "Ortiz"}
    with inside(huxley):
        make_customer(**BEN, at=midtown)
    till.get("/customers/lookalikes/", typed)
    with CaptureQueriesContext(connection) as one:
        till.get("/customers/lookalikes/", typed)
    with inside(huxley):
        for number in range(20):
            make_customer(first_name="Ben", last_name=f"Ortiz{number}", at=midtown)
    with CaptureQueriesContext(connection) as many:
        assert till.get("/customers/lookalikes/", typed).content.count(b"Use Ben?") == 3
    assert len(one) == len(many)


def test_the_account_costs_the_same_whoever_is_there(till: Client, huxley: Retailer, midtown: Location) -> None:
    till.get(NEW)
    with CaptureQueriesContext(connection) as one:
        till.get(NEW)
    with inside(huxley):
        for _one in range(3):
            make_customer(at=midtown)
    with CaptureQueriesContext(connection) as three:
        till.get(NEW)
    assert len(one) == len(three)


def test_the_button_says_what_it_sends_and_enter_in_a_field_is_never_the_preview(till: Client) -> None:
    text = words_of(till.get(NEW))
    for words in ("Send SMS Opt In Text", "Send Welcome Email", "Save Pet Owner - Send", "Preview Welcome Email"):
        assert words in text
    assert text.index('<button class="visually-hidden" tabindex="-1"') < text.index("formaction=")
