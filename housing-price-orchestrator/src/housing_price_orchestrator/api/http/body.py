"""Reads the body of a request into a record: media type, size, time, encoding and content, in this order."""

import asyncio
from collections.abc import Callable, Sequence
from email.message import Message as MailMessage
from functools import lru_cache
from typing import Annotated

from house_record import AnyHouse, Record, refusals
from pydantic import FailFast, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive
from upstream_resilience.errors import Overloaded

from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.http.batch_rows import NotSplittable, TooManyRows, split_rows
from housing_price_orchestrator.api.http.diagnosis import (
    Diagnosis,
    diagnose_rows,
    diagnose_single,
    diagnose_unusual_batch,
)
from housing_price_orchestrator.api.http.validation_errors import make_invalid_input, rejected_fields
from housing_price_orchestrator.errors import (
    InvalidInput,
    MalformedRequest,
    RequestTimeout,
    TooLarge,
    UnsupportedMediaType,
)
from housing_price_orchestrator.settings import LimitSettings

ROWS_AT_ONCE = 64
"""Rows of a batch that are validated before other requests get a turn: some milliseconds."""

MAX_HALF_READ = 32
"""Bounds the bodies that are still being read: together, the size of this many bodies of the maximum size.

A body that arrives in one piece never counts."""

_SENT_ONCE = (b"content-type", b"content-encoding", b"transfer-encoding")


class BodyReader:
    """Reads bodies within limits.

    Args:
        record: what a house is.
        limits: how large a body may be, and how slowly it may arrive.
        batch: the record of a batch.
        on_refusal: called with the field and the kind of each error.
    """

    def __init__(
        self,
        record: Record,
        limits: LimitSettings,
        batch: type[HouseBatch],
        on_refusal: Callable[[str, str], None],
    ) -> None:
        self._record = record
        self._parse_valid_house = record.house.model_validate_json
        houses = list[record.house]  # type: ignore[name-defined]  # a checker does not know it
        self._houses = TypeAdapter[list[AnyHouse]](Annotated[houses, FailFast()])
        self._limits = limits
        self._kind_of_batch = batch
        self._on_refusal = on_refusal
        self._one_at_a_time = asyncio.Lock()
        self._half_read_bytes = 0

    async def read(self, request: Request) -> bytes:
        """Read the bytes of a body that is declared as JSON.

        Raises:
            RequestError: if it is declared otherwise, too large or too slow.
            Overloaded: if too much is being read.
            ClientDisconnect: if the caller disconnects before its end.
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
                body = await self._read_all(request.receive)
        except TimeoutError as error:
            raise RequestTimeout(self._limits.body_timeout_seconds) from error
        return body.removeprefix(refusals.BYTE_ORDER_MARK)

    def parse_house(self, body: bytes) -> AnyHouse:
        """Parse the house of a body.

        Raises:
            RequestError: if the body is not a valid house.
        """
        # The checks of a usual house are inlined: as calls they would cost some hundredths of its validation.
        if len(body) <= refusals.USUAL_BYTES or not refusals.exceeds_house_size(self._record, body):
            try:
                house = self._parse_valid_house(body)
            except ValidationError:
                pass  # diagnose_house says why
            else:
                if body.count(b":") == len(house.model_fields_set):  # as in refusals.has_duplicate_fields
                    return house
        _check_encoding(body)
        raise self._make_error(diagnose_single(self._record, body))

    async def parse_batch[Taken](self, body: bytes, take: Callable[[AnyHouse], Taken]) -> list[Taken]:
        """Parse a batch and apply ``take`` to each house. Other requests are served in between.

        Raises:
            RequestError: if the body is not a batch of valid houses.
        """
        async with self._one_at_a_time:
            try:
                rows = split_rows(body, max_rows=self._limits.max_rows)
            except TooManyRows:
                raise self._too_many_rows() from None
            except NotSplittable:
                return list(map(take, self._parse_unusual_batch(body)))
            await asyncio.sleep(0)
            taken = await self._parse_rows(rows, take)
            if taken is None:
                return await self._reject_or_parse(rows, body, take)
            return taken

    async def _parse_rows[Taken](self, rows: Sequence[bytes], take: Callable[[AnyHouse], Taken]) -> list[Taken] | None:
        """Apply ``take`` to the house of each row; None if a row is not a house."""
        if any(refusals.exceeds_house_size(self._record, row) for row in rows):
            return None
        taken: list[Taken] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = b"[" + b",".join(rows[start : start + ROWS_AT_ONCE]) + b"]"
            try:
                houses = self._houses.validate_json(part)
            except ValidationError:
                return None
            if refusals.has_duplicate_fields(part, *houses):
                return None
            taken += map(take, houses)
            await asyncio.sleep(0)
        return taken

    async def _reject_or_parse[Taken](
        self, rows: Sequence[bytes], body: bytes, take: Callable[[AnyHouse], Taken]
    ) -> list[Taken]:
        _check_encoding(body)
        found = await diagnose_rows(self._record, rows)
        if found.is_broken and len(body) <= refusals.MAX_BYTES:
            return list(map(take, self._parse_unusual_batch(body)))
        raise self._make_error(found)

    def _parse_unusual_batch(self, body: bytes) -> list[AnyHouse]:
        _check_encoding(body)
        try:
            found = diagnose_unusual_batch(self._record, body, self._kind_of_batch, self._limits.max_rows)
        except TooManyRows:
            raise self._too_many_rows() from None
        if found.count:
            raise self._make_error(found)
        return self._kind_of_batch.model_validate_json(body).data

    def _too_many_rows(self) -> TooLarge:
        return TooLarge(self._limits.max_rows, "houses in one batch")

    def _make_error(self, found: Diagnosis) -> InvalidInput:
        for field, kind in rejected_fields(found):
            self._on_refusal(field, kind)
        return make_invalid_input(found)

    async def _read_all(self, receive: Receive) -> bytes:
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
        if self._half_read_bytes > MAX_HALF_READ * self._limits.max_body_bytes:
            raise Overloaded(f"{self._half_read_bytes:,} bytes of bodies are being read")

    def _check_size(self, body: bytes | bytearray) -> None:
        if len(body) > self._limits.max_body_bytes:
            raise TooLarge(self._limits.max_body_bytes, "bytes")


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
    if body.isascii():
        return  # with null bytes, perhaps, which are told as broken JSON
    if said := refusals.describe_encoding(body):
        raise MalformedRequest(said)
