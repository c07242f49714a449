"""From a file to customers and back."""

from datetime import timedelta
from threading import Event as Flag

import pytest

from astro.activity.models import Event
from astro.cards.models import Card
from astro.checkout.models import Visit
from astro.customers.actions import change_customer, retire_customer
from astro.customers.consent.asking import hear
from astro.customers.models import Act, Address, Change, Channel, Consent, Customer, Pet, SeenAt, Source, Tag
from astro.importer import actions, running
from astro.importer.errors import NotNow
from astro.importer.jobs import forget_files
from astro.importer.models import ColumnMemory, Upload, UploadKey, UploadPart, UploadRow, UploadState
from astro.kit.outbox.worker import Pace, work_round
from astro.tenancy.features import INTERNAL_CUSTOMER_ID, switch_on
from tests.cast import LONG_AGO, NOW, inside, make_customer, make_enrollment, make_product, make_program
from tests.desk.recounted import recounted
from tests.importer.lists import added, fresh, long_list, matched, received, tried, undone, worked_off

pytestmark = pytest.mark.django_db(transaction=True)

LIST = """First Name,Last Name,Mobile,Email,Address,City,State,Zip,Pet Name,Pet Type,Tags
Ann,Smith,(406) 555-2142,ann@example.com,1 Main St,Kalispell,MT,59901,Biscuit,Dog,"VIP, Raw food"
Zoë,Ortiz,406.555.2143,zoe@example.com,,,,,Miso,cat,
,,,,,,,,,,
Ben,,406 555 2144,,,,,,,,
"""
HEAD = "Customer ID,First Name,Last Name,Mobile,Email,SMS opt in,Email opt in,Note"


def living(retailer):
    with inside(retailer):
        return list(Customer.objects.filter(retired_at__isnull=True).order_by("id"))


def errors_of(upload):
    with inside(upload.location.retailer):
        return {row.row: row.error for row in UploadRow.objects.filter(upload=upload, result="wrong")}


def test_a_list_is_tried_then_added(huxley, midtown, owner):
    upload = tried(LIST, at=midtown, by=owner)
    assert (upload.state, upload.counts, upload.rows) == (UploadState.TRIED, {"new": 2, "wrong": 1}, 3)
    with inside(huxley):
        before = [model.objects.count() for model in (Customer, SeenAt, Tag, Pet, Address, Consent)]
    assert before == [0] * 6
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
    worked_off()
    upload = fresh(upload)
    assert (upload.state, upload.counts) == (UploadState.DONE, {"new": 2, "wrong": 1})
    ann, zoe = living(huxley)
    with inside(huxley):
        told = (ann.name, ann.phone, ann.email, ann.text_state, ann.email_state)
        assert told == ("Ann Smith", "+14065552142", "ann@example.com", "on_file", "on_file")
        assert Address.objects.get(customer=ann).street == "1 Main St"
        assert [(pet.name, pet.kind) for pet in Pet.objects.filter(customer=zoe)] == [("Miso", "cat")]
        assert sorted(ann.tags.values_list("tag__label", flat=True)) == ["Raw food", "VIP"]
        assert set(SeenAt.objects.values_list("customer_id", "location_id")) == {
            (ann.pk, midtown.pk),
            (zoe.pk, midtown.pk),
        }
        event = Event.objects.get(name="customer added", about_id=ann.pk)
        assert (event.by_user_id, event.facts) == (owner.pk, {"upload": upload.pk})
        assert not UploadKey.objects.exists()
    assert errors_of(upload) == {5: "Type the last name."}


def test_a_file_that_comes_twice_adds_nobody_twice(huxley, midtown, owner):
    added(LIST, at=midtown, by=owner)
    again = added(LIST, at=midtown, by=owner)
    assert again.counts == {"same": 2, "wrong": 1}
    assert len(living(huxley)) == 2
    with inside(huxley):
        assert Pet.objects.count() == 2
        assert not Change.objects.exists()


