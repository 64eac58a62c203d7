"""The memory of a decoded body is bounded before it is decoded."""

import json
import tracemalloc

import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.serving.decoded_size import HARMLESS_BYTES, MAX_DECODED_BYTES, estimate_decoded_size
from housing_price_model.serving.refusals import MAX_ROWS
from pydantic_core import from_json

RECORD = dict(zip(COLUMNS, model_row(example_house()), strict=True))
SIZE = 256 * 1024


def _repeat(part: bytes) -> bytes:
    return b"[" + b",".join([part] * (SIZE // (len(part) + 1))) + b"]"


@pytest.mark.parametrize(
    "body",
    [
        _repeat(b"[]"),
        _repeat(b"{}"),
        _repeat(b'{"a":1.5}'),
        _repeat(b'{"a":1.5,"b":2.5,"c":3.5,"d":4.5,"e":5.5,"f":6.5}'),
        _repeat(b"1.5"),
        _repeat(b'"text"'),
        json.dumps([f"text {number}" for number in range(20_000)]).encode(),
        json.dumps({f"name {number}": number / 7 for number in range(20_000)}).encode(),
        b'["' + b"x" * SIZE + "☃".encode() + b'"]',
        b'["' + b"x" * SIZE + b'\\ud83d\\ude00"]',
        json.dumps([RECORD] * 200).encode(),
    ],
    ids=["lists", "objects", "small objects", "larger objects", "numbers", "texts", "other texts", "names", "wide text",
         "escaped wide text", "houses"],
)  # fmt: skip
def test_no_body_takes_more_than_the_estimate(body: bytes) -> None:
    tracemalloc.start()
    decoded = from_json(body)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert decoded
    assert taken <= estimate_decoded_size(body)


def test_the_largest_table_is_within_the_limit() -> None:
    row = [11_622.5] * 100
    bodies = {"dataframe_split": {"columns": [f"column {number}" for number in range(100)], "data": [row] * 100}}

    assert MAX_ROWS // 100 * estimate_decoded_size(json.dumps(bodies).encode()) < MAX_DECODED_BYTES
    assert MAX_ROWS // 100 * estimate_decoded_size(json.dumps([RECORD] * 100).encode()) < MAX_DECODED_BYTES


@pytest.mark.parametrize("part", [b"[", b"{", b",", b":", b'"', b"x"])
def test_a_body_that_is_not_counted_is_within_the_limit(part: bytes) -> None:
    body = (part * HARMLESS_BYTES)[: HARMLESS_BYTES - 2] + "é".encode()

    assert estimate_decoded_size(body) <= MAX_DECODED_BYTES
