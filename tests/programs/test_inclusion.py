"""Which programs an account includes: what is listed, what can be joined, what is left when the account changes."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse

from astro.activity.models import Event
from astro.programs.actions import enroll, leave_what_is_not_included, stay, unenroll
from astro.programs.errors import CannotEnroll
from astro.programs.inclusion import enrollments_beyond, included, why_not
from astro.programs.models import Enrollment, Program
from astro.tenancy import features
from astro.tenancy.features import CUSTOM_PROGRAMS, EVERY_PROGRAM, FREQUENT_BUYER
from astro.tenancy.models import AccountState, Retailer
from tests.cast import NOW, inside, make_enrollment, make_program, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(midtown) -> Program:
    return make_program(title="Paid by its brand", is_sponsored=True)


@pytest.fixture
def unpaid(midtown) -> Program:
    return make_program(title="Unpaid")


@pytest.fixture
def own(huxley) -> Program:
    return make_program(title="Dog wash", retailer=huxley)


def become(retailer: Retailer, state: str) -> None:
    Retailer.objects.filter(pk=retailer.pk).update(state=state)
    retailer.refresh_from_db()


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        ({FREQUENT_BUYER, EVERY_PROGRAM, CUSTOM_PROGRAMS}, {"Paid by its brand", "Unpaid", "Dog wash"}),
        ({FREQUENT_BUYER, EVERY_PROGRAM}, {"Paid by its brand", "Unpaid"}),
        ({FREQUENT_BUYER, CUSTOM_PROGRAMS}, {"Paid by its brand", "Dog wash"}),
        ({FREQUENT_BUYER}, {"Paid by its brand"}),
        ({EVERY_PROGRAM, CUSTOM_PROGRAMS}, set()),
    ],
)
def test_the_condition_and_the_words_say_the_same(huxley, paid, unpaid, own, given, titles) -> None:
    with inside(huxley):
        assert set(Program.objects.filter(included(given)).values_list("title", flat=True)) == titles
        assert {one.title for one in (paid, unpaid, own) if not why_not(one, given)} == titles


@pytest.mark.parametrize(
    ("state", "can"),
    [
        ("trial", {"Paid by its brand", "Unpaid", "Dog wash"}),
        ("active", {"Paid by its brand", "Unpaid", "Dog wash"}),
        ("restricted", {"Paid by its brand"}),
        ("offers-only", set()),
        ("cancelled", set()),
    ],
)
def test_each_kind_of_account_joins_what_it_includes(huxley, midtown, owner, paid, unpaid, own, state, can) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(state=state, trial_until=NOW + timedelta(days=9))
    midtown.retailer.refresh_from_db()
    joined = set()
    with inside(huxley):
        for program in (paid, unpaid, own):
            with suppress(CannotEnroll):
                joined.add(enroll(midtown, program=program, distributor=None, by=owner, now=NOW).program.title)
    assert joined == can


def test_leaving_for_offers_only_ends_what_it_does_not_include_and_keeps_the_rest(
    huxley, midtown, riverside, otherpaws, elsewhere, owner, other_owner, paid, unpaid, own
) -> None:
    for location in (midtown, riverside):
        for program in (paid, unpaid):
            make_enrollment(location, program=program, by=owner)
    make_enrollment(midtown, program=own, by=owner)
    make_enrollment(elsewhere, program=unpaid, by=other_owner)
    with inside(huxley):
        restricted = features.all_of(huxley, state=AccountState.RESTRICTED)
        assert len(enrollments_beyond(restricted)) == 3
        assert leave_what_is_not_included(restricted, by=owner, now=NOW) == 3
        left = set(Enrollment.objects.filter(until_on__isnull=True).values_list("location__name", "program__title"))
        assert left == {("Midtown", "Paid by its brand"), ("Riverside", "Paid by its brand")}
        assert set(Enrollment.objects.exclude(until_on=None).values_list("until_on", flat=True)) == {midtown.day(NOW)}
        assert leave_what_is_not_included(frozenset(), by=owner, now=NOW) == 2
        assert Event.objects.filter(name="program unenrolled").count() == 5
    with inside(otherpaws):
        assert Enrollment.objects.filter(until_on__isnull=True).count() == 1


def test_what_the_account_took_away_is_not_taken_back_by_undo(huxley, midtown, owner, unpaid) -> None:
    running = make_enrollment(midtown, program=unpaid, by=owner)
    with inside(huxley):
        left = unenroll(running, by=owner, now=NOW)
        become(huxley, "restricted")
        with pytest.raises(CannotEnroll, match="only programs whose brand pays"):
            stay(left, by=owner, now=NOW)


def test_a_restricted_store_sees_the_others_with_the_reason(client, huxley, midtown, owner, paid, unpaid) -> None:
    become(huxley, "restricted")
    signed_in(client, owner)
    page = client.get(reverse("programs:list")).content.decode()
    assert "Your account has only programs whose brand pays for it." in page
    assert reverse("programs:enroll", args=[paid.pk]) in page
    assert reverse("programs:enroll", args=[unpaid.pk]) not in page
    assert "Your account has only programs" in client.get(reverse("programs:grid")).content.decode()
    one = client.get(reverse("programs:detail", args=[unpaid.pk])).content.decode()
    assert "Your account has only programs" in one
    assert reverse("programs:enroll", args=[unpaid.pk]) not in one
    sent = {"distributor": "holding", "locations": [str(midtown.pk)]}
    answer = client.post(reverse("programs:enroll", args=[unpaid.pk]), sent)
    assert answer.status_code == 422
    assert "cannot be joined" in answer.content.decode()
    with inside(huxley):
        assert not Enrollment.objects.exists()


@pytest.mark.parametrize("state", ["offers-only"])
def test_an_offers_only_store_has_no_room_of_punch_cards(client, huxley, owner, paid, state) -> None:
    become(huxley, state)
    signed_in(client, owner)
    home = client.get("/").content.decode()
    assert reverse("programs:list") not in home
    assert reverse("customers:list") in home
    for route in ("programs:list", "programs:enrolled", "programs:grid"):
        answer = client.get(reverse(route))
        assert answer.status_code == 403
        assert "Your account does not include this" in answer.content.decode()
        assert "punch cards" in answer.content.decode()


def test_whom_to_ask_stands_on_the_page(client, huxley, owner, riverside_administrator, paid) -> None:
    become(huxley, "offers-only")
    signed_in(client, riverside_administrator)
    page = client.get(reverse("programs:list")).content.decode()
    assert "Ask Olive Owner to have it changed" in page
    assert "owner@huxleyhouse.example" in page


def test_merging_is_switched_and_splitting_stays(client, huxley, owner) -> None:
    with inside(huxley):
        features.switch_off(features.MERGING, reason="by mistake", now=NOW)
    signed_in(client, owner)
    assert client.get(reverse("customers:doubles")).status_code == 403
    assert client.get(reverse("customers:merge") + "?kept=1&gone=2").status_code == 403
    assert client.get(reverse("customers:split", args=[7])).status_code == 404, "undoing stays open"
    assert reverse("customers:doubles") not in client.get(reverse("accounts:devices")).content.decode()
