"""Who may open which address. A route without a row here fails the build (`test_access_matrix.py`).

A row is one line: who it is for, the methods it knows, and, where the address names a thing, how to make one that
belongs to a location (`ids`, by the name in the address; `sends`, by the name of a posted field) and who finds it
(`reach`); whoever does not gets a 404, whatever else they may do.

A maker is called inside the wall of the location's retailer. Let it put the location's name into what it makes: no
page may ever show the name of another retailer's location.
"""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from uuid import UUID

from allauth.mfa.models import Authenticator

from astro.accounts.access import Access
from astro.accounts.forgotten.links import make_token
from astro.accounts.models import Invitation
from astro.accounts.people.inviting import invite
from astro.cards.models import Redemption, Reward
from astro.catalog.models import Product
from astro.checkout.actions import Recorded, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.corrections.doing import put_right
from astro.checkout.corrections.wishes import Add
from astro.checkout.exceptions.actions import Asked, ask
from astro.checkout.fields.actions import FieldTerms, add_field
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.late import Moment
from astro.checkout.models import (
    Correction,
    ExceptionReason,
    ExceptionTicket,
    FieldAnswer,
    FieldKind,
    KeptVisit,
    PaperCard,
    Purchase,
    Visit,
)
from astro.checkout.paper_cards import Paper, take_over
from astro.checkout.photos import keep_photo
from astro.credits.models import ConsumerReturn, ReturnReason
from astro.credits.returns.actions import Brought, submit_return, write_terms
from astro.customers.actions import add_tag, ask_erasure, merge_customers
from astro.customers.consent.addresses import address_hash
from astro.customers.models import Channel, Customer, LikelyDouble, Tag
from astro.desk.models import SignUp
from astro.importer.actions import receive as receive_list
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from astro.messaging.channels import Composed
from astro.messaging.deliveries import queue_message
from astro.messaging.links import Purpose, Told, make_link
from astro.messaging.mailbox import keep
from astro.messaging.models import MessageKind
from astro.messaging.texts.inbound import Incoming, receive
from astro.programs.automatic.actions import choose
from astro.programs.enrolling.applying import join
from astro.programs.models import Application, Enrollment, Program, ProgramCard, ProgramPicture
from astro.programs.rules import RuleOfCard
from astro.programs.versions.actions import publish_version
from astro.support.actions import give_notice, open_ticket
from astro.support.models import Severity
from astro.tenancy.models import Location, Logo
from tests import cast

Maker = Callable[[Location], int | str | UUID]

PUBLIC, STAFF, ADMINISTRATORS, MASTERS = Access.PUBLIC, Access.STAFF, Access.ADMINISTRATORS, Access.MASTERS
SUPPORT = Access.SUPPORT
CUSTOMER, TILL, SIGNED_IN = Access.CUSTOMER, Access.TILL, Access.SIGNED_IN


class Reach(Enum):
    """Who finds a thing, if they may open the page at all."""

    RETAILER = "everyone of its retailer"
    LOCATION = "people of its location, and masters"
    PERSON = "the one person it belongs to, who is none of the cast"
    EVERYONE = "every retailer"
    SIGNED = "a service that signs its calls, and so none of the cast"


@dataclass(frozen=True)
class Route:
    access: Access
    methods: str
    ids: Mapping[str, Maker] = field(default_factory=dict)
    sends: Mapping[str, Maker] = field(default_factory=dict)
    reach: Reach = Reach.RETAILER


def a_location(place: Location) -> int:
    return place.pk


def a_logo(place: Location) -> int:
    known = Logo.objects.filter(location=place).first()
    logo = known or Logo(location=place, image=b"large", small=b"small", drawn_at=utc_now())
    if known is None:
        logo.save(force_insert=True)
    return logo.pk


def a_membership(place: Location) -> int:
    return cast.make_membership(cast.make_user(), retailer=place.retailer, location=place).pk


def a_membership_by_email(place: Location) -> int:
    user = cast.make_user(email=f"member{cast.make_gtin()}@staff.example")
    return cast.make_membership(user, retailer=place.retailer, location=place).pk


def invited(place: Location) -> tuple[Invitation, str]:
    return invite(
        place.retailer,
        email=f"invited{cast.make_gtin()}@staff.example",
        name="Ivy Invited",
        role="cashier",
        places=frozenset({place.pk}),
        by=cast.make_user(),
        now=utc_now(),
    )


def an_invitation(place: Location) -> int:
    return invited(place)[0].pk


def a_link_of_an_invitation(place: Location) -> str:
    return invited(place)[1]


def a_passkey(place: Location) -> int:
    user = cast.make_user(name=f"Keyholder of {place.name}")
    cast.make_membership(user, retailer=place.retailer, location=place)
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": "A key", "credential": {}}).pk


def a_link_to_a_password(place: Location) -> str:
    user = cast.make_user(email=f"forgot{cast.make_gtin()}@staff.example")
    cast.make_membership(user, retailer=place.retailer, location=place)
    return make_token(user)


def a_device(place: Location) -> int:
    device, _cookie = cast.make_device(place, by=cast.make_user())
    return device.pk


def a_customer(place: Location) -> int:
    return cast.make_customer(at=place, first_name=f"Pat of {place.name}").pk


def a_channel(place: Location) -> str:
    """Nobody's: every retailer has both."""
    return "email"


