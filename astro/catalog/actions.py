"""Adding what is sold. Shared rows are written inside `with platform("why")`, a store's own inside its retailer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from astro.catalog.errors import code_taken
from astro.catalog.models import Barcode, Brand, Distributor, Price, Product, ServedRegion
from astro.catalog.queries import product_by_gtin
from astro.kit.errors import DomainError
from astro.kit.gtin import to_gtin14
from astro.tenancy import current
from astro.tenancy.current import OtherRetailer


@transaction.atomic
def add_brand(name: str, *, website: str = "") -> Brand:
    """A brand, for everyone. Refuses a name that is there already."""
    _for_everyone("A brand")
    name = _named(name, Brand)
    if Brand.objects.filter(name__iexact=name).exists():
        raise DomainError(_("There is a brand “%(name)s” already.") % {"name": name}, status=409, field="name")
    return Brand.objects.create(name=name, website=website)


@transaction.atomic
def add_distributor(name: str, *, serves: Iterable[tuple[str, str]], needs_account_number: bool = True) -> Distributor:
    """A distributor, for everyone. `serves` are pairs of country and state or province: `("US", "MT")`."""
    _for_everyone("A distributor")
    name = _named(name, Distributor)
    if Distributor.objects.filter(name__iexact=name).exists():
        raise DomainError(_("There is a distributor “%(name)s” already.") % {"name": name}, status=409, field="name")
    distributor = Distributor.objects.create(name=name, needs_account_number=needs_account_number)
    ServedRegion.objects.bulk_create(
        ServedRegion(distributor=distributor, country=country, region=region)
        for country, region in dict.fromkeys(serves)
    )
    return distributor


@transaction.atomic
def add_product(
    name: str,
    *,
    brand: Brand | None = None,
    size: str = "",
    species: str = "",
    category: str = "",
    gtins: Iterable[str] = (),
    prices: Mapping[str, int] | None = None,
    from_on: date,
) -> Product:
    """A product with its codes and its suggested prices (cents by currency), both from that day on.

    Codes may be in any form that is printed or scanned. Refuses what is no code, and a code that another product in
    reach carries, naming that product.
    """
    codes = list(dict.fromkeys(to_gtin14(text) for text in gtins))
    product = Product.objects.create(
        name=_named(name, Product), brand=brand, size=size.strip(), species=species, category=category
    )
    for code in codes:
        _add_barcode(product, code, from_on=from_on)
    for currency, cents in (prices or {}).items():
        set_price(product, currency=currency, msrp_cents=cents, from_on=from_on)
    return product


@transaction.atomic
def add_barcode(product: Product, *, gtin: str, from_on: date) -> Barcode:
    """One more code for a product, in any form that is printed or scanned. Refuses as `add_product` does."""
    return _add_barcode(product, to_gtin14(gtin), from_on=from_on)


def set_price(product: Product, *, currency: str, msrp_cents: int, from_on: date) -> Price:
    """The suggested price from that day on. Refuses a second one for the same day, and one below zero."""
    if msrp_cents < 0:
        raise DomainError(_("A price cannot be below zero."), field="msrp_cents")
    price = Price(product=product, currency=currency, msrp_cents=msrp_cents, from_on=from_on)
    try:
        with transaction.atomic():
            price.save()
    except IntegrityError as problem:
        sentence = _("“%(product)s” has a price from that day already.") % {"product": product}
        raise DomainError(sentence, status=409, field="from_on") from problem
    return price


def _add_barcode(product: Product, code: str, *, from_on: date) -> Barcode:
    carrier = product_by_gtin(code)
    if carrier is not None:
        raise code_taken(code, carrier)
    barcode = Barcode(product=product, gtin=code, from_on=from_on)
    try:
        with transaction.atomic():
            barcode.save()
    except IntegrityError as problem:  # two people at the same moment, or a retired product that still holds the code
        row = Barcode.objects.filter(gtin=code, until_on__isnull=True).select_related("product").first()
        raise code_taken(code, row.product if row else _("another product")) from problem
    return barcode


def _named(name: str, model: type[Model]) -> str:
    tidy, most = " ".join(name.split()), getattr(model._meta.get_field("name"), "max_length", None)
    if not tidy:
        raise DomainError(_("Type a name."), field="name")
    if most and len(tidy) > most:
        raise DomainError(_("A name has up to %(most)s characters. Shorten it.") % {"most": most}, field="name")
    return tidy


def _for_everyone(what: str) -> None:
    if current.scope() != current.PLATFORM:
        raise OtherRetailer(f"{what} is everyone's: write it inside `with platform(...)`.")
