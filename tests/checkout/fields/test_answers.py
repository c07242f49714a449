"""Answers travel with a visit: judged before anything is written, written once, flagged where nobody could be asked."""

import json
from datetime import timedelta

import pytest

from astro.activity.models import Event
from astro.checkout.actions import Recorded, Refused
from astro.checkout.arrivals import read_sent
from astro.checkout.arriving import arrive
from astro.checkout.basket import Answer
from astro.checkout.errors import BadVisit, FinishedBefore
from astro.checkout.fields.actions import FieldTerms, change_field, switch_off
from astro.checkout.fields.judging import Asking, Unfit
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.late import enter_late, lines_of
from astro.checkout.models import FieldAnswer, FieldKind, KeptVisit, LateWhy, Sealing, Visit, Why
from astro.checkout.settling import name_customer, name_items
from astro.kit.append_only import RowIsFinal
from astro.kit.ids import id_text
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.fields.asking import answered, check_out, make_field, rows_in
from tests.checkout.test_actions import a_body, a_line
from tests.checkout.test_finishing import Counter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally")


@pytest.fixture
def bag():
    return cast.make_product(name="Northpaw Gold", gtins=["012345678905"])


def bring(body, place):
    sent, data = read_sent(json.dumps(body).encode())
    with inside(place.retailer):
        return arrive(sent, data, at=place, device_id=None, till_clock=NOW, now=NOW)


def kept(customer, *lines, **more):
    told = {"key": str(new_key(NOW)), "occurred_at": (NOW - HOUR).isoformat(), "by": None, "customer": customer}
    return {**told, "lines": list(lines), **more}


def visits_in(place):
    with inside(place.retailer):
        return Visit.objects.count()


def test_an_answer_is_a_row_that_names_the_question_of_its_day(midtown, owner, sally, bag):
    initials, receipt = make_field(midtown, "Initials"), make_field(midtown, "Receipt")
    check_out(
        sally, {**a_body(a_line(bag)), "answers": answered((receipt, "R-77"), (initials, " J \t B "))}, at=midtown
    )
    with inside(midtown.retailer):
        change_field(initials, FieldTerms(label="Who", kind=FieldKind.TEXT), by=owner, at=midtown, now=NOW)
        told = Event.objects.get(name="visit recorded").facts
        assert (told["answers"], "flagged" in told) == (2, False)
    assert rows_in(midtown) == [("Initials", "J B", "", "visit"), ("Receipt", "R-77", "", "visit")]


def test_the_same_again_is_answered_alike_though_the_questions_changed(midtown, owner, sally, bag):
    initials = make_field(midtown, is_required=True)
    body = {**a_body(a_line(bag)), "answers": answered((initials, "JB"))}
    first = check_out(sally, body, at=midtown)
    with inside(midtown.retailer):
        terms = FieldTerms(label="Initials", kind=FieldKind.TEXT, longest=1, is_required=True)
        change_field(initials, terms, by=owner, at=midtown, now=NOW)
    make_field(midtown, "Receipt", is_required=True)
    again = check_out(sally, body, at=midtown)
    assert (again.is_again, again.visit.pk) == (True, first.visit.pk)
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


def test_another_answer_under_the_same_key_is_another_body(midtown, sally, bag):
    initials = make_field(midtown)
    body = a_body(a_line(bag))
    assert isinstance(check_out(sally, {**body, "answers": answered((initials, "JB"))}, at=midtown), Recorded)
    other = check_out(sally, {**body, "answers": answered((initials, "KC"))}, at=midtown)
    assert isinstance(other, Refused)
    assert other.kept.body["answers"] == answered((initials, "KC"))
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


@pytest.mark.parametrize("value", [None, "", "   ", "JBX"])
def test_nothing_is_written_where_a_required_answer_is_missing_or_wrong(midtown, sally, bag, value):
    initials = make_field(midtown, is_required=True, longest=2)
    body = a_body(a_line(bag))
    if value is not None:
        body["answers"] = answered((initials, value))
    with pytest.raises(Unfit) as refused:
        check_out(sally, body, at=midtown)
    assert refused.value.field == f"answer-{id_text(initials.pk)}"
    assert (visits_in(midtown), rows_in(midtown)) == (0, [])
    done = check_out(sally, {**body, "answers": answered((initials, "JB"))}, at=midtown)  # the same key, put right
    assert isinstance(done, Recorded)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("JB", "up to 40 answers"),
        ([1], "An answer cannot be read"),
        ([{"field": "1"}], "An answer cannot be read"),
        ([{"field": "x", "value": "JB"}], "An answer cannot be read"),
        ([{"field": "1", "value": ["JB"]}], "An answer cannot be read"),
        ([{"field": "1", "value": "J" * 201}], "holds up to 200 characters"),
        ([{"field": "1", "value": "J"}, {"field": "1", "value": "B"}], "answered twice"),
        ([{"field": str(pk), "value": "J"} for pk in range(41)], "up to 40 answers"),
    ],
)
def test_what_cannot_be_read_is_refused(midtown, sally, bag, told, sentence):
    with pytest.raises(BadVisit, match=sentence):
        check_out(sally, {**a_body(a_line(bag)), "answers": told}, at=midtown)


