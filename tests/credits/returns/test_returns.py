"""What a customer brought back: what its brand asks for, what becomes of it, and that it is owed exactly once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from astro.accounts.models import User
from astro.activity.models import Event
from astro.credits.actions import owe_for_return
from astro.credits.models import (
    ConsumerReturn,
    CreditLine,
    DeclineReason,
    LineState,
    ReturnReason,
    ReturnState,
    ReturnStep,
)
from astro.credits.returns.actions import write_terms
from astro.credits.returns.errors import CannotMoveOn, CannotReturn
from astro.credits.returns.queries import participating, payers_for, returns_told, terms_on, units_back
from astro.credits.returns.states import FOLLOWS, GROUPS, MENDABLE, STORE_FOLLOWS, may_follow
from astro.customers.actions import merge_customers, split_customers
from astro.customers.models import Customer
from astro.customers.parts import parts
from astro.kit.append_only import RowIsFinal
from astro.kit.errors import DomainError
from astro.programs.errors import CannotEnroll
from astro.tenancy import current
from astro.tenancy.models import Location
from tests import cast
from tests.checkout.test_races import at_once
from tests.credits.returns.bringing import Bringing
from tests.desk.recounted import recounted

TILLS = 8
S = ReturnState


@pytest.fixture
def bringing(midtown: Location, owner: User) -> Bringing:
    return Bringing(midtown, owner)


def test_reasons_stand_in_their_groups_each_once() -> None:
    grouped = [reason for _label, reasons in GROUPS for reason in reasons]
    assert grouped == list(ReturnReason)
    assert [str(label) for label, _reasons in GROUPS] == ["Customer/Pet Experience", "Product", "Packaging", "Other"]


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ([S.APPROVED, S.CREDITED, S.RECONCILED], S.RECONCILED),
        ([S.IN_REVIEW, S.APPROVED, S.CREDITED, S.APPROVED, S.IN_REVIEW, S.DECLINED], S.DECLINED),
        ([S.DECLINED, S.RESUBMITTED, S.APPROVED, S.WITHDRAWN], S.WITHDRAWN),
        ([S.DECLINED, S.IN_REVIEW, S.APPROVED], S.APPROVED),
        ([S.CREDITED], None),
        ([S.RECONCILED], None),
        ([S.RESUBMITTED], None),
        ([S.WITHDRAWN, S.SUBMITTED], None),
        ([S.APPROVED, S.APPROVED], None),
        ([S.APPROVED, S.CREDITED, S.WITHDRAWN], None),
        ([S.APPROVED, S.CREDITED, S.DECLINED], None),
    ],
)
def test_which_state_may_follow(path: list[S], ends: S | None) -> None:
    now, declined = S.SUBMITTED, ""
    for then in path:
        if not may_follow(now, then, declined_for=declined):
            assert ends is None
            return
        now, declined = then, "address" if then == S.DECLINED else ""
    assert now == ends


def test_only_what_the_store_can_mend_is_resubmitted() -> None:
    mended = {one for one in DeclineReason if may_follow(S.DECLINED, S.RESUBMITTED, declined_for=one)}
    assert mended == MENDABLE == {DeclineReason.ACCOUNT_NUMBER, DeclineReason.ADDRESS}
    assert set(FOLLOWS) == set(STORE_FOLLOWS) == set(S)
    assert all(STORE_FOLLOWS[state] <= FOLLOWS[state] for state in S)


@pytest.mark.django_db
def test_a_return_keeps_what_was_brought_and_asks_for_credit(bringing: Bringing) -> None:
    made = bringing.bring(quantity=2, note=" torn at the top ", bought=bringing.bought())
    assert (made.product_name, made.size, made.msrp_cents, made.currency) == ("Adult", "30 lb", 6499, "USD")
    assert (made.day, made.bought_on, made.note) == (date(2026, 11, 20), date(2026, 11, 17), "torn at the top")
    assert bringing.states(made) == ["submitted"]
    assert bringing.lines() == []
    with cast.inside(bringing.at.retailer):
        event = Event.objects.get(name="return submitted")
        assert event.facts == {"brand_id": bringing.brand.pk, "reason": "smell"}
        told = returns_told().get()
        assert (told.state, told.account_number, told.distributor_name) == ("submitted", "48-1123", "Paws Distributing")
        with pytest.raises(RowIsFinal):
            ConsumerReturn.objects.update(note="")
        with pytest.raises(RowIsFinal):
            ReturnStep.objects.update(state="approved")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"lot_code": "  "}, "lot_code"),
        ({"reason": ReturnReason.OTHER}, "reason_text"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 100}, "quantity"),
        ({"account_number": ""}, "account_number"),
        ({"account_number": "48 1123!"}, "account_number"),
    ],
)
def test_what_the_form_is_refused_for_leaves_nothing(bringing: Bringing, other: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        bringing.bring(**other)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")
    with cast.inside(bringing.at.retailer):
        assert not ConsumerReturn.objects.exists()
        assert not ReturnStep.objects.exists()


@pytest.mark.django_db
def test_only_a_distributor_that_delivers_the_brand_here(bringing: Bringing) -> None:
    with pytest.raises(CannotReturn, match="does not credit Northpaw"):
        bringing.bring(distributor=cast.make_distributor(name="Other Freight"))
    far = cast.make_distributor(name="Far Freight", serves=[("US", "NY")])
    with cast.platform("they agreed too"):
        bringing.program.carriers.create(distributor=far)
    with cast.inside(bringing.at.retailer):
        assert payers_for(bringing.brand, location=bringing.at) == [bringing.payer]
    with pytest.raises(CannotReturn, match="does not credit Northpaw"):
        bringing.bring(distributor=far)
    held = bringing.bring(distributor=None, account_number="ignored")
    bringing.move(held, S.APPROVED)
    assert bringing.lines() == [("return", 1, "", "unbatched")]


@pytest.mark.django_db
def test_only_brands_that_take_part_on_the_day(bringing: Bringing) -> None:
    other = cast.make_product(name="Rope toy", brand=cast.make_brand(name="Fernwell"))
    with pytest.raises(CannotReturn, match="Fernwell takes nothing back"):
        bringing.bring(product=other)
    with pytest.raises(CannotReturn, match="has no brand"):
        bringing.bring(product=cast.make_product(name="Bulk hay"))
    bringing.terms(date(2026, 11, 21), takes_part=False)
    bringing.bring()
    bringing.now += timedelta(days=1)
    with pytest.raises(CannotReturn, match="Northpaw takes nothing back"):
        bringing.bring()
    with cast.inside(bringing.at.retailer):
        assert terms_on(bringing.brand, day=date(2024, 12, 31)) is None
        assert [row.brand for row in participating(day=date(2026, 11, 20))] == [bringing.brand]
        assert participating(day=date(2026, 11, 21)) == []


@pytest.mark.django_db
def test_terms_are_the_platforms_to_write(bringing: Bringing) -> None:
    with cast.inside(bringing.at.retailer), pytest.raises(current.OtherRetailer):
        write_terms(bringing.brand, from_on=date(2026, 1, 1), now=bringing.now)


@pytest.mark.django_db
def test_what_a_brand_asks_of_the_customer(midtown: Location, owner: User) -> None:
    bringing = Bringing(midtown, owner, needs_email=True, needs_phone=True)
    with pytest.raises(CannotReturn, match="asks for the customer's email"):
        bringing.bring()
    with cast.inside(midtown.retailer):
        Customer.objects.filter(pk=bringing.customer.pk).update(email="ben@example.com")
    with pytest.raises(CannotReturn, match="asks for the customer's phone"):
        bringing.bring()
    with cast.inside(midtown.retailer):
        Customer.objects.filter(pk=bringing.customer.pk).update(phone="+14065550142")
    bringing.bring()


@pytest.mark.django_db
def test_a_recorded_purchase_in_time(midtown: Location, owner: User) -> None:
    bringing = Bringing(midtown, owner, bought_within_days=30)
    with pytest.raises(CannotReturn, match="in the last 30 days"):
        bringing.bring()
    with pytest.raises(CannotReturn, match="in the last 30 days"):
        bringing.bring(bought=bringing.bought(days=31))
    bringing.bring(bought=bringing.bought(days=30))


@pytest.mark.django_db
def test_no_more_comes_back_than_was_bought(bringing: Bringing) -> None:
    first = bringing.bring(bought=bringing.bought(units=2))
    with pytest.raises(CannotReturn, match="1 unit is left"):
        bringing.bring(bought=bringing.bought(units=2), quantity=2)
    bringing.bring(bought=bringing.bought(units=2))
    with pytest.raises(CannotReturn, match="0 units are left"):
        bringing.bring(bought=bringing.bought(units=2))
    bringing.move(first, S.WITHDRAWN)
    with cast.inside(bringing.at.retailer):
        assert units_back([77]) == {77: 1}
    bringing.bring(bought=bringing.bought(units=2))


@pytest.mark.django_db
def test_an_approved_return_is_owed_once_and_no_longer_when_that_is_undone(bringing: Bringing) -> None:
    made = bringing.bring(quantity=2)
    bringing.move(made, S.IN_REVIEW, S.APPROVED)
    assert bringing.lines() == [("return", 2, "48-1123", "unbatched")]
    with cast.inside(bringing.at.retailer):
        line = CreditLine.objects.get()
        assert (line.cause_id, line.redemption_id, line.program_id) == (made.pk, None, None)
        assert line.customer_name == bringing.customer.name
        assert line.proof == [{"reason": "smell", "lot_code": "LOT7", "best_by": "2027-06-30", "bought_on": ""}]
        with pytest.raises(IntegrityError), transaction.atomic():
            owe_for_return(made, made.last_step, customer=bringing.customer, now=bringing.now)
    with pytest.raises(CannotMoveOn, match="“Approved” by now"):
        bringing.move(made, S.APPROVED)
    bringing.move(made, S.IN_REVIEW)
    assert bringing.lines() == [("return", 2, "48-1123", "withdrawn")]
    bringing.move(made, S.APPROVED, S.CREDITED, S.RECONCILED)
    assert [state for *_, state in bringing.lines()] == ["withdrawn", "unbatched"]
    with pytest.raises(CannotMoveOn, match="“Reconciled” by now"):
        bringing.move(made, S.WITHDRAWN)
    assert recounted()[0] == []


@pytest.mark.django_db
def test_what_was_pulled_into_a_batch_is_not_taken_back(bringing: Bringing) -> None:
    made = bringing.bring()
    bringing.move(made, S.APPROVED)
    with cast.inside(bringing.at.retailer):
        CreditLine.objects.update(state=LineState.BATCHED)
    with pytest.raises(CannotMoveOn, match="pulled its credit into a batch"):
        bringing.move(made, S.WITHDRAWN)
    assert bringing.states(made) == ["submitted", "approved"]


@pytest.mark.django_db
def test_a_decline_says_why_and_resubmitting_mends_it(bringing: Bringing) -> None:
    made = bringing.bring(account_number="1")
    with pytest.raises(CannotMoveOn, match="Say why"):
        bringing.move(made, S.DECLINED, decline_reason="")
    bringing.move(made, S.DECLINED, note="48- is missing")
    with pytest.raises(CannotEnroll):
        bringing.move(made, S.RESUBMITTED, account_number="", distributor=bringing.payer)
    bringing.move(made, S.RESUBMITTED, account_number="48-1123", distributor=bringing.payer)
    bringing.move(made, S.APPROVED)
    assert bringing.lines() == [("return", 1, "48-1123", "unbatched")]
    other = bringing.bring()
    bringing.move(other, S.DECLINED, decline_reason="not_covered")
    with pytest.raises(CannotMoveOn, match="“Declined” by now"):
        bringing.move(other, S.RESUBMITTED, account_number="48-1123", distributor=bringing.payer)


@pytest.mark.django_db
def test_a_store_approves_nothing_by_itself(bringing: Bringing) -> None:
    made = bringing.bring()
    with pytest.raises(CannotMoveOn, match="“Submitted” by now"):
        bringing.move(made, S.APPROVED, follows=STORE_FOLLOWS)
    bringing.move(made, S.APPROVED)
    with pytest.raises(CannotMoveOn, match="“Approved” by now"):
        bringing.move(made, S.CREDITED, follows=STORE_FOLLOWS)
    bringing.move(made, S.WITHDRAWN, follows=STORE_FOLLOWS)
    assert [state for *_, state in bringing.lines()] == ["withdrawn"]


@pytest.mark.django_db
def test_sent_twice_it_is_one_return(bringing: Bringing) -> None:
    key = uuid4()
    assert bringing.bring(key=key) == bringing.bring(key=key)
    with cast.inside(bringing.at.retailer):
        assert ConsumerReturn.objects.count() == ReturnStep.objects.count() == 1


@pytest.mark.django_db
def test_practice_reaches_no_distributor(bringing: Bringing) -> None:
    with cast.inside(bringing.at.retailer):
        Customer.objects.filter(pk=bringing.customer.pk).update(is_practice=True)
    made = bringing.bring()
    bringing.move(made, S.APPROVED, S.CREDITED)
    assert bringing.lines() == []
    assert recounted()[0] == []


@pytest.mark.django_db
def test_the_database_wants_a_reason_for_a_decline_and_for_nothing_else(bringing: Bringing) -> None:
    made = bringing.bring()
    for state, reason in (("declined", ""), ("approved", "address")):
        with cast.inside(bringing.at.retailer), pytest.raises(IntegrityError), transaction.atomic():
            ReturnStep(
                consumer_return=made, number=2, state=state, decline_reason=reason, by=bringing.by, at=bringing.now
            ).save()


@pytest.mark.django_db
def test_merged_split_told_and_erased_with_the_customer(bringing: Bringing) -> None:
    made = bringing.bring(reason=ReturnReason.OTHER, reason_text="Moths", note="Ben's own words")
    bringing.move(made, S.APPROVED, note="of Ben")
    gone, at = bringing.customer, bringing.at
    with cast.inside(at.retailer):
        kept = cast.make_customer(at=at, first_name="Benjamin")
        merge = merge_customers(kept, gone, at=at, by=bringing.by, now=bringing.now)
        bringing.customer = kept
    later = bringing.bring()
    with cast.inside(at.retailer):
        assert list(ConsumerReturn.objects.order_by("id").values_list("customer", flat=True)) == [kept.pk] * 2
        assert CreditLine.objects.get().customer_id == kept.pk
    assert recounted()[0] == []
    with cast.inside(at.retailer):
        split_customers(merge, at=at, by=bringing.by, now=bringing.now)
        whose = dict(ConsumerReturn.objects.values_list("id", "customer"))
        assert whose == {made.pk: gone.pk, later.pk: kept.pk}
        assert CreditLine.objects.get().customer_id == gone.pk
        part = parts()["astro.credits.customer_part"]
        told = part.tell(gone)["goods brought back"]
        assert [(row["words"], row["note"], row["lot code"]) for row in told] == [("Moths", "Ben's own words", "LOT7")]
        assert [step["state"] for step in told[0]["became"]] == ["Submitted", "Approved"]
        part.erase(gone, now=bringing.now)
        told = part.tell(gone)["goods brought back"]
        assert [(row["words"], row["note"], row["lot code"]) for row in told] == [("", "", "LOT7")]
        assert [step["note"] for step in told[0]["became"]] == ["", ""]
    assert recounted()[0] == []


WRONG = [
    ("credits_consumerreturn", "lot_code = 'LOT7'", "quantity = 3", "units is 1, should be 3"),
    ("credits_returnstep", "state = 'approved'", "state = 'in_review'", "credit line is 1, should be 0"),
    ("credits_returnstep", "state = 'approved'", "number = 4", "steps is [1, 4], should be counted from 1"),
    ("credits_returnstep", "state = 'approved'", "state = 'reconciled'", "submitted, then reconciled"),
    ("credits_creditline", "cause_kind = 'return'", "cause_id = 5", "cause_id is 5, should be a return"),
    ("credits_creditline", "cause_kind = 'return'", "product_name = 'Puppy'", "product_name is Puppy"),
    ("credits_creditline", "cause_kind = 'return'", "state = 'withdrawn'", "credit line is 0, should be 1"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "where", "change", "sentence"), WRONG)
def test_verify_names_each_wrong_row(bringing: Bringing, table: str, where: str, change: str, sentence: str) -> None:
    bringing.move(bringing.bring(), S.APPROVED)
    assert recounted()[0] == []
    with cast.inside(bringing.at.retailer), connection.cursor() as cursor:
        cursor.execute(f"update {table} set {change} where {where}")
        assert cursor.rowcount == 1
    assert any(sentence in found for found in recounted()[0]), recounted()[0]


@pytest.mark.at_once
@pytest.mark.django_db(transaction=True)
def test_many_approve_at_once_and_it_is_owed_once(bringing: Bringing) -> None:
    made = bringing.bring()

    def approve() -> str:
        try:
            bringing.move(made, S.APPROVED)
        except CannotMoveOn as refused:
            return str(refused)
        return "approved"

    said = at_once([approve] * TILLS)
    assert said.count("approved") == 1
    assert sum("“Approved” by now" in one for one in said) == TILLS - 1
    assert bringing.lines() == [("return", 1, "48-1123", "unbatched")]
    assert bringing.states(made) == ["submitted", "approved"]
