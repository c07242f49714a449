"""Forms over retailers' rows: choices of the moment, and every constraint told as a message."""

import pytest
from django import forms

from astro.catalog.models import Barcode
from astro.customers.models import Customer, CustomerCode
from astro.tenancy.current import NoRetailer, retailer
from astro.tenancy.forms import OwnChoice, OwnForm
from astro.tenancy.models import Location
from tests import cast

pytestmark = pytest.mark.django_db


class CodeForm(OwnForm):
    """Made here, where nobody is current: importing a form asks no manager."""

    class Meta:
        model = CustomerCode
        fields = ["customer", "code"]


class BarcodeForm(OwnForm):
    class Meta:
        model = Barcode
        fields = ["product", "gtin"]


class LocationForm(OwnForm):
    class Meta:
        model = Location
        fields = ["name", "region", "country", "time_zone"]


class PlaceForm(forms.Form):
    location = OwnChoice(Location)


def test_choices_are_the_current_retailers(huxley, otherpaws, sally, stranger, midtown):
    for who, customer in ((huxley, sally), (otherpaws, stranger)):
        with retailer(who):
            assert list(CodeForm().fields["customer"].queryset) == [customer]
    with retailer(huxley):
        assert list(PlaceForm().fields["location"].queryset) == [midtown]


def test_choices_of_shared_rows_are_shared_and_mine(huxley, otherpaws):
    shared, own = cast.make_product(name="Kibble"), cast.make_product(name="Grooming", retailer=huxley)
    cast.make_product(name="Boarding", retailer=otherpaws)
    with retailer(huxley):
        assert set(BarcodeForm().fields["product"].queryset) == {shared, own}


def test_another_retailers_choice_is_no_choice(huxley, stranger):
    with retailer(huxley):
        form = CodeForm({"customer": stranger.pk, "code": "C1"})
        assert form.errors.keys() == {"customer"}


def test_a_form_made_for_nobody_raises():
    with pytest.raises(NoRetailer):
        CodeForm()


def test_a_unique_constraint_is_a_message(huxley, otherpaws, midtown):
    typed = {"name": "Midtown", "region": "MT", "country": "US", "time_zone": "America/Denver"}
    with retailer(huxley):
        form = LocationForm(typed)
        assert not form.is_valid()
        assert form.non_field_errors()
        same = LocationForm(typed, instance=Location.objects.get(pk=midtown.pk))
        assert same.is_valid()
    with retailer(otherpaws):
        assert LocationForm(typed).is_valid()


def test_a_constraint_with_a_condition_on_a_field_not_shown_is_a_message(huxley, sally):
    class PhoneForm(OwnForm):
        class Meta:
            model = Customer
            fields = ["first_name", "last_name", "phone"]

    with retailer(huxley):
        form = PhoneForm({"first_name": "N", "last_name": "N", "phone": sally.phone})
        assert not form.is_valid()


def test_what_is_saved_is_the_current_retailers(huxley, sally):
    with retailer(huxley):
        form = CodeForm({"customer": sally.pk, "code": "C1"})
        assert form.save().retailer_id == huxley.pk
