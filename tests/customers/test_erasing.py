"""Who asks to be forgotten is off every list at once, and after 30 days nothing anywhere says who they were."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection

from astro.cards.models import Card, Punch, Redemption, Reward
from astro.cards.notes import set_note
from astro.checkout.basket import Answer
from astro.checkout.late import enter_late, lines_of
from astro.checkout.models import CheckoutField, KeptVisit, LateWhy, Purchase, Visit
from astro.checkout.paper_cards import Paper, take_over
from astro.checkout.photos import keep_photo
from astro.credits.models import CreditLine
from astro.customer_app.models import AppAccount, AppLink
from astro.customers.actions import (
    add_pet,
    add_practice_customer,
    add_tag,
    ask_erasure,
    change_customer,
    erase_due,
    give_code,
    merge_customers,
    set_tags,
    split_customers,
    undo_erasure,
    write_address,
    write_note,
)
from astro.customers.consent.asking import hear
from astro.customers.consent.queries import state_of
from astro.customers.errors import CannotErase, CannotRestore, CannotSplit, Gone, PracticeStays
from astro.customers.models import Act, Channel, CodeKind, Consent, Customer, CustomerCode, LikelyDouble, Reach, Source
from astro.customers.pets import read_pet
from astro.customers.queries import customers_matching
from astro.customers.telling import as_json, told_of
from astro.importer.models import RowResult, Upload, UploadPart, UploadRow, UploadState
from astro.kit.ids import new_uuid7
from astro.messaging.models import Delivery, KeptMessage, Meaning, MessageKind, Reply
from astro.programs.models import ProgramCard
from tests.cast import NOW, inside, make_customer
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 20)
LATER = NOW + timedelta(days=30)
SECRETS = (
    "Zebulon", "Quackenbush", "zeb.quack", "4065550177", "Larkspur", "59868", "Biscuitina", "OLD-7731", "POS-9988",
    "peanuts", "Snowdrift", "Marmeladov",
)  # fmt: skip


@pytest.fixture
def counter(midtown, owner):
    """Someone with everything that a customer can have, in every module."""
    counter = Counter(midtown, owner)
    with inside(midtown.retailer):
        counter.customer = change_customer(
            counter.customer, first_name="Zebulon", last_name="Quackenbush", phone="406 555 0177",
            email="Zeb.Quack@example.com", internal_id="POS-9988", at=midtown, by=owner, now=NOW,
        )  # fmt: skip
        who = counter.customer
        pet = read_pet(name="Biscuitina", kind="dog", today=NOW.date())
        add_pet(who, pet, by=owner, at=midtown, now=NOW)
        set_tags(who, [add_tag("Allergic", by=owner, at=midtown, now=NOW).pk], by=owner, at=midtown, now=NOW)
        home = {"postcode": "59868", "street": "7 Larkspur Lane", "city": "Seeley", "region": "MT", "country": "US"}
        write_address(who, home, by=owner, at=midtown, now=NOW)
        write_note(who, "Allergic to peanuts.", by=owner, at=midtown, now=NOW)
        give_code(who, now=NOW)
        CustomerCode.objects.create(customer=who, code="OLD-7731", kind=CodeKind.OLD, created_at=NOW)
        hear(Channel.EMAIL, who.email, Act.YES, source=Source.LINK, customer=who, words="Yes, mail me.", now=NOW)
    counter.finish(counter.buy(3))
    counter.buy(1)
    with inside(midtown.retailer):
        set_note(Card.objects.last(), text="Paper card of Zebulon", at=midtown, by=owner, now=NOW)
        _sent_and_answered(who)
        _uploaded(who, midtown, owner)
        other = make_customer(at=midtown, first_name="Zebulun")
        first, second = sorted((who, other), key=lambda one: one.pk)
        LikelyDouble.objects.create(first=first, second=second, reason="name", score=55, found_on=NOW.date())
        body = {"lines": [], "reason_text": "for Zebulon's sister"}
        KeptVisit.objects.create(
            key="019f0000-0000-7000-8000-000000000001", location=midtown, customer=who, body=body, body_hash="0" * 64,
            kept_at=NOW,
        )  # fmt: skip
        _on_paper(counter)
    account = AppAccount.objects.create(
        email=who.email, email_folded=who.email_folded, password="!", created_at=NOW, password_changed_at=NOW
    )
    with inside(midtown.retailer):
        AppLink.objects.create(account_id=account.pk, customer=who, since=NOW)
    return counter


def _on_paper(counter):
    """A paper card with its picture, and a receipt that was set aside."""
    at, by, day = counter.at, counter.by, NOW.date()
    paper = Paper(
        key=new_uuid7(NOW), program_card=ProgramCard.objects.get(program=counter.program), product=counter.bag,
        punches=1, first_on=day, last_on=day, number="OLD-7731", note="Zebulon's dog ate half of it",
    )  # fmt: skip
    take_over(
        counter.customer, paper, photo=keep_photo(b"a picture of Quackenbush", now=NOW), at=at, by=by, now=counter.now
    )
    key = new_uuid7(NOW)
    enter_late(
        counter.customer, lines_of(key, [(counter.bag.pk, 1)]), key=key, occurred_at=NOW, why=LateWhy.OTHER,
        note="from Quackenbush", answers=[Answer(_a_question().pk, "Marmeladov")], at=at, by=by, now=counter.now,
    )  # fmt: skip


def _a_question():
    return CheckoutField.objects.create(label="Who rang?", added_at=NOW)


def _sent_and_answered(who):
    delivery = Delivery.objects.create(
        customer=who, channel=Channel.EMAIL, kind=MessageKind.WELCOME_EMAIL, address=who.email, address_hash="e" * 64,
        token="t1", reason="550 <zeb.quack@example.com> unknown", created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    KeptMessage.objects.create(
        delivery=delivery, sender="Store", subject="Greetings", text="Greetings, Zebulon Quackenbush.", kept_at=NOW
    )
    Reply.objects.create(
        provider_id="r1", sender=who.phone, address_hash="p" * 64, customer=who, body="It is Zebulon, who is this?",
        meaning=Meaning.UNKNOWN, received_at=NOW,
    )  # fmt: skip


def _uploaded(who, midtown, owner):
    upload = Upload.objects.create(
        name="list.csv", size=1, digest="0" * 64, form="csv", state=UploadState.DONE, location=midtown, by=owner,
        uploaded_at=NOW,
    )  # fmt: skip
    UploadPart.objects.create(upload=upload, number=1, data=b"Zebulon,Quackenbush,Snowdrift\n")
    UploadRow.objects.create(
        upload=upload, row=1, result=RowResult.CHANGED, customer=who, before={"note": "Snowdrift"}, cells=["Zebulon"]
    )
    UploadRow.objects.create(
        upload=upload,
        row=2,
        result=RowResult.WRONG,
        cells=["Quackenbush, Zebulon", "(406) 555-0177"],
        error="Snowdrift",
    )
    UploadRow.objects.create(upload=upload, row=3, result=RowResult.WRONG, cells=["Somebody Else"], error="No name")


def _asked(counter):
    with inside(counter.at.retailer):
        return ask_erasure(counter.customer, by=counter.by, at=counter.at, now=NOW)


def _erased(counter, *, today=DUE):
    with inside(counter.at.retailer):
        return erase_due(today=today, now=LATER)


def everything_written() -> str:
    """Every cell of every table, as text."""
    told = []
    outside = connection.as_owner() if connection.vendor == "postgresql" else nullcontext()
    with outside, connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')
            for value in (value for row in cursor.fetchall() for value in row if value is not None):
                told.append(f"{table}: {bytes(value) if isinstance(value, memoryview) else value}")
    return "\n".join(told)


def found_in(text):
    return sorted({(secret, line.partition(":")[0]) for line in text.splitlines() for secret in SECRETS
                   if secret.casefold() in line.casefold()})  # fmt: skip


def test_nothing_anywhere_says_who_it_was(counter):
    assert {secret for secret, _table in found_in(everything_written())} == set(SECRETS)
    _asked(counter)
    assert _erased(counter) == 1
    assert found_in(everything_written()) == []
    assert _erased(counter) == 0
    assert recounted(now=LATER)[0] == []


def test_what_others_rely_on_stays_under_the_number(counter):
    def facts():
        models = (Visit, Purchase, Card, Punch, Reward, Redemption, CreditLine)
        return [list(model.objects.order_by("id").values_list("id", "customer_id")) for model in models]

    with inside(counter.at.retailer):
        before = facts()
        assert all(before)
        said = list(Consent.objects.order_by("id").values())
    _asked(counter)
    _erased(counter)
    with inside(counter.at.retailer):
        assert facts() == before
        one = Customer.objects.get(pk=counter.customer.pk)
        assert (one.first_name, one.last_name, one.phone, one.email) == ("Erased", str(one.pk), "", "")
        assert CreditLine.objects.get().customer_name == one.name
        assert list(Consent.objects.order_by("id").values())[: len(said)] == said
        assert Consent.objects.get(act=Act.YES).wording.text == "Yes, mail me."
        assert UploadRow.objects.get(row=3).cells == ["Somebody Else"]


def test_who_was_forgotten_is_not_written_to_when_a_list_brings_them_back(counter):
    _asked(counter)
    _erased(counter)
    with inside(counter.at.retailer):
        again = make_customer(at=counter.at, email="zeb.quack@example.com", phone="406 555 0177")
        assert (again.email_state, again.text_state) == (Reach.STOPPED, Reach.STOPPED)
        hear(Channel.EMAIL, again.email, Act.YES, source=Source.IMPORT, customer=again, now=LATER)
        assert state_of(Channel.EMAIL, again.email) == Reach.STOPPED
        hear(Channel.EMAIL, again.email, Act.YES, source=Source.LINK, customer=again, now=LATER)
        assert state_of(Channel.EMAIL, again.email) == Reach.YES


def test_they_are_off_the_list_at_once_and_nothing_is_lost_for_30_days(counter):
    with inside(counter.at.retailer):
        before = as_json(counter.customer, told_of(counter.customer), now=NOW)
    _asked(counter)
    with inside(counter.at.retailer):
        assert customers_matching("Quackenbush", limit=5) == []
    assert _erased(counter, today=DUE - timedelta(days=1)) == 0
    with inside(counter.at.retailer):
        undo_erasure(counter.customer, by=counter.by, at=counter.at, now=NOW)
        assert customers_matching("Quackenbush", limit=5) == [counter.customer]
        assert as_json(counter.customer, told_of(counter.customer), now=NOW) == before
    assert _erased(counter) == 0


def test_what_cannot_be_asked_or_undone(counter, midtown, owner):
    how = {"by": owner, "at": midtown, "now": NOW}
    with inside(midtown.retailer):
        with pytest.raises(PracticeStays):
            ask_erasure(add_practice_customer(now=NOW), **how)
        with pytest.raises(CannotErase):
            undo_erasure(counter.customer, **how)
    _asked(counter)
    with inside(midtown.retailer), pytest.raises(Gone):
        ask_erasure(counter.customer, **how)
    _erased(counter)
    with inside(midtown.retailer), pytest.raises(CannotRestore, match="erased"):
        undo_erasure(counter.customer, **how)


def test_an_account_that_was_merged_into_theirs_is_forgotten_with_it(counter, midtown, owner):
    with inside(midtown.retailer):
        kept = make_customer(at=midtown, first_name="Zeb")
        merge = merge_customers(kept, counter.customer, by=owner, at=midtown, now=NOW)
        ask_erasure(kept, by=owner, at=midtown, now=NOW)
        assert erase_due(today=DUE, now=LATER) == 1
    assert found_in(everything_written()) == []
    assert recounted(now=LATER)[0] == []
    with inside(midtown.retailer), pytest.raises(CannotSplit):
        split_customers(merge, by=owner, at=midtown, now=LATER)


def test_an_app_account_that_another_store_knows_stays(counter, elsewhere):
    account = AppAccount.objects.get()
    with inside(elsewhere.retailer):
        stranger = make_customer(at=elsewhere, email="zeb.quack@example.com")
        AppLink.objects.create(account_id=account.pk, customer=stranger, since=NOW)
    _asked(counter)
    _erased(counter)
    assert AppAccount.objects.count() == 1
    with inside(elsewhere.retailer):
        assert AppLink.objects.get(ended_at=None).customer_id == stranger.pk
        assert Customer.objects.get().email == "zeb.quack@example.com"


def test_everything_that_is_kept_is_told(counter):
    with inside(counter.at.retailer):
        told = json.dumps(as_json(counter.customer, told_of(counter.customer), now=NOW), ensure_ascii=False)
    missing = [secret for secret in SECRETS if secret.casefold() not in told.casefold()]
    assert missing == ["Snowdrift"]  # of a row's undoing, and of a file: nothing but what stands there already


def test_every_table_with_a_customer_has_a_part_that_knows_it():
    """A new table that names a customer belongs into its module's `customer_part.py`, and its name here."""
    known = {
        "Address", "AppLink", "BreederNumber", "Card", "Change", "Consent", "ConsumerReturn", "Correction",
        "CreditLine",
        "CustomerCode", "CustomerTag", "Delivery", "ExceptionTicket", "KeptVisit", "KindSpan", "LikelyDouble",
        "Merge", "PaperCard", "Pet", "Presence", "Punch", "Purchase", "Redemption", "Reply", "Reward", "SeenAt",
        "UploadRow", "Visit",
    }  # fmt: skip
    naming = {
        model.__name__ for model in apps.get_models()
        if any(field.related_model is Customer for field in model._meta.concrete_fields)
    }  # fmt: skip
    assert naming == known