def a_sign_up(place: Location) -> str:
    """The link of somebody who signs up: of no retailer yet."""
    now = utc_now()
    SignUp(
        key=new_uuid7(now),
        email="new@staff.example",
        token_hash=hashlib.sha256(b"a link").hexdigest(),
        told={"store_name": "Brand New"},
        asked_at=now,
        until_at=now + timedelta(hours=1),
    ).save(force_insert=True)
    return "a link"


def a_tag(place: Location) -> int:
    label = f"Tag of {place.name}"
    known = Tag.objects.filter(label=label).first()
    return (known or add_tag(label, now=utc_now())).pk


def a_double(place: Location) -> int:
    first, second = sorted(a_customer(place) for _ in range(2))
    double = LikelyDouble(first_id=first, second_id=second, reason="name", score=55, found_on=utc_now().date())
    double.save(force_insert=True)
    return double.pk


def a_merge(place: Location) -> int:
    kept, gone = (Customer.objects.get(pk=a_customer(place)) for _ in range(2))
    return merge_customers(kept, gone, by=None, at=place, now=utc_now()).pk


def an_erasure(place: Location) -> int:
    customer = Customer.objects.get(pk=a_customer(place))
    return ask_erasure(customer, by=cast.make_user(), at=place, now=utc_now()).pk


def a_checkout_field(place: Location) -> int:
    terms = FieldTerms(label=f"Asked at {place.name}"[:60], kind=FieldKind.TEXT)
    return add_field(terms, by=None, at=place, now=utc_now()).pk


def a_program_card(place: Location) -> int:
    return ProgramCard.objects.get(program=a_program(place)).pk


def an_exception(place: Location) -> int:
    """For a brand's program, made once."""
    known = ExceptionTicket.objects.filter(location=place).first()
    if known:
        return known.pk
    by, now = cast.make_user(name=f"Ed of {place.name}"), utc_now()
    program = cast.make_program(title="Excepted")
    cast.make_enrollment(place, program=program, by=by)
    asked = Asked(
        program_card_id=ProgramCard.objects.get(program=program).pk,
        quantity=1,
        reason=ExceptionReason.CHANGED,
        bought_at=now,
        description=f"Lamb of {place.name}",
    )
    customer = cast.make_customer(at=place, first_name=f"Pat of {place.name}")
    return ask(customer, asked, key=new_uuid7(now), at=place, by=by, now=now).pk


def a_kept_visit(place: Location) -> int:
    customer = cast.make_customer(at=place, first_name=f"Pat of {place.name}")
    now = utc_now()
    kept = KeptVisit(
        key=new_uuid7(now), body_hash="0" * 64, body={"lines": []}, customer=customer, location=place, kept_at=now
    )
    kept.save()
    return kept.pk


def a_program(place: Location) -> int:
    """The location's own, made once, so that an enrollment made for the same location is in the same program."""
    title = f"Baths of {place.name}"
    made = Program.objects.filter(title=title).first()
    return (made or cast.make_program(title=title, retailer=place.retailer)).pk


def an_own_program(place: Location) -> int:
    """One that the store made by itself."""
    title = f"Walks of {place.name}"
    made = Program.objects.filter(title=title).first()
    return (made or cast.make_program(title=title, kind="buy_get", retailer=place.retailer)).pk


def a_picture(place: Location) -> int:
    """Of the program that the store made by itself."""
    program = Program.objects.get(pk=an_own_program(place))
    known = ProgramPicture.objects.filter(program=program).first()
    made = known or ProgramPicture(program=program, image=b"large", small=b"small", drawn_at=utc_now())
    if known is None:
        made.save(force_insert=True)
    return made.pk


def an_application(place: Location) -> int:
    """For a brand's program, made once."""
    known = Application.objects.filter(location=place).first()
    if known:
        return known.pk
    program = cast.make_program(title="Private", is_private=True)
    by = cast.make_user(name=f"Abe of {place.name}")
    made = join(place, program=program, distributor=None, by=by, now=utc_now())
    return made.pk


def everyones_program(place: Location) -> int:
    """A brand's, made once."""
    known = Program.objects.filter(retailer__isnull=True, title="Everyone's").first()
    return (known or cast.make_program(title="Everyone's")).pk


def its_card(place: Location) -> int:
    return Program.objects.get(pk=everyones_program(place)).cards.get().pk


def its_next_version(place: Location) -> int:
    """One that has not begun."""
    program = Program.objects.get(pk=everyones_program(place))
    known = program.versions.filter(number=2).first()
    if known:
        return known.pk
    soon = utc_now().date() + timedelta(days=9)
    by = cast.make_user(name=f"Abe of {place.name}")
    return publish_version(program.cards.get(), RuleOfCard(7), from_on=soon, reason="Why", by=by, now=utc_now()).pk


def a_brand(place: Location) -> int:
    return cast.make_brand().pk


def an_offer_joined_by_itself(place: Location) -> int:
    """Of a brand whose offers the location joins by itself."""
    offer = cast.make_program(title="November", kind="offer")
    assert offer.brand is not None
    choose(offer.brand, places={place: None}, by=cast.make_user(name=f"Abe of {place.name}"), now=utc_now())
    return offer.pk


