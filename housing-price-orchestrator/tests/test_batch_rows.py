"""A batch in parts is the batch as a whole, whatever the text looks like."""

import json
from typing import Any

import pytest
from housing_price_orchestrator.api.batch_rows import NotInParts, lists_of_houses
from hypothesis import given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ROWS = st.lists(st.dictionaries(st.text(), SCALARS | st.just("},{") | st.just('"}'), max_size=4), max_size=12)
ANYTHING = st.recursive(SCALARS, lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts), max_leaves=12)
SPACES = st.sampled_from(["", " ", "\n  ", "\t\r\n"])


def rows_of(batch: bytes, rows_at_once: int = 2, max_rows: int = 100) -> list[Any]:
    return [
        row for part in lists_of_houses(batch, rows_at_once=rows_at_once, max_rows=max_rows) for row in json.loads(part)
    ]


@settings(derandomize=True)
@given(rows=ROWS, rows_at_once=st.integers(1, 5), space=SPACES)
def test_the_rows_of_the_parts_are_those_of_the_whole_or_there_are_no_parts(
    rows: list[Any], rows_at_once: int, space: str
) -> None:
    batch = f'{space}{{"data"{space}:{space}{json.dumps(rows, indent=space or None)}{space}}}{space}'.encode()

    try:
        found = rows_of(batch, rows_at_once)
    except (NotInParts, ValueError):
        assert not rows or any("}" in json.dumps(row)[:-1] for row in rows)
    else:
        assert found == rows


@settings(derandomize=True)
@given(document=st.dictionaries(st.sampled_from(["data", "x"]), ANYTHING, max_size=2))
def test_no_other_document_passes_for_rows_that_it_does_not_hold(document: dict[str, Any]) -> None:
    try:
        found = rows_of(json.dumps(document).encode())
    except (NotInParts, ValueError):
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
@pytest.mark.parametrize("rows_at_once", [1, 2, 3])
def test_what_is_no_batch_is_not_taken(batch: bytes, rows_at_once: int) -> None:
    with pytest.raises((NotInParts, ValueError)):
        rows_of(batch, rows_at_once)


def test_more_rows_than_allowed_are_not_cut() -> None:
    with pytest.raises(NotInParts):
        rows_of(b'{"data": [{}, {}, {}]}', max_rows=2)
