"""What it means that no answer came: which link of the chain from here to MLflow is broken, and what to do about it."""

import ssl
from collections.abc import Iterator
from socket import gaierror
from urllib.parse import urlsplit

from housing_price_model.errors import RegistryError, RegistryUnreachable, without_password
from housing_price_model.registry.answers import advise_no_proxy, find_proxy

_PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
"""What OpenSSL says when the other side does not speak TLS."""


def is_lasting(error: BaseException) -> bool:
    """Return whether waiting can't help: the address is wrong, or its other end does not speak HTTP or TLS with us."""
    from requests.exceptions import InvalidProxyURL, InvalidSchema, InvalidURL, SSLError

    wrong = (InvalidProxyURL, InvalidSchema, InvalidURL, SSLError)
    return any(isinstance(cause, wrong) or _speaks_no_http(cause) for cause in causes_of(error))


def is_failure(error: BaseException) -> bool:
    """Return whether the reason is the connection and not an answer."""
    from requests.exceptions import RequestException

    return any(
        isinstance(cause, RequestException | ConnectionError | TimeoutError | gaierror) for cause in causes_of(error)
    )


def explain_failure(error: BaseException, uri: str) -> RegistryError:
    """Return the error for a request that got no answer.

    Args:
        error: what the client raised; the reason is in its chain of causes.
        uri: the address that was asked.
    """
    from requests.exceptions import InvalidProxyURL, InvalidSchema, InvalidURL, ProxyError, SSLError, Timeout

    place, host, causes = without_password(uri), urlsplit(uri).hostname or "", list(causes_of(error))

    def has(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if has(InvalidURL, InvalidSchema):
        return RegistryError(f"{place} is no address of a server ({_find_reason(causes)}): correct MLFLOW_TRACKING_URI")
    if has(ProxyError, InvalidProxyURL):
        proxy = find_proxy(uri) or "of this environment"
        return RegistryUnreachable(
            uri, f"the proxy {proxy} can't be used: {_find_reason(causes)}", advise_no_proxy(host)
        )
    if has(SSLError):
        return RegistryUnreachable(uri, f"no TLS connection: {_find_reason(causes)}", _advise_tls(causes, uri))
    if any(map(_speaks_no_http, causes)):
        return RegistryUnreachable(uri, "what listens there does not speak HTTP")
    if has(gaierror):
        return RegistryUnreachable(uri, f"the name {host} is not known here")
    if has(Timeout, TimeoutError):
        return RegistryUnreachable(uri, "nothing answers in time")
    return RegistryUnreachable(uri, None if has(ConnectionRefusedError) else _find_reason(causes))


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its chain of causes; urllib3 keeps the error of the connection among its arguments."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        wrapped = (part for part in error.args if isinstance(part, BaseException))
        error = error.__cause__ or error.__context__ or next(wrapped, None)


def _speaks_no_http(error: BaseException) -> bool:
    return type(error).__name__ in ("BadStatusLine", "LineTooLong", "UnknownProtocol")


def _advise_tls(causes: list[BaseException], uri: str) -> str:
    if any(reason in str(cause) for cause in causes for reason in _PLAIN_HTTP):
        plain = without_password(uri).replace("https://", "http://", 1)
        return f"the server speaks plain HTTP there; set MLFLOW_TRACKING_URI to {plain}"
    return (
        "name the certificate of its authority in MLFLOW_TRACKING_SERVER_CERT_PATH, and the server as it is named there"
    )


def _find_reason(causes: list[BaseException]) -> str:
    """Return the sentence of the deepest cause, on one line and without the address of an object."""
    deepest = next((cause for cause in reversed(causes) if isinstance(cause, ssl.SSLError)), causes[-1])
    said = getattr(deepest, "verify_message", None) or getattr(deepest, "strerror", None) or str(deepest)
    return " ".join(str(said).split())[:200] or type(deepest).__name__
