"""Adding up while tills are at work: what is only half seen is looked at again, and raises no alarm."""

import pytest

from tests.checkout.test_finishing import Counter
from tests.checkout.test_races import at_once
from tests.desk.recounted import recounted

pytestmark = [pytest.mark.at_once, pytest.mark.django_db(transaction=True)]


def test_tills_at_work_raise_no_alarm(midtown, owner):
    counters = [Counter(midtown, owner) for _ in range(3)]

    def shopping(counter):
        def task():
            for _ in range(12):
                counter.finish(counter.buy(4))

        return task

    def adding_up():
        return [recounted()[0] for _ in range(40)]

    *_, found = at_once([*map(shopping, counters), adding_up])
    assert found == [[]] * 40
    assert recounted()[0] == []
