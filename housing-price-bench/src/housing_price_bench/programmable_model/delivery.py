"""How a response reaches the caller: whole, byte by byte, without an end, or not at all."""

import asyncio
import socket
import struct
from typing import cast

from housing_price_bench.programmable_model.behaviour import Behaviour, Kind
from housing_price_bench.programmable_model.http import format_head
from housing_price_bench.programmable_model.responses import Response

_ARRIVAL_SECONDS = 0.02
"""Time for the caller to read the beginning of a response: a reset discards the rest."""

_AT_ONCE = struct.pack("ii", 1, 0)
_ENDLESS_PART = b"%x\r\n" % 65536 + b"1" * 65536 + b"\r\n"


async def deliver(
    kind: Kind, behaviour: Behaviour, response: Response, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Send a response, or what the failure leaves of it; return whether the connection is still usable."""
    match kind:
        case "stall":
            await wait_for_disconnect(reader)
        case "reset":
            reset_connection(writer)
        case "reset_midway":
            await _send(writer, _format_response(response)[: -max(1, len(response.body) // 2)])
            await asyncio.sleep(_ARRIVAL_SECONDS)
            reset_connection(writer)
        case "drip":
            await _drip(writer, _format_response(response), behaviour.seconds)
            return True
        case "huge":
            await _flood(writer)
        case _:
            await _send(writer, _format_response(response))
            return True
    return False


def reset_connection(writer: asyncio.StreamWriter) -> None:
    """Close a connection with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


async def wait_for_disconnect(reader: asyncio.StreamReader) -> None:
    """Read until the caller disconnects, and send nothing."""
    while await reader.read(65536):
        pass


async def ignore_input(writer: asyncio.StreamWriter) -> None:
    """Leave all input in the kernel's buffers, for ever."""
    cast("asyncio.Transport", writer.transport).pause_reading()
    await asyncio.Event().wait()


def _format_response(response: Response) -> bytes:
    fields = {"content-type": response.media_type, "content-length": str(len(response.body)), **response.fields}
    return format_head(response.status, fields) + response.body


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, data: bytes, seconds: float) -> None:
    for start in range(len(data)):
        await _send(writer, data[start : start + 1])
        await asyncio.sleep(seconds)


async def _flood(writer: asyncio.StreamWriter) -> None:
    await _send(writer, format_head(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    await _send(writer, b'10\r\n{"predictions": \r\n')
    while True:
        await _send(writer, _ENDLESS_PART)