def a_return(place: Location) -> int:
    """Something that a customer of the location brought back, made once."""
    known = ConsumerReturn.objects.filter(location=place).first()
    if known:
        return known.pk
    now = utc_now()
    bag = cast.make_product(brand=cast.make_brand())
    with cast.platform("the brand said so"):
        write_terms(bag.brand, from_on=cast.LONG_AGO, now=now)
    brought = Brought(
        key=new_uuid7(now), product=bag, reason=ReturnReason.SMELL, lot_code="LOT7", best_by_on=place.day(now)
    )
    customer = cast.make_customer(at=place, first_name=f"Rae of {place.name}")
    by = cast.make_user(name=f"Bea of {place.name}")
    return submit_return(customer, brought, at=place, by=by, now=now).pk


def an_answer(place: Location) -> str:
    return "denial"


def a_cell(place: Location) -> str:
    """The location's own program at the location, as the grid names it."""
    return f"{a_program(place)}-{place.pk}"


def an_enrollment(place: Location) -> int:
    program = Program.objects.get(pk=a_program(place))
    running = Enrollment.objects.filter(location=place, program=program, until_on__isnull=True).first()
    return (running or cast.make_enrollment(place, program=program, by=cast.make_user(), now=utc_now())).pk


def a_paper(place: Location) -> PaperCard:
    """A paper card with a photo, made once."""
    known = PaperCard.objects.filter(location=place).first()
    if known:
        return known
    gift, now = a_gift(place), utc_now()
    owner = cast.make_customer(at=place, first_name=f"Pia of {place.name}")
    paper = Paper(
        key=new_uuid7(now),
        program_card=gift.card.program_card,
        product=Product.objects.get(pk=gift.product_id),
        punches=1,
        first_on=place.day(now),
        last_on=place.day(now),
    )
    return take_over(owner, paper, photo=keep_photo(b"a picture", now=now), at=place, by=gift.by, now=now).paper


def a_paper_card(place: Location) -> int:
    return a_paper(place).pk


def who_brought_it(place: Location) -> int:
    return a_paper(place).customer_id


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


def a_correction(place: Location) -> int:
    """A bag too many that was put right, made once."""
    known = Correction.objects.filter(location=place).first()
    if known:
        return known.pk
    gift, now = a_gift(place), utc_now()
    bag = gift.card.program_card.items.get().product_id
    wish = Add(gift.customer, bag, 1, Moment(now, place.day(now)))
    told = {"key": new_uuid7(now), "note": "forgotten", "at": place, "by": gift.by, "now": now}
    return put_right(wish, **told, is_administrator=True).pk


def a_flagged_answer(place: Location) -> int:
    """To a question that the store never had, at the visit of the gift."""
    visit = Visit.objects.filter(customer=a_gift(place).customer_id).first()
    told = {"asked_for": "visit", "label": "Shade", "kind": "text", "value": "teal", "flag": "unfit"}
    known = FieldAnswer.objects.filter(visit=visit, label="Shade").first()
    made = known or FieldAnswer(visit=visit, recorded_at=utc_now(), **told)
    if known is None:
        made.save(force_insert=True)
    return made.pk


def a_redemption(place: Location) -> int:
    return a_gift(place).pk


def a_buyer(place: Location) -> int:
    return a_gift(place).customer_id


def a_card(place: Location) -> int:
    return a_gift(place).card_id


def a_purchase(place: Location) -> int:
    return Purchase.objects.filter(customer=a_buyer(place)).earliest("id").pk


def a_retailer(place: Location) -> int:
    return place.retailer_id


def another_state(place: Location) -> str:
    return "restricted"


def a_feature(place: Location) -> str:
    return "astro-id"


def switched_on(place: Location) -> str:
    return "on"


def an_app_link(place: Location) -> str:
    """What opens the app of a customer whom the location knows, made once, and who has no password yet."""
    name = f"Ada of {place.name}"
    known = Customer.objects.filter(first_name=name).first()
    return cast.app_link(known or cast.make_customer(at=place, first_name=name, email=f"ada{place.pk}@example.com"))


def an_upload(place: Location) -> int:
    """A list of the location's customers that just came in."""
    file = io.BytesIO(f"First name,Last name\nPat of {place.name},Ortiz\n".encode())
    name = f"list of {place.name}.csv"
    return receive_list(file, name=name, at=place, by=cast.make_user(name=f"Ida of {place.name}"), now=utc_now()).pk


def first_unit(place: Location) -> int:
    return 1


def a_visit(place: Location) -> UUID:
    return Visit.objects.filter(customer=a_buyer(place)).earliest("id").key


def a_reply(place: Location) -> int:
    """A text that nobody has read yet."""
    customer = cast.make_customer(at=place, first_name=f"Pat of {place.name}")
    text = Incoming(provider_id=f"SM{customer.pk}", sender="+14065550142", to="", body="Do you have kittens?")
    reply = receive(text, now=utc_now())
    assert reply is not None
    return reply.pk


def _a_reader(place: Location) -> Told:
    """Somebody whom the location knows, with an e-mail address that a letter could have been sent to."""
    name = f"Eve of {place.name}"
    known = Customer.objects.filter(first_name=name).first()
    reader = known or cast.make_customer(at=place, first_name=name, email=f"eve{place.pk}@example.com")
    return Told(place.retailer_id, reader.pk, Channel.EMAIL, address_hash(Channel.EMAIL, reader.email))


