"""The strategy `http`: a model server that somebody else runs."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from declared_flows.notation.base import Declaration, Text
from declared_flows.sources.http_calls import HttpCalls
from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.open_inference import OpenInference
from declared_flows.sources.ml.protocols import Spoken
from declared_flows.sources.ml.served_model import ServedModel
from declared_flows.sources.port import SourceContext

_RESERVED = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError as error:
        raise ValueError(f"it is not an address: {error}") from error
    if not is_address or not (url.isascii() and url.isprintable() and " " not in url):
        raise ValueError("it is not an address such as http://host:8080")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no user and password: say `auth`")
    if "?" in url or "#" in url:
        raise ValueError("an address holds no query and no fragment")
    return url.rstrip("/")


def _free(name: str) -> str:
    if name.lower() in _RESERVED:
        raise ValueError(f"the header `{name}` is set by the call itself")
    return name


type Address = Annotated[str, AfterValidator(_address), Field(examples=["http://127.0.0.1:8080"])]
"""Where a server is."""

type HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$"), AfterValidator(_free)]
"""The name of a header that a declaration may set."""


class Bearer(Declaration):
    """A token, sent in the header `Authorization`."""

    bearer: Text
    """The token."""


class UserAndPassword(Declaration):
    """A user and the password."""

    user: Text
    """The user."""
    password: Text
    """The password."""


class Basic(Declaration):
    """A user and a password, sent in the header `Authorization`."""

    basic: UserAndPassword
    """User and password."""


class HttpOptions(Spoken):
    """A model server that somebody else runs."""

    url: Address
    """Its address."""
    auth: Bearer | Basic | None = None
    """How to authenticate."""
    headers: dict[HeaderName, Text] = Field(default={})
    """Further headers of every call."""

    def diagnose(self) -> Sequence[str]:
        """Return nothing: its model sees all."""
        return ()

    @asynccontextmanager
    async def open(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Backend]:  # noqa: ARG002  the port's
        """Open the server, which gets its first call when it is needed."""
        async with HttpCalls(context, connections) as calls:
            yield HttpBackend(ServedModel(calls, self.url, self.dialect(), self._headers(context)), self)

    def _headers(self, context: SourceContext) -> Mapping[str, str]:
        told = {name.lower(): context.text(value) for name, value in self.headers.items()}
        match self.auth:
            case Bearer(bearer=token):
                told["authorization"] = f"Bearer {context.text(token)}"
            case Basic(basic=known):
                pair = f"{context.text(known.user)}:{context.text(known.password)}"
                told["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return told


class HttpBackend:
    """A model server that somebody else runs: only a call shows whether it is up."""

    ready = True
    why_not = ""

    def __init__(self, model: ServedModel, options: HttpOptions) -> None:
        self.name = self.served_by = f"http: {options.url}"
        self.predict = model.predict
        self._model = model
        self._dialect = options.dialect()

    async def wait_until_settled(self) -> None:
        """Return at once: there is nothing to start."""

    async def verify(self) -> Sequence[str]:
        """Check that the server has the model, if its protocol can tell."""
        if not isinstance(self._dialect, OpenInference):
            return ()
        if await self._model.status_of(self._dialect.model_path) != HTTPStatus.NOT_FOUND:
            return ()
        return (f"{self.name} has no model `{self._dialect.model}`: name one that it serves",)
