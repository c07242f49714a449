"""Private programs: who applies, what support says for the brand, and what the store sees of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Distributor
from astro.kit.append_only import RowIsFinal
from astro.kit.errors import DomainError
from astro.kit.models import PlainMail
from astro.programs.actions import enroll, unenroll
from astro.programs.enrolling.applying import applications_told, decide, join, withdraw
from astro.programs.models import Application, ApplicationDecision, Enrollment, Program
from astro.programs.suggesting import suggested_for
from astro.tenancy.models import Location, Retailer
from tests import cast

NOW = cast.NOW
TODAY = date(2026, 11, 20)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def private(paws: Distributor) -> Program:
    return cast.make_program(title="Northpaw Select", carriers=[paws], is_private=True)


def applied(place: Location, program: Program, by: User, **told: Any) -> Application:
    with cast.inside(place.retailer):
        made = join(place, program=program, **{"distributor": None, "by": by, "now": NOW, **told})
    assert isinstance(made, Application)
    return made


def answered(application: Application, is_approved: bool, by: User, *, now: Any = LATER, reason: str = "Fine") -> None:
    with cast.inside(application.location.retailer):
        decide(application, is_approved=is_approved, reason=reason, by=by, now=now)


def test_applying_enrolls_nobody_and_approving_enrolls_from_that_day(
    huxley: Retailer, midtown: Location, owner: User, private: Program, paws: Distributor
) -> None:
    sue = cast.make_support()
    application = applied(midtown, private, owner, distributor=paws, account_number="48")
    with cast.inside(huxley):
        assert not Enrollment.objects.exists()
        with pytest.raises(DomainError, match="has not approved Midtown"):
            enroll(midtown, program=private, distributor=None, by=owner, now=NOW)
        with pytest.raises(DomainError, match="has applied for"):
            join(midtown, program=private, distributor=None, by=owner, now=NOW)
    answered(application, True, sue)
    with cast.inside(huxley):
        rows = Enrollment.objects.values_list("location__name", "distributor__name", "account_number", "from_on")
        assert list(rows) == [("Midtown", paws.name, "48", TODAY + timedelta(days=2))]
        names = Event.objects.filter(about_kind="programs.application").order_by("id").values_list("name", "by_user_id")
        assert list(names) == [("application made", owner.pk), ("application approved", sue.pk)]
        mail = PlainMail.objects.latest("pk")
        assert (mail.to, mail.subject, "Reason: Fine" in mail.text) == (
            [owner.email],
            "Approved: Northpaw Select",
            True,
        )
        unenroll(Enrollment.objects.get(), by=owner, now=LATER + timedelta(days=1))
        again = join(midtown, program=private, distributor=None, by=owner, now=LATER + timedelta(days=5))
        assert isinstance(again, Enrollment), "who was approved joins again like everybody else"


def test_denied_cannot_apply_again_and_can_be_approved_later(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, private: Program
) -> None:
    sue = cast.make_support()
    application = applied(midtown, private, owner)
    for reason in ("", "  "):
        with pytest.raises(DomainError, match="Say why"):
            answered(application, False, sue, reason=reason)
    answered(application, False, sue, reason="Too  near\nanother store")
    with cast.inside(huxley):
        assert ApplicationDecision.objects.get().reason == "Too near another store"
        assert not Enrollment.objects.exists()
        with pytest.raises(DomainError, match="The brand denied Midtown"):
            join(midtown, program=private, distributor=None, by=owner, now=LATER)
        assert isinstance(join(riverside, program=private, distributor=None, by=owner, now=LATER), Application)
    with pytest.raises(DomainError, match="can only be approved now"):
        answered(application, False, sue)
    answered(application, True, sue, now=LATER + timedelta(days=1))
    with cast.inside(huxley):
        assert Enrollment.objects.get().from_on == TODAY + timedelta(days=3)
        told = applications_told().get(pk=application.pk)
        assert (told.is_approved, told.is_denied, told.decisions.count()) == (True, True, 2)
    for is_approved in (True, False):
        with pytest.raises(DomainError, match="approved for “Northpaw Select” already"):
            answered(application, is_approved, sue)


def test_what_enrolling_refuses_keeps_the_application_waiting(
    huxley: Retailer, midtown: Location, owner: User, private: Program, paws: Distributor
) -> None:
    application = applied(midtown, private, owner, distributor=paws, account_number="48")
    with cast.platform("it delivers there no longer"):
        paws.served_regions.all().delete()
    with pytest.raises(DomainError, match="does not deliver to Midtown"):
        answered(application, True, cast.make_support())
    with cast.inside(huxley):
        assert (ApplicationDecision.objects.count(), Enrollment.objects.count()) == (0, 0)
        told = applications_told().get(pk=application.pk)
        assert (told.is_approved, told.is_denied) == (False, False)


def test_rows_are_final_and_private_programs_are_not_suggested(
    huxley: Retailer, midtown: Location, owner: User, private: Program
) -> None:
    application = applied(midtown, private, owner)
    with cast.inside(huxley):
        with pytest.raises(RowIsFinal):
            application.save()
        with pytest.raises(RowIsFinal):
            Application.objects.update(account_number="1")
        assert suggested_for(midtown, day=TODAY).has_any is False


def test_store_sees_the_state_on_list_grid_and_page(
    client: Client, midtown: Location, riverside: Location, owner: User, private: Program
) -> None:
    cast.signed_in(client, owner)
    page = client.post(
        reverse("programs:enroll", args=[private.pk]),
        {"distributor": "holding", "locations": [str(midtown.pk), str(riverside.pk)]},
        follow=True,
    ).content.decode()
    assert page.count("The brand answers by mail.") == 2
    assert ">Apply<" not in page
    applications = {}
    with cast.inside(midtown.retailer):
        applications = {row.location.name: row for row in Application.objects.select_related("location")}
    answered(applications["Midtown"], False, cast.make_support(), reason="Too near <another>")
    assert "Too near &lt;another&gt;" in client.get(reverse("programs:detail", args=[private.pk])).content.decode()
    for name in ("list", "grid"):
        words = client.get(reverse(f"programs:{name}")).content.decode()
        assert ("Denied" in words, "Pending" in words) == (True, True), name
    found = client.get(reverse("programs:list"), {"kind": "private"}).context["rows"]
    assert [row.program.title for row in found] == ["Northpaw Select"]
    cells = {"cell": [f"{private.pk}-{midtown.pk}", f"{private.pk}-{riverside.pk}"]}
    check = client.post(reverse("programs:enrolling"), cells).content.decode()
    assert ("the brand denied it" in check, "the brand has not answered yet" in check) == (True, True)
    assert client.post(reverse("programs:enroll", args=[private.pk]), {"distributor": "holding"}).status_code == 409


def test_grid_applies_where_the_brand_has_to_approve(
    client: Client, midtown: Location, riverside: Location, owner: User, private: Program, dry_dog: Program
) -> None:
    answered(applied(riverside, private, owner), True, cast.make_support(), now=NOW)
    with cast.inside(midtown.retailer):
        unenroll(Enrollment.objects.get(), by=owner, now=NOW + timedelta(minutes=1))
    cast.signed_in(client, owner)
    cells = {"cell": [f"{row.pk}-{place.pk}" for row in (private, dry_dog) for place in (midtown, riverside)]}
    check = client.post(reverse("programs:enrolling"), cells).content.decode()
    assert "3 enrollments begin" in check
    assert "1 application goes to the brand." in check
    done = client.post(reverse("programs:enrolling"), {**cells, "agreed": "1", "distributor": "holding"}, follow=True)
    assert "Enrolled: 3 cells. 1 application waits." in done.content.decode()


def test_support_finds_approves_and_denies_across_stores(
    client: Client, midtown: Location, elsewhere: Location, owner: User, other_owner: User, private: Program
) -> None:
    mine, theirs = applied(midtown, private, owner), applied(elsewhere, private, other_owner)
    client.force_login(cast.make_support())

    def places(**asked: str) -> list[str]:
        page = client.get(reverse("backoffice:applications"), asked)
        assert page.status_code == 200
        return [row.location.name for row in page.context["page"].rows]

    def answer(application: Application, word: str, reason: str) -> Any:
        pk, store = application.pk, application.location.retailer_id
        return client.post(reverse("backoffice:application", args=[store, pk, word]), {"reason": reason})

    assert places() == [midtown.name, elsewhere.name]
    assert (places(q=midtown.name), places(q="nothing"), places(state="denied")) == ([midtown.name], [], [])
    assert answer(mine, "denial", " ").status_code == 422
    assert answer(mine, "denial", "Too near").status_code == 302
    assert answer(mine, "denial", "Too near").status_code == 409
    assert answer(theirs, "approval", "Welcome").status_code == 302
    assert answer(theirs, "shrug", "Hm").status_code == 404
    pages = places(), places(state="denied"), places(state="approved"), places(state="all", sort="newest")
    assert pages[:3] == ([], [midtown.name], [elsewhere.name])
    assert len(pages[3]) == 2
    file = client.get(reverse("backoffice:export_applications"), {"state": "all"}).getvalue().decode()
    assert ("Northpaw Select" in file, "Denied" in file, "Approved" in file) == (True, True, True)
    assert answer(mine, "approval", "They moved").status_code == 302
    with cast.inside(midtown.retailer):
        assert Enrollment.objects.get().location == midtown


def test_withdrawn_it_waits_no_more_and_may_be_made_again(
    client: Client, huxley: Retailer, midtown: Location, owner: User, private: Program, settings: Any
) -> None:
    settings.SUPPORT_EMAIL = "support@platform.example"
    sue, application = cast.make_support(), applied(midtown, private, owner)
    cast.signed_in(client, owner)
    page = client.get(reverse("programs:detail", args=[private.pk])).content.decode()
    assert ">Withdraw<" in page
    address = reverse("programs:application_withdrawal", args=[application.pk])
    done = client.post(address, follow=True).content.decode()
    assert ("Withdrawn: Midtown does not ask" in done, ">Apply<" in done, ">Withdraw<" in done) == (True, True, False)
    assert client.post(address).status_code == 409
    with pytest.raises(DomainError, match="has withdrawn its application"):
        answered(application, True, sue)
    with cast.inside(huxley):
        mails = PlainMail.objects.order_by("pk").values_list("subject", flat=True)
        assert list(mails) == ["Application for Northpaw Select", "Withdrawn: application for Northpaw Select"]
        assert not Enrollment.objects.exists()
        assert Event.objects.filter(name="application withdrawn").count() == 1
    again = applied(midtown, private, owner, now=LATER)
    assert (again.attempt, again.pk != application.pk) == (2, True)
    with cast.inside(huxley), pytest.raises(DomainError, match="has applied for"):
        join(midtown, program=private, distributor=None, by=owner, now=LATER)
    client.force_login(sue)
    waiting = client.get(reverse("backoffice:applications")).context["page"].rows
    gone = client.get(reverse("backoffice:applications"), {"state": "withdrawn"})
    assert (waiting, gone.context["page"].rows) == ([again], [application])
    assert ">Approve<" not in gone.content.decode()
    file = client.get(reverse("backoffice:export_applications"), {"state": "withdrawn"}).getvalue().decode()
    assert "Withdrawn" in file
    answered(again, True, sue)
    with cast.inside(huxley):
        assert Enrollment.objects.get().location == midtown


def test_what_the_brand_answered_is_not_withdrawn(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, private: Program
) -> None:
    sue = cast.make_support()
    for place, is_approved in ((midtown, True), (riverside, False)):
        application = applied(place, private, owner)
        answered(application, is_approved, sue)
        with cast.inside(huxley), pytest.raises(DomainError, match="The brand has answered"):
            withdraw(application, by=owner, now=LATER)
