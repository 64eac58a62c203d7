"""Reads the body of a request into a record: media type, size, time, encoding and content, in this order."""

import asyncio
from collections.abc import Callable
from email.message import Message

from house_record import House
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import Request

from housing_price_orchestrator.api import diagnosis
from housing_price_orchestrator.api.diagnosis import Diagnosis
from housing_price_orchestrator.api.mistakes import invalid_body, refused_field
from housing_price_orchestrator.errors import (
    InvalidBody,
    MalformedRequest,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
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
        is_house = issubclass(record, House)
        if diagnosis.has_too_many_fields(body, most_houses=1 if is_house else self._limits.max_rows):
            raise self._refusal(diagnosis.too_many_fields(), house_depth=0)
        try:
            return record.model_validate_json(body)
        except ValidationError as error:
            _check_encoding(body)
            found = diagnosis.of_house(error) if is_house else self._of_batch(error, body)
        raise self._refusal(found, house_depth=0 if is_house else 2)

    def _of_batch(self, error: ValidationError, body: bytes) -> Diagnosis:
        if _has_too_many_rows(body, self._limits.max_rows):
            raise TooLarge(self._limits.max_rows, "houses in one batch")
        return diagnosis.of_batch(error, body)

    def _refusal(self, found: Diagnosis, *, house_depth: int) -> InvalidBody:
        refusal = invalid_body(found, house_depth=house_depth)
        for mistake in refusal.details:
            self._on_refusal(refused_field(mistake), mistake["type"])
        return refusal

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


def _has_too_many_rows(body: bytes, most: int) -> bool:
    try:
        document = from_json(body)
    except ValueError:
        return False
    rows = document.get("data") if isinstance(document, dict) else None
    return isinstance(rows, list) and len(rows) > most


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
