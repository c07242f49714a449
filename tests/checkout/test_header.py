"""What stands above the scan bar: who it is, how to reach them, their five signs; and what stands there for nobody."""

import re

import pytest
from django.urls import reverse

from astro.customers.actions import add_pet, retire_customer
from astro.customers.models import Customer
from astro.customers.pets import read_pet
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.tenancy import features
from tests import cast
from tests.cast import NOW, inside, make_customer, signed_in
from tests.checkout.test_actions import a_line


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def betty(huxley, midtown):
    with inside(huxley):
        return make_customer(
            at=midtown, first_name="Betty", last_name="Smith", phone="406-555-0142", email="betty@example.com"
        )


def header(client, customer):
    page = client.get(reverse("checkout:till", args=[customer.pk])).content.decode()
    return page[page.index('<section class="till-customer') : page.index("</section>")]


def links(shown):
    """The words of each link that opens the pop-up, and where it does."""
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*data-act="edit"[^>]*>(.*?)</a>', shown, re.DOTALL)
    return {re.sub(r"<[^>]+>|\s+", " ", words).strip(): address for address, words in found}


def test_the_email_is_a_link_to_the_popup(at_till, betty):
    shown = links(header(at_till, betty))
    assert shown["betty@example.com"] == f"/customers/{betty.pk}/edit/?next=checkout#sign-email"
    assert "Incomplete Customer Information" not in shown


def test_without_an_email_it_says_so_and_opens_the_popup_too(at_till, huxley, midtown):
    with inside(huxley):
        bare = make_customer(at=midtown, first_name="Bea")
    shown = links(header(at_till, bare))
    assert shown["No Email on File"] == f"/customers/{bare.pk}/edit/?next=checkout#sign-email"


@pytest.mark.parametrize(
    ("fields", "begins"),
    [({"phone": "406-555-0142"}, "id_email"), ({"email": "b@example.com"}, "id_phone"), ({}, "id_phone")],
)
def test_what_is_missing_is_prompted_for_and_blocks_nothing(at_till, huxley, midtown, fields, begins):
    with inside(huxley):
        some = make_customer(at=midtown, **fields)
    shown = links(header(at_till, some))
    assert shown["Incomplete Customer Information"].endswith(f"#{begins}")
    assert 'data-act="check-out"' in at_till.get(reverse("checkout:till", args=[some.pk])).content.decode()


def test_five_signs_from_left_to_right_each_opening_at_its_field(at_till, betty):
    shown = header(at_till, betty)
    signs = re.findall(r'class="status" href="[^"]+#sign-(\w+)" data-act="edit" aria-label="([^"]+)"', shown)
    assert signs == [
        ("text", "Text: Not asked yet. A mobile phone is on file."),
        ("email", "Email: Not verified. Not asked yet: the Welcome Email was not sent."),
        ("app", "App: Not registered yet. The Welcome Email says how."),
        ("pets", "Pets: No pet on file."),
        ("tags", "Tags: No tag."),
    ]
    marks = re.findall(r'class="icon mark (\w+)"', shown)
    assert marks == ["warn", "warn", "warn", "bad", "bad"]
    assert shown.count('class="bubble"') == 5


def test_the_pets_stand_behind_the_name(at_till, huxley, midtown, betty):
    with inside(huxley):
        for name in ("Biscuit", "Miso"):
            add_pet(betty, read_pet(name=name, today=NOW.date()), by=None, at=midtown, now=NOW)
    assert "Betty Smith <small>· Biscuit &amp; Miso</small>" in header(at_till, betty)


def test_the_astro_id_stands_there_only_where_it_is_switched_on(at_till, huxley, betty):
    assert "Astro ID" not in header(at_till, betty)
    with inside(huxley):
        features.switch_on(features.ASTRO_ID, now=NOW)
    shown = header(at_till, betty)
    assert shown.index("Astro ID") > shown.rindex('class="status"'), "below the signs"
    assert str(betty.pk) in shown[shown.index("Astro ID") :]


@pytest.mark.parametrize("page", ["till", "redeem"])
def test_a_customer_who_was_removed_mid_visit_is_told_of(at_till, huxley, midtown, betty, page):
    with inside(huxley):
        retire_customer(betty, at=midtown, by=None, now=NOW)
    answer = at_till.get(reverse(f"checkout:{page}", args=[betty.pk]))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Betty Smith was removed from your list. Look for another account of theirs." in shown
    assert f'href="{reverse("checkout:look_up")}"' in shown


def test_to_the_tills_script_the_same_is_said_as_json(at_till, huxley, midtown, betty):
    with inside(huxley):
        retire_customer(betty, at=midtown, by=None, now=NOW)
    line = a_line(cast.make_product())
    visit = {"key": str(new_uuid7(NOW)), "occurred_at": utc_now().isoformat(), "lines": [line]}
    for name, sent in (("preview", {"lines": []}), ("visits", visit)):
        address = reverse(f"checkout:{name}", args=[betty.pk])
        answer = at_till.post(address, sent, content_type="application/json")
        assert answer.status_code == 409, name
        assert answer.json()["error"]["message"].startswith("Betty Smith was removed from your list.")


def test_a_stranger_is_not_told_of(client, other_owner, huxley, betty):
    with inside(huxley):
        Customer.objects.filter(pk=betty.pk).update(retired_at=NOW)
    answer = signed_in(client, other_owner).get(reverse("checkout:till", args=[betty.pk]))
    assert answer.status_code == 404
    assert "Betty" not in answer.content.decode()
