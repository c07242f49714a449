"""Adding products: codes in every form, codes that are none, codes that are taken."""

from datetime import date

import pytest

from astro.catalog.actions import add_barcode, add_brand, add_distributor, add_product, set_price
from astro.catalog.errors import CodeTaken
from astro.catalog.models import Barcode, Brand, Price, Product
from astro.kit.errors import DomainError
from astro.tenancy.current import OtherRetailer, platform
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Retailer
from tests import cast

DAY = date(2026, 11, 20)
UPC = "012345678905"


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every test here writes."""


def test_product_keeps_codes_as_14_digits_and_prices_from_the_day() -> None:
    with platform("test"):
        brand = add_brand("Northpaw")
        product = add_product(
            "Gold Adult",
            brand=brand,
            size="30 lb",
            species="dog",
            category="dry",
            gtins=[UPC, "00012345678905", "4006381333931"],
            prices={"USD": 6499, "CAD": 8999},
            from_on=DAY,
        )
        codes = Barcode.objects.filter(product=product).order_by("gtin").values_list("gtin", "from_on", "until_on")
        prices = Price.objects.filter(product=product).order_by("currency").values_list("currency", "msrp_cents")
        assert (product.retailer_id, str(product)) == (None, "Gold Adult 30 lb")
        assert list(codes) == [("00012345678905", DAY, None), ("04006381333931", DAY, None)]
        assert list(prices) == [("CAD", 8999), ("USD", 6499)]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("012345678904", "The last digit of 012345678904 does not fit the others"),
        (
            "12345678905",
            "12345678905 has 11 digits. It looks like a UPC whose first 0 is missing. Try 0 12345 67890 5.",
        ),
        ("4006381333930", "The last digit of 4006381333930 does not fit the others"),
        ("10012345678905", "The last digit of 10012345678905 does not fit the others"),
        ("12345", "A barcode number has 8, 12, 13 or 14 digits; 12345 has 5."),
        ("ABC345678905", "“ABC345678905” is not a barcode number: there are letters or signs in it."),
        ("", "There is no number here."),
    ],
)
def test_what_is_no_code_is_refused_and_nothing_is_written(code: str, sentence: str) -> None:
    with platform("test"):
        with pytest.raises(DomainError) as refusal:
            add_product("Gold", gtins=[UPC, code], from_on=DAY)
        assert str(refusal.value).startswith(sentence)
        assert (Product.objects.count(), Barcode.objects.count()) == (0, 0)


def test_code_of_another_product_is_refused_by_its_name() -> None:
    with platform("test"):
        add_product("Gold Adult", size="30 lb", gtins=[UPC], from_on=DAY)
        with pytest.raises(CodeTaken) as refusal:
            add_product("Silver", gtins=["00012345678905"], from_on=DAY)
        assert str(refusal.value) == (
            "0 12345 67890 5 is the code of “Gold Adult 30 lb” already. Check the number under the bars."
        )
        assert (refusal.value.status, Product.objects.count()) == (409, 1)


def test_own_product_may_not_take_a_shared_code_but_another_stores_code_is_nobodys_business(
    huxley: Retailer, otherpaws: Retailer
) -> None:
    cast.make_product(name="Gold", gtins=[UPC])
    cast.make_product(name="Their secret", retailer=otherpaws, gtins=["4006381333931"])
    with inside(huxley):
        with pytest.raises(CodeTaken):
            add_product("Ours", gtins=[UPC], from_on=DAY)
        ours = add_product("Ours", gtins=["4006381333931"], from_on=DAY)
        assert ours.retailer_id == huxley.pk


def test_code_of_a_retired_product_is_still_its_own() -> None:
    with platform("test"):
        old = add_product("Gold", gtins=[UPC], from_on=DAY)
        old.retired_at = cast.NOW
        old.save()
        with pytest.raises(CodeTaken, match="“Gold”"):
            add_product("New gold", gtins=[UPC], from_on=DAY)


def test_code_that_a_product_laid_down_is_free() -> None:
    with platform("test"):
        old = add_product("Gold", gtins=[UPC], from_on=DAY)
        Barcode.objects.filter(product=old).update(until_on=DAY)
        new = add_product("New gold", gtins=["4006381333931"], from_on=DAY)
        assert add_barcode(new, gtin=UPC, from_on=date(2026, 11, 21)).gtin == "00012345678905"


def test_second_price_for_a_day_and_a_price_below_zero_are_refused() -> None:
    with platform("test"):
        product = add_product("Gold", prices={"USD": 6499}, from_on=DAY)
        with pytest.raises(DomainError, match="“Gold” has a price from that day already"):
            set_price(product, currency="USD", msrp_cents=6599, from_on=DAY)
        with pytest.raises(DomainError, match="below zero"):
            set_price(product, currency="USD", msrp_cents=-1, from_on=date(2026, 11, 21))
        assert list(Price.objects.values_list("msrp_cents", flat=True)) == [6499]


def test_brand_and_distributor_are_everyones_and_named_once(huxley: Retailer) -> None:
    with platform("test"):
        add_brand("  Northpaw  Pets ")
        add_distributor("Paws Distributing", serves=[("US", "MT"), ("US", "MT"), ("CA", "AB")])
        with pytest.raises(DomainError, match="“northpaw pets” already"):
            add_brand("northpaw pets")
        with pytest.raises(DomainError, match="a distributor “PAWS DISTRIBUTING” already"):
            add_distributor("PAWS DISTRIBUTING", serves=[])
        with pytest.raises(DomainError, match="Type a name"):
            add_brand("   ")
    with inside(huxley):
        with pytest.raises(OtherRetailer):
            add_brand("Ours")
        with pytest.raises(OtherRetailer):
            add_distributor("Ours", serves=[])
    assert [brand.name for brand in Brand.objects.all()] == ["Northpaw Pets"]


@pytest.mark.parametrize("name", ["🐾 Bites", "عشاء", "<script>alert(1)</script>", "N" * 200])
def test_names_of_any_letters_are_kept_as_they_are(name: str) -> None:
    with platform("test"):
        assert add_product(f"  {name} ", from_on=DAY).name == name


def test_name_that_is_too_long_is_refused() -> None:
    with platform("test"), pytest.raises(DomainError, match="up to 200 characters"):
        add_product("N" * 10_000, from_on=DAY)
