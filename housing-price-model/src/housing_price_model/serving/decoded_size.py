"""Bounds the memory that a body takes once it is decoded, before it is decoded.

A short text can stand for many values: `[],[],[]` takes three bytes for a list of 60. So what each kind of character
can stand for is counted, which is an upper bound and takes milliseconds.
"""

from housing_price_model.serving.refusals import TooManyValues

MAX_DECODED_BYTES = 192 * 1024 * 1024
"""Enough for the largest number of rows with 100 columns each."""

_VALUE_BYTES = 80
"""A float, or what a text takes beside its characters, with its place in a list or object."""

_CONTAINER_BYTES = 280
"""An empty list, or an object that has room for some names."""

_MAX_CHARACTER_BYTES = 4

HARMLESS_BYTES = MAX_DECODED_BYTES // (_CONTAINER_BYTES + _MAX_CHARACTER_BYTES)
"""Size of a body up to which it can't take too much memory: about 700 KB."""


def check_decoded_size(body: bytes) -> None:
    """Refuse a body of JSON or CSV that would take too much memory.

    Raises:
        TooManyValues: if it could take more than the limit.
    """
    # A usual body is too short for that, whatever it holds, so nothing in it is counted.
    if len(body) > HARMLESS_BYTES and estimate_decoded_size(body) > MAX_DECODED_BYTES:
        raise TooManyValues


def estimate_decoded_size(body: bytes) -> int:
    """Return an upper bound of the bytes that the values of a body of JSON, or of one line of CSV, take."""
    values = body.count(b",") + body.count(b":")
    containers = body.count(b"[") + body.count(b"{")
    return _text_bytes(body) + values * _VALUE_BYTES + containers * _CONTAINER_BYTES


def _text_bytes(body: bytes) -> int:
    """One character beyond Latin-1 makes all others of its text as wide as itself."""
    is_narrow = body.isascii() and b"\\u" not in body
    return len(body) * (1 if is_narrow else _MAX_CHARACTER_BYTES)