def test_known_customers_are_found_by_id_then_phone_then_email_and_blanks_overwrite_nothing(huxley, midtown, owner):
    with inside(huxley):
        switch_on(INTERNAL_CUSTOMER_ID, now=NOW)
        one = make_customer(at=midtown, first_name="Ann", last_name="Smith", internal_id="A1", phone="4065552142")
        two = make_customer(at=midtown, first_name="Ben", last_name="Ortiz", phone="4065552143", email="b@example.com")
        three = make_customer(at=midtown, first_name="Cy", last_name="Young", email="Cy@example.com")
        four = make_customer(at=midtown, first_name="Same", last_name="Name")
    rows = "a1,Anna,Jones,406-555-2199,,,,hello\n,Ben,Ortiz,4065552143,,,,\n"
    rows += ",Cy,Young,,cy@EXAMPLE.com,,,\n,Same,Name,,,,,\n"
    upload = added(f"{HEAD}\n{rows}", at=midtown, by=owner)
    assert upload.counts == {"new": 1, "changed": 2, "same": 1}
    with inside(huxley):
        told = {row.pk: row for row in Customer.objects.all()}
        assert (told[one.pk].name, told[one.pk].phone, told[one.pk].note) == ("Anna Jones", "+14065552199", "hello")
        assert told[one.pk].internal_id == "a1"
        assert told[two.pk].email == "b@example.com"
        assert told[three.pk].email == "cy@EXAMPLE.com"
        assert len(told) == 5, "a name alone makes nobody the same person"
        changes = Change.objects.filter(customer=one).order_by("field").values_list("field", "old", "new")
        assert ("phone", "+14065552142", "+14065552199") in set(changes)
        assert set(Event.objects.get(name="customer changed", about_id=one.pk).facts["fields"]) == {
            *("first_name", "internal_id", "last_name", "note", "phone"),
        }
    assert four.pk in told


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A1,Ann,Smith,,ben@example.com,,,", "Ben Ortiz has this e-mail address already"),
        (",Ann,Smith,4065552142,ben@example.com,,,", "Ben Ortiz has this e-mail address already"),
        ("A1,Ann,Smith,4065552143,,,,", "Cy Young has this phone already"),
        ("A9,Ann,Smith,4065552142,,,,", "the Internal Customer ID A1"),
        (",Zoe,Quux,4065552142,,,,", "Ann Smith has this phone or e-mail address already"),
    ],
)
def test_what_belongs_to_two_customers_or_to_somebody_else_is_given_back(huxley, midtown, owner, row, told):
    with inside(huxley):
        make_customer(at=midtown, first_name="Ann", last_name="Smith", phone="4065552142", internal_id="A1")
        make_customer(at=midtown, first_name="Ben", last_name="Ortiz", email="ben@example.com")
        make_customer(at=midtown, first_name="Cy", last_name="Young", phone="4065552143")
    upload = added(f"{HEAD}\n{row}\n", at=midtown, by=owner)
    assert told in errors_of(upload)[2]
    assert upload.counts == {"wrong": 1}
    with inside(huxley):
        assert not Change.objects.exists()


def test_rows_of_one_person_are_given_back_or_passed_over_in_both_runs_alike(huxley, midtown, owner, monkeypatch):
    monkeypatch.setattr(running, "SLICE", 2)
    rows = [",Ann,Smith,4065552142,a@example.com,,,", ",Ben,Ortiz,4065552143,,,,", ",Ann,Smith,,A@example.com,,,"]
    rows += [",Ben,Ortiz,4065552143,,,,", ",Cy,Young,4065552144,,,,", ",Cy,Young,4065552144,cy@example.com,,,"]
    text = f"{HEAD}\n" + "\n".join(rows) + "\n"
    counts = {"new": 3, "skipped": 1, "wrong": 2}
    assert tried(text, at=midtown, by=owner).counts == counts
    upload = added(text, at=midtown, by=owner)
    assert upload.counts == counts
    assert set(errors_of(upload)) == {4, 7}
    assert "Row 2 of this file" in errors_of(upload)[4]
    assert len(living(huxley)) == 3


