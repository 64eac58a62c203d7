"""Reads bodies within limits: size and time of each, and number of all."""

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request

from housing_price_model.serving.refusals import MAX_BODY_BYTES, BodyTooLarge, BodyTooSlow, QueueFull

if TYPE_CHECKING:
    from starlette.types import Receive

BODY_TIMEOUT_SECONDS = 10.0
MAX_READING = 1024
MAX_READING_BYTES = 64 * 1024 * 1024


class BodyReader:
    """Reads bodies and limits how many are read at once, so that stalling clients cost little."""

    def __init__(
        self,
        *,
        timeout_seconds: float = BODY_TIMEOUT_SECONDS,
        max_reading: int = MAX_READING,
        max_reading_bytes: int = MAX_READING_BYTES,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_reading = max_reading
        self._max_reading_bytes = max_reading_bytes
        self._reading = self._reading_bytes = 0

    async def read(self, request: Request) -> bytes:
        """The whole body.

        Raises:
            BodyTooLarge: as soon as the limit is exceeded.
            BodyTooSlow: if it is not complete in time.
            QueueFull: if too many others are being read.
            ClientDisconnect: if the client disconnects.
        """
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if self._reading >= self._max_reading:
            raise QueueFull
        self._reading += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._whole(request.receive)
        except TimeoutError:
            raise BodyTooSlow(self._timeout_seconds) from None
        finally:
            self._reading -= 1

    async def _whole(self, receive: "Receive") -> bytes:
        chunks: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk = message.get("body", b"")
                chunks.append(chunk)
                size += len(chunk)
                self._reading_bytes += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise BodyTooLarge
                if self._reading_bytes > self._max_reading_bytes:
                    raise QueueFull
                if not message.get("more_body", False):
                    return b"".join(chunks)
        finally:
            self._reading_bytes -= size
