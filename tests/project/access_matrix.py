"""Who may open which address. A route without a row here fails the build (`test_access_matrix.py`).

A row is one line: who it is for, the methods it knows, and, where the address names a thing, how to make one that
belongs to a location (`ids`, by the name in the address; `sends`, by the name of a posted field) and who finds it
(`reach`); whoever does not gets a 404, whatever else they may do.

A maker is called inside the wall of the location's retailer. Let it put the location's name into what it makes: no
page may ever show the name of another retailer's location.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from astro.accounts.access import Access
from astro.cards.models import Redemption, Reward
from astro.checkout.actions import Recorded, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase, RefusedVisit, Visit
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.programs.models import Enrollment, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests import cast

Maker = Callable[[Location], int | UUID]

PUBLIC, STAFF, ADMINISTRATORS, MASTERS = Access.PUBLIC, Access.STAFF, Access.ADMINISTRATORS, Access.MASTERS


class Reach(Enum):
    """Who finds a thing, if they may open the page at all."""

    RETAILER = "everyone of its retailer"
    LOCATION = "people of its location, and masters"
    HERE = "people who stand in its location now, masters too"
    PERSON = "the one person it belongs to, who is none of the cast"
    EVERYONE = "every retailer"


@dataclass(frozen=True)
class Route:
    access: Access
    methods: str
    ids: Mapping[str, Maker] = field(default_factory=dict)
    sends: Mapping[str, Maker] = field(default_factory=dict)
    reach: Reach = Reach.RETAILER


def a_location(place: Location) -> int:
    return place.pk


def a_membership(place: Location) -> int:
    return cast.make_membership(cast.make_user(), retailer=place.retailer, location=place).pk


def a_device(place: Location) -> int:
    device, _cookie = cast.make_device(place, by=cast.make_user())
    return device.pk


def a_customer(place: Location) -> int:
    return cast.make_customer(at=place, first_name=f"Pat of {place.name}").pk


def a_refused_visit(place: Location) -> int:
    customer = cast.make_customer(at=place, first_name=f"Pat of {place.name}")
    now = utc_now()
    kept = RefusedVisit(
        key=new_uuid7(now), body_hash="0" * 64, body={"lines": []}, customer=customer, location=place, refused_at=now
    )
    kept.save()
    return kept.pk


def a_program(place: Location) -> int:
    """The location's own, made once, so that an enrollment made for the same location is in the same program."""
    title = f"Baths of {place.name}"
    made = Program.objects.filter(title=title).first()
    return (made or cast.make_program(title=title, retailer=place.retailer)).pk


def an_enrollment(place: Location) -> int:
    program = Program.objects.get(pk=a_program(place))
    running = Enrollment.objects.filter(location=place, program=program, until_on__isnull=True).first()
    return (running or cast.make_enrollment(place, program=program, by=cast.make_user(), now=utc_now())).pk


def a_gift(place: Location) -> Redemption:
    """A free bag that the location gave today, made once, with the card, the purchase and the visit behind it."""
    known = Redemption.objects.filter(location=place).select_related("card").first()
    if known:
        return known
    by, now = cast.make_user(name=f"Gil of {place.name}"), utc_now()
    bag = cast.make_product(name=f"Bag of {place.name}", retailer=place.retailer)
    rule = RuleOfCard(1, 1, "any", "none")
    program = cast.make_program(title=f"Bags of {place.name}", products=[bag], rule=rule, retailer=place.retailer)
    cast.make_enrollment(place, program=program, by=by)
    buyer = cast.make_customer(at=place, first_name=f"Bea of {place.name}")
    line = {"key": str(new_uuid7(now)), "product_id": str(bag.pk), "quantity": 1}
    body = {"key": str(new_uuid7(now)), "occurred_at": now.isoformat(), "lines": [line]}
    basket = read_basket(body, customer_id=buyer.pk)
    recorded = record_visit(buyer, basket, at=place, by=by, now=now)
    assert isinstance(recorded, Recorded)
    reward = Reward.objects.get(customer=buyer)
    chosen = {"reward_id": str(reward.pk), "product_id": str(bag.pk), "is_scanned": False}
    told = {"key": str(new_uuid7(now)), "visit": str(recorded.visit.key), "redemptions": [chosen]}
    finish_visit(buyer, read_finish(told, customer_id=buyer.pk), at=place, by=by, now=now)
    return Redemption.objects.select_related("card").get(location=place)