def test_two_rows_of_one_known_customer_by_different_keys_change_it_once(huxley, midtown, owner, monkeypatch):
    with inside(huxley):
        make_customer(at=midtown, first_name="Ann", last_name="Smith", phone="4065552142", email="ann@example.com")
    text = f"{HEAD}\n,Ann,Smith,4065552142,,,,one\n,Ann,Smith,,ann@example.com,,,two\n"
    for size in (1, 100):
        monkeypatch.setattr(running, "SLICE", size)
        upload = tried(text, at=midtown, by=owner)
        assert upload.counts == {"changed": 1, "wrong": 1}


def test_consent_of_a_list_needs_a_proof_and_never_lifts_a_stop(huxley, midtown, owner):
    with inside(huxley):
        ben = make_customer(at=midtown, first_name="Ben", last_name="Ortiz", phone="4065552143")
        hear(Channel.TEXT, ben.phone, Act.STOP, source=Source.REPLY, customer=ben, now=NOW)
    rows = ",Ann,Smith,4065552142,ann@example.com,yes,no,\n,Ben,Ortiz,4065552143,,yes,,\n,Cy,Young,4065552144,,,,\n"
    upload = added(f"{HEAD}\n{rows}", at=midtown, by=owner)
    assert (upload.counts["yes_left_out"], upload.counts["said_stop"]) == (2, 1)
    states = {row.first_name: (row.text_state, row.email_state) for row in living(huxley)}
    assert states == {"Ann": ("on_file", "stopped"), "Ben": ("stopped", "none"), "Cy": ("on_file", "none")}
    again = added(f"{HEAD}\n{rows}", at=midtown, by=owner, proof="sheets in the blue folder")
    assert (again.counts["said_yes"], again.counts["changed"], again.counts["same"]) == (1, 1, 2)
    states = {row.first_name: (row.text_state, row.email_state) for row in living(huxley)}
    assert states == {"Ann": ("yes", "stopped"), "Ben": ("stopped", "none"), "Cy": ("on_file", "none")}
    with inside(huxley):
        yes = Consent.objects.get(act=Act.YES)
        assert (yes.source, yes.basis, yes.by_id, yes.evidence["proof"], yes.evidence["upload"]) == (
            *(Source.IMPORT, "express", owner.pk, "sheets in the blue folder"),
            str(again.pk),
        )


def test_old_cards_become_visits_of_their_days_and_add_up(huxley, midtown, owner):
    bag = make_product(name="Gold 30 lb")
    program = make_program(title="Dry Dog", products=[bag])
    make_enrollment(midtown, program=program, by=owner)
    head = "First name,Last name,Mobile,Card,Punches,Punch dates,Card note"
    rows = "Ann,Smith,4065552142,dry dog card,3,2026-05-03;2026-05-03;2026-06-01,blue card\n"
    rows += "Ben,Ortiz,4065552143,Dry Dog card,1,2024-05-03,\nCy,Young,4065552144,Wet Dog card,1,2026-05-03,\n"
    assert LONG_AGO.year == 2025
    dry = tried(f"{head}\n{rows}", at=midtown, by=owner)
    assert dry.counts == {"new": 1, "wrong": 2, "punches": 3}
    upload = added(f"{head}\n{rows}", at=midtown, by=owner)
    assert upload.counts == dry.counts
    assert "Midtown has no card “Dry Dog card” on 3 May 2024" in errors_of(upload)[3]
    assert "Wet Dog card" in errors_of(upload)[4]
    with inside(huxley):
        visits = Visit.objects.order_by("day").values_list("day", "source", "reason", "reason_text")
        assert [(str(day), *rest) for day, *rest in visits] == [
            ("2026-05-03", "import", "paper_card", "blue card"),
            ("2026-06-01", "import", "paper_card", "blue card"),
        ]
        assert Card.objects.get().punches == 3
    assert recounted()[0] == []
    upload = undone(upload, by=owner)
    assert (upload.counts["undone"], upload.counts["kept"]) == (1, 0)
    assert living(huxley) == []
    assert recounted()[0] == []


