"""`astro demo`: the same each time, all or nothing, and never beside anything real."""

from __future__ import annotations

import io
from collections import Counter
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import connection, transaction

from astro.accounts.models import Membership
from astro.cards.models import Card, CardNote, NextStep, Redemption, RedemptionUndo, Reward, RewardState, State
from astro.catalog.models import Brand
from astro.checkout.models import Sealed, Sealing, UnitVoid, Visit
from astro.credits.returns.queries import returns_told
from astro.customers.models import Address
from astro.desk.demo import accounts, play
from astro.desk.demo.play import write_script
from astro.desk.demo.progress import Progress
from astro.desk.management.commands import demo
from astro.programs.models import Fulfilment
from astro.tenancy.models import Retailer
from tests import cast
from tests.cast import NOW, inside
from tests.desk.demo_digest import UNTIL, digest, retailers
from tests.desk.recounted import recounted


@pytest.mark.django_db
def test_the_same_story_writes_the_same_rows() -> None:
    found = []
    for seed in ("a", "a", "b"):
        script = write_script(seed=seed, until=UNTIL, now=NOW, share=0.06)
        with transaction.atomic():
            play.play(script, step=lambda stage: None)
            found.append(digest())
            transaction.set_rollback(True)
    assert found[0] == found[1] != found[2]


def run(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("demo", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_the_command_tells_its_stages_and_the_accounts_and_a_second_run_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demo, "write_script", partial(write_script, share=0.06))
    out, err = run("--until", "2026-05-31")
    assert [line for line in err.splitlines() if line.endswith("...")] == [
        "  Brands and products ...", "  Programs ...", "  Huxley House ...", "  Other Paws ..."
    ]  # fmt: skip
    assert out.splitlines() == accounts.told()
    before = digest()
    out, err = run()
    assert out.splitlines() == ["The demo is here already. Nothing was changed.", *accounts.told()]
    assert (run("--if-empty"), err) == (("\n".join(accounts.told()) + "\n", ""), "")
    assert digest() == before


@pytest.mark.django_db
def test_nothing_is_loaded_beside_a_real_store() -> None:
    cast.make_retailer(name="Corner Pets")
    with pytest.raises(CommandError, match="There is a store here already"):
        run()
    assert run("--if-empty") == ("", "")
    cast.make_retailer(name="Huxley House")
    cast.make_retailer(name="Other Paws")
    with pytest.raises(CommandError, match="There is a store here already"):
        run()
    assert not Brand.objects.exists()
    assert Retailer.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("steps", "on_postgresql"), [(3, play.State.EMPTY), (360, play.State.PART)])
def test_a_run_that_breaks_off_leaves_nothing_or_is_known_as_a_part(steps: int, on_postgresql: play.State) -> None:
    script = write_script(seed="a", until=UNTIL, now=NOW, share=0.06)
    left = iter(range(steps))
    with pytest.raises(StopIteration):
        play.play(script, step=lambda stage: next(left) and None)
    assert play.state() == (play.State.EMPTY if connection.vendor == "sqlite" else on_postgresql)
    assert not Membership.objects.exists()


@pytest.mark.django_db
def test_a_store_that_nobody_can_enter_is_a_part() -> None:
    cast.make_retailer(name="Other Paws")
    for words in ([], ["--if-empty"]):
        with pytest.raises(CommandError, match="broke off last time"):
            run(*words)


def test_tomorrow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "utc_now", lambda: NOW)
    with pytest.raises(CommandError, match="cannot be later than today, 2026-11-20"):
        run("--until", "2026-11-21")


def test_a_terminal_sees_one_line_that_fills() -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    progress = Progress(4, out=OutputWrapper(terminal))
    for stage in ("Programs", "Programs", "Huxley House", "Huxley House"):
        progress(stage)
    shown = terminal.getvalue()
    assert shown.count("\n") == 1
    assert shown.endswith("100 %  Huxley House\n")
    assert " 25 %  Programs" in shown


@pytest.mark.long
@pytest.mark.django_db
def test_the_whole_demo_plays() -> None:
    whole = write_script(seed=demo.SEED, until=UNTIL, now=NOW)
    play.play(whole, step=lambda stage: None)
    told = {name: sum(len(x.visits) for x in people) for name, people in whole.customers.items()}
    written, found = {}, Counter[str]()
    for store in retailers():
        with inside(store):
            written[store.name] = Visit.objects.filter(purchases__isnull=False).distinct().count()
            found["redeemed"] += Redemption.objects.filter(is_live=True).count()
            found["scanned"] += Redemption.objects.filter(is_live=True, taken_unit__isnull=False).count()
            found["undone"] += RedemptionUndo.objects.count()
            found["only undone"] += RedemptionUndo.objects.filter(next_step=NextStep.REMOVE).count()
            found["kept"] += Reward.objects.filter(state=RewardState.READY).count()
            found["removed"] += UnitVoid.objects.count()
            found["notes"] += CardNote.objects.count()
            found["expired"] += Card.objects.filter(state=State.EXPIRED).count()
            found["own"] += Redemption.objects.filter(program_card__program__fulfilment=Fulfilment.NONE).count()
            found["addresses"] += Address.objects.count()
            found["at midnight"] += Sealing.objects.filter(how=Sealed.MIDNIGHT).count()
    assert told == written
    wanted = {
        "redeemed": (200, 400),
        "scanned": (30, 120),
        "undone": (8, 40),
        "only undone": (2, 15),
        "kept": (60, 160),
        "removed": (15, 70),
        "notes": (10, 50),
        "expired": (10, 80),
        "own": (3, 40),
        "addresses": (6, 40),
        "at midnight": (5, 40),
    }
    assert {what: count for what, count in found.items() if not wanted[what][0] <= count <= wanted[what][1]} == {}


@pytest.mark.django_db
def test_customers_brought_goods_back_and_each_return_stands_elsewhere() -> None:
    with transaction.atomic():
        play.play(write_script(seed="a", until=UNTIL, now=NOW, share=0.06), step=lambda stage: None)
    found = {}
    for store in retailers():
        with inside(store):
            found[store.name] = {row.state for row in returns_told()}
    assert found == {
        "Huxley House": {"submitted", "in_review", "declined", "approved", "credited"},
        "Other Paws": set(),
    }
    assert recounted()[0] == []
