"""What a body is as a whole."""

import json
from typing import Any

import pytest
from house_record import AMES, EXAMPLE, minimal_document
from house_record.refusals import Shape, recognize_shape

HOUSE = minimal_document()


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (HOUSE, Shape("house")),
        ({"LotArea": 1}, Shape("house")),
        ({"data": [HOUSE]}, Shape("batch", "data")),
        ({"more": [HOUSE], "data": []}, Shape("batch", "data")),
        ({"items": [HOUSE]}, Shape("batch", "items")),
        ({"data": HOUSE}, Shape("wrapped house", "data")),
        ({"input": HOUSE}, Shape("wrapped house", "input")),
        ([HOUSE], Shape("list")),
        ([1, 2], Shape("list")),
        ({"dataframe_split": 1}, Shape("table", "dataframe_split")),
        ({"columns": [], "data": []}, Shape("table", "columns")),
        (json.dumps(HOUSE), Shape("text")),
        ("house", Shape("scalar")),
        (None, Shape("scalar")),
        ({"unknown": 1}, None),
        ({}, None),
    ],
)
def test_a_body_is_recognised_by_its_outermost_names(body: Any, shape: Shape | None) -> None:
    assert recognize_shape(AMES, json.dumps(body).encode()) == shape


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ({"data": [dict(EXAMPLE)] * 1000}, Shape("batch", "data")),
        ([dict(EXAMPLE)] * 1000, Shape("list")),
        ({"params": {}, "instances": [dict(EXAMPLE)] * 1000}, Shape("table", "instances")),
        (json.dumps({"data": [dict(EXAMPLE)] * 1000}), Shape("text")),
        ({"alley": "x" * 100_000}, None),
    ],
)
def test_a_large_body_is_recognised_by_its_beginning(body: Any, shape: Shape | None) -> None:
    assert recognize_shape(AMES, json.dumps(body).encode()) == shape


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nonsense"])
def test_what_is_no_json_has_no_shape(body: bytes) -> None:
    assert recognize_shape(AMES, body) is None
