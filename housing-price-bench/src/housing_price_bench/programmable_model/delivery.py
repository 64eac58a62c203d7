"""How an answer gets to the caller: whole, byte by byte, without an end, or not at all."""

import asyncio
import socket
import struct
from typing import cast

from housing_price_bench.programmable_model.answers import Answer
from housing_price_bench.programmable_model.behaviour import Behaviour, Kind
from housing_price_bench.programmable_model.http import head_of

_ARRIVAL_SECONDS = 0.02
"""Time for the beginning of an answer to be read: a reset throws away what was not."""

_AT_ONCE = struct.pack("ii", 1, 0)
_ENDLESS_PART = b"%x\r\n" % 65536 + b"1" * 65536 + b"\r\n"


async def deliver(
    kind: Kind, behaviour: Behaviour, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Send an answer, or what the misbehaviour leaves of it; whether the connection can be used again."""
    match kind:
        case "stall":
            await until_the_caller_leaves(reader)
        case "reset":
            reset(writer)
        case "reset_midway":
            await _send(writer, _whole(answer)[: -max(1, len(answer.body) // 2)])
            await asyncio.sleep(_ARRIVAL_SECONDS)
            reset(writer)
        case "drip":
            await _drip(writer, _whole(answer), behaviour.seconds)
            return True
        case "huge":
            await _flood(writer)
        case _:
            await _send(writer, _whole(answer))
            return True
    return False


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST in place of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


async def until_the_caller_leaves(reader: asyncio.StreamReader) -> None:
    """Read, and say nothing."""
    while await reader.read(65536):
        pass


async def never_read(writer: asyncio.StreamWriter) -> None:
    """Leave what the caller sends in the kernel's buffers; for ever."""
    cast("asyncio.Transport", writer.transport).pause_reading()
    await asyncio.Event().wait()


def _whole(answer: Answer) -> bytes:
    fields = {"content-type": answer.media_type, "content-length": str(len(answer.body)), **answer.fields}
    return head_of(answer.status, fields) + answer.body


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, data: bytes, seconds: float) -> None:
    for start in range(len(data)):
        await _send(writer, data[start : start + 1])
        await asyncio.sleep(seconds)


async def _flood(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head_of(200, {"content-type": "application/json", "transfer-encoding": "chunked"}))
    await _send(writer, b'10\r\n{"predictions": \r\n')
    while True:
        await _send(writer, _ENDLESS_PART)
