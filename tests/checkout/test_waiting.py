"""What waits on tills, and telling head office where it waits for a day."""

from datetime import timedelta

import pytest

from astro.accounts.actions import retire_device
from astro.activity.models import Event
from astro.checkout.errors import BadVisit
from astro.checkout.models import TillQueue
from astro.checkout.queries import tills_waiting
from astro.checkout.waiting import TOO_LONG, Waiting, note_waiting, read_waiting, tell_of_waiting
from astro.kit.models import PlainMail
from astro.kit.outbox.handlers import rhythms
from tests import cast
from tests.cast import NOW, inside

HOUR = timedelta(hours=1)


@pytest.fixture
def till(midtown, owner):
    return cast.make_device(midtown, by=owner, name="Front till")[0]


def mails():
    return [(mail.to, mail.subject) for mail in PlainMail.objects.order_by("id")]


def test_head_office_is_told_once_after_a_day_and_again_the_next_time(huxley, till, owner, cashier):
    with inside(huxley):
        note_waiting(till, Waiting(3, NOW), now=NOW)
        assert tell_of_waiting(now=NOW + TOO_LONG - HOUR) == 0
        assert tell_of_waiting(now=NOW + TOO_LONG) == 1
        assert tell_of_waiting(now=NOW + TOO_LONG + HOUR) == 0
    letter = ["owner@huxleyhouse.example"], "Front till at Midtown still holds 3 purchases"
    assert mails() == [letter]
    assert "switch that till on" in PlainMail.objects.get().text
    later = NOW + 2 * TOO_LONG
    with inside(huxley):
        note_waiting(till, Waiting(4, NOW), now=later)  # the same ones, and one more: nobody is told twice
        assert tell_of_waiting(now=later) == 0
        note_waiting(till, Waiting(0, None), now=later)
        note_waiting(till, Waiting(1, later), now=later)
        assert tell_of_waiting(now=later + TOO_LONG) == 1
        assert Event.objects.filter(name="till holds purchases", about_id=till.pk).count() == 2
    assert mails()[1:] == [(["owner@huxleyhouse.example"], "Front till at Midtown still holds 1 purchase")]


def test_only_its_own_head_office_is_told(huxley, otherpaws, elsewhere, other_owner, till, owner):
    with inside(huxley):
        note_waiting(till, Waiting(3, NOW), now=NOW)
    with inside(otherpaws):
        assert tell_of_waiting(now=NOW + TOO_LONG) == 0


def test_till_that_was_retired_is_told_of_no_longer(huxley, midtown, till, owner):
    with inside(huxley):
        note_waiting(till, Waiting(3, NOW), now=NOW)
        assert [queue.device_id for queue in tills_waiting([midtown])] == [till.pk]
        retire_device(till, by=owner, now=NOW)
        assert (list(tills_waiting([midtown])), tell_of_waiting(now=NOW + TOO_LONG)) == ([], 0)


@pytest.mark.parametrize(
    ("oldest", "clock", "noted"),
    [
        (-5 * HOUR, None, -5 * HOUR),
        (-5 * HOUR + timedelta(days=730), timedelta(days=730), -5 * HOUR),
        (-5 * HOUR, timedelta(minutes=1), -5 * HOUR),
        (5 * HOUR, None, 0 * HOUR),
    ],
)
def test_since_when_is_put_right_by_the_tills_clock(huxley, till, oldest, clock, noted):
    with inside(huxley):
        told = NOW + clock if clock is not None else None
        queue = note_waiting(till, Waiting(1, NOW + oldest), till_clock=told, now=NOW)
        assert TillQueue.objects.get(pk=queue.pk).oldest_at == NOW + noted


@pytest.mark.parametrize("told", [{}, {"waiting": -1}, {"waiting": "3"}, {"waiting": True}, {"waiting": 10**9}])
def test_number_that_is_none_is_refused(told):
    with pytest.raises(BadVisit):
        read_waiting(told)


def test_it_is_looked_for_every_hour():
    assert rhythms()["checkout.tell_waiting"].period == HOUR
