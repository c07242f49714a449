"""Paper cards: spread over their days, once, taken back as a whole; and their photos, made small and told nothing."""

import io
import re
import struct
import zlib
from collections import Counter as Count
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from astro.activity.models import Event
from astro.cards.models import Reward
from astro.checkout.errors import EnteredBefore, NotToday, NotYet
from astro.checkout.jobs import forget_closed_pages
from astro.checkout.models import CardPhoto, LateEntry, PaperCard, Source, UnitVoid, Visit
from astro.checkout.paper_cards import (
    MOST_PUNCHES,
    BadPaperCard,
    Paper,
    cheapest_of,
    check_paper,
    spread,
    take_back,
    take_over,
)
from astro.checkout.photos import BadPhoto, keep_photo, small_jpeg
from astro.customers.actions import merge_customers, split_customers
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.programs.models import ProgramCard
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted
from tests.desk.test_verify import plant

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner, buy=12)


def a_paper(counter, **told):
    with inside(counter.at.retailer):
        settled = {
            "key": new_uuid7(NOW),
            "program_card": ProgramCard.objects.get(program=counter.program),
            "product": counter.bag,
            "punches": 7,
            "first_on": TODAY - 90 * DAY,
            "last_on": TODAY - 3 * DAY,
        }
    return Paper(**settled | told)


def taken(counter, paper=None, *, photo=None, now=None):
    with inside(counter.at.retailer):
        kept = keep_photo(photo, now=NOW) if photo else None
        return take_over(
            counter.customer,
            paper or a_paper(counter),
            photo=kept,
            at=counter.at,
            by=counter.by,
            now=now or counter.now,
        )


@given(st.integers(1, MOST_PUNCHES), st.integers(0, 400))
def test_punches_are_spread_evenly(punches, span):
    first, last = TODAY - span * DAY, TODAY
    found = spread(punches, first, last)
    days = list(found)
    assert sum(found.values()) == punches
    assert days == sorted(days)
    assert days[-1] == last
    assert days[0] == first or punches == 1
    assert max(found.values()) - min(found.values()) <= 1
    gaps = [(after - before).days for before, after in pairwise(days)]
    assert not gaps or max(gaps) - min(gaps) <= 1


SPREAD = [
    (1, 0, {0: 1}), (1, 9, {9: 1}), (2, 9, {0: 1, 9: 1}), (3, 9, {0: 1, 5: 1, 9: 1}), (5, 1, {0: 3, 1: 2}),
    (5, 0, {0: 5}), (4, 3, {0: 1, 1: 1, 2: 1, 3: 1}),
]  # fmt: skip


@pytest.mark.parametrize(("punches", "span", "expected"), SPREAD)
def test_where_punches_fall(punches, span, expected):
    found = spread(punches, TODAY, TODAY + span * DAY)
    assert {(day - TODAY).days: count for day, count in found.items()} == expected


@pytest.mark.django_db
def test_each_day_is_a_visit_that_came_late_from_the_card(counter):
    done = taken(counter, a_paper(counter, number="P-417", note="from the drawer"), photo=b"a picture")
    with inside(counter.at.retailer):
        visits = list(Visit.objects.order_by("day"))
        assert [visit.day for visit in visits] == list(spread(7, TODAY - 90 * DAY, TODAY - 3 * DAY))
        assert {(visit.source, visit.reason, visit.by_id) for visit in visits} == {
            (Source.LATE, "paper_card", counter.by.pk)
        }
        assert {(entry.why, entry.paper_card) for entry in LateEntry.objects.all()} == {("paper_card", done.paper)}
        assert bytes(PaperCard.objects.get().photo.image) == b"a picture"
        assert Event.objects.get(name="paper card taken over").facts["visits"] == 7
    assert counter.rounds() == [(1, 7, "open")]
    found, checked = recounted(now=counter.now)
    assert found == []
    assert (checked["late entries"], checked["paper cards"]) == (7, 1)


@pytest.mark.django_db
def test_the_same_card_sent_twice_counts_once_and_another_under_its_key_is_refused(counter):
    paper = a_paper(counter)
    first = taken(counter, paper)
    again = taken(counter, paper, now=counter.now + DAY)
    assert (again.is_again, again.paper) == (True, first.paper)
    with pytest.raises(EnteredBefore):
        taken(counter, a_paper(counter, key=paper.key, punches=8))
    with inside(counter.at.retailer):
        assert (PaperCard.objects.count(), Visit.objects.count()) == (1, 7)
    assert counter.rounds() == [(1, 7, "open")]


