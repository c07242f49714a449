"""Leaving Temporary Holding and changing the distributor: which free goods the new one pays, and how it is written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Distributor
from astro.credits.models import Assignment, CreditLine, LineState
from astro.kit.append_only import RowIsFinal
from astro.programs.actions import KEEP, MOVE, change_distributor
from astro.programs.models import Carrier, Enrollment
from astro.programs.parts import open_lines
from astro.tenancy.models import Location
from tests import cast
from tests.checkout.test_finishing import Counter


@pytest.fixture
def payers(db: None) -> list[Distributor]:
    return [cast.make_distributor(name=name) for name in ("Paws Distributing", "Other Freight")]


@pytest.fixture
def counter(midtown: Location, owner: User, payers: list[Distributor]) -> Counter:
    counter = Counter(midtown, owner)
    with cast.platform("both agreed"):
        for payer in payers:
            Carrier.objects.create(program=counter.program, distributor=payer)
    return counter


def give(counter: Counter) -> None:
    counter.finish(counter.buy(3))


def change(counter: Counter, payer: Distributor | None, number: str = "", lines: str = KEEP) -> Enrollment:
    counter.later(minutes=1)
    with cast.inside(counter.at.retailer):
        running = Enrollment.objects.get(until_on__isnull=True, program=counter.program)
        return change_distributor(
            running, distributor=payer, account_number=number, open_lines=lines, by=counter.by, now=counter.now
        )


def lines() -> list[tuple[str | None, str, str]]:
    rows = CreditLine.objects.order_by("id")
    return list(rows.values_list("distributor__name", "account_number", "state"))


def verified() -> str:
    out = io.StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


def test_leaving_temporary_holding_hands_everything_over(counter: Counter, payers: list[Distributor]) -> None:
    give(counter)
    give(counter)
    at = counter.at
    with cast.inside(at.retailer):
        assert lines() == [(None, "", "unbatched")] * 2
        assert open_lines(Enrollment.objects.get()) == (2, 0)
    change(counter, payers[0], "48")
    with cast.inside(at.retailer):
        assert lines() == [("Paws Distributing", "48", "unbatched")] * 2
        told = Assignment.objects.values_list("was_distributor", "distributor__name", "account_number", "assigned_by")
        assert list(told) == [(None, "Paws Distributing", "48", counter.by.pk)] * 2
        event = Event.objects.get(name="free goods handed over")
        assert event.facts == {"lines": 2}
        with pytest.raises(RowIsFinal):
            Assignment.objects.update(account_number="1")
    change(counter, payers[0], "48")
    with cast.inside(at.retailer):
        assert Assignment.objects.count() == 2, "the same again changes nothing"
    give(counter)
    with cast.inside(at.retailer):
        assert lines() == [("Paws Distributing", "48", "unbatched")] * 3
    verified()


@pytest.mark.parametrize(("choice", "first"), [(KEEP, "Paws Distributing"), (MOVE, "Other Freight")])
def test_open_lines_stay_or_move_and_pulled_ones_never(
    counter: Counter, payers: list[Distributor], choice: str, first: str
) -> None:
    change(counter, payers[0], "48")
    give(counter)
    give(counter)
    with cast.inside(counter.at.retailer):
        pulled = CreditLine.objects.order_by("id")[0].pk
        CreditLine.objects.filter(pk=pulled).update(state=LineState.BATCHED)
        assert open_lines(Enrollment.objects.get(until_on__isnull=True)) == (0, 1)
    change(counter, payers[1], "OF-9", choice)
    with cast.inside(counter.at.retailer):
        number = {"Paws Distributing": "48", "Other Freight": "OF-9"}[first]
        assert lines() == [("Paws Distributing", "48", "batched"), (first, number, "unbatched")]
        assert Assignment.objects.count() == (choice == MOVE)


def test_goods_of_other_locations_and_programs_are_left_alone(
    counter: Counter, riverside: Location, owner: User, payers: list[Distributor]
) -> None:
    give(counter)
    cast.make_enrollment(riverside, program=counter.program, by=owner)
    counter.at = riverside
    give(counter)
    with cast.inside(riverside.retailer):
        place = Enrollment.objects.get(location=riverside)
        change_distributor(place, distributor=payers[0], account_number="R", by=owner, now=counter.now)
        told = CreditLine.objects.order_by("id").values_list("location__name", "distributor__name")
        assert list(told) == [("Midtown", None), ("Riverside", "Paws Distributing")]


def test_page_tells_what_waits_and_who_changed_what(
    client: Client, counter: Counter, owner: User, payers: list[Distributor]
) -> None:
    give(counter)
    cast.signed_in(client, owner)

    def page() -> Any:
        with cast.inside(counter.at.retailer):
            running = Enrollment.objects.get(until_on__isnull=True)
        return reverse("programs:distributor", args=[running.pk])

    shown = client.get(page()).content.decode()
    assert "1 free good waits without a distributor: the one you choose takes it over." in shown
    assert 'name="open_lines"' not in shown
    assert client.post(page(), {"distributor": payers[0].pk, "account_number": "48"}).status_code == 302
    with cast.inside(counter.at.retailer):
        assert lines() == [("Paws Distributing", "48", "unbatched")]
    shown = client.get(page()).content.decode()
    assert ("1 free good was given away" in shown, "Paws Distributing (48): from" in shown) == (True, True)
    assert owner.name in shown
    typed = {"distributor": payers[1].pk, "account_number": "OF-9"}
    assert client.post(page(), typed).status_code == 422
    assert client.post(page(), {**typed, "open_lines": "burn"}).status_code == 422
    assert client.post(page(), {**typed, "open_lines": MOVE}).status_code == 302
    with cast.inside(counter.at.retailer):
        assert lines() == [("Other Freight", "OF-9", "unbatched")]


def test_band_is_on_home_and_at_the_till_until_a_distributor_is_chosen(
    client: Client, counter: Counter, owner: User, cashier: User, payers: list[Distributor]
) -> None:
    till = reverse("checkout:till", args=[counter.customer.pk])
    office, desk = cast.signed_in(client, owner), cast.signed_in(Client(), cashier)

    def said() -> list[bool]:
        band, line = "is in Temporary Holding: what you give away waits", "1 program here waits for a distributor."
        pages = [office.get("/"), office.get(till), desk.get("/"), desk.get(till)]
        words = [one.content.decode() for one in pages]
        return [band in words[0], band in words[1], band in words[2], band in words[3], line in words[3]]

    assert said() == [True, True, False, False, True]
    direct = cast.make_program(title="Birdsong", fulfilment="direct")
    cast.make_enrollment(counter.at, program=direct, by=owner)
    found = office.get(reverse("programs:enrolled"), {"kind": "holding"}).context["rows"]
    assert [row.program for row in found] == [counter.program]
    change(counter, payers[0], "48")
    assert said() == [False] * 5
