"""Answers that came when nobody could be asked again: listed, found, exported, and put right beside what came."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from astro.activity.models import Event
from astro.checkout.customer_part import erase, tell
from astro.checkout.fields.actions import FieldTerms, change_field, switch_off
from astro.checkout.fields.correcting import correct_answer
from astro.checkout.fields.judging import Asking
from astro.checkout.fields.queries import answers_of, cells_of
from astro.checkout.models import AnswerCorrection, AskedFor, FieldAnswer, FieldKind
from astro.customers.models import Customer
from astro.kit.append_only import RowIsFinal
from astro.kit.errors import DomainError
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.fields.asking import answered, check_out, make_field, rows_in
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/checkout/fields/answers/", "/checkout/fields/answers/export/"


@pytest.fixture
def office(client, owner):
    return signed_in(client, owner)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Pet")


@pytest.fixture
def bag():
    return cast.make_product(name="Bag")


def came(customer, *pairs, at, bag):
    """A visit that a till kept without network."""
    body = {**a_body(a_line(bag)), "answers": answered(*pairs)}
    return check_out(customer, body, at=at, asking=Asking.OF_NOBODY).visit


def only(place, **told):
    with inside(place.retailer):
        return FieldAnswer.objects.get(**told)


def page(answer):
    return f"{LIST}{answer.pk}/"


class TestPuttingRight:
    @pytest.fixture
    def lane(self, midtown):
        return make_field(midtown, "Register", kind=FieldKind.CHOICE, options=("One", "Two"))

    @pytest.fixture
    def wrong(self, midtown, sally, bag, lane):
        came(sally, (lane, "Three"), at=midtown, bag=bag)
        return only(midtown)

    def test_another_row_says_so_and_what_came_stays(self, midtown, owner, wrong, lane):
        with inside(midtown.retailer):
            correct_answer(wrong, "Two", by=owner, at=midtown, now=NOW)
            assert rows_in(midtown) == [("Register", "Three", "unfit", "visit")]
            rows = answers_of([wrong.visit_id])[wrong.visit_id]
            assert [(row.value, row.corrected) for row in rows] == [("Three", "Two")]
            assert cells_of(rows, [lane], AskedFor.VISIT) == ["Two"]
            event = Event.objects.get(name="checkout answer corrected")
            assert event.facts == {"number": 1}

    def test_the_last_word_holds_and_the_same_word_is_said_once(self, midtown, owner, wrong):
        with inside(midtown.retailer):
            for value in ("One", "Two", "Two"):
                correct_answer(wrong, value, by=owner, at=midtown, now=NOW)
            told = AnswerCorrection.objects.order_by("number").values_list("number", "value")
            assert list(told) == [(1, "One"), (2, "Two")]
            assert answers_of([wrong.visit_id])[wrong.visit_id][0].corrected == "Two"
            with pytest.raises(RowIsFinal):
                AnswerCorrection.objects.update(value="Three")

    @pytest.mark.parametrize(("value", "why"), [("Four", "choose one of the answers"), ("", "Type the right answer")])
    def test_what_does_not_fit_either_is_refused(self, midtown, owner, wrong, value, why):
        with inside(midtown.retailer):
            with pytest.raises(DomainError, match=why):
                correct_answer(wrong, value, by=owner, at=midtown, now=NOW)
            assert not AnswerCorrection.objects.exists()

    def test_it_is_held_against_the_field_as_it_is_asked_now(self, midtown, owner, sally, bag):
        amount = make_field(midtown, "Amount", kind=FieldKind.NUMBER, highest=Decimal(10))
        came(sally, (amount, "12"), at=midtown, bag=bag)
        answer = only(midtown)
        with inside(midtown.retailer):
            terms = FieldTerms(label="Amount", kind=FieldKind.NUMBER, highest=Decimal(20))
            change_field(amount, terms, by=owner, at=midtown, now=NOW)
            switch_off(amount, by=owner, at=midtown, now=NOW)
            assert correct_answer(answer, "12.50", by=owner, at=midtown, now=NOW).value == "12.5"

    def test_one_that_is_missing_is_filled_in(self, midtown, owner, sally, bag):
        make_field(midtown, "Initials", is_required=True)
        came(sally, at=midtown, bag=bag)
        with inside(midtown.retailer):
            assert correct_answer(only(midtown), "JB", by=owner, at=midtown, now=NOW).value == "JB"

    def test_one_that_fits_is_nobodys_to_put_right(self, midtown, owner, sally, bag, lane):
        came(sally, (lane, "One"), at=midtown, bag=bag)
        with inside(midtown.retailer), pytest.raises(DomainError, match="nothing to put right"):
            correct_answer(only(midtown), "Two", by=owner, at=midtown, now=NOW)

    def test_it_is_told_and_erased_with_the_customer(self, midtown, owner, sally, wrong):
        with inside(midtown.retailer):
            correct_answer(wrong, "Two", by=owner, at=midtown, now=NOW)
            told = tell(sally)["answers at the till"]
            assert [(row["answer"], row["put right to"]) for row in told] == [("Three", "Two")]
            erase(sally, now=NOW)
            assert AnswerCorrection.objects.get().value == ""
            Customer.objects.filter(pk=sally.pk).update(erased_at=NOW)
            with pytest.raises(DomainError, match="was erased"):
                correct_answer(wrong, "One", by=owner, at=midtown, now=NOW)


class TestTheList:
    @pytest.fixture
    def rows(self, midtown, riverside, sally, bag):
        """Two at Midtown, one at Riverside, and one that fits."""
        lane = make_field(midtown, "Register", kind=FieldKind.CHOICE, options=("One", "Two"))
        initials = make_field(midtown, "Initials", longest=3)
        make_field(midtown, "Receipt", is_required=True, places=frozenset({midtown.pk}))
        with inside(midtown.retailer):
            ben = cast.make_customer(at=riverside, first_name="Ben", last_name="Ortiz")
        came(sally, (lane, "Three"), (initials, "JB"), at=midtown, bag=bag)
        came(ben, (initials, "JBXY"), at=riverside, bag=bag)

    def found(self, client, **asked):
        page = client.get(LIST, asked)
        assert page.status_code == 200
        return sorted(row.label for row in page.context["rows"])

    def test_it_says_when_there_is_none(self, office, midtown):
        assert "Every answer fits its question" in office.get(LIST).content.decode()

    def test_searched_and_narrowed(self, office, midtown, owner, riverside, rows):
        assert self.found(office) == ["Initials", "Receipt", "Register"]
        assert self.found(office, q="ortiz") == ["Initials"]
        assert self.found(office, q="thre") == ["Register"]
        assert self.found(office, q="rec") == ["Receipt"]
        assert self.found(office, why="missing") == ["Receipt"]
        assert self.found(office, place=str(riverside.pk)) == ["Initials"]
        assert "No answer is like that" in office.get(LIST, {"q": "nothing"}).content.decode()
        with inside(midtown.retailer):
            correct_answer(only(midtown, label="Register"), "One", by=owner, at=midtown, now=NOW)
        assert self.found(office) == ["Initials", "Receipt"]
        assert self.found(office, state="right") == ["Register"]
        assert self.found(office, state="all", sort="oldest") == ["Initials", "Receipt", "Register"]
        assert "Answers to look at (2)" in office.get("/checkout/fields/").content.decode()

    def test_paged_and_counted_alike(self, office, midtown, sally, bag, django_assert_max_num_queries):
        lane = make_field(midtown, "Register", kind=FieldKind.CHOICE, options=("One", "Two"))
        for number in range(51):
            came(sally, (lane, f"Lane {number}"), at=midtown, bag=bag)
        with django_assert_max_num_queries(20):
            first = office.get(LIST)
        second = office.get(LIST, {"cursor": first.context["page"].next})
        assert (len(first.context["rows"]), [row.value for row in second.context["rows"]]) == (50, ["Lane 50"])

    def test_exported_as_asked(self, office, midtown, owner, rows):
        with inside(midtown.retailer):
            correct_answer(only(midtown, label="Register"), "One", by=owner, at=midtown, now=NOW)
        answer = office.get(EXPORT, {"state": "all", "why": "unfit"})
        told = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        picked = [(row[6], row[8], row[10]) for row in told[1:]]
        assert sorted(picked) == [("Initials", "JBXY", ""), ("Register", "Three", "One")]

    def test_who_has_one_location_sees_its_answers_alone(self, client, riverside_administrator, midtown, rows):
        theirs = signed_in(client, riverside_administrator)
        assert self.found(theirs) == ["Initials"]
        assert theirs.get(page(only(midtown, label="Register"))).status_code == 404

    def test_put_right_on_its_page(self, office, midtown, rows):
        answer = only(midtown, label="Register")
        assert '<option value="Two">' in office.get(page(answer)).content.decode()
        wrong = office.post(page(answer), {"value": "Nine"})
        assert (wrong.status_code, "choose one of the answers" in wrong.content.decode()) == (422, True)
        assert office.post(page(answer), {"value": ""}).status_code == 422
        assert office.post(page(answer), {"value": "Two"}).url == LIST
        shown = office.get(page(answer)).content.decode()
        assert "Three" in shown
        assert "Put right to" in shown
        with inside(midtown.retailer):
            visit = answer.visit
        assert "put right, came as “Three”" in office.get(f"/checkout/visits/{visit.key}/").content.decode()

    def test_an_answer_that_fits_has_no_page(self, office, midtown, rows):
        assert office.get(page(only(midtown, flag=""))).status_code == 404
