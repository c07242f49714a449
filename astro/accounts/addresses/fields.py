"""A list of addresses and networks in a form, with the button that adds the address one sits at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import collapse_addresses
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.kit.addresses import Address, Network, is_within, read_network

MOST = 50
"""Lines of one list; a network by CIDR is one line."""

LONGEST = 4_000

FETCH = "fetch_address"
"""The name of the button, where a browser runs no scripts: the form comes back with the address added, unsaved."""


class NetworksInput(forms.Textarea):
    """The list with *Fetch current IP address* below it. `here` is the caller's address, as the server sees it."""

    template_name = "accounts/networks_input.html"
    here: Address | None = None

    def __init__(self) -> None:
        attrs = {"rows": 4, "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
        super().__init__(attrs=attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "here": self.here, "fetch": FETCH}


class NetworksField(forms.CharField):
    """Addresses and networks (CIDR), of IPv4 and IPv6, one a line; cleaned to a text of normalized lines, "" for none.

    A form that uses it says `self.fields["…"].here = request.address` when it is made, and its view answers the
    button: `if fetches_address(request): add_address(form, request.address)`, then draws the form and saves nothing.
    """

    widget = NetworksInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Addresses"))
        kwargs.setdefault(
            "help_text",
            gettext_lazy("One address or network a line, for example 203.0.113.9 or 203.0.113.0/24. IPv6 works too."),
        )
        super().__init__(**{"required": False, "max_length": LONGEST, **kwargs})

    @property
    def here(self) -> Address | None:
        """The address that the button adds."""
        return self.widget.here

    @here.setter
    def here(self, address: Address | None) -> None:
        self.widget.here = address

    def clean(self, value: Any) -> str:
        return "\n".join(str_of(network) for network in _networks(super().clean(value)))


def str_of(network: Network) -> str:
    """As people write it: a network of one address is that address."""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def fetches_address(request: HttpRequest) -> bool:
    """Whether the form was sent by the button that only adds the address."""
    return request.method == "POST" and FETCH in request.POST


def add_address(form: forms.BaseForm, address: Address | None) -> None:
    """The same form with what was typed, not yet checked, and this address added to its lists that lack it."""
    typed = {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }
    for name, field in form.fields.items():
        if isinstance(field, NetworksField):
            typed[name] = with_address(typed[name] or "", address)
    form.initial = {**(form.initial or {}), **typed}
    form.is_bound = False
    form._errors = None  # type: ignore[attr-defined]


def with_address(text: str, address: Address | None) -> str:
    """The lines with this address at the end, unless one of them has it or nobody knows it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if address is not None and not is_within(address, lines):
        lines.append(str(address))
    return "\n".join(lines)


def _networks(text: str) -> list[Network]:
    """Each once, in the order of the lines. Raises ValidationError with a sentence for each line that is none."""
    found: dict[Network, None] = {}
    errors = []
    for number, line in _lines(text):
        network = read_network(line)
        if network is None:
            errors.append(
                _(
                    "Line %(number)s: “%(line)s” is no address. Write it like 203.0.113.9, 203.0.113.0/24 or "
                    "2001:db8::/48."
                )
                % {"number": number, "line": line[:60]}
            )
        elif network.prefixlen == 0:
            errors.append(
                _("Line %(number)s: “%(line)s” is every address there is, so this restricts nobody. Leave it out.")
                % {"number": number, "line": line[:60]}
            )
        else:
            found[network] = None
    if len(found) + len(errors) > MOST:
        raise ValidationError(
            _("This list has %(count)s lines; %(most)s is the most. Join neighbours to a network like 203.0.113.0/24.")
            % {"count": len(found) + len(errors), "most": MOST}
        )
    if not errors and _is_everybody(list(found)):
        errors.append(_("Together these networks are every address there is, so this restricts nobody."))
    if errors:
        raise ValidationError(errors)
    return list(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """What stands in each line, with its number; commas divide as well, and the space around a slash is nothing."""
    for number, line in enumerate(text.splitlines(), start=1):
        for part in re.split(r"[,;]", re.sub(r"\s*/\s*", "/", line)):
            if part.strip():
                yield number, part.strip()


def _is_everybody(networks: list[Network]) -> bool:
    for version in (4, 6):
        of_version = [network for network in networks if network.version == version]
        if any(whole.prefixlen == 0 for whole in collapse_addresses(of_version)):  # type: ignore[type-var]
            return True
    return False