def test_an_undone_list_leaves_nothing_but_what_came_since(huxley, midtown, owner):
    with inside(huxley):
        known = make_customer(at=midtown, first_name="Ann", last_name="Smith", phone="406-555-2142")
    rows = LIST + "Cy,Young,406-555-2145,,,,,,,,\nDee,Dent,406-555-2146,,,,,,,,\n"
    upload = added(rows, at=midtown, by=owner)
    assert upload.counts == {"new": 3, "changed": 1, "wrong": 1}
    by_name = {row.first_name: row for row in living(huxley)}
    with inside(huxley):
        change_customer(
            by_name["Cy"], first_name="Cyrus", last_name="Young", phone="", email="", at=midtown, by=owner, now=NOW
        )
        retire_customer(by_name["Dee"], at=midtown, by=owner, now=NOW)
    upload = undone(upload, by=owner)
    assert upload.state == UploadState.UNDONE
    assert (upload.counts["undone"], upload.counts["kept"]) == (3, 1)
    assert [(row.name, row.email) for row in living(huxley)] == [("Ann Smith", ""), ("Cyrus Young", "")]
    with inside(huxley):
        kept = UploadRow.objects.get(upload=upload, result="new")
        assert "changed about this customer since" in kept.error
        assert not Pet.objects.filter(customer=known, retired_at__isnull=True).exists()
        assert not known.tags.exists()
        assert not Address.objects.filter(customer=known).exists()


def test_a_changed_field_that_changed_again_is_not_put_back(huxley, midtown, owner):
    with inside(huxley):
        known = make_customer(at=midtown, first_name="Ann", last_name="Smith", phone="406-555-2142")
    upload = added(f"{HEAD}\n,Ann,Smith-Jones,4065552142,ann@example.com,,,\n", at=midtown, by=owner)
    with inside(huxley):
        known.refresh_from_db()
        change_customer(
            known,
            first_name="Ann",
            last_name="Smith-Jones",
            phone="4065552142",
            email="new@example.com",
            at=midtown,
            by=owner,
            now=NOW,
        )
    undone(upload, by=owner)
    (ann,) = living(huxley)
    assert (ann.name, ann.email) == ("Ann Smith", "new@example.com")


def test_undo_is_over_after_a_day(huxley, midtown, owner):
    upload = added(LIST, at=midtown, by=owner)
    with inside(huxley), pytest.raises(NotNow, match="24 hours"):
        actions.undo_upload(upload, by=owner, now=NOW + timedelta(hours=24, seconds=1))
    with inside(huxley):
        actions.undo_upload(upload, by=owner, now=NOW + timedelta(hours=24))


def test_a_stopped_list_goes_on_where_it_stood(huxley, midtown, owner, monkeypatch):
    monkeypatch.setattr(running, "SLICE", 10)
    upload = tried(long_list(35), at=midtown, by=owner)
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
    work_round(Flag(), pace=Pace(), clock=lambda: NOW)
    with inside(huxley):
        actions.stop_upload(upload, by=owner, now=NOW)
    worked_off()
    upload = fresh(upload)
    assert (upload.state, upload.at_row, upload.counts) == (UploadState.STOPPED, 10, {"new": 10})
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
    worked_off()
    upload = fresh(upload)
    assert (upload.state, upload.counts) == (UploadState.DONE, {"new": 35})
    assert len(living(huxley)) == 35


