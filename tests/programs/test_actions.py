"""Publishing, joining, changing and leaving: rows, dates, records, and every refusal."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Distributor
from astro.kit.errors import DomainError
from astro.programs.actions import (
    NewCard,
    add_version,
    change_distributor,
    enroll,
    publish_program,
    stay,
    take_back,
    unenroll,
)
from astro.programs.models import DistributorAccount, Enrollment, Program, ProgramItem
from astro.programs.queries import enrollments_on
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import platform
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests import cast

NOW = cast.NOW
TODAY = date(2026, 11, 20)
TOMORROW = date(2026, 11, 21)
YESTERDAY = date(2026, 11, 19)


@pytest.fixture
def at_huxley(huxley: Retailer) -> Iterator[None]:
    with inside(huxley):
        yield


def spans(location: Location) -> list[tuple[date, date | None, str]]:
    rows = Enrollment.objects.filter(location=location).order_by("id")
    return list(rows.values_list("from_on", "until_on", "account_number"))


def told() -> list[tuple[str, int, dict[str, Any]]]:
    ours = Event.objects.filter(about_kind="programs.enrollment")
    return list(ours.order_by("id").values_list("name", "about_id", "facts"))


# -- publishing


def test_program_is_published_with_cards_lists_and_first_version(huxley: Retailer) -> None:
    brand = cast.make_brand(name="Northpaw")
    paws = cast.make_distributor()
    large, small, toy = (cast.make_product(brand=brand) for _ in range(3))
    rule = RuleOfCard(12, 1, "any", "lesser_or_equal", 24)
    with platform("test"):
        program = publish_program(
            "Northpaw Dry Dog",
            brand=brand,
            cards=[
                NewCard("Large bags", rule, [large], species="dog", size="30 lb"),
                NewCard("Small bags", RuleOfCard(8), [small], rewards=[small, toy]),
            ],
            starts_on=TODAY,
            carriers=[paws],
            category="dry",
            terms="While it lasts.",
            requires_email=True,
        )
    with inside(huxley):
        version = program.versions.get()
        assert (version.number, version.from_on, version.terms) == (1, TODAY, "While it lasts.")
        assert (version.requires_email, version.requires_address) == (True, False)
        cards = program.cards.all()
        assert [(card.title, card.species, card.size) for card in cards] == [
            ("Large bags", "dog", "30 lb"),
            ("Small bags", "", ""),
        ]
        rules = version.rules.order_by("program_card__position")
        assert list(rules.values_list("buy", "get", "choice", "value_limit", "expiry_months")) == [
            (12, 1, "any", "lesser_or_equal", 24),
            (8, 1, "any", "none", None),
        ]
        items = ProgramItem.objects.values_list("program_card__title", "product_id", "fills", "is_reward")
        assert set(items) == {
            ("Large bags", large.pk, True, True),
            ("Small bags", small.pk, True, True),
            ("Small bags", toy.pk, False, True),
        }
        assert [carrier.distributor for carrier in program.carriers.all()] == [paws]


def test_own_program_is_never_paid_by_a_distributor(huxley: Retailer, paws: Distributor) -> None:
    card = NewCard("Baths", RuleOfCard(5), [cast.make_product(retailer=huxley)])
    with inside(huxley):
        with pytest.raises(DomainError, match="paid by your store"):
            publish_program("Baths", brand=None, cards=[card], starts_on=TODAY)
        with pytest.raises(DomainError, match="Leave the distributor empty"):
            publish_program("Baths", brand=None, cards=[card], starts_on=TODAY, fulfilment="none", carriers=[paws])
        own = publish_program("Baths", brand=None, cards=[card], starts_on=TODAY, fulfilment="none")
        assert own.retailer_id == huxley.pk


def test_program_without_cards_is_refused(db: None) -> None:
    with platform("test"), pytest.raises(DomainError, match="at least one card"):
        publish_program("Empty", brand=None, cards=[], starts_on=TODAY)


def test_next_version_changes_what_is_named_and_keeps_the_rest(dry_dog: Program) -> None:
    with platform("test"):
        card = dry_dog.cards.get()
        second = add_version(dry_dog, from_on=TOMORROW, rules={card: RuleOfCard(10)})
        third = add_version(dry_dog, from_on=TOMORROW, rules={}, terms="New terms.", requires_address=True)
        assert [(v.number, v.from_on, v.terms) for v in (second, third)] == [
            (2, TOMORROW, ""),
            (3, TOMORROW, "New terms."),
        ]
        assert [(v.rules.get().buy, v.requires_address) for v in (second, third)] == [(10, False), (10, True)]
        with pytest.raises(DomainError, match="Choose that day or a later one"):
            add_version(dry_dog, from_on=TODAY, rules={})


# -- joining


@pytest.mark.usefixtures("at_huxley")
def test_location_enrolls_from_its_own_today(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    late = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)  # still the 20th in Montana
    enrollment = enroll(midtown, program=dry_dog, distributor=paws, account_number=" 48-1123 ", by=owner, now=late)
    assert spans(midtown) == [(TODAY, None, "48-1123")]
    assert (enrollment.distributor, enrollment.enrolled_by, enrollment.enrolled_at) == (paws, owner, late)
    assert list(DistributorAccount.objects.values_list("location", "distributor", "number")) == [
        (midtown.pk, paws.pk, "48-1123")
    ]
    facts = {"program_id": dry_dog.pk, "distributor_id": paws.pk, "from_on": "2026-11-20"}
    assert told() == [("program enrolled", enrollment.pk, facts)]


@pytest.mark.usefixtures("at_huxley")
def test_account_number_is_remembered_and_the_newest_wins(
    midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    other = cast.make_program(carriers=[paws])
    for place, program, number in [(midtown, dry_dog, "48-1123"), (midtown, other, "48-9"), (riverside, dry_dog, "7")]:
        enroll(place, program=program, distributor=paws, account_number=number, by=owner, now=NOW)
    remembered = DistributorAccount.objects.order_by("location__name").values_list("location__name", "number")
    assert list(remembered) == [("Midtown", "48-9"), ("Riverside", "7")]


@pytest.mark.usefixtures("at_huxley")
def test_temporary_holding_is_an_enrollment_without_distributor(
    midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = enroll(midtown, program=dry_dog, distributor=None, account_number="48", by=owner, now=NOW)
    assert (enrollment.distributor, enrollment.account_number) == (None, "")
    assert not DistributorAccount.objects.exists()


@pytest.mark.usefixtures("at_huxley")
@pytest.mark.parametrize("fulfilment", ["direct", "retailer"])
def test_program_that_no_distributor_pays_for_needs_none_and_takes_none(
    midtown: Location, owner: User, paws: Distributor, fulfilment: str
) -> None:
    program = cast.make_program(title="Fernwell", fulfilment=fulfilment)
    with pytest.raises(DomainError, match="No distributor pays for “Fernwell”") as refusal:
        enroll(midtown, program=program, distributor=paws, account_number="48", by=owner, now=NOW)
    assert refusal.value.field == "distributor"
    assert enroll(midtown, program=program, distributor=None, by=owner, now=NOW).distributor is None


@pytest.mark.usefixtures("at_huxley")
def test_distributor_that_needs_no_number_takes_none_or_one(
    midtown: Location, riverside: Location, owner: User
) -> None:
    free = cast.make_distributor(needs_account_number=False)
    program = cast.make_program(carriers=[free])
    assert enroll(midtown, program=program, distributor=free, by=owner, now=NOW).account_number == ""
    there = enroll(riverside, program=program, distributor=free, account_number="9", by=owner, now=NOW)
    assert there.account_number == "9"
    assert list(DistributorAccount.objects.values_list("number", flat=True)) == ["9"]


def _of_another_state(location: Location, program: Program, by: User) -> Enrollment:
    far = cast.make_distributor(name="Far Freight", serves=[("US", "WY"), ("CA", "MT")])
    carrying = cast.make_program(title="Carried far", carriers=[far])
    return enroll(location, program=carrying, distributor=far, account_number="48", by=by, now=NOW)


def _not_carrying(location: Location, program: Program, by: User) -> Enrollment:
    other = cast.make_distributor(name="Other Freight")
    return enroll(location, program=program, distributor=other, account_number="48", by=by, now=NOW)


def _retired(location: Location, program: Program, by: User) -> Enrollment:
    distributor = program.carriers.get().distributor
    with cast.platform("the distributor gives up"):
        Distributor.objects.update(retired_at=NOW)
    distributor.refresh_from_db()
    return enroll(location, program=program, distributor=distributor, account_number="48", by=by, now=NOW)


def _with_number(number: str) -> Callable[[Location, Program, User], Enrollment]:
    def act(location: Location, program: Program, by: User) -> Enrollment:
        paws = program.carriers.get().distributor
        return enroll(location, program=program, distributor=paws, account_number=number, by=by, now=NOW)

    return act


def _dated(from_on: date | None = None, **days: Any) -> Callable[[Location, Program, User], Enrollment]:
    def act(location: Location, program: Program, by: User) -> Enrollment:
        dated = cast.make_program(title="Dated", **days)
        return enroll(location, program=dated, distributor=None, by=by, now=NOW, from_on=from_on)

    return act


def _twice(location: Location, program: Program, by: User) -> Enrollment:
    enroll(location, program=program, distributor=None, by=by, now=NOW - timedelta(days=1))
    return enroll(location, program=program, distributor=None, by=by, now=NOW)


def _over_past_days(location: Location, program: Program, by: User) -> Enrollment:
    earlier = enroll(location, program=program, distributor=None, by=by, now=NOW - timedelta(days=9))
    unenroll(earlier, by=by, now=NOW - timedelta(days=3))
    return enroll(location, program=program, distributor=None, by=by, now=NOW, from_on=date(2026, 11, 15))


SHAPE = "Type it as on the invoice: up to 40 letters, digits, dashes, slashes and dots."


@pytest.mark.usefixtures("at_huxley")
@pytest.mark.parametrize(
    ("act", "sentence", "field", "status"),
    [
        (
            _of_another_state,
            "Far Freight does not deliver to Midtown (MT). Choose one from the list, or Temporary Holding.",
            "distributor",
            422,
        ),
        (
            _not_carrying,
            "Other Freight does not pay for “Northpaw Dry Dog”. Choose one from the list, or Temporary Holding.",
            "distributor",
            422,
        ),
        (
            _retired,
            "Paws Distributing does not deliver to Midtown (MT). Choose one from the list, or Temporary Holding.",
            "distributor",
            422,
        ),
        (
            _with_number("  "),
            "Paws Distributing asks for it. Copy it from one of their invoices.",
            "account_number",
            422,
        ),
        (_with_number("48#1123"), SHAPE, "account_number", 422),
        (_with_number("48 1123"), SHAPE, "account_number", 422),
        (_with_number("4" * 41), SHAPE, "account_number", 422),
        (_with_number("<script>"), SHAPE, "account_number", 422),
        (_with_number("٤٨"), SHAPE, "account_number", 422),
        (
            _dated(TODAY, starts_on=TOMORROW),
            "“Dated” starts on November 21, 2026. Choose that day or a later one.",
            None,
            422,
        ),
        (
            _dated(ends_on=YESTERDAY),
            "“Dated” ended on November 19, 2026, so it cannot be joined any more. Choose another program.",
            None,
            422,
        ),
        (
            _twice,
            "Midtown is already enrolled in “Northpaw Dry Dog”. There is nothing left to do.",
            None,
            409,
        ),
        (
            _over_past_days,
            "Midtown was enrolled in “Northpaw Dry Dog” until November 17, 2026. Choose a day after that.",
            "from_on",
            422,
        ),
    ],
)
def test_enrollment_is_refused_in_a_sentence(
    midtown: Location,
    owner: User,
    dry_dog: Program,
    act: Callable[[Location, Program, User], Enrollment],
    sentence: str,
    field: str | None,
    status: int,
) -> None:
    with pytest.raises(DomainError) as refusal:
        act(midtown, dry_dog, owner)
    assert (str(refusal.value), refusal.value.field, refusal.value.status) == (sentence, field, status)
    assert not Enrollment.objects.filter(enrolled_at=NOW).exists()
    assert not Event.objects.filter(at=NOW, about_kind="programs.enrollment").exists()
    assert not DistributorAccount.objects.exists()


def test_program_of_another_store_is_refused_as_if_it_were_not_there(
    huxley: Retailer, midtown: Location, owner: User, otherpaws: Retailer
) -> None:
    theirs = cast.make_program(title="Secret baths", retailer=otherpaws)
    with inside(huxley):
        with pytest.raises(DomainError) as refusal:
            enroll(midtown, program=theirs, distributor=None, by=owner, now=NOW)
        assert (refusal.value.status, "Secret" in str(refusal.value)) == (404, False)
        assert not Enrollment.objects.exists()


@pytest.mark.usefixtures("at_huxley")
@pytest.mark.parametrize(("starts_on", "ends_on"), [(TODAY, None), (cast.LONG_AGO, TODAY), (TODAY, TODAY)])
def test_program_may_be_joined_on_its_first_and_its_last_day(
    midtown: Location, owner: User, starts_on: date, ends_on: date | None
) -> None:
    program = cast.make_program(starts_on=starts_on, ends_on=ends_on)
    assert enroll(midtown, program=program, distributor=None, by=owner, now=NOW).from_on == TODAY


@pytest.mark.usefixtures("at_huxley")
def test_program_that_begins_later_is_joined_from_its_first_day_on(midtown: Location, owner: User) -> None:
    program = cast.make_program(title="Soon", starts_on=TOMORROW)
    with pytest.raises(DomainError, match="“Soon” starts on November 21, 2026"):
        enroll(midtown, program=program, distributor=None, by=owner, now=NOW, from_on=TODAY)
    joined = enroll(midtown, program=program, distributor=None, by=owner, now=NOW)
    assert joined.from_on == TOMORROW
    assert not enrollments_on(TODAY).exists()
    assert list(enrollments_on(TOMORROW)) == [joined]
    unenroll(joined, by=owner, now=NOW)
    assert not enrollments_on(TOMORROW).exists()


# -- leaving and joining again


@pytest.mark.usefixtures("at_huxley")
def test_leaving_makes_today_the_last_day(midtown: Location, owner: User, dry_dog: Program) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    unenroll(enrollment, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, TODAY, "")]
    facts = {"program_id": dry_dog.pk, "last_day": "2026-11-20"}
    assert told()[1:] == [("program unenrolled", enrollment.pk, facts)]
    with pytest.raises(DomainError, match="no longer enrolled") as refusal:
        unenroll(enrollment, by=owner, now=NOW + timedelta(days=1))
    assert refusal.value.status == 409
    assert spans(midtown) == [(cast.LONG_AGO, TODAY, "")]


@pytest.mark.usefixtures("at_huxley")
def test_who_left_today_and_joins_again_today_has_no_day_twice(
    midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    for _time in range(2):
        unenroll(enrollment, by=owner, now=NOW)
        enrollment = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, YESTERDAY, ""), (TODAY, YESTERDAY, ""), (TODAY, None, "")]


@pytest.mark.usefixtures("at_huxley")
def test_who_left_earlier_keeps_those_days(midtown: Location, owner: User, dry_dog: Program) -> None:
    earlier = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    unenroll(earlier, by=owner, now=NOW - timedelta(days=1))
    enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, YESTERDAY, ""), (TODAY, None, "")]


@pytest.mark.usefixtures("at_huxley")
def test_leaving_before_the_first_day_leaves_no_day_at_all(midtown: Location, owner: User, dry_dog: Program) -> None:
    enrollment = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW, from_on=date(2026, 12, 1))
    unenroll(enrollment, by=owner, now=NOW)
    assert spans(midtown) == [(date(2026, 12, 1), date(2026, 11, 30), "")]


@pytest.mark.usefixtures("at_huxley")
def test_enrollment_is_taken_back_within_ten_minutes_and_never_counted(
    midtown: Location, riverside: Location, owner: User, dry_dog: Program
) -> None:
    first = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW)
    take_back(first, by=owner, now=NOW + timedelta(minutes=10))
    assert spans(midtown) == [(TODAY, YESTERDAY, "")]
    second = enroll(riverside, program=dry_dog, distributor=None, by=owner, now=NOW)
    with pytest.raises(DomainError, match="cannot be undone any more"):
        take_back(second, by=owner, now=NOW + timedelta(minutes=10, seconds=1))
    assert [name for name, *_rest in told()] == ["program enrolled", "program unenrolled", "program enrolled"]


@pytest.mark.usefixtures("at_huxley")
def test_change_of_distributor_is_not_taken_back_with_the_whole_enrollment(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    before = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    after = change_distributor(before, distributor=paws, account_number="48", by=owner, now=NOW)
    with pytest.raises(DomainError, match="cannot be undone any more"):
        take_back(after, by=owner, now=NOW)
    assert spans(midtown)[-1] == (TODAY, None, "48")


@pytest.mark.usefixtures("at_huxley")
def test_leaving_is_undone_within_ten_minutes_as_if_nobody_had_left(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    before = cast.make_enrollment(midtown, program=dry_dog, by=owner, distributor=paws, account_number="48")
    left = unenroll(before, by=owner, now=NOW)
    assert (left.left_by, left.left_at) == (owner, NOW)
    kept = stay(left, by=owner, now=NOW + timedelta(minutes=10))
    assert spans(midtown) == [(cast.LONG_AGO, None, "48")]
    assert (kept.left_by, kept.left_at, kept.distributor) == (None, None, paws)
    assert told()[2:] == [("unenrollment undone", before.pk, {"program_id": dry_dog.pk})]
    change_distributor(kept, distributor=paws, account_number="49", by=owner, now=NOW)  # it runs like any other


@pytest.mark.usefixtures("at_huxley")
def test_leaving_before_the_first_day_is_undone_too(midtown: Location, owner: User, dry_dog: Program) -> None:
    later = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW, from_on=date(2026, 12, 1))
    stay(unenroll(later, by=owner, now=NOW), by=owner, now=NOW)
    assert spans(midtown) == [(date(2026, 12, 1), None, "")]


@pytest.mark.usefixtures("at_huxley")
def test_who_left_twice_undoes_the_second_time_only(midtown: Location, owner: User, dry_dog: Program) -> None:
    first = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    unenroll(first, by=owner, now=NOW)
    second = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW)
    unenroll(second, by=owner, now=NOW)
    with pytest.raises(DomainError, match="cannot be undone any more"):
        stay(first, by=owner, now=NOW)
    stay(second, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, YESTERDAY, ""), (TODAY, None, "")]


@pytest.mark.usefixtures("at_huxley")
def test_leaving_is_undone_after_an_enrollment_that_never_was(midtown: Location, owner: User, dry_dog: Program) -> None:
    first = unenroll(cast.make_enrollment(midtown, program=dry_dog, by=owner), by=owner, now=NOW)
    later = enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW, from_on=date(2026, 12, 1))
    take_back(later, by=owner, now=NOW)
    stay(first, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, None, ""), (date(2026, 12, 1), date(2026, 11, 30), "")]


def _left_long_ago(left: Enrollment, by: User) -> Enrollment:
    return stay(left, by=by, now=NOW + timedelta(minutes=10, seconds=1))


def _undone_twice(left: Enrollment, by: User) -> Enrollment:
    return stay(stay(left, by=by, now=NOW), by=by, now=NOW)


def _joined_again(left: Enrollment, by: User) -> Enrollment:
    enroll(left.location, program=left.program, distributor=None, by=by, now=NOW)
    return stay(left, by=by, now=NOW)


def _taken_back(left: Enrollment, by: User) -> Enrollment:
    other = enroll(left.location, program=cast.make_program(title="Other"), distributor=None, by=by, now=NOW)
    return stay(take_back(other, by=by, now=NOW), by=by, now=NOW)


@pytest.mark.usefixtures("at_huxley")
@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (
            _left_long_ago,
            "Midtown has left “Northpaw Dry Dog”, and that cannot be undone any more. Enroll it again instead.",
        ),
        (_undone_twice, "Midtown is already enrolled in “Northpaw Dry Dog”. There is nothing left to do."),
        (_joined_again, "Midtown is already enrolled in “Northpaw Dry Dog”. There is nothing left to do."),
        (_taken_back, "Midtown has left “Other”, and that cannot be undone any more. Enroll it again instead."),
    ],
)
def test_undoing_to_have_left_is_refused_in_a_sentence(
    midtown: Location, owner: User, dry_dog: Program, act: Callable[[Enrollment, User], Enrollment], sentence: str
) -> None:
    left = unenroll(cast.make_enrollment(midtown, program=dry_dog, by=owner), by=owner, now=NOW)
    with pytest.raises(DomainError) as refusal:
        act(left, owner)
    assert (str(refusal.value), refusal.value.status) == (sentence, 409)


# -- changing


@pytest.mark.usefixtures("at_huxley")
def test_another_distributor_pays_from_today_on_and_the_days_before_keep_theirs(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    before = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    after = change_distributor(before, distributor=paws, account_number="48", by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, YESTERDAY, ""), (TODAY, None, "48")]
    assert (after.distributor, DistributorAccount.objects.get().number) == (paws, "48")
    facts = {"program_id": dry_dog.pk, "distributor_id": paws.pk, "from_on": "2026-11-20"}
    assert told()[1:] == [("enrollment changed", after.pk, facts)]
    with pytest.raises(DomainError, match="no longer enrolled"):
        change_distributor(before, distributor=None, by=owner, now=NOW)


@pytest.mark.usefixtures("at_huxley")
def test_changing_twice_on_a_day_has_no_day_twice(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    enrollment = enroll(midtown, program=dry_dog, distributor=paws, account_number="1", by=owner, now=NOW)
    for number in ("2", "3"):
        enrollment = change_distributor(enrollment, distributor=paws, account_number=number, by=owner, now=NOW)
    assert spans(midtown) == [(TODAY, YESTERDAY, "1"), (TODAY, YESTERDAY, "2"), (TODAY, None, "3")]


@pytest.mark.usefixtures("at_huxley")
def test_changing_nothing_writes_nothing(midtown: Location, owner: User, dry_dog: Program, paws: Distributor) -> None:
    enrollment = enroll(midtown, program=dry_dog, distributor=paws, account_number="1", by=owner, now=NOW)
    same = change_distributor(enrollment, distributor=paws, account_number=" 1 ", by=owner, now=NOW)
    assert (same, len(spans(midtown)), len(told())) == (enrollment, 1, 1)


@pytest.mark.usefixtures("at_huxley")
def test_changing_refuses_what_enrolling_refuses(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    stranger = cast.make_distributor()
    for distributor, number, words in [(paws, "", "asks for it"), (stranger, "1", "does not pay for")]:
        with pytest.raises(DomainError, match=words):
            change_distributor(enrollment, distributor=distributor, account_number=number, by=owner, now=NOW)
    assert spans(midtown) == [(cast.LONG_AGO, None, "")]
