"""Two administrators press at the same moment. Real connections, on PostgreSQL and on a SQLite file."""

from collections.abc import Callable
from datetime import date

import pytest

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Distributor
from astro.kit.errors import DomainError
from astro.programs.actions import change_distributor, enroll, stay, unenroll
from astro.programs.enrolling.actions import enroll_cells
from astro.programs.models import DistributorAccount, Enrollment, Program
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location
from tests import cast
from tests.checkout.test_races import at_once

pytestmark = pytest.mark.at_once
NOW = cast.NOW
TODAY = date(2026, 11, 20)


def told(midtown: Location, act: Callable[[], Enrollment]) -> Callable[[], str]:
    """What a person would read: nothing when it worked, else the sentence."""

    def task() -> str:
        with inside(midtown.retailer):
            try:
                act()
            except DomainError as refusal:
                return str(refusal)
        return ""

    return task


@pytest.mark.django_db(transaction=True)
def test_one_of_two_enrollments_wins_and_the_other_is_told(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    def joining(number: str) -> Callable[[], Enrollment]:
        return lambda: enroll(midtown, program=dry_dog, distributor=paws, account_number=number, by=owner, now=NOW)

    said = at_once([told(midtown, joining(str(number))) for number in range(6)])
    sentence = "Midtown is already enrolled in “Northpaw Dry Dog”. There is nothing left to do."
    assert sorted(said) == ["", *[sentence] * 5]
    with cast.inside(midtown.retailer):
        number = Enrollment.objects.get().account_number
        assert DistributorAccount.objects.get().number == number
        assert Event.objects.filter(name="program enrolled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_leaving_and_changing_at_once_leave_one_enrollment_at_most(
    midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    said = at_once(
        [
            told(midtown, lambda: unenroll(enrollment, by=owner, now=NOW)),
            told(
                midtown,
                lambda: change_distributor(enrollment, distributor=paws, account_number="1", by=owner, now=NOW),
            ),
        ]
    )
    assert sorted(bool(words) for words in said) == [False, True]
    with cast.inside(midtown.retailer):
        on_the_day = [row for row in Enrollment.objects.all() if row.until_on is None or row.until_on >= TODAY]
        assert len(on_the_day) == 1


@pytest.mark.django_db(transaction=True)
def test_undoing_and_joining_again_at_once_leave_one_running_enrollment(
    midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    with cast.inside(midtown.retailer):
        left = unenroll(enrollment, by=owner, now=NOW)
    said = at_once(
        [
            told(midtown, lambda: stay(left, by=owner, now=NOW)),
            told(midtown, lambda: enroll(midtown, program=dry_dog, distributor=None, by=owner, now=NOW)),
        ]
    )
    assert sorted(said) == ["", "Midtown is already enrolled in “Northpaw Dry Dog”. There is nothing left to do."]
    with cast.inside(midtown.retailer):
        on_the_day = [row for row in Enrollment.objects.all() if row.until_on is None or row.until_on >= TODAY]
        assert len(on_the_day) == 1


@pytest.mark.django_db(transaction=True)
def test_same_cells_enrolled_at_once_end_in_one_enrollment_each(
    midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    direct = cast.make_program(title="Birdsong", fulfilment="direct")
    cells = [(program, place) for program in (dry_dog, direct) for place in (midtown, riverside)]

    def pressing(cells: list[tuple[Program, Location]]) -> Callable[[], int]:
        def task() -> int:
            with inside(midtown.retailer):
                return len(enroll_cells(cells, distributor=paws, account_number="1", by=owner, now=NOW))

        return task

    made = at_once([pressing(cells if n % 2 else cells[::-1]) for n in range(6)])
    assert sorted(made) == [0, 0, 0, 0, 0, 4]
    with cast.inside(midtown.retailer):
        running = Enrollment.objects.filter(until_on__isnull=True).values_list("program", "location")
        assert sorted(running) == sorted((program.pk, place.pk) for program, place in cells)
        assert Event.objects.filter(name="program enrolled").count() == 4
