"""The picture of a program of the store's own: taken in, carried through the check, shown behind the wall; and what
else may be changed of a program that runs."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from astro.activity.models import Event
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.kit.clock import utc_now
from astro.programs.actions import NewCard
from astro.programs.models import CardRule, Enrollment, Program, ProgramPicture
from astro.programs.own.pictures import LOOSE_FOR, drawn, keep_picture
from astro.programs.queries import enrolled_on
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import inside
from tests.programs.own.test_own import make, typed, url

pytestmark = pytest.mark.django_db


def a_file(size=(600, 400), kind="JPEG", name="card.jpg", **more):
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **more)
    return SimpleUploadedFile(name, written.getvalue(), content_type="application/octet-stream")


@pytest.fixture
def as_owner(client, owner):
    return cast.signed_in(client, owner)


@pytest.fixture
def program(as_owner, huxley):
    make(as_owner, huxley)
    with inside(huxley):
        return Program.objects.get()


def send(client, program, **fields):
    return client.post(url("own_picture", program.pk), fields or {"picture": a_file()})


def sizes(row):
    return [Image.open(io.BytesIO(bytes(data))).size for data in (row.image, row.small)]


class TestTakingIn:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_it_becomes_two_squares(self, as_owner, huxley, program, kind):
        assert send(as_owner, program, picture=a_file((900, 500), kind)).status_code == 302
        with inside(huxley):
            row = ProgramPicture.objects.get()
            assert (row.program_id, sizes(row)) == (program.pk, [(400, 400), (192, 192)])
            assert list(Event.objects.filter(name="own program changed").values_list("facts", flat=True)) == [
                {"fields": ["picture"]}
            ]

    def test_nothing_of_the_file_but_its_picture_goes_on(self, as_owner, huxley, program):
        send(as_owner, program, picture=a_file(exif=b"Exif\0\0SecretPlace"))
        with inside(huxley):
            assert b"SecretPlace" not in bytes(ProgramPicture.objects.get().image)

    @pytest.mark.parametrize(
        ("file", "why"),
        [
            (a_file((399, 800)), "at least 400 pixels in width and in height"),
            (a_file((800, 399), "PNG"), "at least 400 pixels in width and in height"),
            (SimpleUploadedFile("card.jpg", b""), "This file is empty"),
            (SimpleUploadedFile("card.jpg", b"<svg onload=alert(1)>"), "no picture that we can read"),
            (a_file(kind="GIF"), "no picture that we can read"),
            (None, "Choose a picture file first"),
        ],
        ids=["narrow", "low", "empty", "text", "gif", "none"],
    )
    def test_what_cannot_be_taken_is_said_and_the_one_before_stays(self, as_owner, huxley, program, file, why):
        send(as_owner, program)
        with inside(huxley):
            before = ProgramPicture.objects.get().pk
        if file is not None:
            file.seek(0)
        answer = as_owner.post(url("own_picture", program.pk), {"picture": file} if file else {})
        assert (answer.status_code, why in answer.content.decode()) == (422, True)
        with inside(huxley):
            assert ProgramPicture.objects.get().pk == before

    def test_another_one_takes_its_place_at_another_address(self, as_owner, huxley, program):
        send(as_owner, program)
        with inside(huxley):
            first = ProgramPicture.objects.get().pk
        send(as_owner, program)
        with inside(huxley):
            assert ProgramPicture.objects.get().pk != first
        assert as_owner.get(url("picture", first)).status_code == 404

    def test_it_is_removed_and_twice_changes_nothing(self, as_owner, huxley, program):
        send(as_owner, program)
        for _press in range(2):
            assert send(as_owner, program, remove="yes").status_code == 302
        with inside(huxley):
            assert not ProgramPicture.objects.exists()
            assert Event.objects.filter(name="own program changed").count() == 2

    def test_a_brands_program_takes_none(self, as_owner):
        assert send(as_owner, cast.make_program()).status_code == 404


class TestBeforeTheProgram:
    def kept(self, page):
        return re.search(r'name="kept_picture" value="([^"]*)"', page.content.decode())[1]

    def test_it_stands_on_the_preview_and_goes_with_the_program(self, as_owner, huxley):
        page = as_owner.post(url("own_new"), {**typed(huxley), "picture": a_file()})
        with inside(huxley):
            row = ProgramPicture.objects.get()
        assert (row.program_id, url("small_picture", row.pk) in page.content.decode()) == (None, True)
        told = {**typed(huxley), "kept_picture": self.kept(page), "agreed": "1"}
        assert as_owner.post(url("own_new"), told).status_code == 302
        with inside(huxley):
            assert ProgramPicture.objects.get().program_id == Program.objects.get().pk

    def test_a_slip_elsewhere_does_not_lose_it(self, as_owner, huxley):
        page = as_owner.post(url("own_new"), {**typed(huxley, buy="0"), "picture": a_file()})
        assert (page.status_code, "The picture is here" in page.content.decode()) == (422, True)
        shown = as_owner.post(url("own_new"), {**typed(huxley), "kept_picture": self.kept(page)}).content.decode()
        with inside(huxley):
            assert url("small_picture", ProgramPicture.objects.get().pk) in shown

    def test_a_bad_one_is_said(self, as_owner, huxley):
        page = as_owner.post(url("own_new"), {**typed(huxley), "picture": a_file((50, 50))})
        assert (page.status_code, "at least 400 pixels" in page.content.decode()) == (422, True)

    def test_nobody_names_the_picture_of_another_program(self, as_owner, huxley):
        page = as_owner.post(url("own_new"), {**typed(huxley), "picture": a_file()})
        word = self.kept(page)
        as_owner.post(url("own_new"), {**typed(huxley), "kept_picture": word, "agreed": "1"})
        for guess in (word, word.replace(word[0], "9", 1), "1", "nothing"):
            as_owner.post(url("own_new"), {**typed(huxley, title=guess), "kept_picture": guess, "agreed": "1"})
        with inside(huxley):
            assert ProgramPicture.objects.get().program.title == "Nails"
            assert Program.objects.count() == 5

    def test_one_that_nobody_used_is_forgotten_a_day_later(self, huxley):
        now = utc_now()
        with inside(huxley):
            old = keep_picture(drawn(a_file()), now=now - LOOSE_FOR - timedelta(minutes=1))
            young = keep_picture(drawn(a_file()), now=now - timedelta(hours=1))
            last = keep_picture(drawn(a_file()), now=now)
            assert set(ProgramPicture.objects.values_list("pk", flat=True)) == {young.pk, last.pk} - {old.pk}


class TestShowing:
    @pytest.fixture
    def picture(self, as_owner, huxley, program):
        send(as_owner, program)
        with inside(huxley):
            return ProgramPicture.objects.get()

    @pytest.fixture
    def betty(self, huxley, midtown, program):
        """With a card of the program: one punch."""
        with inside(huxley):
            found = cast.make_customer(at=midtown, first_name="Betty", email="betty@example.com")
            now = utc_now()
            trim = enrolled_on(midtown, day=midtown.day(now))[0].product_ids[0]
            basket = Basket(uuid4(), now, (Line(uuid4(), trim, 1),), "0" * 64)
            record_visit(found, basket, at=midtown, by=None, now=now)
        return found

    def test_it_comes_as_our_picture_for_this_browser_alone(self, as_owner, picture):
        for name, data in (("picture", picture.image), ("small_picture", picture.small)):
            answer = as_owner.get(url(name, picture.pk))
            assert answer.content == bytes(data)
            assert answer["Content-Type"] == "image/jpeg"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert {"private", "immutable"} <= set(answer["Cache-Control"].replace(",", " ").split())

    def test_another_store_has_it_not(self, picture, other_owner):
        stranger = cast.signed_in(Client(), other_owner)
        assert stranger.get(url("small_picture", picture.pk)).status_code == 404

    def test_its_app_shows_it_and_another_stores_app_does_not(self, huxley, otherpaws, elsewhere, betty, picture):
        with inside(huxley):
            account = cast.make_app_account(betty)
        page = cast.signed_in_to_app(Client(), account, retailer=huxley)
        address = f"/app/pictures/{picture.pk}/small.jpg"
        assert f'src="{address}"' in page.get("/app/").content.decode()
        assert page.get(address).content == bytes(picture.small)
        assert Client().get(address).status_code == 302
        with inside(otherpaws):
            other = cast.make_app_account(cast.make_customer(at=elsewhere, email="else@example.com"))
        assert cast.signed_in_to_app(Client(), other, retailer=otherpaws).get(address).status_code == 404

    def test_the_till_shows_it_small(self, as_owner, betty, picture):
        page = as_owner.get(f"/checkout/{betty.pk}/").content.decode()
        assert f'<img src="{url("small_picture", picture.pk)}" alt="" width="40" height="40">' in page

    def test_the_app_and_the_preview_draw_the_same_card(self, as_owner, huxley, midtown, betty, program, picture):
        """One more punch, and the app's card is the preview's, letter by letter, but for whose door the picture is
        behind."""
        as_owner.post(url("own_change", program.pk), {"title": "Nails", "about": "Claws & <all>"})
        with inside(huxley):
            now = utc_now() + timedelta(minutes=1)
            trim = enrolled_on(midtown, day=midtown.day(now))[0].product_ids[0]
            record_visit(betty, Basket(uuid4(), now, (Line(uuid4(), trim, 1),), "0" * 64), at=midtown, by=None, now=now)
            account = cast.make_app_account(betty)
        shopper = cast.signed_in_to_app(Client(), account, retailer=huxley)
        app, preview = (
            re.search(r'<article class="punch-card.*?</article>', page.content.decode(), re.S)[0]
            for page in (shopper.get("/app/"), as_owner.get(url("own_change", program.pk)))
        )
        assert "Claws &amp; &lt;all&gt;" in app
        ours = preview.replace("/programs/own/pictures/", "/app/pictures/")
        assert re.sub(r"\s+", " ", without_today(app)) == re.sub(r"\s+", " ", without_today(ours))


def without_today(card):
    """The preview's two punches are of no day; the app's were made today."""
    card = card.replace(" is-today", "").replace('<span class="comma">,</span>', "")
    return re.sub(r'</span> <small class="nowrap">2 today</small>|</span>(?=</p>)', "", card)


class TestChangingMore:
    @pytest.mark.parametrize("kind", ["buy_get", "tracking", "cash_back", "prepaid"])
    def test_every_kind_changes_words_and_last_day(self, as_owner, huxley, midtown, kind):
        cast.make_product(name="Adult", size="30 lb")
        more = {
            "tracking": {"items": "Adult 30 lb"},
            "cash_back": {"back": "5"},
            "prepaid": {"pass_item": "Pass 90.00"},
        }.get(kind, {})
        assert make(as_owner, huxley, kind, **more).status_code == 302
        with inside(huxley):
            program = Program.objects.get()
            last_day = midtown.day(utc_now()) + timedelta(days=30)
        told = {"title": "Other", "about": "In other words", "ends_on": last_day.isoformat()}
        assert as_owner.post(url("own_change", program.pk), told).status_code == 302
        assert send(as_owner, program).status_code == 302
        with inside(huxley):
            program.refresh_from_db()
            assert (program.title, program.description, program.ends_on) == ("Other", "In other words", last_day)
            assert ProgramPicture.objects.get().program_id == program.pk

    def test_one_that_support_made_is_changed_like_any_other(self, as_owner, huxley, midtown):
        """And its rule keeps what the form does not ask."""
        with inside(huxley):
            bath = cast.make_product(name="Bath", retailer=huxley)
        program = cast.make_program(title="Baths", retailer=huxley, products=[bath])
        assert url("own_change", program.pk) in as_owner.get(url("own")).content.decode()
        assert send(as_owner, program).status_code == 302
        told = {"title": "Washes", "about": "With foam", "ends_on": ""}
        assert as_owner.post(url("own_change", program.pk), told).status_code == 302
        rule = {"from_on": midtown.day(utc_now()).isoformat(), "buy": "8", "gives": "item", "get": "1"}
        assert as_owner.post(url("own_rule", program.pk), rule).status_code == 302
        with inside(huxley):
            program.refresh_from_db()
            assert (program.title, program.description) == ("Washes", "With foam")
            rows = CardRule.objects.filter(version__program=program).order_by("version__number")
            assert list(rows.values_list("buy", "value_limit")) == [(12, "lesser_or_equal"), (8, "lesser_or_equal")]

    def test_one_with_several_cards_keeps_its_rules(self, as_owner, huxley):
        goods = [cast.make_product(retailer=huxley) for _card in range(2)]
        cards = [NewCard(f"Bath {number}", RuleOfCard(5), [row]) for number, row in enumerate(goods)]
        program = cast.make_program(title="Baths", retailer=huxley, cards=cards)
        page = as_owner.get(url("own_change", program.pk))
        assert (page.status_code, "Change the rule" in page.content.decode()) == (200, False)
        assert as_owner.get(url("own_rule", program.pk)).status_code == 404

    def test_an_end_is_moved_and_taken_away(self, as_owner, huxley, midtown, program):
        day = midtown.day(utc_now())
        ends = []
        for told in (day + timedelta(days=3), day, None):
            as_owner.post(
                url("own_change", program.pk), {"title": "Nails", "ends_on": told.isoformat() if told else ""}
            )
            with inside(huxley):
                program.refresh_from_db()
                ends.append(program.ends_on)
        assert ends == [day + timedelta(days=3), day, None]
        with inside(huxley):
            names = Event.objects.filter(name__startswith="own program").order_by("id").values_list("name", flat=True)
            assert list(names) == [
                "own program made", "own program ended", "own program ended", "own program goes on",
            ]  # fmt: skip

    def test_a_day_gone_by_is_refused_and_the_name_stays(self, as_owner, huxley, program):
        answer = as_owner.post(url("own_change", program.pk), {"title": "Claws", "ends_on": "2020-01-01"})
        assert (answer.status_code, "Choose today or a later day." in answer.content.decode()) == (422, True)
        with inside(huxley):
            program.refresh_from_db()
            assert (program.title, program.ends_on) == ("Nails", None)

    def test_an_end_that_stands_may_lie_back(self, as_owner, huxley, midtown, program):
        with inside(huxley):
            gone_by = midtown.day(utc_now()) - timedelta(days=2)
            Program.objects.filter(pk=program.pk).update(starts_on=gone_by, ends_on=gone_by)
        told = {"title": "Claws", "ends_on": gone_by.isoformat()}
        assert as_owner.post(url("own_change", program.pk), told).status_code == 302
        with inside(huxley):
            program.refresh_from_db()
            assert (program.title, program.ends_on) == ("Claws", gone_by)

    @pytest.mark.parametrize("kind", ["buy_get", "tracking", "cash_back"])
    def test_how_long_a_punch_counts(self, as_owner, huxley, midtown, kind):
        cast.make_product(name="Adult", size="30 lb")
        more = {"tracking": {"items": "Adult 30 lb"}, "cash_back": {"back": "5"}}.get(kind, {})
        make(as_owner, huxley, kind, **more)
        with inside(huxley):
            program = Program.objects.get()
        told = {"from_on": midtown.day(utc_now()).isoformat(), "buy": "6", "gives": "item", "get": "1", "months": "3"}
        assert as_owner.post(url("own_rule", program.pk), told | {"back": "5"}).status_code == 302
        with inside(huxley):
            rules = CardRule.objects.order_by("version__number").values_list("expiry_months", flat=True)
            assert list(rules) == [None, 3]

    def test_a_location_leaves_and_joins_again(self, as_owner, huxley, midtown, program):
        """From the page to which *Locations and items* leads."""
        assert url("detail", program.pk) in as_owner.get(url("own_change", program.pk)).content.decode()
        with inside(huxley):
            row = Enrollment.objects.get(program=program, location=midtown)
        assert as_owner.post(url("unenroll", row.pk)).status_code == 302
        told = {"locations": [str(midtown.pk)], "agreed": "on", "terms": "on"}
        as_owner.post(url("enroll", program.pk), told)
        with inside(huxley):
            running = Enrollment.objects.filter(program=program, location=midtown, until_on__isnull=True)
            assert running.count() == 1