def test_other_locations_and_other_occasions_are_not_asked(huxley, midtown, sally, bag):
    uptown = cast.make_location(huxley, name="Uptown")
    make_field(uptown, "Uptown only", is_required=True, places=frozenset({uptown.pk}))
    make_field(midtown, "At redemption", is_required=True, for_visits=False, for_redemptions=True)
    assert isinstance(check_out(sally, a_body(a_line(bag)), at=midtown), Recorded)
    with pytest.raises(Unfit, match="Uptown only"):
        check_out(sally, a_body(a_line(bag)), at=uptown)


def test_another_retailers_field_is_none_of_this_store(midtown, elsewhere, sally, bag):
    theirs = make_field(elsewhere, "Their secret question", is_required=True)
    with pytest.raises(Unfit) as refused:
        check_out(sally, {**a_body(a_line(bag)), "answers": answered((theirs, "JB"))}, at=midtown)
    assert "secret" not in str(refused.value)
    bring(kept({"id": str(sally.pk)}, a_line(bag), answers=answered((theirs, "JB"))), midtown)
    assert rows_in(midtown) == [("A question that is not known", "JB", "unfit", "visit")]


def test_a_field_that_was_switched_off_meanwhile_is_recorded_all_the_same(midtown, owner, sally, bag):
    initials = make_field(midtown, is_required=True)
    with inside(midtown.retailer):
        switch_off(initials, by=owner, at=midtown, now=NOW)
    check_out(sally, {**a_body(a_line(bag)), "answers": answered((initials, "JB"))}, at=midtown)
    check_out(sally, a_body(a_line(bag)), at=midtown)
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


def test_a_list_is_asked_nothing(midtown, sally, bag):
    make_field(midtown, is_required=True)
    assert isinstance(check_out(sally, a_body(a_line(bag)), at=midtown, asking=Asking.NOT), Recorded)
    assert rows_in(midtown) == []


def test_what_a_till_kept_is_never_refused_but_flagged(midtown, owner, sally, bag):
    initials = make_field(midtown, longest=4)
    found = make_field(midtown, "How found", kind=FieldKind.CHOICE, options=("Friend", "Radio"))
    body = kept({"id": str(sally.pk)}, a_line(bag), answers=answered((initials, "JBXX"), (found, "Radio")))
    with inside(midtown.retailer):  # while the till was away
        shorter = FieldTerms(label="Initials", kind=FieldKind.TEXT, longest=2)
        change_field(initials, shorter, by=owner, at=midtown, now=NOW)
        fewer = FieldTerms(label="How found", kind=FieldKind.CHOICE, options=("Friend", "Sign"))
        change_field(found, fewer, by=owner, at=midtown, now=NOW)
    make_field(midtown, "Receipt", is_required=True)
    done = bring(body, midtown)
    assert (done.has_visit, done.whys) == (True, [])
    told = [
        ("Initials", "JBXX", "unfit", "visit"),
        ("How found", "Radio", "unfit", "visit"),
        ("Receipt", "", "missing", "visit"),
    ]
    assert rows_in(midtown) == told
    assert bring(body, midtown) == done
    assert rows_in(midtown) == told
    with inside(midtown.retailer):
        facts = Event.objects.get(name="visit recorded").facts
        assert (facts["answers"], facts["flagged"]) == (3, 3)


@pytest.mark.parametrize(
    "told",
    ["JB", [7], [{"field": "x", "value": "JB"}], [{"field": "1"}], [{"field": "1", "value": "J" * 201}]],
)
def test_answers_that_cannot_be_read_are_shown_to_a_person_and_the_visit_counts(midtown, sally, bag, told):
    done = bring(kept({"id": str(sally.pk)}, a_line(bag), answers=told), midtown)
    assert (done.has_visit, done.whys) == (True, [str(Why.UNREADABLE)])


def test_what_went_straight_and_comes_again_from_the_disk_is_the_same_visit(midtown, sally, bag):
    initials = make_field(midtown, is_required=True)
    straight = {**a_body(a_line(bag)), "answers": answered((initials, "JB"))}
    check_out(sally, straight, at=midtown)
    done = bring({**straight, "customer": {"id": str(sally.pk)}, "by": None}, midtown)
    assert (done.has_visit, done.whys) == (True, [])
    assert (visits_in(midtown), rows_in(midtown)) == (1, [("Initials", "JB", "", "visit")])


def test_answers_wait_with_a_visit_until_somebody_says_whose_it_is(midtown, owner, sally, bag):
    initials = make_field(midtown, is_required=True)
    bring(kept({"note": "the tall one"}, a_line(bag), answers=answered((initials, "JB"))), midtown)
    assert rows_in(midtown) == []
    with inside(midtown.retailer):
        name_customer(KeptVisit.objects.get(), sally, by=owner, at=midtown, now=NOW)
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