def a_redemption(place: Location) -> int:
    return a_gift(place).pk


def a_buyer(place: Location) -> int:
    return a_gift(place).customer_id


def a_card(place: Location) -> int:
    return a_gift(place).card_id


def a_purchase(place: Location) -> int:
    return Purchase.objects.get(customer=a_buyer(place)).pk


def first_unit(place: Location) -> int:
    return 1


def a_visit(place: Location) -> UUID:
    return Visit.objects.get(customer=a_buyer(place)).key


ROUTES = {
    "live": Route(PUBLIC, "GET"),
    "ready": Route(PUBLIC, "GET"),
    "accounts:sign_in": Route(PUBLIC, "GET POST"),
    "accounts:sign_out": Route(PUBLIC, "POST"),
    "accounts:choose_work": Route(STAFF, "GET POST", sends={"membership": a_membership}, reach=Reach.PERSON),
    "accounts:switch_location": Route(MASTERS, "POST", sends={"location": a_location}),
    "accounts:devices": Route(ADMINISTRATORS, "GET POST"),
    "accounts:retirements": Route(ADMINISTRATORS, "POST", {"device_id": a_device}, reach=Reach.LOCATION),
    "desk:home": Route(STAFF, "GET"),
    "desk:help": Route(STAFF, "GET"),
    "customers:list": Route(STAFF, "GET"),
    "customers:export": Route(ADMINISTRATORS, "GET"),
    "customers:new": Route(STAFF, "GET POST"),
    "customers:lookalikes": Route(STAFF, "GET"),
    "customers:detail": Route(STAFF, "GET", {"customer_id": a_customer}),
    "customers:edit": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "checkout:look_up": Route(STAFF, "GET"),
    "checkout:catalogue": Route(STAFF, "GET"),
    "checkout:day": Route(STAFF, "GET"),
    "checkout:refused": Route(ADMINISTRATORS, "GET"),
    "checkout:settle": Route(ADMINISTRATORS, "POST", {"refused_id": a_refused_visit}, reach=Reach.HERE),
    "checkout:till": Route(STAFF, "GET", {"customer_id": a_customer}),
    "checkout:preview": Route(STAFF, "POST", {"customer_id": a_customer}),
    "checkout:offers": Route(STAFF, "GET", {"customer_id": a_customer}),
    "checkout:removals": Route(
        STAFF, "POST", {"customer_id": a_buyer, "purchase_id": a_purchase}, sends={"unit": first_unit}
    ),
    "checkout:visits": Route(STAFF, "POST", {"customer_id": a_customer}),
    "checkout:redeem": Route(STAFF, "GET", {"customer_id": a_customer}),
    "checkout:finish": Route(STAFF, "POST", {"customer_id": a_customer}),
    "checkout:here": Route(STAFF, "POST", {"customer_id": a_customer}),
    "checkout:history": Route(STAFF, "GET", {"customer_id": a_customer}),
    "checkout:history_export": Route(ADMINISTRATORS, "GET", {"customer_id": a_customer}),
    "checkout:note": Route(STAFF, "GET POST", {"customer_id": a_buyer, "card_id": a_card}),
    "checkout:removal": Route(
        STAFF, "GET POST", {"customer_id": a_buyer, "purchase_id": a_purchase}, sends={"unit": first_unit}
    ),
    "checkout:undo_redemption": Route(STAFF, "GET POST", {"customer_id": a_buyer, "redemption_id": a_redemption}),
    "checkout:undo_visit": Route(STAFF, "GET POST", {"customer_id": a_buyer, "key": a_visit}),
    "checkout:visit": Route(STAFF, "GET", {"key": a_visit}),
    "programs:list": Route(ADMINISTRATORS, "GET"),
    "programs:enrolled": Route(ADMINISTRATORS, "GET"),
    "programs:grid": Route(MASTERS, "GET"),
    "programs:detail": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:products_export": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:barcodes": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:enroll": Route(ADMINISTRATORS, "GET POST", {"program_id": a_program}),
    "programs:undo": Route(ADMINISTRATORS, "POST", sends={"enrollment": an_enrollment}, reach=Reach.LOCATION),
    "programs:unenroll": Route(ADMINISTRATORS, "POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
    "programs:stay": Route(ADMINISTRATORS, "POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
    "programs:distributor": Route(ADMINISTRATORS, "GET POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
}
