"""What is typed when a pet owner is added: the account, and on the second page where they live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from astro.customers.addresses import LENGTHS
from astro.customers.forms import CustomerForm, Typed
from astro.customers.models import AccountRules, Address, Channel, Level
from astro.tenancy.models import Country

BOXES: Final = {Channel.TEXT: ("send_text", "phone"), Channel.EMAIL: ("send_email", "email")}
"""The box that has a request sent over a channel, and the field it is of no use without."""


class NewCustomerForm(CustomerForm):
    """The New Astro Pet Owner Account: what it asks beyond the names is for the store to say."""

    send_text = forms.BooleanField(label=_("Send SMS Opt In Text"), required=False)
    send_email = forms.BooleanField(label=_("Send Welcome Email"), required=False)

    def __init__(self, *args: Any, rules: AccountRules, may_send: bool = True, **kwargs: Any) -> None:
        """Without `may_send` the boxes are off, whatever the store ticks beforehand and whoever sends them ticked."""
        super().__init__(*args, **kwargs)
        self.rules = rules
        ticked = {"send_text": rules.asks_by_text and may_send, "send_email": rules.asks_by_email and may_send}
        self.initial = {**ticked, **self.initial}
        for box, _name in BOXES.values():
            self.fields[box].disabled = not may_send
        missing = {
            "phone": _("Type the mobile phone number. Your store asks for it."),
            "email": _("Type the e-mail address. Your store asks for it."),
        }
        for name, sentence in missing.items():
            self.fields[name].required = getattr(rules, name) == Level.REQUIRED
            self.fields[name].error_messages["required"] = sentence

    def clean(self) -> dict[str, Any]:
        """A box that somebody ticked needs its field. One that the store ticks beforehand waits for it quietly."""
        typed: dict[str, Any] = super().clean() or {}
        sentences = {
            "phone": _("Type the mobile phone number that the text goes to, or clear Send SMS Opt In Text."),
            "email": _("Type the e-mail address that the Welcome Email goes to, or clear Send Welcome Email."),
        }
        for box, name in BOXES.values():
            if typed.get(box) and not typed.get(name) and name not in self.errors and not self.initial[box]:
                self.add_error(name, sentences[name])
        return typed

    def details(self) -> dict[str, str]:
        """What `actions.add_customer` takes. Once it is valid."""
        boxes = {box for box, _name in BOXES.values()}
        return {name: value for name, value in self.cleaned_data.items() if name not in boxes}

    def channels(self) -> list[Channel]:
        """Over which a request goes out. Once it is valid."""
        typed = self.cleaned_data
        return [channel for channel, (box, name) in BOXES.items() if typed[box] and typed[name]]

    def left_out(self) -> list[str]:
        """What the store likes to have and nobody typed. Once it is valid."""
        wanted = [name for name in ("phone", "email") if getattr(self.rules, name) == Level.RECOMMENDED]
        return [name for name in wanted if not self.cleaned_data[name]]


def _line(label: Any, name: str, *, required: bool = True, **attrs: str) -> Typed:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": str(LENGTHS[name]), **attrs})
    return Typed(label=label, required=required, widget=widget)


class AddressForm(forms.Form):
    """A home address, all of it optional: `actions.write_address` says what is missing once a part was typed."""

    postcode = _line(_("Postcode"), "postcode", required=False, autocapitalize="characters")
    street = _line(_("Street and number"), "street", required=False, autocapitalize="words")
    street2 = _line(_("Apartment, suite"), "street2", required=False)
    city = _line(_("City"), "city", required=False, autocapitalize="words")
    region = _line(_("State or province"), "region", required=False, autocapitalize="characters")
    country = forms.ChoiceField(label=_("Country"), choices=Country, required=False)

    use_required_attribute = False

    def __init__(
        self, data: Any = None, *, country: str, known: Address | None = None, typed: dict[str, Any] | None = None
    ) -> None:
        """`country` is where the store is, `known` the address on file, `typed` what is to be gone on with."""
        on_file = {name: getattr(known, name) for name in (*LENGTHS, "country")} if known else {"country": country}
        super().__init__(data, initial=typed or on_file)
        if known and known.country not in Country.values:
            self.fields["country"].choices = [*Country.choices, (known.country, known.country)]  # type: ignore[attr-defined]

    def home(self) -> dict[str, str] | None:
        """What was typed, or None where nothing was: the country is filled in beforehand, so it says nothing."""
        typed: dict[str, str] = self.cleaned_data
        return typed if any(typed[name].strip() for name in LENGTHS) else None


class Together:
    """Several forms of one page, as `error_summary.html` and the page's title read one."""

    def __init__(self, *every: forms.Form) -> None:
        self.every = every

    @property
    def errors(self) -> list[Any]:
        return [error for form in self.every for error in form.errors]

    @property
    def non_field_errors(self) -> list[Any]:
        return [error for form in self.every for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[forms.BoundField]:
        return (field for form in self.every for field in form)


class RulesForm(forms.Form):
    """*Customer Check Out and New Customer Information Settings*."""

    email = forms.ChoiceField(label=_("Email Address"), choices=Level, widget=forms.RadioSelect)
    phone = forms.ChoiceField(label=_("Phone Number"), choices=Level, widget=forms.RadioSelect)
    pets = forms.ChoiceField(label=_("Pet Information"), choices=Level, widget=forms.RadioSelect)
    asks_by_text = forms.BooleanField(label=_("Send SMS Opt In Text by default"), required=False)
    asks_by_email = forms.BooleanField(label=_("Send Welcome Email by default"), required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("email", "phone", "pets"):
            choose = _("Choose one of the three.")
            self.fields[name].error_messages |= {"required": choose, "invalid_choice": choose}
