"""Whose word counts on the address of a client."""

from ipaddress import ip_network

import pytest
from housing_price_orchestrator.access.client_address import ClientAddresses, ForwardedHeader, site_of

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
PROXY = "10.0.0.1"


def client(
    *values: str, peer: str = PROXY, header: ForwardedHeader = "x-forwarded-for", sent_as: str | None = None
) -> str:
    headers = [((sent_as or header).encode(), value.encode()) for value in values]
    return ClientAddresses(TRUSTED, header).client(peer, headers)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("198.51.100.66, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_the_right_most_untrusted_address_is_the_clients(value: str, expected: str) -> None:
    assert client(value) == expected


def test_headers_of_a_stranger_mean_nothing() -> None:
    assert client("198.51.100.66", peer="203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("value", ["", "unknown", "203.0.113.7, ", "300.1.1.1", "a" * 5000, "<script>"])
def test_a_malformed_value_is_ignored(value: str) -> None:
    assert client(value) == PROXY


def test_what_stands_left_of_a_malformed_value_is_not_believed() -> None:
    assert client("198.51.100.66, rubbish, 10.0.0.2") == "10.0.0.2"


def test_a_header_that_comes_in_several_lines_is_one_list() -> None:
    assert client("198.51.100.66", "203.0.113.7") == "203.0.113.7"


def test_a_list_without_end_is_read_from_the_right_only() -> None:
    assert client(", ".join(["198.51.100.66"] + ["10.0.0.9"] * 5000)) == "10.0.0.9"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="[2001:db8::7]:4711";proto=https', "2001:db8::7"),
        ("proto=https;for=203.0.113.7;by=10.0.0.1, for=10.0.0.2", "203.0.113.7"),
        ("for=unknown", PROXY),
        ("by=203.0.113.7", PROXY),
        ('for="_hidden"', PROXY),
    ],
)
def test_the_standard_header_is_read_where_the_proxies_set_it(value: str, expected: str) -> None:
    assert client(value, header="forwarded") == expected


def test_a_header_that_the_proxies_do_not_set_is_ignored() -> None:
    assert client("for=198.51.100.66", sent_as="forwarded") == PROXY


def test_a_peer_that_has_no_address_stays_as_it_is() -> None:
    assert client("203.0.113.7", peer="") == ""


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_host_counts_as_its_whole_network(address: str, site: str) -> None:
    assert site_of(address) == site


@pytest.mark.parametrize(
    "value",
    [
        'for=203.0.113.7;host="a,for=198.51.100.66"',
        'proto=http;host="a,for=198.51.100.66";for=203.0.113.7',
        'for=198.51.100.66, for=203.0.113.7;host="a\\",for=198.51.100.66"',
    ],
)
def test_what_stands_in_quotes_is_no_other_hop(value: str) -> None:
    assert client(value, header="forwarded") == "203.0.113.7"


def test_a_header_of_unclosed_quotes_is_searched_at_its_end_alone() -> None:
    """A search of all of it is quadratic, and would outlast the time that a test has."""
    assert client('"\\' * 500_000 + ", 203.0.113.7") == "203.0.113.7"