@pytest.mark.django_db
def test_a_full_one_with_todays_last_punch_waits_for_the_till(counter):
    taken(counter, a_paper(counter, punches=12, last_on=TODAY))
    assert counter.rounds() == [(1, 12, "full")]
    with inside(counter.at.retailer):
        assert Reward.objects.get().state == "ready"
        assert max(Visit.objects.values_list("occurred_at", flat=True)) <= NOW


WRONG = [
    ({"punches": 0}, BadPaperCard, "punches"),
    ({"punches": MOST_PUNCHES + 1}, BadPaperCard, "punches"),
    ({"last_on": TODAY + DAY}, NotYet, "last_on"),
    ({"first_on": TODAY - 2 * DAY}, BadPaperCard, "first_on"),
    ({"first_on": TODAY - 401 * DAY}, BadPaperCard, "first_on"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("wrong", "refused", "field"), WRONG)
def test_what_no_card_can_say_is_refused(counter, wrong, refused, field):
    paper = a_paper(counter, **wrong)
    with inside(counter.at.retailer), pytest.raises(refused) as problem:
        check_paper(paper, at=counter.at, now=NOW)
    assert problem.value.field == field


@pytest.mark.django_db
def test_400_days_are_not_too_many_and_one_day_is_enough(counter):
    with inside(counter.at.retailer):
        check_paper(a_paper(counter, first_on=TODAY - 400 * DAY), at=counter.at, now=NOW)
        check_paper(a_paper(counter, first_on=TODAY, last_on=TODAY), at=counter.at, now=NOW)


@pytest.mark.django_db
def test_days_on_which_the_location_was_not_enrolled_are_refused(counter, owner):
    treat = cast.make_product(name="Treat")
    program = cast.make_program(title="Treats", products=[treat])
    cast.make_enrollment(counter.at, program=program, by=owner, from_on=TODAY - 30 * DAY)
    with inside(counter.at.retailer):
        card = ProgramCard.objects.get(program=program)
        check_paper(
            a_paper(counter, program_card=card, product=treat, first_on=TODAY - 30 * DAY), at=counter.at, now=NOW
        )
        with pytest.raises(BadPaperCard, match="is enrolled in Treats since October 21, 2026"):
            check_paper(a_paper(counter, program_card=card, product=treat), at=counter.at, now=NOW)
        with pytest.raises(BadPaperCard, match="Adult 30 lb did not fill"):
            check_paper(a_paper(counter, program_card=card), at=counter.at, now=NOW)


@pytest.mark.django_db
def test_the_cheapest_item_is_suggested(midtown, owner):
    dear, cheap, unpriced = (
        cast.make_product(name=name, prices=prices)
        for name, prices in [("Dear", {"USD": 900}), ("Cheap", {"USD": 500}), ("Unpriced", {})]
    )
    program = cast.make_program(products=[dear, unpriced, cheap])
    with inside(midtown.retailer):
        assert cheapest_of(ProgramCard.objects.get(program=program), at=midtown, day=TODAY) == cheap


@pytest.mark.django_db
def test_taking_it_back_takes_back_each_visit_once(counter, cashier):
    counter.buy(1)
    paper = taken(counter).paper
    who = {"at": counter.at, "by": cashier, "is_administrator": False}
    with inside(counter.at.retailer):
        with pytest.raises(NotToday):
            take_back(paper, **who, now=counter.now + DAY)
        assert not UnitVoid.objects.exists()
        assert take_back(paper, **who, now=counter.now)
        assert not take_back(paper, **who, now=counter.now)
        assert UnitVoid.objects.count() == 7
        assert Event.objects.filter(name="paper card taken back").count() == 1
    assert counter.rounds() == [(1, 1, "open")]
    assert recounted(now=counter.now)[0] == []


@pytest.mark.django_db
def test_an_administrator_takes_it_back_later(counter):
    paper = taken(counter).paper
    with inside(counter.at.retailer):
        assert take_back(paper, at=counter.at, by=counter.by, is_administrator=True, now=counter.now + 9 * DAY)
    assert recounted(now=counter.now + 9 * DAY)[0] == []


@pytest.mark.django_db
def test_it_goes_with_its_customer_and_comes_back_with_them(counter):
    paper = taken(counter).paper
    told = {"by": counter.by, "at": counter.at, "now": counter.now}
    with inside(counter.at.retailer):
        kept = cast.make_customer(at=counter.at)
        merge = merge_customers(kept, counter.customer, **told)
        assert PaperCard.objects.get().customer == kept
        split_customers(merge, **told)
        assert PaperCard.objects.get().customer == counter.customer == paper.customer
    assert recounted(now=counter.now)[0] == []


WRONG_ROWS = [
    ("checkout_visit", "source = 'till'", "true", "checkout_lateentry: visit_id is"),
    ("checkout_visit", "has_offer = true", "true", "checkout_visit: has_offer is true, should be false"),
    ("checkout_papercard", "punches = 8", "true", "checkout_papercard: punches is 8, should be 7"),
    ("checkout_papercard", "product_id = 5", "true", "checkout_papercard: visits is of other days or items"),
    ("checkout_papercard", "first_on = '2026-09-01'", "true", "checkout_papercard: visits is of other days or items"),
    ("checkout_lateentry", "paper_card_id = null", "true", "checkout_papercard: punches is 7, should be 6"),
    ("checkout_visit", "source = 'late'", "source = 'till'", "checkout_visit: source is late, should be another"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "change", "where", "sentence"), WRONG_ROWS)
def test_a_wrong_row_is_named(counter, table, change, where, sentence):
    taken(counter)
    counter.buy(1)
    where = "source = 'late'" if table == "checkout_visit" and where == "true" else where
    with inside(counter.at.retailer):
        plant(table, change, where)
    found, _checked = recounted(now=counter.now)
    assert [one for one in found if one.startswith(sentence)], found


# --- photos


def a_picture(kind="JPEG", size=(40, 30), mode="RGB", **how):
    written = io.BytesIO()
    Image.new(mode, size, **({"color": how.pop("color")} if "color" in how else {})).save(written, kind, **how)
    return written.getvalue()


def upload(data, name="card.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def opened(jpeg):
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_small_jpeg(kind):
    picture = opened(small_jpeg(upload(a_picture(kind, (3200, 1000)))))
    assert (picture.format, picture.size, picture.mode) == ("JPEG", (1600, 500), "RGB")


def test_a_small_photo_stays_as_it_is():
    assert opened(small_jpeg(upload(a_picture(size=(40, 30))))).size == (40, 30)


def test_where_when_and_by_which_phone_are_left_out():
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "SecretPhone", "2026:11:20 10:00:00"
    exif.get_ifd(0x8825)[2] = (46.0, 52.0, 0.0)
    data = a_picture(exif=exif, comment=b"SecretComment", icc_profile=b"SecretProfile")
    assert all(word in data for word in (b"SecretPhone", b"SecretComment", b"SecretProfile"))
    jpeg = small_jpeg(upload(data))
    assert b"Secret" not in jpeg
    assert b"Exif" not in jpeg
    assert opened(jpeg).getexif() == {}


def test_a_photo_taken_sideways_is_turned_up():
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the right side is up
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=exif, quality=95)
    turned = opened(small_jpeg(upload(written.getvalue())))
    assert turned.size == (20, 40)
    top, bottom = turned.getpixel((10, 5)), turned.getpixel((10, 35))
    assert top[1] < 60 < 200 < bottom[1]


def test_what_is_clear_becomes_white():
    data = a_picture("PNG", mode="RGBA", color=(0, 0, 0, 0))
    assert opened(small_jpeg(upload(data))).getpixel((5, 5)) == (255, 255, 255)


def png_that_claims(width, height):
    """A few bytes that would unfold into `width` times `height` pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


BAD_PHOTOS = [
    (b"", "is empty"),
    (b"x" * (15 * 1024 * 1024 + 1), "larger than 15 MB"),
    (b"hello", "no picture"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "no picture"),
    (png_that_claims(8000, 8000), "too many pixels"),
    (png_that_claims(60000, 60000), "too many pixels"),
    (png_that_claims(1000, 1000), "damaged"),
    (a_picture()[:300], "damaged"),
]


@pytest.mark.parametrize(("data", "sentence"), BAD_PHOTOS)
def test_a_bad_photo_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(BadPhoto, match=sentence) as problem:
        small_jpeg(upload(data))
    assert problem.value.field == "photo"


def test_a_picture_of_another_kind_is_none_whatever_it_is_called():
    with pytest.raises(BadPhoto, match="no picture"):
        small_jpeg(upload(a_picture("GIF", mode="P"), name="card.jpg"))


@given(st.binary(max_size=200), st.integers(0, 600))
def test_rubbish_in_a_photo_is_refused_or_drawn_never_an_error(rubbish, place):
    data = a_picture(size=(16, 16))
    with suppress(BadPhoto):
        small_jpeg(upload(data[:place] + rubbish + data[place + len(rubbish) :]))


# --- pages


@pytest.fixture
def now_counter(midtown, owner):
    made = Counter(midtown, owner, buy=12)
    made.now = utc_now().replace(microsecond=0)
    return made


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def fields(counter, **more):
    today = counter.at.day(counter.now)
    with inside(counter.at.retailer):
        card = ProgramCard.objects.get(program=counter.program)
    return {
        "key": str(new_uuid7(counter.now)),
        "card": str(card.pk),
        "product": "",
        "punches": "7",
        "first_on": (today - 60 * DAY).isoformat(),
        "last_on": (today - 3 * DAY).isoformat(),
        "number": "P-417",
        "note": "",
        "do": "save",
        **more,
    }


def send(client, counter, told, **headers):
    return client.post(reverse("checkout:paper_card", args=[counter.customer.pk]), told, headers=headers)


@pytest.mark.django_db
def test_a_cashier_takes_a_card_over_with_its_photo(at_till, now_counter):
    counter = now_counter
    page = at_till.get(reverse("checkout:paper_card", args=[counter.customer.pk]))
    assert 'accept="image/*"' in page.text
    assert 'capture="environment"' in page.text
    chosen = send(at_till, counter, fields(counter, do="card"))
    assert "The cheapest: Adult 30 lb" in chosen.text
    told = fields(counter)
    check = send(at_till, counter, {**told, "do": "check", "photo": upload(a_picture(size=(2000, 1000)))})
    assert "7 punches on card 1: 7 of 12." in words(check)
    assert "Photo Yes" in words(check)
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()
    kept = re.search(r'name="kept_photo" value="([^"]+)"', check.text)[1]
    done = send(at_till, counter, {**told, "kept_photo": kept})
    again = send(at_till, counter, {**told, "kept_photo": kept})
    with inside(counter.at.retailer):
        paper = PaperCard.objects.get()
        visit = Visit.objects.order_by("day").first()
    there = reverse("checkout:paper", args=[counter.customer.pk, paper.pk])
    assert done.url == again.url == there
    page = at_till.get(there)
    photo_url = reverse("checkout:paper_photo", args=[counter.customer.pk, paper.pk])
    assert photo_url in page.text
    for place in [reverse("checkout:visit", args=[visit.key]), reverse("checkout:history", args=[counter.customer.pk])]:
        assert "It comes from a paper card" in words(at_till.get(place))
        assert "Paper card and photo" in words(at_till.get(place))
    photo = at_till.get(photo_url)
    assert opened(photo.content).size == (1600, 800)
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert photo.headers["Content-Disposition"].startswith("inline")
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in photo.headers["Cache-Control"]
    assert recounted(now=utc_now())[0] == []


@pytest.mark.django_db
def test_a_bad_photo_says_so_and_nothing_else_is_lost(at_till, now_counter):
    told = fields(now_counter, do="check", photo=upload(b"hello"))
    page = send(at_till, now_counter, told)
    assert page.status_code == 422
    assert "This is no picture that we can read." in words(page)
    for kept in ("P-417", told["key"], told["first_on"]):
        assert f'value="{kept}"' in page.text


@pytest.mark.django_db
def test_a_good_photo_is_not_asked_for_again_where_something_else_is_wrong(at_till, now_counter):
    told = fields(now_counter, do="check", punches="")
    page = send(at_till, now_counter, {**told, "photo": upload(a_picture())})
    assert page.status_code == 422
    assert "The photo is here." in words(page)
    kept = re.search(r'name="kept_photo" value="([^"]+)"', page.text)[1]
    assert send(at_till, now_counter, {**fields(now_counter), "kept_photo": kept}).status_code == 302
    with inside(now_counter.at.retailer):
        assert PaperCard.objects.get().photo is not None


@pytest.mark.django_db
def test_nobody_names_a_photo_that_is_not_theirs(at_till, now_counter):
    """Not one that was made up, nor that of a card which was saved."""
    check = send(at_till, now_counter, fields(now_counter, do="check", photo=upload(a_picture())))
    kept = re.search(r'name="kept_photo" value="([^"]+)"', check.text)[1]
    send(at_till, now_counter, fields(now_counter, kept_photo=kept))
    for name in (kept, kept.split(":")[0], "x:y"):
        send(at_till, now_counter, fields(now_counter, kept_photo=name))
    with inside(now_counter.at.retailer):
        assert Count(paper.photo_id is None for paper in PaperCard.objects.all()) == {False: 1, True: 3}


@pytest.mark.django_db
def test_the_same_number_again_is_warned_of(at_till, now_counter):
    send(at_till, now_counter, fields(now_counter))
    check = send(at_till, now_counter, fields(now_counter, do="check", number="p-417"))
    assert "A card with the number p-417 was taken over" in words(check)
    other = send(at_till, now_counter, fields(now_counter, do="check", number=""))
    assert "was taken over on" not in words(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"card": ""}, "Choose the card."),
        ({"card": "5"}, "Choose one from the list."),
        ({"product": "5"}, "This item is not on that card."),
        ({"punches": "61"}, "holds 1 to 60 punches"),
        ({"punches": "a few"}, "number of punches in digits"),
        ({"first_on": ""}, "Choose the day."),
        ({"first_on": "1998-01-01"}, "up to 400 days old"),
        ({"first_on": "2999-01-01", "last_on": "2999-01-01"}, "in the future"),
        ({"number": "x" * 41}, "up to 40 characters"),
        ({"note": "x" * 201}, "up to 200 characters"),
        ({"key": "x"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(at_till, now_counter, wrong, sentence):
    page = send(at_till, now_counter, fields(now_counter, **wrong))
    assert page.status_code == 422
    assert sentence in words(page)
    with inside(now_counter.at.retailer):
        assert not PaperCard.objects.exists()


@pytest.mark.django_db
def test_it_is_taken_back_by_its_button_the_same_day_by_anybody(at_till, client, owner, now_counter):
    send(at_till, now_counter, fields(now_counter))
    with inside(now_counter.at.retailer):
        paper = PaperCard.objects.get()
    page = reverse("checkout:paper", args=[now_counter.customer.pk, paper.pk])
    undo = reverse("checkout:paper_undo", args=[now_counter.customer.pk, paper.pk])
    assert undo in at_till.get(page).text
    assert "Its 7 punches are taken back" in words(at_till.get(undo))
    assert at_till.post(undo).url == page
    assert "Everything of this paper card was taken back." in words(at_till.get(page))
    assert "Nothing changed" in words(at_till.post(undo, follow=True))
    assert "Taken back" in words(signed_in(client, owner).get(reverse("checkout:late")))


@pytest.mark.django_db
def test_one_of_an_earlier_day_is_an_administrators_to_take_back(at_till, client, owner, now_counter):
    paper = taken(now_counter, now=now_counter.now - 2 * DAY, paper=_old(now_counter)).paper
    undo = reverse("checkout:paper_undo", args=[now_counter.customer.pk, paper.pk])
    assert "Ask an administrator" in words(at_till.get(undo))
    assert "An administrator can take it back" in words(at_till.post(undo, follow=True))
    assert not _undone(now_counter)
    assert signed_in(client, owner).post(undo).status_code == 302
    assert _undone(now_counter)


def _old(counter):
    today = counter.at.day(counter.now)
    return a_paper(counter, first_on=today - 9 * DAY, last_on=today - 5 * DAY)


def _undone(counter):
    with inside(counter.at.retailer):
        return UnitVoid.objects.exists()


@pytest.mark.django_db
def test_photos_of_cards_that_were_never_saved_are_forgotten_after_a_day(counter):
    taken(counter, photo=b"of a card")
    with inside(counter.at.retailer):
        keep_photo(b"of none", now=NOW)
        forget_closed_pages({}, now=NOW + DAY)
        assert CardPhoto.objects.count() == 2
        forget_closed_pages({}, now=NOW + 2 * DAY)
        assert [bytes(photo.image) for photo in CardPhoto.objects.all()] == [b"of a card"]


@pytest.mark.django_db
def test_a_store_without_programs_is_told_so(at_till, midtown):
    with inside(midtown.retailer):
        who = cast.make_customer(at=midtown)
    page = at_till.get(reverse("checkout:paper_card", args=[who.pk]))
    assert "Midtown is enrolled in no program" in words(page)


@pytest.mark.django_db
def test_another_retailers_card_and_photo_are_not_found(client, other_owner, counter):
    paper = taken(counter, photo=b"a picture").paper
    signed_in(client, other_owner)
    for name in ("paper", "paper_photo", "paper_undo"):
        assert client.get(reverse(f"checkout:{name}", args=[counter.customer.pk, paper.pk])).status_code == 404
