"""Reads the body of a request into a record: media type, size, time, encoding and content, in this order."""

import asyncio
from collections.abc import Callable
from email.message import Message as MailMessage
from functools import lru_cache

from house_record import House
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from housing_price_orchestrator.api import diagnosis
from housing_price_orchestrator.api.batch_rows import NotInParts, lists_of_houses
from housing_price_orchestrator.api.diagnosis import Diagnosis
from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.mistakes import invalid_body, refused_field
from housing_price_orchestrator.errors import (
    InvalidInput,
    MalformedRequest,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from housing_price_orchestrator.settings import LimitSettings

ROWS_AT_ONCE = 64
"""Rows of a batch that are validated before others get a turn: about a millisecond."""

_HOUSES = TypeAdapter(list[House])


class BodyReader:
    """Reads bodies within limits.

    Args:
        limits: how large a body may be and how slowly it may come.
        batch: the record of a batch.
        on_refusal: is told the field and the reason of each mistake.
    """

    def __init__(self, limits: LimitSettings, batch: type[HouseBatch], on_refusal: Callable[[str, str], None]) -> None:
        self._limits = limits
        self._kind_of_batch = batch
        self._on_refusal = on_refusal
        self._one_at_a_time = asyncio.Lock()

    async def read(self, request: Request) -> bytes:
        """The bytes of a body that is declared as JSON.

        Raises:
            RequestError: if it is declared otherwise, too large or too slow.
            ClientDisconnect: if the caller leaves before its end.
        """
        headers = dict(request.scope["headers"])
        _check_media_type(headers.get(b"content-type", b""), headers.get(b"content-encoding", b"identity"))
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limits.max_body_bytes:
            raise TooLarge(self._limits.max_body_bytes, "bytes")
        try:
            async with asyncio.timeout(self._limits.body_timeout_seconds):
                return await self._whole(request.receive)
        except TimeoutError as error:
            raise RequestTimeout(self._limits.body_timeout_seconds) from error

    def house(self, body: bytes) -> House:
        """The house of a body.

        Raises:
            RequestError: if it holds none; says why.
        """
        if diagnosis.has_too_many_fields(body, most_houses=1):
            raise self._refusal(diagnosis.too_many_fields(), house_depth=0)
        try:
            return House.model_validate_json(body)
        except ValidationError as error:
            _check_encoding(body)
            raise self._refusal(diagnosis.of_house(error), house_depth=0) from None

    async def batch[Taken](self, body: bytes, take: Callable[[House], Taken]) -> list[Taken]:
        """What ``take`` makes of each house of a batch. That takes a while, so others are served in between.

        Raises:
            RequestError: if it holds no batch, or one bad house; says why.
        """
        async with self._one_at_a_time:
            if diagnosis.has_too_many_fields(body, most_houses=self._limits.max_rows):
                raise self._refusal(diagnosis.too_many_fields(), house_depth=0)
            try:
                return await self._taken_in_parts(body, take)
            except (NotInParts, ValidationError):
                return list(map(take, self._checked_batch(body).data))

    async def _taken_in_parts[Taken](self, body: bytes, take: Callable[[House], Taken]) -> list[Taken]:
        taken: list[Taken] = []
        for houses in lists_of_houses(body, rows_at_once=ROWS_AT_ONCE, max_rows=self._limits.max_rows):
            taken += map(take, _HOUSES.validate_json(houses))
            await asyncio.sleep(0)
        return taken

    def _checked_batch(self, body: bytes) -> HouseBatch:
        try:
            return self._kind_of_batch.model_validate_json(body)
        except ValidationError as error:
            _check_encoding(body)
            if _has_too_many_rows(body, self._limits.max_rows):
                raise TooLarge(self._limits.max_rows, "houses in one batch") from None
            raise self._refusal(diagnosis.of_batch(error, body), house_depth=2) from None

    def _refusal(self, found: Diagnosis, *, house_depth: int) -> InvalidInput:
        refusal = invalid_body(found, house_depth=house_depth)
        for mistake in refusal.details:
            self._on_refusal(refused_field(mistake), mistake["type"])
        return refusal

    async def _whole(self, receive: Receive) -> bytes:
        message = await _next(receive)
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            self._check_size(body)
            return body
        parts = bytearray(body)
        while message.get("more_body", False):
            message = await _next(receive)
            parts += message.get("body", b"")
            self._check_size(parts)
        return bytes(parts)

    def _check_size(self, body: bytes | bytearray) -> None:
        if len(body) > self._limits.max_body_bytes:
            raise TooLarge(self._limits.max_body_bytes, "bytes")


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message


def _has_too_many_rows(body: bytes, most: int) -> bool:
    try:
        document = from_json(body)
    except ValueError:
        return False
    rows = document.get("data") if isinstance(document, dict) else None
    return isinstance(rows, list) and len(rows) > most


@lru_cache(maxsize=64)
def _check_media_type(content_type: bytes, content_encoding: bytes) -> None:
    if content_encoding.strip().lower() != b"identity":
        raise UnsupportedMediaType("A compressed body is not accepted")
    header = MailMessage()
    header["content-type"] = content_type.decode("latin-1")
    if not content_type or header.get_content_type() != "application/json":
        raise UnsupportedMediaType("The body is not declared as JSON")
    if header.get_content_charset("utf-8") not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaType("JSON is always UTF-8")


def _check_encoding(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"byte {error.start} of the body is not UTF-8") from error
