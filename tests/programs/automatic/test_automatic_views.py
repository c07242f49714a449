"""The pages of auto-enrollment: what they say first, what then happens, and what they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.accounts.models import User
from astro.catalog.models import Brand, Distributor
from astro.kit.clock import utc_now
from astro.programs.automatic.actions import choose, enroll_due
from astro.programs.models import AutoEnrollment, DistributorAccount, Enrollment, Kind, Program
from astro.tenancy.models import Location, Retailer
from tests import cast


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    return cast.signed_in(client, owner)


@pytest.fixture
def november(northpaw: Brand, paws: Distributor) -> Program:
    return cast.make_program(
        title="November offer",
        kind=Kind.OFFER,
        brand=northpaw,
        carriers=[paws],
        ends_on=utc_now().date() + timedelta(days=20),
    )


def page(client: Client, brand: Brand) -> str:
    return client.get(reverse("offers:auto_brand", args=[brand.pk])).content.decode()


def test_reviewed_first_then_activated_shown_and_left(
    as_owner: Client, huxley: Retailer, midtown: Location, northpaw: Brand, paws: Distributor, november: Program
) -> None:
    address = reverse("offers:auto_brand", args=[northpaw.pk])
    asked = {"scope": "all", "distributor": str(paws.pk), "number": "48"}
    review = as_owner.post(address, asked)
    words = review.content.decode()
    assert (review.status_code, "“November offer” at Midtown, from" in words) == (200, True)
    assert "you agree to the terms" in words
    with cast.inside(huxley):
        assert (AutoEnrollment.objects.count(), DistributorAccount.objects.count()) == (0, 0)
    back = as_owner.post(address, {**asked, "change": "1"})
    assert (back.status_code, back.context["form"]["number"].value()) == (200, "48")
    done = as_owner.post(address, {**asked, "agreed": "1"}, follow=True).content.decode()
    assert "Auto-enrollment of Northpaw is on. 2 enrollments begin: see below." in done
    assert "At all locations, also those added later." in done
    listed = as_owner.get(reverse("offers:auto")).context["rows"]
    assert [(row["brand"], row["choice"].is_on, row["open"], row["enrolled"]) for row in listed] == [
        (northpaw, True, 1, 1)
    ]
    for name in ("enrolled", "grid"):
        assert "Auto-enrolled" in as_owner.get(reverse(f"offers:{name}")).content.decode(), name
    assert "Auto-enrolled" in as_owner.get(reverse("programs:detail", args=[november.pk])).content.decode()
    assert "You enrolled" not in as_owner.get(reverse("offers:grid")).content.decode(), "nobody did it by hand"
    file = as_owner.get(reverse("offers:auto_export")).getvalue().decode()
    assert ("November offer" in file, paws.name in file, "Olive Owner" in file) == (True, True, True)
    left = as_owner.post(reverse("offers:auto_leave", args=[november.pk]), follow=True).content.decode()
    assert "Left “November offer”: Midtown, Riverside." in left
    assert "left, last day" in left
    assert (
        "was left already"
        in as_owner.post(reverse("offers:auto_leave", args=[november.pk]), follow=True).content.decode()
    )


def test_stopping_says_that_what_is_enrolled_stays(
    as_owner: Client, huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, november: Program
) -> None:
    with cast.inside(huxley):
        choose(northpaw, places={midtown: None}, by=owner, now=utc_now())
    assert "What is enrolled stays enrolled" in page(as_owner, northpaw)
    address = reverse("offers:auto_stop", args=[northpaw.pk])
    assert "What is enrolled stays." in as_owner.post(address, follow=True).content.decode()
    assert "is off already" in as_owner.post(address, follow=True).content.decode()
    words = page(as_owner, northpaw)
    assert ("Stopped " in words, ">Stop auto-enrollment<" in words, "Temporary Holding" in words) == (True, False, True)
    with cast.inside(huxley):
        assert Enrollment.objects.filter(until_on__isnull=True).count() == 1


def test_some_locations_each_with_its_own_distributor(
    as_owner: Client, huxley: Retailer, midtown: Location, riverside: Location, northpaw: Brand, november: Program
) -> None:
    far = cast.make_location(huxley, name="Far", region="CA")
    western = cast.make_distributor(name="Western", serves=[("US", "CA")], needs_account_number=False)
    cast.make_program(brand=northpaw, carriers=[western], title="Western offer", kind=Kind.OFFER)
    asked: dict[str, Any] = {"scope": "some", f"place_{far.pk}": western.pk, f"place_{midtown.pk}": "holding"}
    address = reverse("offers:auto_brand", args=[northpaw.pk])
    review = as_owner.post(address, asked).content.decode()
    assert "Western does not pay for this offer." in review
    as_owner.post(address, {**asked, "agreed": "1"})
    with cast.inside(huxley):
        rows = Enrollment.objects.order_by("program__title", "location__name")
        assert list(rows.values_list("program__title", "location__name", "distributor__name")) == [
            ("November offer", "Far", None),
            ("November offer", "Midtown", None),
            ("Western offer", "Far", "Western"),
            ("Western offer", "Midtown", None),
        ]
    held = as_owner.get(reverse("offers:enrolled"), {"joined": "holding"}).context["rows"]
    assert len(held) == 2


def test_what_is_wrong_is_said_beside_its_field(
    as_owner: Client, huxley: Retailer, midtown: Location, northpaw: Brand, paws: Distributor, november: Program
) -> None:
    far = cast.make_location(huxley, name="Far", region="CA")
    address = reverse("offers:auto_brand", args=[northpaw.pk])
    for told, sentence in [
        ({}, "Choose where."),
        ({"scope": "all"}, "Choose who pays you back."),
        ({"scope": "all", "distributor": paws.pk}, "Choose one from the list."),
        ({"scope": "some"}, "Choose a distributor for at least one location."),
        ({"scope": "some", f"place_{far.pk}": paws.pk}, "Choose one from the list."),
        ({"scope": "some", f"place_{midtown.pk}": paws.pk}, "No number is known for Midtown."),
        ({"scope": "some", f"place_{midtown.pk}": paws.pk, f"number_{midtown.pk}": "4#"}, "Type it as on the invoice"),
    ]:
        answer = as_owner.post(address, {**told, "agreed": "1"})
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True), told
    with cast.inside(huxley):
        assert not AutoEnrollment.objects.exists()


def test_brands_are_found_sorted_and_nobody_elses_choice_shows(
    as_owner: Client, otherpaws: Retailer, elsewhere: Location, other_owner: User, northpaw: Brand, november: Program
) -> None:
    cast.make_program(title="Aurora offer", kind=Kind.OFFER, brand=cast.make_brand(name="Aurora"))
    cast.make_brand(name="Without offers")
    with cast.inside(otherpaws):
        choose(northpaw, by=other_owner, now=utc_now())

    def names(**asked: str) -> list[str]:
        return [row["brand"].name for row in as_owner.get(reverse("offers:auto"), asked).context["rows"]]

    assert (names(), names(sort="z"), names(q="AUR")) == (["Aurora", "Northpaw"], ["Northpaw", "Aurora"], ["Aurora"])
    assert (names(state="on"), names(state="off"), names(q="zzz")) == ([], ["Aurora", "Northpaw"], [])
    assert "Otto Other" not in page(as_owner, northpaw)
    assert as_owner.post(reverse("offers:auto_leave", args=[november.pk])).status_code == 404


def test_offers_have_no_kind_to_filter_by(as_owner: Client, november: Program) -> None:
    assert "kind" not in as_owner.get(reverse("offers:list")).context["asked"].fields
    assert "joined" not in as_owner.get(reverse("programs:list")).context["asked"].fields


def test_pages_ask_as_often_for_many_offers_as_for_one(
    as_owner: Client, huxley: Retailer, owner: User, northpaw: Brand, november: Program
) -> None:
    def queries() -> tuple[int, ...]:
        counts = []
        for address in (reverse("offers:auto"), reverse("offers:auto_brand", args=[northpaw.pk])):
            with CaptureQueriesContext(connection) as caught:
                assert as_owner.get(address).status_code == 200
            counts.append(len(caught))
        return tuple(counts)

    with cast.inside(huxley):
        choose(northpaw, by=owner, now=utc_now())
    queries()
    first = queries()
    for number in range(4):
        brand = cast.make_brand(name=f"More {number}")
        for of in (northpaw, brand):
            cast.make_program(title=f"Offer {number}", kind=Kind.OFFER, brand=of)
        with cast.inside(huxley):
            choose(brand, by=owner, now=utc_now())
            enroll_due(now=utc_now())
    assert queries() == first
