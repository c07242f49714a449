"""`astro feature`: an operator switches something for one store."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from astro.activity.models import Event
from astro.tenancy.features import ASTRO_ID, INTERNAL_CUSTOMER_ID, MERGING
from astro.tenancy.models import Feature
from tests.cast import inside, make_retailer

pytestmark = pytest.mark.django_db


def run(*words: str, reason: str = "asked by mail") -> str:
    out = io.StringIO()
    call_command("feature", *words, "--reason", reason, stdout=out)
    return out.getvalue()


def test_the_command_switches_by_name_or_number(huxley) -> None:
    assert run("huxley house", INTERNAL_CUSTOMER_ID, "on") == "internal-customer-id is on for Huxley House.\n"
    assert run(str(huxley.pk), INTERNAL_CUSTOMER_ID, "on") == "internal-customer-id is on already for Huxley House.\n"
    assert run("Huxley House", INTERNAL_CUSTOMER_ID, "off") == "internal-customer-id is off for Huxley House.\n"


def test_the_command_says_what_it_needs(huxley) -> None:
    with pytest.raises(
        CommandError, match=rf"There is no retailer Huxley. Give the number of one of these: .*{huxley.pk}"
    ):
        run("Huxley", ASTRO_ID, "on")
    make_retailer(name="HUXLEY HOUSE")
    with pytest.raises(CommandError, match="There are several retailers"):
        run("Huxley House", ASTRO_ID, "on")
    with pytest.raises(CommandError, match="There is no feature colour"):
        run(str(huxley.pk), "colour", "on")


def test_on_and_off_need_a_reason_which_the_row_and_the_store_keep(huxley) -> None:
    with pytest.raises(CommandError, match="reason"):
        call_command("feature", str(huxley.pk), MERGING, "off")
    with pytest.raises(CommandError, match="Say why"):
        run(str(huxley.pk), MERGING, "off", reason=" ")
    run(str(huxley.pk), MERGING, "off", reason="too many by mistake")
    run(str(huxley.pk), MERGING, "on", reason="they know how now")
    with inside(huxley):
        row = Feature.objects.get()
        assert (row.reason, row.ended_reason) == ("too many by mistake", "they know how now")
        events = list(Event.objects.filter(name__startswith="feature").values_list("name", "about_id", "facts"))
    told = {"feature": "merging"}
    assert events == [("feature switched off", row.pk, told), ("feature switched on", row.pk, told)]
