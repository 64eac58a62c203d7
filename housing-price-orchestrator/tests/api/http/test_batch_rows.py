"""A batch row by row is the batch as a whole, whatever the text looks like."""

import json
from typing import Any

import pytest
from housing_price_orchestrator.api.http.batch_rows import NotSplittable, TooManyRows, split_rows
from hypothesis import given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ROWS = st.lists(st.dictionaries(st.text(), SCALARS | st.just("},{") | st.just('"}'), max_size=4), max_size=12)
ANYTHING = st.recursive(SCALARS, lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts), max_leaves=12)
SPACES = st.sampled_from(["", " ", "\n  ", "\t\r\n"])


def parsed(batch: bytes, max_rows: int = 100) -> list[Any]:
    return [json.loads(row) for row in split_rows(batch, max_rows=max_rows)]


@settings(derandomize=True)
@given(rows=ROWS, space=SPACES)
def test_rows_equal_the_parsed_batch_or_it_is_not_split(rows: list[Any], space: str) -> None:
    batch = f'{space}{{"data"{space}:{space}{json.dumps(rows, indent=space or None)}{space}}}{space}'.encode()

    try:
        found = parsed(batch)
    except (NotSplittable, ValueError):
        assert not rows or any("}" in json.dumps(row)[:-1] for row in rows)
    else:
        assert found == rows


@settings(derandomize=True)
@given(document=st.dictionaries(st.sampled_from(["data", "x"]), ANYTHING, max_size=2))
def test_no_other_document_is_split_into_rows(document: dict[str, Any]) -> None:
    try:
        found = parsed(json.dumps(document).encode())
    except (NotSplittable, ValueError):
        return

    assert document == {"data": found}


@pytest.mark.parametrize(
    "batch",
    [
        b"",
        b"{}",
        b'{"data": []}',
        b'{"data": [{}{}]}',
        b'{"data": [{},{},]}',
        b'{"data": [,{}]}',
        b'{"data": [{} {} ]}',
        b'{"data": [{}, {} x]}',
        b'{"data": [{}], "data": [{}]}',
        b'{"more": 1, "data": [{}]}',
        b'[{"data": [{}]}]',
        b'{"data": [{}]}}',
        b'{"data": [{}]}\x0c',
        b'\x0b{"data": [{}]}',
    ],
)
def test_what_is_no_batch_is_not_taken(batch: bytes) -> None:
    with pytest.raises((NotSplittable, ValueError)):
        parsed(batch)


def test_nested_objects_and_braces_stay_in_their_row() -> None:
    rows = [{"a": {"b": {}}, "c": 1}, {"a": "}, ]}"}, {}]

    assert parsed(json.dumps({"data": rows}).encode()) == rows


def test_more_rows_than_allowed_are_refused_as_such() -> None:
    with pytest.raises(TooManyRows):
        split_rows(b'{"data": [{}, {}, {}]}', max_rows=2)


def test_a_text_of_braces_is_not_cut() -> None:
    with pytest.raises(NotSplittable):
        split_rows(b'{"data": [{' + b"}" * 1000 + b"]}", max_rows=2)
