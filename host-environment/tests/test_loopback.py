"""What is loopback, and that no client asks a proxy for it."""

import pytest
import requests
from host_environment.loopback import bypass_proxies, is_loopback

LOOPBACK = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost.",
    "api.localhost",
    "127.0.0.1",
    "127.0.0.2",
    "::1",
    "[::1]",
]
ELSEWHERE = [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "localhost.example.com",
    "notlocalhost",
    "example.com",
    "",
    "[::2]",
    "128.0.0.1",
]
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("host", LOOPBACK)
def test_all_spellings_of_loopback_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_no_other_host_is_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_never_goes_through_a_proxy(host: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {variable: PROXY, "NO_PROXY": "intern.example"}
    bypass_proxies(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    address = f"http://{f'[{host}]' if host == '::1' else host}:9999/health"

    assert requests.utils.get_environ_proxies(address, no_proxy=None) == {}
    assert requests.utils.get_environ_proxies("http://10.0.0.1:9999/health", no_proxy=None) != {}


def test_hosts_that_go_without_a_proxy_already_are_kept() -> None:
    environment = {"NO_PROXY": "a.example, b.example", "no_proxy": "c.example"}

    bypass_proxies(environment)
    once = dict(environment)
    bypass_proxies(environment)

    assert environment == once
    assert environment["NO_PROXY"] == environment["no_proxy"]
    assert environment["NO_PROXY"].startswith("c.example,a.example,b.example,localhost,")
