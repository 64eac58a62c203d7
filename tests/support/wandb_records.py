"""The records that Weights & Biases writes offline: a log in the format of LevelDB, after a header of seven bytes.

https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

import importlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = 32_768
HEADER = struct.Struct("<IHB")
LAST = (1, 4)
"""A whole record, and the last part of one."""


def read_wandb_records(path: Path) -> list[Any]:
    """The records of a run, as wandb's own messages."""
    messages: Any = importlib.import_module("wandb.proto.wandb_internal_pb2")
    return [messages.Record.FromString(data) for data in _records(path.read_bytes())]


def _records(log: bytes) -> Iterator[bytes]:
    place, parts = HEADER.size, b""
    while place + HEADER.size <= len(log):
        if BLOCK - place % BLOCK < HEADER.size:
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = HEADER.unpack_from(log, place)
        place += HEADER.size
        parts += log[place : place + length]
        place += length
        if kind in LAST:
            yield parts
            parts = b""
