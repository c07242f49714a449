"""What each letter says, and whether it may go now."""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.customers.consent.ledger import Reach, may_be_asked
from astro.customers.consent.queries import state_of
from astro.customers.models import Channel, Customer
from astro.messaging.channels import Composed, NotAllowed
from astro.messaging.links import Purpose, Told, make_link, whole_address
from astro.messaging.mail.building import advertise, answer
from astro.messaging.models import Delivery
from astro.tenancy.models import Retailer
from astro.tenancy.stores import Store, store_of

PREVIEWED = "preview"
"""Stands where the signed part of a link would: who looks at a letter cannot answer for its reader."""


def welcome(delivery: Delivery) -> Composed:
    """The Welcome Email. Raises `NotAllowed` where the customer answered, left or changed the address meanwhile."""
    customer = _still_theirs(delivery)
    state = state_of(Channel.EMAIL, delivery.address)
    if state == Reach.YES:
        raise NotAllowed(_("This e-mail address was verified before it was sent."))
    if not may_be_asked(state):
        raise NotAllowed(_("This address unsubscribed or could not be reached before it was sent."))
    retailer = Retailer.objects.get(pk=delivery.retailer_id)
    return write_welcome(retailer, name=customer.name, to=delivery.address, told=_told(delivery))


def write_welcome(retailer: Retailer, *, name: str, to: str, told: Told | None) -> Composed:
    """The letter itself; `told` None writes it with links that do nothing, for a look beforehand."""
    store = store_of(retailer)
    return advertise(
        "welcome",
        store=store,
        to=to,
        subject=_("Welcome to %(store)s: is this your e-mail address?") % {"store": store.name},
        unsubscribe_url=_link("messaging:unsubscribe", Purpose.UNSUBSCRIBE, told),
        one_click_url=_link("messaging:one_click", Purpose.UNSUBSCRIBE, told),
        context={
            "name": name,
            "verify_url": _link("messaging:verify", Purpose.VERIFY, told),
            "app_url": _link("customer_app:join", Purpose.APP, told),
            "terms_url": whole_address("messaging:terms", retailer.pk),
        },
    )


def unsubscribed(delivery: Delivery) -> Composed:
    """The one confirmation after unsubscribing. Raises `NotAllowed` where its reader came back meanwhile."""
    if state_of(Channel.EMAIL, delivery.address) != Reach.STOPPED:
        raise NotAllowed(_("The customer came back to the mailing list before it was sent."))
    store = _store(delivery)
    return answer(
        "unsubscribed",
        store=store,
        to=delivery.address,
        subject=_("You are unsubscribed from %(store)s") % {"store": store.name},
        context={"return_url": _link("messaging:return", Purpose.RETURN, _told(delivery)), "address": delivery.address},
    )


def app_link(delivery: Delivery) -> Composed:
    """The link with which a customer sets a password for the app, as they asked."""
    customer = _still_theirs(delivery)
    if state_of(Channel.EMAIL, delivery.address) == Reach.BOUNCES:
        raise NotAllowed(_("Mail to this address came back. Ask the customer for another one."))
    store = _store(delivery)
    return answer(
        "app_link",
        store=store,
        to=delivery.address,
        subject=_("Your password for the app of %(store)s") % {"store": store.name},
        context={"name": customer.name, "app_url": _link("customer_app:join", Purpose.APP, _told(delivery))},
    )


def _still_theirs(delivery: Delivery) -> Customer:
    """Whose letter it is, as long as the address is theirs."""
    customer = delivery.customer
    if customer is None or customer.retired_at is not None:
        raise NotAllowed(_("The customer was removed from your list before it was sent."))
    if customer.email != delivery.address:
        raise NotAllowed(_("The address was changed before it was sent."))
    return customer


def _store(delivery: Delivery) -> Store:
    return store_of(Retailer.objects.get(pk=delivery.retailer_id))


def _told(delivery: Delivery) -> Told:
    return Told(delivery.retailer_id, delivery.customer_id or 0, delivery.channel, delivery.address_hash)


def _link(route: str, purpose: Purpose, told: Told | None) -> str:
    return whole_address(route, make_link(purpose, told) if told else PREVIEWED)
