"""The store's own list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from astro.accounts.addresses.fields import NetworksField
from astro.kit.addresses import Address


class AddressesForm(forms.Form):
    """From where people of the store may come in. `here` is the address of whoever fills it in."""

    networks = NetworksField(label=_("People come in only from"))

    def __init__(self, *args: Any, here: Address | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["networks"].here = here  # type: ignore[attr-defined]
        self.here = here

    def clean_networks(self) -> str:
        networks: str = self.cleaned_data["networks"]
        if networks and self.here is None:
            raise ValidationError(
                _(
                    "Astro cannot see from which address anybody comes, so a list would shut everybody out. Ask "
                    "whoever runs this installation to look at it: “astro doctor” says what to change."
                )
            )
        return networks


class OwnAddressesForm(AddressesForm):
    """The same for oneself alone."""

    networks = NetworksField(label=_("You come in only from"))
