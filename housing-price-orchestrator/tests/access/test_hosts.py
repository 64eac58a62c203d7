"""Which hosts and origins belong to the service."""

import pytest
from housing_price_orchestrator.access.hosts import AllowedHosts, hosts_of, is_address, is_own_origin
from housing_price_orchestrator.settings.hosts import check_host

OWN = ["localhost", "LOCALHOST", "localhost.", "localhost:8000", "LocalHost.:1", "127.0.0.1", "127.0.0.1:8000"]
OWN += ["[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]:80", "localhost:"]
FOREIGN = ["attacker.example", "attacker.example:8000", "localhost.attacker.example", "127.0.0.1.attacker.example"]
FOREIGN += ["192.168.1.7", "0.0.0.0", "[::]", "[fe80::1]", "xlocalhost", "localhost@attacker.example", "", ".", ":80"]
FOREIGN += ["localhost:80:80", "localhost:http", "[::1", "localhost/", "loc\u0430lhost", "localhost, attacker.example"]


@pytest.mark.parametrize("listening_on", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
@pytest.mark.parametrize("host", OWN)
def test_a_service_on_loopback_answers_to_every_name_of_this_machine(listening_on: str, host: str) -> None:
    assert AllowedHosts(hosts_of(listening_on, ())).allow(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_a_service_on_loopback_answers_to_no_other_name(host: str) -> None:
    assert not AllowedHosts(hosts_of("127.0.0.1", ())).allow(host)


@pytest.mark.parametrize("listening_on", ["0.0.0.0", "::", "10.0.0.7", "prices.example.com"])
def test_a_service_beyond_loopback_restricts_hosts_only_if_it_is_told(listening_on: str) -> None:
    assert hosts_of(listening_on, ()) == ()
    assert hosts_of(listening_on, ("prices.example.com",)) == ("prices.example.com",)


def test_listed_hosts_replace_those_of_loopback() -> None:
    hosts = AllowedHosts(hosts_of("127.0.0.1", ("prices.example.com",)))

    assert hosts.allow("PRICES.example.com.:443")
    assert not hosts.allow("localhost")


@pytest.mark.parametrize(
    ("pattern", "host", "is_allowed"),
    [
        ("*.example.com", "a.example.com:80", True),
        ("*.example.com", "a.b.Example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*.example.com", "a.example.com.attacker.example", False),
        ("*", "anything.example", True),
        ("*", "not a host", True),
        ("::1", "[::1]:8000", True),
        ("[2001:db8::7]", "[2001:DB8:0::7]", True),
        ("10.0.0.7", "10.0.0.7:8000", True),
        ("Prices.Example.com.", "prices.example.com", True),
    ],
)
def test_a_host_is_allowed_as_its_pattern_says(pattern: str, host: str, *, is_allowed: bool) -> None:
    assert AllowedHosts([check_host(pattern)]).allow(host) is is_allowed


@pytest.mark.parametrize("text", ["https://a.example", "a.example:8000", "a.example/x", "a.*.example", "*a.example"])
def test_a_setting_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host: list names such as"):
        check_host(text)


@pytest.mark.parametrize(("host", "is_one"), [("10.0.0.7:80", True), ("[fd00::1]", True), ("a.example", False)])
def test_an_address_is_told_from_a_name(host: str, *, is_one: bool) -> None:
    assert is_address(host) is is_one


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("http://LOCALHOST:8000", "localhost.:8000"),
        ("https://prices.example.com", "prices.example.com"),
        ("https://prices.example.com", "prices.example.com:443"),
        ("http://prices.example.com:80", "prices.example.com"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_page_of_the_service_itself_is_no_other_origin(origin: str, host: str) -> None:
    assert is_own_origin(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", "localhost:8000"),
        ("", "localhost:8000"),
        ("http://localhost:3000", "localhost:8000"),
        ("http://127.0.0.1:8000", "localhost:8000"),
        ("https://attacker.example", "localhost:8000"),
        ("https://prices.example.com", "prices.example.com:8443"),
        ("http://localhost:8000.attacker.example", "localhost:8000"),
        ("http://localhost:8000@attacker.example", "localhost:8000"),
        ("http://localhost:8000/", "localhost:8000"),
        ("file://localhost:8000", "localhost:8000"),
        ("http://a.example", None),
    ],
)
def test_a_page_of_another_origin_is_foreign_unless_it_is_listed(origin: str, host: str | None) -> None:
    assert not is_own_origin(origin, host)
    assert is_own_origin(origin, host, [origin])
    assert is_own_origin(origin, host, ["*"])