def a_kept_message(place: Location) -> int:
    """A Welcome Email that was not sent."""
    told = _a_reader(place)
    reader, now = Customer.objects.get(pk=told.customer_id), utc_now()
    delivery = queue_message(
        MessageKind.WELCOME_EMAIL, channel=Channel.EMAIL, address=reader.email, customer=reader, at=place, now=now
    )
    letter = Composed(to=reader.email, sender=f"{place.name} <x@localhost>", text=f"Greetings, {reader.name}.")
    return keep(delivery, letter, now=now).pk


def a_link_to_verify(place: Location) -> str:
    return make_link(Purpose.VERIFY, _a_reader(place))


def a_link_to_return(place: Location) -> str:
    return make_link(Purpose.RETURN, _a_reader(place))


def a_link_to_unsubscribe(place: Location) -> str:
    return make_link(Purpose.UNSUBSCRIBE, _a_reader(place))


def a_notice(place: Location) -> int:
    """Everyone's: the operator's."""
    now = utc_now()
    return give_notice("Mail is late.", severity=Severity.INFO, parts=[], from_at=now, until_at=None, now=now).pk


def a_ticket(place: Location) -> int:
    asked = {"subject": f"About {place.name}", "text": f"From {place.name}", "by": cast.make_user()}
    return open_ticket(new_uuid7(utc_now()), **asked, now=utc_now()).pk


