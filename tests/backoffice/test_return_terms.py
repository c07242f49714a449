"""Support writes what a brand asks for when customers bring goods back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from astro.credits.models import ReturnTerms
from astro.kit.clock import utc_now
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client: Client) -> Client:
    client.force_login(cast.make_support())
    return client


def test_what_a_brand_asks_for_holds_from_its_day_on(support: Client) -> None:
    brand, today = cast.make_brand(name="Northpaw"), utc_now().date()
    listed, page = reverse("backoffice:return_terms"), reverse("backoffice:brand_return_terms", args=[brand.pk])
    assert "Northpaw" in support.get(listed).text
    assert "No brand is called so." in support.get(listed, {"q": "zzz"}).text
    told = {"from_on": today.isoformat(), "takes_part": "on", "needs_phone": "on", "bought_within_days": "60"}
    assert support.post(page, told).status_code == 302
    assert "Phone number, bought within 60 days" in " ".join(support.get(listed).text.split())
    again = support.post(page, told)
    assert (again.status_code, "Something begins on that day already" in again.text) == (422, True)
    past = support.post(page, {**told, "from_on": (today - timedelta(days=1)).isoformat()})
    assert (past.status_code, "Days that have passed stay as they were" in past.text) == (422, True)
    later = {"from_on": (today + timedelta(days=9)).isoformat()}
    assert support.post(page, later).status_code == 302
    assert "takes nothing back" in support.get(page).text
    assert ReturnTerms.objects.filter(brand=brand).count() == 2
    assert support.post(page, {**told, "bought_within_days": "0"}).status_code == 422