def test_another_worker_goes_on_from_the_committed_row(huxley, midtown, owner, monkeypatch):
    """Nothing of a worker's memory is needed, and what it remembers wrongly is not believed."""
    monkeypatch.setattr(running, "SLICE", 10)
    upload = tried(long_list(25), at=midtown, by=owner)
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
    while work_round(Flag(), pace=Pace(), clock=lambda: NOW):
        running._open.clear()
    assert fresh(upload).counts == {"new": 25}
    assert len({row.phone for row in living(huxley)}) == 25


def test_a_slice_that_comes_late_or_twice_does_nothing(huxley, midtown, owner, monkeypatch):
    monkeypatch.setattr(running, "SLICE", 10)
    upload = tried(long_list(25), at=midtown, by=owner)
    with inside(huxley):
        upload = actions.run_upload(upload, by=owner, now=NOW)
        payload = {"upload": upload.pk, "round": upload.choices["round"], "from": 0}
        for late in (payload, payload, {**payload, "from": 20}, {**payload, "round": 1, "from": 10}):
            running.go_on(late, writes=True, now=NOW)
    assert fresh(upload).at_row == 10
    worked_off()
    assert len(living(huxley)) == 25


def test_a_till_that_is_faster_with_a_phone_costs_nothing(huxley, midtown, owner, monkeypatch):
    upload = tried(LIST, at=midtown, by=owner)
    real, calls = running.write_many, []

    def write_many(plans, **kwargs):
        if not calls:
            calls.append(1)
            make_customer(at=midtown, first_name="Ann", last_name="Smith", phone="406-555-2142")
            raise running.IntegrityError
        return real(plans, **kwargs)

    monkeypatch.setattr(running, "write_many", write_many)
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
    worked_off()
    assert (fresh(upload).state, len(living(huxley))) == (UploadState.DONE, 2)


def test_a_second_press_and_a_second_matching_do_no_harm(huxley, midtown, owner):
    upload = received(LIST, at=midtown, by=owner)
    matched(upload, by=owner)
    with inside(huxley), pytest.raises(NotNow):
        actions.match_columns(upload, ["first_name"], {}, by=owner, now=NOW)
    with inside(huxley), pytest.raises(NotNow):
        actions.run_upload(upload, by=owner, now=NOW)
    worked_off()
    matched(upload, by=owner)
    worked_off()
    with inside(huxley):
        actions.run_upload(upload, by=owner, now=NOW)
        actions.run_upload(upload, by=owner, now=NOW)
    worked_off()
    assert (fresh(upload).counts, len(living(huxley))) == ({"new": 2, "wrong": 1}, 2)


def test_columns_are_remembered_for_this_retailer_only(huxley, midtown, owner, otherpaws):
    upload = received("Vorname,Nachname\nAnn,Smith\n", at=midtown, by=owner)
    with inside(huxley):
        actions.match_columns(upload, ["first_name", "last_name"], {}, by=owner, now=NOW)
        told = dict(ColumnMemory.objects.values_list("heading", "meaning"))
    assert told == {"vorname": "first_name", "nachname": "last_name"}
    with inside(otherpaws):
        assert not ColumnMemory.objects.exists()
        assert not Upload.objects.exists()
        assert not UploadPart.objects.exists()


def test_files_and_rows_are_forgotten_in_time(huxley, midtown, owner):
    upload = added(LIST, at=midtown, by=owner)
    waiting = received(LIST, at=midtown, by=owner)
    later = NOW + timedelta(days=8)
    with inside(huxley):
        forget_files({}, now=later)
        assert not UploadPart.objects.exists()
        assert UploadRow.objects.filter(upload=upload).count() == 3
        with pytest.raises(NotNow, match="Upload it again"):
            actions.match_columns(waiting, ["first_name"], {}, by=owner, now=later)
        forget_files({}, now=NOW + timedelta(days=32))
        assert not UploadRow.objects.exists()
        assert Upload.objects.count() == 2
