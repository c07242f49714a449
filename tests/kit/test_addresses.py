"""From where a request comes: what counts, and what anybody may write."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.addresses import client_address, is_within, read_address, read_network

addresses = st.ip_addresses()


def asked(forwarded: str | None, *, peer: str = "127.0.0.1", **more: str) -> Any:
    more = {**more, **({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **more)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9\t", "203.0.113.9"),
        ("203.0.113.9:443", "203.0.113.9"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unknown", None),
        ("_hidden", None),
        ("203.0.113", None),
        ("203.0.113.09", None),
        ("203.0.113.0/24", None),
        ("1.2.3.4, 203.0.113.9", None),
        ("٢٠٣.0.113.9", None),
        ("203.0.113.9\x00", None),
        ("3405803785", None),
        ("0x7f.0.0.1", None),
    ],
)
def test_an_address_is_read_as_a_proxy_writes_it(text: str, found: str | None) -> None:
    assert read_address(text) == (ip_address(found) if found else None)


@given(address=addresses, port=st.integers(1, 65535))
def test_every_address_is_read_with_and_without_a_port(address: IPv4Address | IPv6Address, port: int) -> None:
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    with_port = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
    assert read_address(str(address)) == read_address(with_port) == plain


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert read_address(text) is None or isinstance(read_address(text), IPv4Address | IPv6Address)
    assert read_network(text) is None or isinstance(read_network(text), IPv4Network | IPv6Network)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::/0", "::/0"),
        ("fe80::1%eth0", "fe80::1/128"),
        ("203.0.113.9/33", None),
        ("", None),
    ],
)
def test_a_network_is_read(text: str, found: str | None) -> None:
    network = read_network(text)
    assert (str(network) if network else None) == found


@given(address=addresses, others=st.lists(addresses.map(str), max_size=3), proxies=st.integers(1, 4))
def test_with_proxies_the_client_stands_that_many_places_from_the_right(
    address: IPv4Address, others: list[str], proxies: int
) -> None:
    hops = [*others, str(address), *["198.51.100.1"] * (proxies - 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("astro.kit.addresses.settings.PROXIES", proxies)
        assert client_address(asked(", ".join(hops))) == read_address(str(address))


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_whatever_the_client_writes_the_last_word_is_the_proxys(said: str) -> None:
    """A proxy that appends puts the address it was asked from behind whatever came."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("astro.kit.addresses.settings.PROXIES", 1)
        assert client_address(asked(f"{said}, 198.51.100.7")) == ip_address("198.51.100.7")


@pytest.mark.parametrize("forwarded", [None, "", "203.0.113.9", "garbage", ",,,", "203.0.113.9, 203.0.113.9"])
def test_without_proxies_only_the_connection_counts(settings: Any, forwarded: str | None) -> None:
    settings.PROXIES = 0
    assert client_address(asked(forwarded, peer="198.51.100.7")) == ip_address("198.51.100.7")


@pytest.mark.parametrize("forwarded", [None, "", "203.0.113.9", "garbage, 203.0.113.9", ",203.0.113.9"])
def test_more_proxies_than_hops_is_nobody(settings: Any, forwarded: str | None) -> None:
    """The setting is too high, or somebody came past the proxy: no list lets them in."""
    settings.PROXIES = 3
    address = client_address(asked(forwarded, peer="203.0.113.9"))
    assert address is None
    assert not is_within(address, ["203.0.113.9", "0.0.0.0/1", "128.0.0.0/1"])


def test_fewer_proxies_than_there_are_is_the_proxy(settings: Any) -> None:
    """The setting is too low: everybody comes from the proxy, whom no list of shops has."""
    settings.PROXIES = 0
    assert client_address(asked("203.0.113.9", peer="10.0.0.5")) == ip_address("10.0.0.5")
    settings.PROXIES = 1
    assert client_address(asked("203.0.113.9, 10.0.0.6", peer="10.0.0.5")) == ip_address("10.0.0.6")


@pytest.mark.parametrize(
    "header",
    ["FORWARDED", "X_REAL_IP", "TRUE_CLIENT_IP", "CF_CONNECTING_IP", "X_CLIENT_IP", "CLIENT_IP", "VIA", "X_FORWARDED"],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_other_header_is_read(settings: Any, proxies: int, header: str) -> None:
    settings.PROXIES = proxies
    forged = {f"HTTP_{header}": "203.0.113.9"}
    assert client_address(asked("198.51.100.7", peer="198.51.100.7", **forged)) == ip_address("198.51.100.7")


@pytest.mark.parametrize("stored", ["203.0.113.9", "203.0.113.0/24", "::ffff:203.0.113.9", "::ffff:203.0.113.0/120"])
@pytest.mark.parametrize("seen", ["203.0.113.9", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:1"])
def test_both_ways_to_write_ipv4_are_one(stored: str, seen: str) -> None:
    assert is_within(read_address(seen), [stored])


@pytest.mark.parametrize("stored", ["", "oops", "203.0.113.8", "2001:db8::/32", "::cb00:7109"])
def test_a_network_that_has_it_not_lets_it_not_in(stored: str) -> None:
    assert not is_within(ip_address("203.0.113.9"), [stored])