@pytest.mark.parametrize("has_known_line", [True, False])
def test_answers_are_recorded_once_where_items_are_named_later(midtown, owner, sally, bag, has_known_line):
    initials = make_field(midtown, is_required=True)
    unknown = [{"code": "4006381333931", "quantity": 1}]
    lines = [a_line(bag)] if has_known_line else []
    told = answered((initials, "JB"))
    bring(kept({"id": str(sally.pk)}, *lines, unknown=unknown, answers=told), midtown)
    assert len(rows_in(midtown)) == has_known_line
    with inside(midtown.retailer):
        name_items(KeptVisit.objects.get(), {0: bag}, by=owner, at=midtown, now=NOW)
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]


def test_a_late_entry_asks_without_requiring(midtown, sally, bag):
    initials = make_field(midtown, is_required=True, longest=2)

    def enter(*answers):
        key = new_key(NOW)
        with inside(midtown.retailer):
            return enter_late(
                sally,
                lines_of(key, [(bag.pk, 1)]),
                key=key,
                occurred_at=NOW - HOUR,
                why=LateWhy.FORGOTTEN,
                answers=answers,
                at=midtown,
                by=None,
                now=NOW,
            )

    enter()
    assert rows_in(midtown) == []
    enter(Answer(initials.pk, "JB"))
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]
    with pytest.raises(Unfit):
        enter(Answer(initials.pk, "JBX"))
    assert visits_in(midtown) == 2


def test_answers_are_facts(midtown, sally, bag):
    initials = make_field(midtown)
    check_out(sally, {**a_body(a_line(bag)), "answers": answered((initials, "JB"))}, at=midtown)
    with inside(midtown.retailer):
        row = FieldAnswer.objects.get()
        row.value = "KC"
        with pytest.raises(RowIsFinal):
            row.save()
        with pytest.raises(RowIsFinal):
            FieldAnswer.objects.update(value="KC")
        with pytest.raises(RowIsFinal):
            row.delete()


class Redeeming(Counter):
    """A customer whose card is full: one visit, one reward to choose."""

    def __init__(self, midtown, owner):
        super().__init__(midtown, owner)
        self.visit = self.buy(3)

    def send(self, *answers, key=None, keeps=False):
        with inside(self.at.retailer):
            reward = self.visit.customer.rewards.get()
            row = {"reward_id": str(reward.pk), "product_id": str(self.bag.pk), "is_scanned": False}
            body = {
                "key": str(key or new_key(self.now)),
                "visit": str(self.visit.key),
                "redemptions": [] if keeps else [row],
                "answers": answered(*answers),
            }
            finish = read_finish(body, customer_id=self.customer.pk)
            return finish_visit(self.customer, finish, at=self.at, by=self.by, now=self.now)


def test_a_redemption_asks_its_own_fields(midtown, owner):
    counter = Redeeming(midtown, owner)
    make_field(midtown, "At check out", is_required=True)
    batch = make_field(midtown, "Batch", is_required=True, for_visits=False, for_redemptions=True)
    with pytest.raises(Unfit, match="Batch") as refused:
        counter.send()
    assert refused.value.field == f"answer-{batch.pk}"
    with inside(midtown.retailer):
        assert Sealing.objects.count() == 0
    key = new_key(NOW)
    done = counter.send((batch, "B-1"), key=key)
    assert counter.send((batch, "B-1"), key=key).sealing.pk == done.sealing.pk
    assert rows_in(midtown) == [("Batch", "B-1", "", "redemption")]


def test_another_answer_under_the_key_of_a_finish_is_another_finish(midtown, owner):
    counter, key = Redeeming(midtown, owner), new_key(NOW)
    batch = make_field(midtown, "Batch", for_visits=False, for_redemptions=True)
    counter.send((batch, "B-1"), key=key)
    with pytest.raises(FinishedBefore):
        counter.send((batch, "B-2"), key=key)
    assert rows_in(midtown) == [("Batch", "B-1", "", "redemption")]


def test_who_keeps_the_reward_is_asked_nothing(midtown, owner):
    counter = Redeeming(midtown, owner)
    make_field(midtown, "Batch", is_required=True, for_visits=False, for_redemptions=True)
    counter.send(keeps=True)
    assert rows_in(midtown) == []


def test_a_field_of_both_is_answered_at_both(midtown, owner, sally):
    counter = Redeeming(midtown, owner)
    both = make_field(midtown, "Initials", for_redemptions=True)
    visit = {**a_body(a_line(counter.bag)), "answers": answered((both, "JB"))}
    check_out(counter.customer, visit, at=midtown)
    counter.send((both, "KC"))
    assert rows_in(midtown) == [("Initials", "JB", "", "visit"), ("Initials", "KC", "", "redemption")]