ROUTES = {
    "live": Route(PUBLIC, "GET"),
    "ready": Route(PUBLIC, "GET"),
    "metrics": Route(PUBLIC, "GET"),
    "accounts:sign_in": Route(PUBLIC, "GET POST"),
    "account_login": Route(PUBLIC, "GET POST"),
    "mfa_authenticate": Route(PUBLIC, "GET POST"),
    "account_reauthenticate": Route(SIGNED_IN, "GET POST"),
    "accounts:sign_in_by_passkey": Route(PUBLIC, "GET POST"),
    "accounts:second_step": Route(SIGNED_IN, "GET"),
    "accounts:add_app": Route(SIGNED_IN, "GET POST"),
    "accounts:remove_app": Route(SIGNED_IN, "POST"),
    "accounts:add_passkey": Route(SIGNED_IN, "GET POST"),
    "accounts:passkey": Route(SIGNED_IN, "GET POST", {"passkey_id": a_passkey}, reach=Reach.PERSON),
    "accounts:remove_passkey": Route(SIGNED_IN, "POST", {"passkey_id": a_passkey}, reach=Reach.PERSON),
    "accounts:recovery_codes": Route(SIGNED_IN, "GET POST"),
    "accounts:pin": Route(STAFF, "GET POST"),
    "accounts:switch_person": Route(PUBLIC, "GET POST"),
    "accounts:lock": Route(PUBLIC, "POST"),
    "accounts:store_second_step": Route(MASTERS, "GET POST"),
    "accounts:second_step_removals": Route(MASTERS, "POST", {"membership_id": a_membership}),
    "accounts:sign_out": Route(PUBLIC, "POST"),
    "accounts:me": Route(SIGNED_IN, "GET"),
    "accounts:name": Route(STAFF, "GET POST"),
    "accounts:password": Route(SIGNED_IN, "GET POST"),
    "accounts:sessions": Route(SIGNED_IN, "GET POST"),
    "accounts:forgotten": Route(PUBLIC, "GET POST"),
    "accounts:new_password": Route(PUBLIC, "GET POST", {"token": a_link_to_a_password}, reach=Reach.EVERYONE),
    "accounts:choose_work": Route(STAFF, "GET POST", sends={"membership": a_membership}, reach=Reach.PERSON),
    "accounts:switch_location": Route(MASTERS, "POST", sends={"location": a_location}),
    "accounts:account": Route(ADMINISTRATORS, "GET"),
    "accounts:users": Route(ADMINISTRATORS, "GET"),
    "accounts:export_users": Route(ADMINISTRATORS, "GET"),
    "accounts:new_user": Route(ADMINISTRATORS, "GET POST"),
    "accounts:user": Route(ADMINISTRATORS, "GET", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:edit_user": Route(ADMINISTRATORS, "GET POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:remove_user": Route(ADMINISTRATORS, "GET POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:restore_user": Route(ADMINISTRATORS, "POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:set_password": Route(ADMINISTRATORS, "GET POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:end_sessions": Route(ADMINISTRATORS, "POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:password_letters": Route(
        ADMINISTRATORS, "POST", {"membership_id": a_membership_by_email}, reach=Reach.LOCATION
    ),
    "accounts:sent_invitation": Route(ADMINISTRATORS, "GET", {"invitation_id": an_invitation}, reach=Reach.LOCATION),
    "accounts:invitation_letters": Route(
        ADMINISTRATORS, "POST", {"invitation_id": an_invitation}, reach=Reach.LOCATION
    ),
    "accounts:invitation_withdrawals": Route(
        ADMINISTRATORS, "POST", {"invitation_id": an_invitation}, reach=Reach.LOCATION
    ),
    "accounts:invitation": Route(PUBLIC, "GET POST", {"token": a_link_of_an_invitation}, reach=Reach.EVERYONE),
    "accounts:locations": Route(ADMINISTRATORS, "GET"),
    "accounts:new_location": Route(MASTERS, "GET POST"),
    "accounts:location": Route(ADMINISTRATORS, "GET", {"location_id": a_location}, reach=Reach.LOCATION),
    "accounts:edit_location": Route(ADMINISTRATORS, "GET POST", {"location_id": a_location}, reach=Reach.LOCATION),
    "accounts:location_hours": Route(ADMINISTRATORS, "GET POST", {"location_id": a_location}, reach=Reach.LOCATION),
    "accounts:location_logo": Route(ADMINISTRATORS, "POST", {"location_id": a_location}, reach=Reach.LOCATION),
    "accounts:logo": Route(PUBLIC, "GET", {"retailer_id": a_retailer, "logo_id": a_logo}, reach=Reach.EVERYONE),
    "accounts:small_logo": Route(PUBLIC, "GET", {"retailer_id": a_retailer, "logo_id": a_logo}, reach=Reach.EVERYONE),
    "accounts:addresses": Route(MASTERS, "GET POST"),
    "accounts:own_addresses": Route(MASTERS, "GET POST"),
    "accounts:act": Route(ADMINISTRATORS, "GET POST", {"membership_id": a_membership}, reach=Reach.LOCATION),
    "accounts:support_act": Route(
        Access.SUPPORT, "GET POST", {"retailer_id": a_retailer, "membership_id": a_membership}, reach=Reach.EVERYONE
    ),
    "accounts:stop_acting": Route(PUBLIC, "POST"),
    "accounts:actings": Route(ADMINISTRATORS, "GET"),
    "accounts:export_actings": Route(ADMINISTRATORS, "GET"),
    "desk:activity": Route(ADMINISTRATORS, "GET"),
    "desk:export_activity": Route(ADMINISTRATORS, "GET"),
    "accounts:consents": Route(ADMINISTRATORS, "GET POST"),
    "accounts:withdraw_consents": Route(ADMINISTRATORS, "POST"),
    "accounts:consent_rule": Route(MASTERS, "POST"),
    "accounts:devices": Route(ADMINISTRATORS, "GET POST"),
    "accounts:retirements": Route(ADMINISTRATORS, "POST", {"device_id": a_device}, reach=Reach.LOCATION),
    "customer_app:home": Route(CUSTOMER, "GET"),
    "customer_app:account": Route(CUSTOMER, "GET POST"),
    "customer_app:forgot": Route(PUBLIC, "GET POST"),
    "customer_app:join": Route(PUBLIC, "GET POST", {"token": an_app_link}, reach=Reach.EVERYONE),
    "customer_app:password": Route(CUSTOMER, "GET POST"),
    "customer_app:picture": Route(CUSTOMER, "GET", {"picture_id": a_picture}, reach=Reach.RETAILER),
    "customer_app:sign_in": Route(PUBLIC, "GET POST"),
    "customer_app:sign_out": Route(PUBLIC, "POST"),
    "customer_app:stores": Route(CUSTOMER, "GET POST", sends={"store": a_retailer}, reach=Reach.RETAILER),
    "desk:home": Route(STAFF, "GET"),
    "desk:put_away_first_steps": Route(MASTERS, "POST"),
    "desk:sign_up": Route(PUBLIC, "GET POST"),
    "desk:sign_up_sent": Route(PUBLIC, "GET"),
    "desk:confirm_sign_up": Route(PUBLIC, "GET POST", {"token": a_sign_up}, reach=Reach.EVERYONE),
    "desk:help": Route(STAFF, "GET"),
    "desk:service_worker": Route(PUBLIC, "GET"),
    "desk:manifest": Route(PUBLIC, "GET"),
    "customers:list": Route(STAFF, "GET"),
    "customers:export": Route(ADMINISTRATORS, "GET"),
    "customers:new": Route(STAFF, "GET POST"),
    "customers:lookalikes": Route(STAFF, "GET"),
    "customers:more": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "customers:settings": Route(ADMINISTRATORS, "GET POST"),
    "customers:export_pets": Route(ADMINISTRATORS, "GET"),
    "customers:tag_many": Route(STAFF, "POST"),
    "customers:tags": Route(ADMINISTRATORS, "GET POST"),
    "customers:tag": Route(ADMINISTRATORS, "GET POST", {"tag_id": a_tag}),
    "customers:archive_tag": Route(ADMINISTRATORS, "POST", {"tag_id": a_tag}),
    "customers:restore_tag": Route(ADMINISTRATORS, "POST", {"tag_id": a_tag}),
    "customers:retire": Route(ADMINISTRATORS, "GET POST", {"customer_id": a_customer}),
    "customers:restore": Route(ADMINISTRATORS, "POST", {"customer_id": a_customer}),
    "desk:customer": Route(STAFF, "GET", {"customer_id": a_customer}),
    "desk:customer_visits": Route(STAFF, "GET", {"customer_id": a_customer}),
    "desk:customer_messages": Route(STAFF, "GET", {"customer_id": a_customer}),
    "desk:customer_consent": Route(STAFF, "GET", {"customer_id": a_customer}),
    "desk:customer_changes": Route(STAFF, "GET", {"customer_id": a_customer}),
    "desk:customer_note": Route(STAFF, "POST", {"customer_id": a_customer}),
    "customers:doubles": Route(ADMINISTRATORS, "GET"),
    "customers:two_people": Route(ADMINISTRATORS, "POST", {"double_id": a_double}),
    "customers:merge": Route(ADMINISTRATORS, "GET POST", sends={"kept": a_customer, "gone": a_customer}),
    "customers:split": Route(ADMINISTRATORS, "GET POST", {"merge_id": a_merge}),
    "customers:told": Route(ADMINISTRATORS, "GET", {"customer_id": a_customer}),
    "customers:erase": Route(ADMINISTRATORS, "GET POST", {"customer_id": a_customer}),
    "customers:undo_erase": Route(ADMINISTRATORS, "POST", {"customer_id": an_erasure}),
    "customers:edit": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "customers:popup": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "customers:convert": Route(STAFF, "GET POST", {"customer_id": a_customer, "kind": lambda *_: "pet_owner"}),
    "customers:ask": Route(STAFF, "POST", {"customer_id": a_customer, "channel": a_channel}),
    "customers:stop": Route(STAFF, "POST", {"customer_id": a_customer, "channel": a_channel}),
    "importer:uploads": Route(ADMINISTRATORS, "GET"),
    "importer:new": Route(ADMINISTRATORS, "GET POST"),
    "importer:template": Route(ADMINISTRATORS, "GET"),
    "importer:upload": Route(ADMINISTRATORS, "GET", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "importer:columns": Route(ADMINISTRATORS, "GET POST", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "importer:runs": Route(ADMINISTRATORS, "POST", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "importer:stops": Route(ADMINISTRATORS, "POST", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "importer:undos": Route(ADMINISTRATORS, "POST", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "importer:to_fix": Route(ADMINISTRATORS, "GET", {"upload_id": an_upload}, reach=Reach.LOCATION),
    "checkout:look_up": Route(STAFF, "GET"),
    "checkout:catalogue": Route(STAFF, "GET"),
    "checkout:day": Route(STAFF, "GET"),
    "checkout:day_export": Route(ADMINISTRATORS, "GET"),
    "checkout:kept": Route(STAFF, "GET"),
    "checkout:kept_export": Route(ADMINISTRATORS, "GET"),
    "checkout:kept_one": Route(STAFF, "GET", {"kept_id": a_kept_visit}, reach=Reach.LOCATION),
    "checkout:kept_settle": Route(STAFF, "POST", {"kept_id": a_kept_visit}, reach=Reach.LOCATION),
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
    "checkout:arrivals": Route(TILL, "POST"),
    "checkout:waiting": Route(TILL, "POST"),
    "checkout:offline": Route(PUBLIC, "GET"),
    "checkout:visit": Route(STAFF, "GET", {"key": a_visit}),
    "checkout:fields": Route(ADMINISTRATORS, "GET"),
    "checkout:field_new": Route(ADMINISTRATORS, "GET POST"),
    "checkout:field": Route(ADMINISTRATORS, "GET POST", {"field_id": a_checkout_field}),
    "checkout:field_moves": Route(ADMINISTRATORS, "POST", {"field_id": a_checkout_field}),
    "checkout:field_switches": Route(ADMINISTRATORS, "POST", {"field_id": a_checkout_field}),
    "checkout:corrections": Route(ADMINISTRATORS, "GET"),
    "checkout:corrections_export": Route(ADMINISTRATORS, "GET"),
    "checkout:correction": Route(STAFF, "GET POST", {"correction_id": a_correction}, reach=Reach.LOCATION),
    "checkout:return_rule": Route(ADMINISTRATORS, "GET POST"),
    "checkout:put_right": Route(STAFF, "GET POST", {"customer_id": a_buyer, "purchase_id": a_purchase}),
    "checkout:put_back": Route(STAFF, "GET POST", {"customer_id": a_buyer, "purchase_id": a_purchase}),
    "checkout:move_visit": Route(STAFF, "GET POST", {"customer_id": a_buyer, "key": a_visit}),
    "checkout:transfer_card": Route(ADMINISTRATORS, "GET POST", {"customer_id": a_buyer, "card_id": a_card}),
    "checkout:split_card": Route(STAFF, "GET POST", {"customer_id": a_buyer, "card_id": a_card}),
    "checkout:add_punches": Route(ADMINISTRATORS, "GET POST", {"customer_id": a_customer}),
    "checkout:exceptions": Route(STAFF, "GET"),
    "checkout:exceptions_export": Route(ADMINISTRATORS, "GET"),
    "checkout:exception": Route(STAFF, "GET", {"exception_id": an_exception}, reach=Reach.LOCATION),
    "checkout:exception_withdrawal": Route(STAFF, "POST", {"exception_id": an_exception}, reach=Reach.LOCATION),
    "checkout:exception_new": Route(STAFF, "GET POST", {"customer_id": a_customer, "program_card_id": a_program_card}),
    "checkout:answers": Route(ADMINISTRATORS, "GET"),
    "checkout:answers_export": Route(ADMINISTRATORS, "GET"),
    "checkout:answer": Route(ADMINISTRATORS, "GET POST", {"answer_id": a_flagged_answer}, reach=Reach.LOCATION),
    "checkout:returns": Route(ADMINISTRATORS, "GET"),
    "checkout:returns_export": Route(ADMINISTRATORS, "GET"),
    "checkout:return_find": Route(ADMINISTRATORS, "GET"),
    "checkout:return_new": Route(ADMINISTRATORS, "GET POST", {"customer_id": a_buyer}),
    "checkout:return": Route(ADMINISTRATORS, "GET", {"return_id": a_return}, reach=Reach.LOCATION),
    "checkout:return_steps": Route(
        ADMINISTRATORS,
        "POST",
        {"return_id": a_return},
        sends={"to": lambda place: "withdrawn"},
        reach=Reach.LOCATION,
    ),
    "checkout:late_find": Route(STAFF, "GET"),
    "checkout:late_new": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "checkout:late": Route(ADMINISTRATORS, "GET"),
    "checkout:late_export": Route(ADMINISTRATORS, "GET"),
    "checkout:late_settings": Route(ADMINISTRATORS, "GET POST"),
    "checkout:paper_card": Route(STAFF, "GET POST", {"customer_id": a_customer}),
    "checkout:paper": Route(STAFF, "GET", {"customer_id": who_brought_it, "paper_id": a_paper_card}),
    "checkout:paper_undo": Route(STAFF, "GET POST", {"customer_id": who_brought_it, "paper_id": a_paper_card}),
    "checkout:paper_photo": Route(STAFF, "GET", {"customer_id": who_brought_it, "paper_id": a_paper_card}),
    "messaging:verify": Route(PUBLIC, "GET POST", {"token": a_link_to_verify}, reach=Reach.EVERYONE),
    "messaging:return": Route(PUBLIC, "GET POST", {"token": a_link_to_return}, reach=Reach.EVERYONE),
    "messaging:unsubscribe": Route(PUBLIC, "GET POST", {"token": a_link_to_unsubscribe}, reach=Reach.EVERYONE),
    "messaging:one_click": Route(PUBLIC, "GET POST", {"token": a_link_to_unsubscribe}, reach=Reach.EVERYONE),
    "messaging:terms": Route(PUBLIC, "GET", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "messaging:mail_status": Route(PUBLIC, "POST", reach=Reach.SIGNED),
    "messaging:mailbox": Route(STAFF, "GET"),
    "messaging:kept": Route(STAFF, "GET", {"kept_id": a_kept_message}),
    "messaging:kept_letter": Route(STAFF, "GET", {"kept_id": a_kept_message}),
    "messaging:preview_welcome": Route(STAFF, "GET POST"),
    "messaging:store": Route(ADMINISTRATORS, "GET"),
    "programs:list": Route(ADMINISTRATORS, "GET"),
    "offers:list": Route(ADMINISTRATORS, "GET"),
    "programs:export": Route(ADMINISTRATORS, "GET"),
    "offers:export": Route(ADMINISTRATORS, "GET"),
    "offers:enrolled": Route(ADMINISTRATORS, "GET"),
    "offers:grid": Route(MASTERS, "GET"),
    "offers:auto": Route(MASTERS, "GET"),
    "offers:auto_export": Route(MASTERS, "GET"),
    "offers:auto_brand": Route(MASTERS, "GET POST", {"brand_id": a_brand}, reach=Reach.EVERYONE),
    "offers:auto_stop": Route(MASTERS, "POST", {"brand_id": a_brand}, reach=Reach.EVERYONE),
    "offers:auto_leave": Route(MASTERS, "POST", {"program_id": an_offer_joined_by_itself}),
    "programs:own": Route(MASTERS, "GET"),
    "programs:own_new": Route(MASTERS, "GET POST"),
    "programs:own_change": Route(MASTERS, "GET POST", {"program_id": an_own_program}),
    "programs:own_picture": Route(MASTERS, "POST", {"program_id": an_own_program}),
    "programs:picture": Route(STAFF, "GET", {"picture_id": a_picture}, reach=Reach.RETAILER),
    "programs:small_picture": Route(STAFF, "GET", {"picture_id": a_picture}, reach=Reach.RETAILER),
    "programs:own_rule": Route(MASTERS, "GET POST", {"program_id": an_own_program}),
    "programs:own_end": Route(MASTERS, "POST", {"program_id": an_own_program}),
    "programs:suggested": Route(ADMINISTRATORS, "GET POST"),
    "programs:practice": Route(STAFF, "GET POST"),
    "programs:enrolled": Route(ADMINISTRATORS, "GET"),
    "programs:grid": Route(MASTERS, "GET"),
    "programs:enrolling": Route(MASTERS, "POST", sends={"cell": a_cell}),
    "programs:enrolling_undo": Route(MASTERS, "POST", sends={"enrollment": an_enrollment}),
    "programs:detail": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:products_export": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:barcodes": Route(ADMINISTRATORS, "GET", {"program_id": a_program}),
    "programs:enroll": Route(ADMINISTRATORS, "GET POST", {"program_id": a_program}),
    "programs:application_withdrawal": Route(
        ADMINISTRATORS, "POST", {"application_id": an_application}, reach=Reach.LOCATION
    ),
    "programs:undo": Route(ADMINISTRATORS, "POST", sends={"enrollment": an_enrollment}, reach=Reach.LOCATION),
    "programs:unenroll": Route(ADMINISTRATORS, "POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
    "programs:stay": Route(ADMINISTRATORS, "POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
    "programs:distributor": Route(ADMINISTRATORS, "GET POST", {"enrollment_id": an_enrollment}, reach=Reach.LOCATION),
    "backoffice:home": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:stores": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_stores": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:store": Route(SUPPORT, "GET", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "backoffice:state": Route(
        SUPPORT, "GET POST", {"retailer_id": a_retailer, "state": another_state}, reach=Reach.EVERYONE
    ),
    "backoffice:hold": Route(SUPPORT, "GET POST", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "backoffice:hold_lifting": Route(SUPPORT, "GET POST", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "backoffice:feature": Route(
        SUPPORT,
        "GET POST",
        {"retailer_id": a_retailer, "name": a_feature, "switched": switched_on},
        reach=Reach.EVERYONE,
    ),
    "backoffice:restriction": Route(SUPPORT, "GET POST", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "backoffice:member_restriction": Route(
        SUPPORT, "GET POST", {"retailer_id": a_retailer, "membership_id": a_membership}, reach=Reach.EVERYONE
    ),
    "backoffice:second_step": Route(
        SUPPORT, "GET POST", {"retailer_id": a_retailer, "membership_id": a_membership}, reach=Reach.EVERYONE
    ),
    "backoffice:administrator": Route(SUPPORT, "GET POST", {"retailer_id": a_retailer}, reach=Reach.EVERYONE),
    "backoffice:contact": Route(
        SUPPORT, "GET POST", {"retailer_id": a_retailer, "membership_id": a_membership}, reach=Reach.EVERYONE
    ),
    "backoffice:tickets": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_tickets": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:ticket": Route(
        SUPPORT, "GET", {"retailer_id": a_retailer, "ticket_id": a_ticket}, reach=Reach.EVERYONE
    ),
    "backoffice:answers": Route(
        SUPPORT, "POST", {"retailer_id": a_retailer, "ticket_id": a_ticket}, reach=Reach.EVERYONE
    ),
    "backoffice:closing": Route(
        SUPPORT, "POST", {"retailer_id": a_retailer, "ticket_id": a_ticket}, reach=Reach.EVERYONE
    ),
    "backoffice:exceptions": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_exceptions": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    **{
        f"backoffice:exception{answer}": Route(
            SUPPORT,
            "POST" if answer else "GET",
            {"retailer_id": a_retailer, "exception_id": an_exception},
            reach=Reach.EVERYONE,
        )
        for answer in ("", "_approval", "_rejection", "_taking_back")
    },
    "backoffice:applications": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_applications": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:application": Route(
        SUPPORT,
        "GET POST",
        {"retailer_id": a_retailer, "application_id": an_application, "answer": an_answer},
        reach=Reach.EVERYONE,
    ),
    "backoffice:programs": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_programs": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:program": Route(SUPPORT, "GET", {"program_id": everyones_program}, reach=Reach.EVERYONE),
    "backoffice:version_new": Route(
        SUPPORT, "GET POST", {"program_id": everyones_program, "card_id": its_card}, reach=Reach.EVERYONE
    ),
    "backoffice:version_withdrawal": Route(
        SUPPORT, "GET POST", {"program_id": everyones_program, "version_id": its_next_version}, reach=Reach.EVERYONE
    ),
    "backoffice:returns": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:export_returns": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:return_terms": Route(SUPPORT, "GET", reach=Reach.EVERYONE),
    "backoffice:brand_return_terms": Route(SUPPORT, "GET POST", {"brand_id": a_brand}, reach=Reach.EVERYONE),
    "backoffice:return": Route(
        SUPPORT,
        "GET POST",
        {"retailer_id": a_retailer, "return_id": a_return, "answer": lambda place: "review"},
        reach=Reach.EVERYONE,
    ),
    "backoffice:notices": Route(SUPPORT, "GET POST"),
    "backoffice:notice_endings": Route(SUPPORT, "POST", {"notice_id": a_notice}, reach=Reach.EVERYONE),
    "billing:billing": Route(ADMINISTRATORS, "GET"),
    "billing:contact": Route(ADMINISTRATORS, "POST"),
    "support:status": Route(PUBLIC, "GET"),
    "support:status_json": Route(PUBLIC, "GET"),
    "support:access_help": Route(PUBLIC, "GET"),
    "support:echo": Route(PUBLIC, "GET"),
    "support:restriction": Route(PUBLIC, "GET"),
    "support:send": Route(PUBLIC, "POST"),
    "support:write": Route(PUBLIC, "GET POST"),
    "support:hide_notice": Route(STAFF, "POST", {"notice_id": a_notice}, reach=Reach.EVERYONE),
    "support:tickets": Route(STAFF, "GET"),
    "support:export_tickets": Route(STAFF, "GET"),
    "support:new_ticket": Route(STAFF, "GET POST"),
    "support:ticket": Route(STAFF, "GET", {"ticket_id": a_ticket}, reach=Reach.PERSON),
    "support:replies": Route(STAFF, "POST", {"ticket_id": a_ticket}, reach=Reach.PERSON),
    "support:close": Route(STAFF, "POST", {"ticket_id": a_ticket}, reach=Reach.PERSON),
    "messaging:text_in": Route(PUBLIC, "POST", {"retailer_id": a_retailer}, reach=Reach.SIGNED),
    "messaging:text_status": Route(
        PUBLIC, "POST", {"retailer_id": a_retailer, "token": a_retailer}, reach=Reach.SIGNED
    ),
    "messaging:replies": Route(ADMINISTRATORS, "GET"),
    "messaging:export_replies": Route(ADMINISTRATORS, "GET"),
    "messaging:settle_reply": Route(ADMINISTRATORS, "POST", {"reply_id": a_reply}),
}
