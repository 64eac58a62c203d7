"""The kind `api`."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

from upstream_resilience.errors import UpstreamUnavailable

from declared_flows.notation.base import Place
from declared_flows.sources.http_api.address import UnusableAddress, address_of
from declared_flows.sources.http_api.diagnostics import diagnose
from declared_flows.sources.http_api.options import Authentication, HttpApiOptions
from declared_flows.sources.http_api.requests import Constants, Request
from declared_flows.sources.http_calls import HttpCalls, check_constants
from declared_flows.sources.port import OpenSource, Operation, Signature, SourceContext


class HttpApi:
    """HTTP calls by name."""

    name = "api"
    options = HttpApiOptions

    def diagnose(self, options: HttpApiOptions) -> Iterable[tuple[Place, str]]:
        """Yield what is wrong with templates, parameters, headers and the address."""
        return diagnose(options)

    def signatures(self, options: HttpApiOptions) -> Mapping[str, Signature]:
        """Return the declared parameters and answers."""
        return {
            name: Signature(operation.params, operation.answer, operation.writes)
            for name, operation in options.operations.items()
        }

    @asynccontextmanager
    async def open(
        self,
        name: str,  # noqa: ARG002  the port's
        options: HttpApiOptions,
        context: SourceContext,
    ) -> AsyncIterator[OpenSource]:
        """Open the service, without a connection yet.

        Raises:
            UpstreamUnavailable: if its address is a secret with an invalid value, or a secret fits no header.
        """
        try:
            url = address_of(context.text(options.url))
        except UnusableAddress as error:
            raise UpstreamUnavailable(f"its address can't be used: {error}") from error
        constants = constants_of(options, context)
        async with HttpCalls(context, options.max_concurrency, options.timeout) as calls:
            yield OpenApi(
                {name: Request(operation, url, constants, calls) for name, operation in options.operations.items()}
            )


class OpenApi:
    """An HTTP service with its connections.

    Args:
        requests: its operations.
    """

    def __init__(self, requests: Mapping[str, Request]) -> None:
        self._requests = requests

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        return self._requests

    async def verify(self) -> Sequence[str]:
        """Return nothing: services have no common way to list what they have."""
        return ()


def constants_of(options: HttpApiOptions, context: SourceContext) -> Constants:
    """Return what each request has: the headers of the source, and its credentials.

    Raises:
        UpstreamUnavailable: if a header can't be sent.
    """
    headers = {name: context.text(value) for name, value in options.headers.items()}
    if options.auth is None:
        return Constants(check_constants(headers))
    named = options.auth.query
    query = f"{quote(named.name, safe='')}={quote(context.text(named.value), safe='')}" if named else ""
    return Constants(check_constants({**headers, **_credentials(options.auth, context)}), query)


def _credentials(auth: Authentication, context: SourceContext) -> dict[str, str]:
    if auth.bearer:
        return {"authorization": f"Bearer {context.text(auth.bearer)}"}
    if auth.basic:
        pair = f"{context.text(auth.basic.user)}:{context.text(auth.basic.password)}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {auth.header.name: context.text(auth.header.value)} if auth.header else {}
