"""What a retailer has: by the state of its account, and switched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from astro.tenancy import features
from astro.tenancy.current import OtherRetailer
from astro.tenancy.features import ASTRO_ID, INTERNAL_CUSTOMER_ID, UnknownFeature, has_now, switch_off, switch_on
from astro.tenancy.models import Feature, Retailer
from tests.cast import NOW, inside

pytestmark = pytest.mark.django_db


def test_a_feature_is_one_retailers(huxley, otherpaws) -> None:
    with inside(huxley):
        assert switch_on(INTERNAL_CUSTOMER_ID, now=NOW)
        assert has_now(INTERNAL_CUSTOMER_ID)
        assert not has_now(ASTRO_ID)
    with inside(otherpaws):
        assert not has_now(INTERNAL_CUSTOMER_ID)


def test_switching_again_changes_nothing_and_the_past_stays_known(huxley) -> None:
    with inside(huxley):
        assert switch_on(ASTRO_ID, now=NOW)
        assert not switch_on(ASTRO_ID, now=NOW)
        assert switch_off(ASTRO_ID, now=NOW + timedelta(days=3))
        assert not switch_off(ASTRO_ID, now=NOW)
        assert switch_on(ASTRO_ID, now=NOW + timedelta(days=9))
        spans = list(Feature.objects.order_by("since").values_list("since", "until"))
    assert spans == [(NOW, NOW + timedelta(days=3)), (NOW + timedelta(days=9), None)]


def test_a_slip_in_the_name_is_told(huxley) -> None:
    with inside(huxley), pytest.raises(UnknownFeature, match="internal-customer-id"):
        has_now("internal-customer")


def test_what_a_state_gives_and_what_is_switched_add_up(huxley, otherpaws) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(state="offers-only")
    huxley.refresh_from_db()
    with inside(huxley):
        assert features.all_of(huxley) == features.GIVEN["offers-only"]
        switch_on(features.FREQUENT_BUYER, reason="as agreed", by_user_id=7, now=NOW)
        switch_off(features.MERGING, reason="a mistake", by_user_id=7, now=NOW)
        assert features.all_of(huxley) == {features.OFFERS, features.FREQUENT_BUYER}
        assert {name for name in features.NAMES if has_now(name)} == features.all_of(huxley)
    with inside(otherpaws), pytest.raises(OtherRetailer):
        features.all_of(huxley)


def test_going_back_to_what_the_state_gives_leaves_no_switch_and_says_why(huxley) -> None:
    with inside(huxley):
        switch_off(features.MERGING, reason="doubles by mistake", by_user_id=7, now=NOW)
        switch_on(features.MERGING, reason="trained", by_user_id=8, now=NOW + timedelta(days=1))
        row = Feature.objects.get()
        assert (row.is_on, row.reason, row.by_user_id) == (False, "doubles by mistake", 7)
        assert (row.until, row.ended_reason, row.ended_by_id) == (NOW + timedelta(days=1), "trained", 8)


@pytest.mark.once
def test_every_feature_says_what_it_is() -> None:
    assert all(features.NAMES.values())
