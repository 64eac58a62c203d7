"""Reads the body of a request into a record: media type, size, time, encoding and content, in this order."""

import asyncio
from collections.abc import Callable
from email.message import Message

from house_record import House
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from housing_price_orchestrator.api.mistakes import invalid_body, refused_field
from housing_price_orchestrator.errors import MalformedRequest, RequestTimeout, TooLarge, UnsupportedMediaType
from housing_price_orchestrator.settings import LimitSettings


class BodyReader:
    """Reads bodies within limits.

    Args:
        limits: how large a body may be and how slowly it may come.
        on_refusal: is told the field and the reason of each mistake.
    """

    def __init__(self, limits: LimitSettings, on_refusal: Callable[[str, str], None]) -> None:
        self._limits = limits
        self._on_refusal = on_refusal

    async def read[Record: BaseModel](self, request: Request, record: type[Record]) -> Record:
        """The body as a record.

        Raises:
            RequestError: if it is none; says why.
        """
        _check_media_type(request)
        body = await self._bytes(request)
        try:
            return record.model_validate_json(body)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            self._check_rows(errors[0])
            _check_encoding(body)
            refusal = invalid_body(errors, house_depth=0 if issubclass(record, House) else 2)
            for mistake in refusal.details:
                self._on_refusal(refused_field(mistake), mistake["type"])
            raise refusal from None

    async def _bytes(self, request: Request) -> bytes:
        limit = self._limits.max_body_bytes
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > limit:
            raise TooLarge(limit, "bytes")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_timeout_seconds):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > limit:
                        raise TooLarge(limit, "bytes")
        except TimeoutError as error:
            raise RequestTimeout(self._limits.body_timeout_seconds) from error
        return bytes(body)

    def _check_rows(self, error: ErrorDetails) -> None:
        if error["type"] == "too_long" and error["loc"] == ("data",):
            raise TooLarge(self._limits.max_rows, "houses in one batch")


def _check_media_type(request: Request) -> None:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("A compressed body is not accepted")
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    if not request.headers.get("content-type") or header.get_content_type() != "application/json":
        raise UnsupportedMediaType("The body is not declared as JSON")
    if header.get_content_charset("utf-8") not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaType("JSON is always UTF-8")


def _check_encoding(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"byte {error.start} of the body is not UTF-8") from error
