"""Two accounts of one person become one: everything moves, the stricter word wins, and for 30 days it can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from astro.cards.models import Card, Reward, State
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Visit
from astro.customers.actions import (
    add_customer,
    add_pet,
    add_practice_customer,
    add_tag,
    change_customer,
    give_code,
    merge_customers,
    merge_tried,
    outline_of,
    retire_customer,
    set_tags,
    split_customers,
    write_address,
    write_note,
)
from astro.customers.consent.asking import hear
from astro.customers.consent.queries import state_of
from astro.customers.errors import CannotMerge, CannotSplit
from astro.customers.models import (
    Act,
    Address,
    Channel,
    Consent,
    Customer,
    CustomerCode,
    Merge,
    Pet,
    Reach,
    SeenAt,
    Source,
)
from astro.customers.pets import read_pet
from astro.customers.queries import customer_by_code, customers_matching, living_or_kept
from astro.kit.ids import new_uuid7
from tests import cast
from tests.cast import NOW, inside, make_customer
from tests.checkout.test_actions import a_body, a_line
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
HOME = {"postcode": "59801", "street": "12 Main Street", "city": "Missoula", "region": "MT", "country": "US"}


@pytest.fixture
def betty(midtown):
    with inside(midtown.retailer):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", phone="406 555 0142")


@pytest.fixture
def liz(midtown, riverside):
    """Betty once more, at another location."""
    with inside(midtown.retailer):
        return make_customer(at=riverside, first_name="Elizabeth", last_name="Smith", email="betty@example.com")


def merged(kept, gone, *, at, by=None, now=NOW):
    with inside(at.retailer):
        return merge_customers(kept, gone, by=by, at=at, now=now)


def split(merge, *, at, now=LATER):
    with inside(at.retailer):
        return split_customers(merge, by=None, at=at, now=now)


def fresh(customer):
    return Customer.objects.get(pk=customer.pk)


def test_the_kept_ones_contact_wins_and_blanks_are_filled(midtown, betty, liz, owner):
    with inside(midtown.retailer):
        write_address(liz, HOME, by=owner, at=midtown, now=NOW)
        write_note(betty, "Likes salmon.", by=owner, at=midtown, now=NOW)
        write_note(liz, "Comes on Fridays.", by=owner, at=midtown, now=NOW)
    merge = merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        one = fresh(betty)
        assert (one.name, one.phone, one.email) == ("Betty Smith", "+14065550142", "betty@example.com")
        assert one.note == "Likes salmon.\nComes on Fridays."
        assert Address.objects.get(customer=one).street == "12 Main Street"
        assert customers_matching("betty@ex", limit=5) == [one]
        assert fresh(liz).retired_at == NOW
    split(merge, at=midtown)
    with inside(midtown.retailer):
        assert (fresh(betty).email, fresh(betty).note) == ("", "Likes salmon.")
        assert (fresh(liz).email, fresh(liz).retired_at) == ("betty@example.com", None)
        assert Address.objects.get().customer_id == liz.pk
        assert customers_matching("betty@ex", limit=5) == [liz]


def test_pets_tags_codes_and_sightings_move_and_go_back(midtown, riverside, betty, liz, owner):
    with inside(midtown.retailer):
        rex = read_pet(name="Rex", kind="dog", today=date(2026, 11, 20))
        older_rex = read_pet(name="rex", kind="dog", breed="Beagle", birth_month=5, today=date(2026, 11, 20))
        miso = read_pet(name="Miso", kind="cat", today=date(2026, 11, 20))
        for pet, whose in ((rex, betty), (older_rex, liz), (miso, liz)):
            add_pet(whose, pet, by=owner, at=midtown, now=NOW)
        vip, raw = (add_tag(label, by=owner, at=midtown, now=NOW) for label in ("VIP", "Raw feeder"))
        set_tags(betty, [vip.pk], by=owner, at=midtown, now=NOW)
        set_tags(liz, [vip.pk, raw.pk], by=owner, at=midtown, now=NOW)
        code = give_code(liz, now=NOW)
        before = [_held(one) for one in (betty, liz)]
    merge = merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        assert _held(betty) == {
            "pets": [("Miso", "cat", "", None), ("Rex", "dog", "Beagle", 5)],
            "tags": ["Raw feeder", "VIP"],
            "codes": [code.code],
            "met": [midtown.pk, riverside.pk],
        }
        assert customer_by_code(code.code) == betty
        assert customer_by_code(str(liz.pk)) == customer_by_code(str(betty.pk)) == betty
        assert living_or_kept(liz.pk) == betty
    split(merge, at=midtown)
    with inside(midtown.retailer):
        assert [_held(one) for one in (betty, liz)] == before
        assert customer_by_code(code.code) == customer_by_code(str(liz.pk)) == liz


def _held(customer):
    pets = Pet.objects.filter(customer=customer).order_by("name")
    return {
        "pets": [(pet.name, pet.kind, pet.breed, pet.born_month) for pet in pets],
        "tags": sorted(one.tag.label for one in customer.tags.select_related("tag")),
        "codes": list(CustomerCode.objects.filter(customer=customer).values_list("code", flat=True)),
        "met": sorted(SeenAt.objects.filter(customer=customer).values_list("location_id", flat=True)),
    }


@pytest.mark.parametrize(
    ("kept_said", "gone_said", "comes_to"),
    [
        ([Act.YES], [], Reach.YES),
        ([Act.YES], [Act.YES], Reach.YES),
        ([Act.YES], [Act.STOP], Reach.STOPPED),
        ([Act.ASKED], [Act.STOP], Reach.STOPPED),
        ([Act.STOP], [Act.YES], Reach.STOPPED),
        ([], [Act.YES], Reach.ON_FILE),
        ([Act.YES], [Act.BOUNCED], Reach.YES),
        ([Act.BOUNCED], [Act.YES], Reach.BOUNCES),
    ],
)
def test_of_two_addresses_the_stricter_word_wins_and_none_gains_a_yes(midtown, kept_said, gone_said, comes_to):
    with inside(midtown.retailer):
        kept, gone = (make_customer(at=midtown, email=f"{name}@example.com") for name in ("kept", "gone"))
        for customer, said in ((kept, kept_said), (gone, gone_said)):
            for act in said:
                hear(Channel.EMAIL, customer.email, act, source=Source.LINK, customer=customer, now=NOW)
        of_gone = state_of(Channel.EMAIL, gone.email)
        rows = Consent.objects.count()
    merged(kept, gone, at=midtown)
    with inside(midtown.retailer):
        assert fresh(kept).email_state == state_of(Channel.EMAIL, "kept@example.com") == comes_to
        assert state_of(Channel.EMAIL, "gone@example.com") == of_gone
        written = Consent.objects.order_by("id")[rows:]
        assert [(one.act, one.source) for one in written] in ([], [(Act.STOP, Source.MERGE)])


def test_an_address_that_comes_along_brings_its_own_past(midtown, betty, liz):
    with inside(midtown.retailer):
        hear(Channel.EMAIL, liz.email, Act.STOP, source=Source.LINK, customer=liz, now=NOW)
    merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        assert fresh(betty).email_state == Reach.STOPPED


def test_an_old_link_of_the_account_that_is_gone_still_stops_the_address(midtown, betty, liz):
    with inside(midtown.retailer):
        hear(Channel.EMAIL, liz.email, Act.YES, source=Source.LINK, customer=liz, now=NOW)
    merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        assert fresh(betty).email_state == Reach.YES
        hashed = Consent.objects.latest("id").address_hash
        hear(Channel.EMAIL, "", Act.STOP, hashed=hashed, source=Source.LINK, customer=fresh(liz), now=LATER)
        assert fresh(betty).email_state == Reach.STOPPED
    assert recounted()[0] == []


def test_who_cannot_be_merged(midtown, elsewhere, betty, liz):
    with inside(midtown.retailer):
        sally = add_practice_customer(now=NOW)
        removed = make_customer(at=midtown)
        retire_customer(removed, at=midtown, by=None, now=NOW)
    with inside(elsewhere.retailer):
        stranger = make_customer(at=elsewhere)
    for kept, gone in ((betty, betty), (betty, sally), (sally, betty), (betty, removed), (removed, betty)):
        with pytest.raises(CannotMerge):
            merged(kept, gone, at=midtown)
    with pytest.raises(Customer.DoesNotExist):
        merged(betty, stranger, at=midtown)
    merged(betty, liz, at=midtown)
    with pytest.raises(CannotMerge):
        merged(betty, liz, at=midtown)


def test_it_is_split_within_30_days_and_once(midtown, betty, liz):
    merge = merged(betty, liz, at=midtown)
    with pytest.raises(CannotSplit, match="More than 30 days"):
        split(merge, at=midtown, now=NOW + timedelta(days=30, seconds=1))
    split(merge, at=midtown, now=NOW + timedelta(days=30))
    with pytest.raises(CannotSplit, match="split already"):
        split(merge, at=midtown, now=NOW + timedelta(days=30))


def test_it_is_not_split_where_somebody_else_has_the_phone_and_then_nothing_moved(midtown, riverside, betty):
    with inside(midtown.retailer):
        ben = make_customer(at=riverside, phone="406 555 0199")
    merge = merged(betty, ben, at=midtown)
    with inside(midtown.retailer):
        carl = add_customer(first_name="Carl", last_name="Third", phone="406 555 0199", at=midtown, by=None, now=NOW)
    with pytest.raises(CannotSplit, match="Carl Third has this account's phone number"):
        split(merge, at=midtown)
    with inside(midtown.retailer):
        assert fresh(ben).retired_at is not None
        assert SeenAt.objects.filter(customer=betty).count() == 2
        change_customer(carl, first_name="Carl", last_name="Third", phone="", email="", at=midtown, by=None, now=NOW)
    assert split(merge, at=midtown) == ben


def test_a_chain_is_split_from_its_end(midtown, betty, liz):
    with inside(midtown.retailer):
        third = make_customer(at=midtown)
    first = merged(betty, liz, at=midtown)
    second = merged(third, betty, at=midtown)
    with inside(midtown.retailer):
        assert living_or_kept(liz.pk) == third
    with pytest.raises(CannotSplit, match="combined with another account"):
        split(first, at=midtown)
    split(second, at=midtown)
    split(first, at=midtown)
    with inside(midtown.retailer):
        assert Customer.objects.filter(retired_at=None).count() == 3


@pytest.fixture
def bag(midtown, owner):
    product = cast.make_product()
    cast.make_enrollment(midtown, program=cast.make_program(products=[product]), by=owner)
    return product


def buy(customer, bag, quantity, *, at, key=None, now=NOW):
    body = a_body(a_line(bag, quantity))
    with inside(at.retailer):
        return record_visit(customer, read_basket(body, customer_id=customer.pk), at=at, by=None, now=now), body


def test_what_a_till_sends_for_the_account_that_is_gone_lands_with_the_kept_one(midtown, betty, liz, bag):
    buy(betty, bag, 3, at=midtown)
    first, body = buy(liz, bag, 2, at=midtown)
    merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        again = record_visit(liz, read_basket(body, customer_id=liz.pk), at=midtown, by=None, now=NOW)
        assert (again.is_again, again.visit.pk) == (True, first.visit.pk)
    late, _body = buy(liz, bag, 1, at=midtown)
    with inside(midtown.retailer):
        assert late.customer == betty
        assert {visit.customer_id for visit in Visit.objects.all()} == {betty.pk}
        assert list(Card.objects.filter(customer=betty, state=State.OPEN).values_list("punches", flat=True)) == [6]
    assert recounted()[0] == []


def test_a_visit_that_was_open_at_a_till_is_finished_for_the_kept_one(midtown, betty, liz, bag):
    done, _body = buy(liz, bag, 12, at=midtown)
    with inside(midtown.retailer):
        reward = Reward.objects.get(customer=liz)
    merged(betty, liz, at=midtown)
    chosen = {"reward_id": str(reward.pk), "product_id": str(bag.pk), "is_scanned": False}
    sent = {"key": str(new_uuid7(NOW)), "visit": str(done.visit.key), "redemptions": [chosen]}
    with inside(midtown.retailer):
        finished = finish_visit(liz, read_finish(sent, customer_id=liz.pk), at=midtown, by=None, now=NOW)
        again = finish_visit(liz, read_finish(sent, customer_id=liz.pk), at=midtown, by=None, now=NOW)
    assert (finished.is_again, again.is_again) == (False, True)
    assert recounted()[0] == []


def test_what_was_given_since_stays_with_the_kept_one(midtown, betty, liz, bag):
    """Seven of one and five of the other fill a card, whose reward is handed out; then they are two again."""
    buy(betty, bag, 7, at=midtown)
    buy(liz, bag, 5, at=midtown, now=NOW + timedelta(minutes=1))
    merge = merged(betty, liz, at=midtown)
    with inside(midtown.retailer):
        reward = Reward.objects.get(state="ready")
        chosen = {"reward_id": str(reward.pk), "product_id": str(bag.pk), "is_scanned": False}
        sent = {"key": str(new_uuid7(NOW)), "visit": None, "redemptions": [chosen]}
        finish_visit(betty, read_finish(sent, customer_id=betty.pk), at=midtown, by=None, now=NOW)
    buy(betty, bag, 2, at=midtown, now=NOW + timedelta(minutes=5))
    split(merge, at=midtown)
    assert recounted()[0] == []
    with inside(midtown.retailer):
        cards = Card.objects.order_by("customer", "number").exclude(state=State.EMPTY)
        assert [(card.customer_id, card.punches, card.state) for card in cards] == [
            (betty.pk, 12, State.REDEEMED),
            (betty.pk, 2, State.OPEN),
        ]
        assert Visit.objects.filter(customer=liz).count() == 1


def test_trying_shows_what_merging_makes_and_changes_nothing(midtown, betty, liz, bag, owner):
    buy(betty, bag, 7, at=midtown)
    buy(liz, bag, 6, at=midtown)
    with inside(midtown.retailer):
        before = [outline_of(fresh(one)) for one in (betty, liz)]
        tried = merge_tried(betty, liz, now=NOW)
        assert [outline_of(fresh(one)) for one in (betty, liz)] == before
        assert not Merge.objects.exists()
    merged(betty, liz, at=midtown, by=owner)
    with inside(midtown.retailer):
        assert outline_of(fresh(betty)) == tried
        assert dict(tried)["Rewards"] == ["1 ready"]
