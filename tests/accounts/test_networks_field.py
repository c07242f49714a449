"""Lists of addresses in a form: what they take, what they say to the rest, and the button that adds one's own."""

from ipaddress import ip_address

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.test import RequestFactory

from astro.accounts.addresses.fields import MOST, NetworksField, add_address, fetches_address


class Sheet(forms.Form):
    name = forms.CharField()
    is_chosen = forms.BooleanField(required=False)
    networks = NetworksField()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("203.0.113.9", "203.0.113.9"),
        ("  203.0.113.9  \r\n\r\n198.51.100.0/24", "203.0.113.9\n198.51.100.0/24"),
        ("203.0.113.9, 203.0.113.10;203.0.113.9", "203.0.113.9\n203.0.113.10"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("203.0.113.9 / 32", "203.0.113.9"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("10.0.0.0/8\n192.168.1.7\n127.0.0.1", "10.0.0.0/8\n192.168.1.7\n127.0.0.1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("0.0.0.0/1", "0.0.0.0/1"),
    ],
)
def test_a_list_is_kept_normalized(typed: str, kept: str) -> None:
    assert NetworksField().clean(typed) == kept


@pytest.mark.parametrize(
    "line",
    ["203.0.113", "203.0.113.300", "203.0.113.9/33", "203.0.113.9:443", "the shop", "203.0.113.1-203.0.113.9",
     "2001:db8::/129", "[2001:db8::1]", "203.0.113.09", "٢٠٣.0.113.9", "<script>alert(1)</script>"],
)  # fmt: skip
def test_a_line_that_is_no_address_is_named(line: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NetworksField().clean(f"198.51.100.7\n{line}")
    [sentence] = refused.value.messages
    assert sentence.startswith(f"Line 2: “{line}” is no address.")


@pytest.mark.parametrize("line", ["0.0.0.0/0", "::/0", "203.0.113.9/0", "2001:db8::/0", "::ffff:0.0.0.0/96"])
def test_every_address_restricts_nobody(line: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NetworksField().clean(f"198.51.100.7\n{line}")
    assert "restricts nobody" in refused.value.messages[0]


@pytest.mark.parametrize("halves", ["0.0.0.0/1\n128.0.0.0/1", "::/1\n8000::/2\nc000::/2"])
def test_all_addresses_in_pieces_restrict_nobody_either(halves: str) -> None:
    with pytest.raises(ValidationError, match="restricts nobody"):
        NetworksField().clean(halves)


def test_each_bad_line_has_its_sentence() -> None:
    with pytest.raises(ValidationError) as refused:
        NetworksField().clean("one\n203.0.113.9\n\ntwo")
    assert [sentence.partition(":")[0] for sentence in refused.value.messages] == ["Line 1", "Line 4"]


def test_a_list_has_an_end() -> None:
    lines = [f"203.0.113.{last}" for last in range(MOST)]
    assert NetworksField().clean("\n".join(lines)) == "\n".join(lines)
    with pytest.raises(ValidationError, match=f"{MOST + 1} lines; {MOST} is the most"):
        NetworksField().clean("\n".join([*lines, "198.51.100.1"]))


def test_the_button_adds_the_address_and_keeps_what_was_typed() -> None:
    data = QueryDict("name=Jo&is_chosen=on&networks=198.51.100.7%0D%0Aoops&fetch_address=203.0.113.9")
    form = Sheet(data)
    add_address(form, ip_address("203.0.113.9"))
    assert not form.errors
    assert form["name"].value() == "Jo"
    assert form["is_chosen"].value() is True
    assert form["networks"].value() == "198.51.100.7\noops\n203.0.113.9"


@pytest.mark.parametrize("there", ["203.0.113.9", "203.0.113.0/24", "::ffff:203.0.113.9"])
def test_the_button_adds_no_address_twice(there: str) -> None:
    form = Sheet(QueryDict(f"networks={there}"))
    add_address(form, ip_address("203.0.113.9"))
    assert form["networks"].value() == there


def test_an_address_that_nobody_knows_is_not_added() -> None:
    form = Sheet(QueryDict("networks=198.51.100.7"))
    add_address(form, None)
    assert form["networks"].value() == "198.51.100.7"


def test_only_the_button_fetches() -> None:
    ask = RequestFactory()
    assert fetches_address(ask.post("/", {"fetch_address": "203.0.113.9"}))
    assert not fetches_address(ask.post("/", {"networks": "203.0.113.9"}))
    assert not fetches_address(ask.get("/?fetch_address=203.0.113.9"))


def test_the_button_stands_below_the_list_and_knows_the_address() -> None:
    form = Sheet()
    form.fields["networks"].here = ip_address("203.0.113.9")  # type: ignore[attr-defined]
    drawn = str(form["networks"])
    assert 'name="fetch_address" value="203.0.113.9"' in drawn
    assert "Fetch current IP address" in drawn
    assert "You are at 203.0.113.9." in drawn


def test_two_forms_do_not_share_an_address() -> None:
    form = Sheet()
    form.fields["networks"].here = ip_address("203.0.113.9")  # type: ignore[attr-defined]
    assert "Fetch current" not in str(Sheet()["networks"])
