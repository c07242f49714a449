"""Whose cards an app account may see, and what is on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from astro.cards.queries import ShownCard, shown_cards
from astro.customer_app.errors import LinkNoLongerYours, PracticeHasNoApp
from astro.customer_app.models import AppAccount, AppLink
from astro.customers.consent.addresses import address_hash
from astro.customers.models import Channel, CodeKind, Customer, CustomerCode
from astro.customers.queries import living
from astro.messaging.links import Told
from astro.programs.queries import standing_on
from astro.programs.versions.reading import under_which
from astro.programs.wording import Money
from astro.tenancy.current import within
from astro.tenancy.models import Retailer
from astro.tenancy.stores import store_of


@dataclass(frozen=True, slots=True)
class StoreToChoose:
    """A store that has cards of this person."""

    retailer_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AppCard:
    """A card as its owner sees it. `ended_on`: its program is over since that day, so nothing can be redeemed.
    `is_frozen`: the store takes no part in it now, so it takes no punch; what was earned can be redeemed. `version`:
    under which version it runs, where that is not simply the newest."""

    shown: ShownCard
    ended_on: date | None
    is_frozen: bool = False
    version: str = ""
    about: str = ""
    picture_id: int | None = None

    @property
    def picture(self) -> str:
        """The address of what it looks like; "" where it has no picture."""
        return reverse("customer_app:picture", args=[self.picture_id]) if self.picture_id else ""

    @property
    def is_ready(self) -> bool:
        return self.shown.is_full and self.ended_on is None


def account_of(email_folded: str) -> AppAccount | None:
    """The app account of this address, folded, if it has one."""
    return AppAccount.objects.filter(email_folded=email_folded).first()


def link_of(account: AppAccount) -> AppLink | None:
    """What ties an account to a customer of the current retailer: as long as the customer is one, and has the address.

    A store that corrects an address thereby shows the cards to nobody until its new owner opens their own link.
    """
    links: QuerySet[AppLink] = AppLink.objects.filter(
        account_id=account.pk,
        ended_at__isnull=True,
        customer__retired_at__isnull=True,
        customer__email_folded=account.email_folded,
    )
    return links.select_related("customer").first()


def stores_of(account: AppAccount) -> list[StoreToChoose]:
    """The stores that have cards of this person now, by name; each is asked inside its own wall."""
    found = []
    numbers = account.retailers.order_by("id").values_list("number", flat=True)
    for retailer in Retailer.objects.in_bulk(list(numbers)).values():
        with within(retailer.pk):
            if link_of(account) is not None:
                found.append(StoreToChoose(retailer.pk, store_of(retailer).name))
    return sorted(found, key=lambda store: (store.name.casefold(), store.retailer_id))


def customer_told(told: Told) -> Customer:
    """Whom a link in a message is about, of the current retailer; after a merge, whoever has the address now.

    Raises `LinkNoLongerYours` where they are gone, or have another address than the one to which it was sent, and
    `PracticeHasNoApp`.
    """
    customer = _heir(told.customer_id)
    if customer is None or not customer.email or told.channel != Channel.EMAIL:
        raise LinkNoLongerYours
    if address_hash(Channel.EMAIL, customer.email) != told.address_hash:
        raise LinkNoLongerYours
    if customer.is_practice:
        raise PracticeHasNoApp
    return customer


def code_of(customer: Customer) -> str | None:
    """The code that stands for a customer at the till: the app's, or else that of their card."""
    codes = CustomerCode.objects.filter(customer=customer, ended_at__isnull=True)
    held = dict(codes.order_by("-id").values_list("kind", "code"))
    return held.get(CodeKind.APP) or held.get(CodeKind.CARD)


def app_cards(customer: Customer, *, day: date, money: Money) -> list[AppCard]:
    """The cards that the till shows, in its order."""
    shown = shown_cards(customer, day=day)
    standing = standing_on({card.program_card_id for card in shown}, day=day)
    pairs = [(card.program_card_id, card.rule_id) for card in shown if not card.is_full]
    versions = under_which(pairs, standing=standing, day=day, money=money)
    return [
        AppCard(
            card,
            how.ended_on,
            how.is_frozen,
            "" if card.is_full else versions.get((card.program_card_id, card.rule_id), ""),
            how.about,
            how.picture_id,
        )
        for card in shown
        for how in [standing[card.program_card_id]]
    ]


def _heir(customer_id: int) -> Customer | None:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is not None and customer.retired_at is not None and customer.email_folded:
        return living().filter(email_folded=customer.email_folded).first()
    return customer if customer is not None and customer.retired_at is None else None
