"""Everything that changes an app account, and what its owner says in the app."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from astro.customer_app.errors import HasPassword
from astro.customer_app.models import AppAccount, AppLink, AppRetailer, AppSession
from astro.customer_app.passwords import ASKED_AGAIN_AFTER, RESET_LIVES, hashed
from astro.customer_app.queries import account_of, code_of, link_of, stores_of
from astro.customer_app.sessions import end_all
from astro.customers.actions import give_code, joined_app
from astro.customers.consent.asking import hear
from astro.customers.consent.queries import address_of, only_the_phone_reopens, state_of
from astro.customers.consent.wordings import app_switch
from astro.customers.errors import Gone
from astro.customers.models import Act, Channel, CodeKind, Customer, Reach, Source
from astro.customers.queries import living
from astro.kit.outbox import queue
from astro.messaging.deliveries import queue_message
from astro.messaging.models import MessageKind
from astro.tenancy.current import within
from astro.tenancy.stores import Store

SEND_APP_LINK = "messaging.app_link"
"""The outbox row that has a link to set a password sent; its payload: `customer`."""


@transaction.atomic
def open_account(customer: Customer, *, password: str, now: datetime) -> AppAccount:
    """An app account for the customer's e-mail address, tied to them. Raises `HasPassword` where there is one already:
    whoever knows its password may `link_account`."""
    if account_of(customer.email_folded) is not None:
        raise HasPassword
    account = AppAccount(
        email=customer.email,
        email_folded=customer.email_folded,
        password=hashed(password),
        created_at=now,
        password_changed_at=now,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise HasPassword from None  # somebody opened the same link a moment earlier
    link_account(account, customer=customer, now=now)
    return account


@transaction.atomic
def link_account(account: AppAccount, *, customer: Customer, now: datetime) -> AppLink:
    """This account is this customer of the current retailer, from now on; earlier ties of either end.

    Raises `Gone` for a retired customer, or one who has another address than the account.
    """
    current = living().select_for_update().filter(pk=customer.pk, email_folded=account.email_folded).first()
    if current is None:
        raise Gone
    AppAccount.objects.select_for_update().get(pk=account.pk)  # two links of one account, opened at once
    link: AppLink | None = AppLink.objects.filter(
        account_id=account.pk, customer=current, ended_at__isnull=True
    ).first()
    if link is None:
        earlier = AppLink.objects.filter(Q(account_id=account.pk) | Q(customer=current), ended_at__isnull=True)
        earlier.update(ended_at=now)
        link = AppLink(account_id=account.pk, customer=current, since=now)
        link.save(force_insert=True)
        AppRetailer.objects.get_or_create(account=account, number=link.retailer_id)
    if code_of(current) is None:
        give_code(current, kind=CodeKind.APP, now=now)
    joined_app(current, now=now)
    return link


@transaction.atomic
def set_password(account: AppAccount, password: str, *, now: datetime) -> None:
    """A new password. Signs out everywhere, and every link that was sent to set one is used up."""
    account.password = hashed(password)
    account.password_changed_at = now
    account.reset_asked_at = None
    account.save(update_fields=["password", "password_changed_at", "reset_asked_at"])
    end_all(account)


@transaction.atomic
def ask_new_password(email_folded: str, *, now: datetime) -> None:
    """Have a link to set a new password sent, in the name of a store of this person. Nothing where there is none, or
    where one was asked for a moment ago: links that are on their way stay good."""
    account = AppAccount.objects.select_for_update().filter(email_folded=email_folded).first()
    stores = stores_of(account) if account else []
    if account is None or not stores:
        return
    asked = account.reset_asked_at
    if asked is not None and now < asked + ASKED_AGAIN_AFTER:
        return
    if asked is None or now >= asked + RESET_LIVES:
        account.reset_asked_at = now
        account.save(update_fields=["reset_asked_at"])
    with within(stores[0].retailer_id):
        link = link_of(account)
        assert link is not None  # `stores_of` looked, inside this transaction
        queue.put(SEND_APP_LINK, {"customer": link.customer_id}, retailer_id=link.retailer_id, now=now)


def look_at(session: AppSession, *, retailer_id: int | None) -> None:
    """The store whose cards this device shows from now on."""
    session.at_retailer = retailer_id
    session.save(update_fields=["at_retailer"])


@transaction.atomic
def switch(
    customer: Customer, channel: Channel, *, on: bool, store: Store, evidence: Mapping[str, Any], now: datetime
) -> bool:
    """The customer's own word about mail or text, whatever was said before; whether it changed anything.

    Switching on what has no address on file changes nothing: there is nothing that could be sent to; nor does switching
    on texts that were stopped from the phone or at the store (`only_the_phone_reopens`). Who switches texts
    on gets the one text that confirms it and tells how to stop; everything else the page itself confirms.
    """
    current = living().select_for_update().filter(pk=customer.pk).first()
    if current is None:
        raise Gone
    address = address_of(current, channel)
    if not address or on == (state_of(channel, address) == Reach.YES):
        return False
    if on and channel == Channel.TEXT and only_the_phone_reopens(address):
        return False
    hear(
        channel,
        address,
        Act.YES if on else Act.STOP,
        source=Source.APP,
        customer=current,
        words=app_switch(store, channel),
        evidence=evidence,
        now=now,
    )
    if on and channel == Channel.TEXT:
        queue_message(MessageKind.SUBSCRIBED, channel=channel, address=address, customer=current, now=now)
    return True
