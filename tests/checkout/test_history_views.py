"""History, one visit and the note on a card, as the browser asks for them."""

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import reverse

from astro.activity.models import Event
from astro.cards.models import Card, CardNote
from astro.customers.actions import retire_customer
from astro.kit.clock import utc_now
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_finishing import Counter

LONG_AGO = utc_now().replace(year=utc_now().year - 1, month=3, day=3, hour=18)


@pytest.fixture
def counter(midtown, owner):
    made = Counter(midtown, owner)
    made.now = utc_now().replace(microsecond=0)
    return made


@pytest.fixture
def card(counter):
    """Two of three bags bought a moment ago."""
    counter.buy(2)
    with inside(counter.at.retailer):
        return Card.objects.get()


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


def get(client, name, *args, **query):
    return client.get(reverse(f"checkout:{name}", args=args), query)


def words(answer):
    """The page as it reads, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_history_explains_the_number_and_shows_every_item(at_till, counter, card):
    page = get(at_till, "history", counter.customer.pk)
    assert page.status_code == 200
    assert "2 of 3: 2 bought on" in words(page)
    assert words(page).count("Adult 30 lb") >= 2
    assert "Punch 1" in words(page)
    assert "Midtown" in words(page)
    assert "Olive Owner" in words(page)


def test_an_empty_history_says_what_to_do(at_till, midtown):
    with inside(midtown.retailer):
        nobody = cast.make_customer(at=midtown, first_name="Nora")
    page = get(at_till, "history", nobody.pk)
    assert "Nora has no cards yet." in words(page)
    assert reverse("checkout:till", args=[nobody.pk]) in page.text


def test_history_is_narrowed_by_its_address_and_rubbish_is_left_out(at_till, counter, card):
    counter.buy(2)
    full = get(at_till, "history", counter.customer.pk, state="full")
    assert "3 of 3:" in words(full)
    assert "1 of 3:" not in words(full)
    assert "No card is like that." in words(get(at_till, "history", counter.customer.pk, state="expired"))
    for rubbish in ({"state": "x"}, {"card": "x"}, {"card": "9" * 40}, {"card": card.pk}, {"cursor": "x"}):
        page = get(at_till, "history", counter.customer.pk, **rubbish)
        assert "card 1" in words(page)
        assert "card 2" in words(page)
    narrowed = get(at_till, "history", counter.customer.pk, card=card.program_card_id, state="open")
    assert "card 2" in words(narrowed)
    assert "3 of 3" not in words(narrowed)


def test_a_long_history_has_pages(at_till, counter):
    for _ in range(7):
        counter.buy(9)
    first = get(at_till, "history", counter.customer.pk)
    assert first.text.count('class="round panel') == 20
    cursor = re.search(r'href="([^"]*cursor=[^"]+)"[^>]*rel="next"', first.text)[1].replace("&amp;", "&")
    second = at_till.get(reverse("checkout:history", args=[counter.customer.pk]) + cursor)
    assert second.text.count('class="round panel') == 1
    assert "card 1 " in words(second)


def test_an_item_from_earlier_is_put_right_rather_than_removed(client, cashier, owner, counter):
    counter.now = LONG_AGO
    counter.buy(1)
    address = reverse("checkout:history", args=[counter.customer.pk])
    for user in (cashier, owner):
        page = signed_in(Client(), user).get(address).text
        assert "/removal/" not in page
        assert "/correction/" in page


def test_the_export_is_an_administrators(at_till, owner, counter, card):
    assert get(at_till, "history_export", counter.customer.pk).status_code == 403
    signed_in(at_till, owner)
    answer = get(at_till, "history_export", counter.customer.pk, **{"as": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["Item"], row["What became of it"], row["Entered by"]) for row in rows] == [
        ("Adult", "Counts", "Olive Owner")
    ] * 2
    sheet = get(at_till, "history_export", counter.customer.pk, **{"as": "xlsx"})
    assert sheet.getvalue()[:2] == b"PK"


@pytest.mark.parametrize("page", ["history", "undo_redemption"])
def test_a_link_kept_from_before_a_customer_was_removed_says_so(at_till, owner, counter, page):
    customer = counter.customer
    with inside(counter.at.retailer):
        retire_customer(customer, at=counter.at, by=owner, now=utc_now())
    args = [customer.pk] + ([1] if page == "undo_redemption" else [])
    answer = at_till.get(reverse(f"checkout:{page}", args=args))
    assert answer.status_code == 409
    assert f"{customer.name} was removed from your list." in words(answer)


def test_another_retailers_customer_has_no_history_here(client, other_owner, counter, card):
    signed_in(client, other_owner)
    for name, args in [
        ("history", [counter.customer.pk]),
        ("history_export", [counter.customer.pk]),
        ("note", [counter.customer.pk, card.pk]),
    ]:
        assert get(client, name, *args).status_code == 404


def test_the_page_takes_as_many_queries_for_one_round_as_for_many(
    at_till, counter, django_assert_num_queries, django_assert_max_num_queries
):
    address = reverse("checkout:history", args=[counter.customer.pk])
    counter.finish(counter.buy(3))
    with django_assert_max_num_queries(20) as one:
        at_till.get(address)
    for _ in range(3):
        counter.finish(counter.buy(3))
    with django_assert_num_queries(len(one)):
        at_till.get(address)


# One visit


def test_a_visit_tells_what_it_did(at_till, counter):
    visit = counter.buy(2, reason="other", reason_text="A neighbour's bag")
    page = get(at_till, "visit", visit.key)
    assert "2 punches on" in words(page)
    assert "Other: A neighbour&#x27;s bag" in words(page)
    assert "At once: there was no free item to choose." in words(page)
    assert reverse("checkout:undo_visit", args=[counter.customer.pk, visit.key]) in page.text


def test_a_visit_with_a_free_item_tells_how_it_was_finished(at_till, counter):
    visit = counter.buy(3)
    assert "Not yet" in words(get(at_till, "visit", visit.key))
    counter.finish(visit)
    page = get(at_till, "visit", visit.key)
    assert "Finished at the till" in words(page)
    assert "Given free" in words(page)


def test_the_day_leads_to_its_visits_and_says_why_there_are_several(at_till, counter):
    visit = counter.buy(2, reason="stocking_up")
    page = get(at_till, "day")
    assert reverse("checkout:visit", args=[visit.key]) in page.text
    assert "Stocking up" in words(page)


def test_another_retailers_visit_is_not_found(client, other_owner, counter):
    visit = counter.buy(1)
    assert get(signed_in(client, other_owner), "visit", visit.key).status_code == 404


# The note on a card


def write(client, card, text, **fields):
    return client.post(reverse("checkout:note", args=[card.customer_id, card.pk]), {"text": text, "seen": "", **fields})


def seen_by(client, card):
    page = client.get(reverse("checkout:note", args=[card.customer_id, card.pk]))
    return re.search(r'name="seen"(?: value="([^"]*)")?', page.text)[1] or ""


def test_a_note_is_written_changed_and_taken_away(at_till, huxley, cashier, card):
    answer = write(at_till, card, "  Two from paper:\r\n3 March, 4 April  ")
    assert answer.headers["Location"] == reverse("checkout:history", args=[card.customer_id]) + f"#card-{card.pk}"
    with inside(huxley):
        note = CardNote.objects.get()
    assert (note.text, note.changed_by) == ("Two from paper:\n3 March, 4 April", cashier)
    page = get(at_till, "history", card.customer_id)
    assert "Two from paper:" in page.text
    assert "Note by Cass Cashier" in words(page)
    write(at_till, card, "Three", seen=seen_by(at_till, card))
    write(at_till, card, "", seen=seen_by(at_till, card))
    assert "Note by" not in words(get(at_till, "history", card.customer_id))
    with inside(huxley):
        assert CardNote.objects.get().text == ""
        events = Event.objects.filter(name="card note changed")
        assert [(event.about_id, event.facts) for event in events] == [(card.pk, {})] * 3


def test_the_same_note_again_is_no_change(at_till, huxley, card):
    for _ in range(2):
        write(at_till, card, "Paper", seen=seen_by(at_till, card))
    with inside(huxley):
        assert Event.objects.filter(name="card note changed").count() == 1


def test_a_note_that_is_too_long_is_kept_and_explained(at_till, huxley, card):
    assert write(at_till, card, "x" * 500).status_code == 302
    answer = write(at_till, card, "y" * 503, seen=seen_by(at_till, card))
    assert answer.status_code == 422
    assert "A note holds up to 500 characters. This one is 3 too long: shorten it." in answer.text
    assert "y" * 503 in answer.text
    with inside(huxley):
        assert CardNote.objects.get().text == "x" * 500


def test_two_who_write_at_once_lose_nothing(at_till, owner, huxley, card):
    other = signed_in(Client(), owner)
    mine, theirs = seen_by(at_till, card), seen_by(other, card)
    assert write(other, card, "Bought in March", seen=theirs).status_code == 302
    answer = write(at_till, card, "Bought in April", seen=mine)
    assert answer.status_code == 422
    assert "Olive Owner changed this note meanwhile. It now says: “Bought in March”." in answer.text
    assert ">Bought in April</textarea>" in answer.text.replace("\n", "")
    seen = re.search(r'name="seen" value="([^"]*)"', answer.text)[1]
    assert write(at_till, card, "Bought in March and April", seen=seen).status_code == 302
    with inside(huxley):
        assert CardNote.objects.get().text == "Bought in March and April"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eevil", "🐕" * 100, "a\x00b", "{{ 7|add:7 }}"])
def test_any_text_may_be_a_note(at_till, card, text):
    assert write(at_till, card, text).status_code in (302, 422)
    assert "<script>alert(1)" not in get(at_till, "history", card.customer_id).text


def test_a_note_goes_on_to_the_page_it_was_asked_from_and_nowhere_else(at_till, card):
    till = reverse("checkout:till", args=[card.customer_id])
    assert write(at_till, card, "a", next=till).headers["Location"] == till
    away = write(at_till, card, "b", next="//evil.example/", seen=seen_by(at_till, card))
    assert away.headers["Location"].startswith(reverse("checkout:history", args=[card.customer_id]))


def test_a_note_is_a_pop_up_where_htmx_asks_for_one(at_till, card):
    address = reverse("checkout:note", args=[card.customer_id, card.pk])
    pop_up = at_till.get(address, headers={"hx-request": "true", "hx-target": "dialogs"})
    assert "<dialog" in pop_up.text
    assert "<html" not in pop_up.text


def test_another_customers_card_is_not_found(at_till, midtown, card):
    with inside(midtown.retailer):
        stranger = cast.make_customer(at=midtown)
    assert get(at_till, "note", stranger.pk, card.pk).status_code == 404
