"""Reads the body of a request into a record: media type, size, time, encoding and content, in this order."""

import asyncio
from collections.abc import Callable, Sequence
from email.message import Message as MailMessage
from functools import lru_cache
from typing import Annotated

from house_record import House
from pydantic import FailFast, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive
from upstream_resilience.errors import Overloaded

from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.http import diagnosis
from housing_price_orchestrator.api.http.batch_rows import NotInParts, TooManyRows, rows_of
from housing_price_orchestrator.api.http.diagnosis import Diagnosis
from housing_price_orchestrator.api.http.diagnostics import invalid_body, refused_field
from housing_price_orchestrator.errors import (
    InvalidInput,
    MalformedRequest,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from housing_price_orchestrator.settings import LimitSettings

ROWS_AT_ONCE = 64
"""Rows of a batch that are validated before others get a turn: some milliseconds."""

MOST_HALF_READ = 32
"""The largest bodies that all those still being read may be together; more than that, however they are cut, is refused.

A body that comes in one piece is never among them."""

_SENT_ONCE = (b"content-type", b"content-encoding", b"transfer-encoding")

_HOUSES = TypeAdapter(Annotated[list[House], FailFast()])


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
        self._half_read_bytes = 0

    async def read(self, request: Request) -> bytes:
        """The bytes of a body that is declared as JSON.

        Raises:
            RequestError: if it is declared otherwise, too large or too slow.
            Overloaded: if too much is being read.
            ClientDisconnect: if the caller leaves before its end.
        """
        fields = request.scope["headers"]
        headers = dict(fields)
        if len(headers) < len(fields):
            _check_sent_once(fields)
        _check_media_type(
            headers.get(b"content-type", b""),
            headers.get(b"content-encoding", b"identity"),
            headers.get(b"transfer-encoding", b"chunked"),
        )
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
        # The checks of a usual house stand here in full: as calls they cost some hundredths of its validation.
        if len(body) <= diagnosis.USUAL_BYTES or not diagnosis.is_beyond_a_house(body):
            try:
                house = House.model_validate_json(body)
            except ValidationError:
                pass  # of_house says why
            else:
                if body.count(b":") == len(house.model_fields_set):  # as diagnosis.has_fields_twice says
                    return house
        _check_encoding(body)
        raise self._refusal(Diagnosis.of(diagnosis.of_house(body)), house_depth=0)

    async def batch[Taken](self, body: bytes, take: Callable[[House], Taken]) -> list[Taken]:
        """What ``take`` makes of each house of a batch. That takes a while, so others are served in between.

        Raises:
            RequestError: if it holds no batch, or one bad house; says why.
        """
        async with self._one_at_a_time:
            try:
                rows = rows_of(body, max_rows=self._limits.max_rows)
            except TooManyRows:
                raise self._too_many_rows() from None
            except NotInParts:
                return list(map(take, self._unusual_batch(body)))
            await asyncio.sleep(0)
            taken = await _taken(rows, take)
            if taken is None:
                return await self._look_into(rows, body, take)
            return taken

    async def _look_into[Taken](
        self, rows: Sequence[bytes], body: bytes, take: Callable[[House], Taken]
    ) -> list[Taken]:
        _check_encoding(body)
        found = await diagnosis.of_rows(rows)
        if found.is_broken and len(body) <= diagnosis.MOST_BYTES:
            return list(map(take, self._unusual_batch(body)))
        raise self._refusal(found, house_depth=2)

    def _unusual_batch(self, body: bytes) -> list[House]:
        _check_encoding(body)
        try:
            found = diagnosis.of_unusual_batch(body, self._kind_of_batch, self._limits.max_rows)
        except TooManyRows:
            raise self._too_many_rows() from None
        if found.errors:
            raise self._refusal(found, house_depth=2)
        return self._kind_of_batch.model_validate_json(body).data

    def _too_many_rows(self) -> TooLarge:
        return TooLarge(self._limits.max_rows, "houses in one batch")

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
        parts = bytearray()
        try:
            self._add(body, parts)
            while message.get("more_body", False):
                message = await _next(receive)
                self._add(message.get("body", b""), parts)
            return bytes(parts)
        finally:
            self._half_read_bytes -= len(parts)

    def _add(self, part: bytes, parts: bytearray) -> None:
        parts += part
        self._half_read_bytes += len(part)
        self._check_size(parts)
        if self._half_read_bytes > MOST_HALF_READ * self._limits.max_body_bytes:
            raise Overloaded(f"{self._half_read_bytes:,} bytes of bodies are being read")

    def _check_size(self, body: bytes | bytearray) -> None:
        if len(body) > self._limits.max_body_bytes:
            raise TooLarge(self._limits.max_body_bytes, "bytes")


async def _taken[Taken](rows: Sequence[bytes], take: Callable[[House], Taken]) -> list[Taken] | None:
    """What ``take`` makes of the house of each row; None if a row is no house."""
    if any(map(diagnosis.is_beyond_a_house, rows)):
        return None
    taken: list[Taken] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = b"[" + b",".join(rows[start : start + ROWS_AT_ONCE]) + b"]"
        try:
            houses = _HOUSES.validate_json(part)
        except ValidationError:
            return None
        if diagnosis.has_fields_twice(part, *houses):
            return None
        taken += map(take, houses)
        await asyncio.sleep(0)
    return taken


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message


def _check_sent_once(fields: Sequence[tuple[bytes, bytes]]) -> None:
    names = [name for name, _ in fields]
    for name in _SENT_ONCE:
        if names.count(name) > 1:
            raise UnsupportedMediaType(f"There is more than one `{name.decode().title()}`")


@lru_cache(maxsize=64)
def _check_media_type(content_type: bytes, content_encoding: bytes, transfer_encoding: bytes) -> None:
    if content_encoding.strip().lower() != b"identity" or transfer_encoding.strip().lower() != b"chunked":
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
