"""Whether an answer fits: tables of cases, without a database."""

from decimal import Decimal

import pytest

from astro.checkout.basket import Answer
from astro.checkout.fields.judging import AskedField, Asking, Judged, Unfit, judge, limits_told, number_of, plain

pytestmark = pytest.mark.once

INITIALS = AskedField(1, "Initials", "text", longest=3, is_required=True)
WEIGHT = AskedField(2, "Weight", "number", lowest=Decimal("0.5"), highest=Decimal(90))
FOUND = AskedField(3, "How found", "choice", options=("Friend", "Radio"))
OLD = AskedField(4, "Old question", "text", longest=5)
ASKED = [INITIALS, WEIGHT, FOUND]
KNOWN = {field.id: field for field in [*ASKED, OLD]}

FITS = [
    ([(1, "JB")], [Judged(1, "Initials", "text", "JB")]),
    ([(3, "Radio"), (1, "JB")], [Judged(1, "Initials", "text", "JB"), Judged(3, "How found", "choice", "Radio")]),
    ([(1, "JB"), (2, "12.50")], [Judged(1, "Initials", "text", "JB"), Judged(2, "Weight", "number", "12.5")]),
    ([(1, "JB"), (2, "0.5")], [Judged(1, "Initials", "text", "JB"), Judged(2, "Weight", "number", "0.5")]),
    ([(1, "JB"), (2, "90.000")], [Judged(1, "Initials", "text", "JB"), Judged(2, "Weight", "number", "90")]),
    ([(4, "still"), (1, "JB")], [Judged(1, "Initials", "text", "JB"), Judged(4, "Old question", "text", "still")]),
]

WRONG = [
    ([(1, "JBX!")], "answer-1", "Initials: that is too long. Up to 3 letters fit."),
    ([(1, "JB"), (2, "a bit")], "answer-2", "Weight: type a number, like 12 or 12.5."),
    ([(1, "JB"), (2, "1e3")], "answer-2", "Weight: type a number, like 12 or 12.5."),
    ([(1, "JB"), (2, "0.4")], "answer-2", "Weight: type a number from 0.5 to 90."),
    ([(1, "JB"), (2, "90.001")], "answer-2", "Weight: type a number from 0.5 to 90."),
    ([(1, "JB"), (3, "radio")], "answer-3", "How found: choose one of the answers of the list."),
    ([(1, "JB"), (4, "longer")], "answer-4", "Old question: that is too long. Up to 5 letters fit."),
    (
        [(1, "JB"), (9, "?")],
        "answer-9",
        "A question was answered that your store does not ask. Reload the page; your basket is kept.",
    ),
]


def answers(pairs):
    return [Answer(pk, value) for pk, value in pairs]


@pytest.mark.parametrize(("pairs", "judged"), FITS)
@pytest.mark.parametrize("asking", [Asking.AT_THE_TILL, Asking.IF_THEY_LIKE, Asking.OF_NOBODY])
def test_what_fits_is_written_in_the_order_of_the_fields(pairs, judged, asking):
    assert judge(answers(pairs), ASKED, KNOWN, asking=asking) == judged


@pytest.mark.parametrize(("pairs", "field", "sentence"), WRONG)
@pytest.mark.parametrize("asking", [Asking.AT_THE_TILL, Asking.IF_THEY_LIKE])
def test_what_does_not_fit_is_refused_where_somebody_can_be_asked(pairs, field, sentence, asking):
    with pytest.raises(Unfit) as refused:
        judge(answers(pairs), ASKED, KNOWN, asking=asking)
    assert (refused.value.field, str(refused.value), refused.value.status) == (field, sentence, 422)


@pytest.mark.parametrize(("pairs", "field", "sentence"), WRONG)
def test_where_nobody_can_be_asked_it_is_kept_as_it_is_and_flagged(pairs, field, sentence):
    judged = judge(answers(pairs), ASKED, KNOWN, asking=Asking.OF_NOBODY)
    flagged = [(one.field_id, one.value) for one in judged if one.flag == "unfit"]
    pk = int(field.removeprefix("answer-"))
    assert flagged == [(pk if pk in KNOWN else None, dict(pairs)[pk])]
    assert len(judged) == len(pairs)


@pytest.mark.parametrize(
    ("asking", "told"),
    [
        (Asking.OF_NOBODY, [Judged(1, "Initials", "text", "", "missing")]),
        (Asking.IF_THEY_LIKE, []),
        (Asking.NOT, []),
    ],
)
def test_what_is_required_and_missing(asking, told):
    assert judge([], ASKED, KNOWN, asking=asking) == told


def test_at_the_till_what_is_required_is_asked_for():
    with pytest.raises(Unfit, match=r"Initials: type an answer, then go on\.") as refused:
        judge(answers([(3, "Radio")]), ASKED, KNOWN, asking=Asking.AT_THE_TILL)
    assert refused.value.field == "answer-1"
    choice = AskedField(5, "Pick-up", "choice", options=("Yes", "No"), is_required=True)
    with pytest.raises(Unfit, match=r"Pick-up: choose an answer, then go on\."):
        judge([], [choice], {5: choice}, asking=Asking.AT_THE_TILL)


def test_nobody_was_asked_by_a_list():
    assert judge(answers([(1, "much too long")]), ASKED, KNOWN, asking=Asking.NOT) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"), ("0012", "12"), ("-3", "-3"), ("12.5", "12.5"), ("0.125", "0.125"), ("12.50", "12.5"),
        ("999999999999.999", "999999999999.999"), ("1000000000000", None), ("0.1234", None), ("", None), ("-", None),
        (".5", None), ("5.", None), ("1,5", None), ("1 000", None), ("+5", None), ("--5", None), ("1e5", None),
        ("NaN", None), ("Infinity", None), ("٣", None), ("²", None),
    ],
)  # fmt: skip
def test_numbers(text, number):
    found = number_of(text)
    assert (None if found is None else plain(found)) == number


@pytest.mark.parametrize(
    ("lowest", "highest", "told"),
    [
        (1, 9, "Weight: type a number from 1 to 9."),
        (None, 9, "Weight: type a number of up to 9."),
        (1, None, "Weight: type a number of 1 or more."),
        (None, None, ""),
    ],
)
def test_limits_are_told(lowest, highest, told):
    limits = [None if one is None else Decimal(one) for one in (lowest, highest)]
    assert limits_told(AskedField(1, "Weight", "number", lowest=limits[0], highest=limits[1])) == told
