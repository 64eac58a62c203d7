"""Which rows are taken, and that what is refused names row and column but not the value."""

from typing import Any

import pandas as pd
import pytest
from housing_price_model.inference import (
    Column,
    RowError,
    RowTypes,
    rows_of_columns,
    rows_of_frame,
    rows_of_records,
    rows_of_split,
)

NAMES = ("Area", "Street")
TYPES = RowTypes([Column(name="Area", type="number"), Column(name="Street", type="text")])


def test_numbers_texts_and_nulls_are_taken_as_they_are() -> None:
    assert TYPES.check([[1, "Pave"], (2.5, None), [None, "12"]]) == [(1.0, "Pave"), (2.5, None), (None, "12")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["big secret", None], "row 7, column Area: a text is not a finite number or null"),
        ([True, None], "row 7, column Area: a truth value is not a finite number or null"),
        ([float("nan"), None], "row 7, column Area: a number is not a finite number or null"),
        ([float("inf"), None], "row 7, column Area: a number is not a finite number or null"),
        ([10**400, None], "row 7, column Area: a number is not a finite number or null"),
        ([1, 5], "row 7, column Street: a number is not a text or null"),
        ([1, ["Pave"]], "row 7, column Street: a list is not a text or null"),
        ([1], "row 7 has 1 values for 2 columns"),
        ([1, "Pave", 3], "row 7 has 3 values for 2 columns"),
        ({"Area": 1}, "row 7 is dict, not a list of values"),
        (None, "row 7 is NoneType, not a list of values"),
    ],
)
def test_what_is_refused_is_named_by_row_and_column(row: Any, message: str) -> None:
    with pytest.raises(RowError) as raised:
        TYPES.check([[1, "Pave"], row], first=6)

    assert str(raised.value) == message


def test_columns_come_in_any_order_and_others_are_dropped() -> None:
    assert rows_of_split(NAMES, ["Street", "Id", "Area"], [["Pave", 9, 1]]) == [[1, "Pave"]]
    assert rows_of_records(NAMES, [{"Street": "Pave", "Id": 9, "Area": 1}]) == [[1, "Pave"]]
    assert rows_of_columns(NAMES, {"Street": ["Pave"], "Id": [9], "Area": [1]}) == [(1, "Pave")]


def test_a_column_of_some_records_is_null_in_the_others() -> None:
    assert rows_of_records(NAMES, [{"Area": 1}, {"Area": 2, "Street": "Pave"}]) == [[1, None], [2, "Pave"]]


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (lambda: rows_of_split(NAMES, ["Area"], [[1]]), "the model is missing inputs: Street"),
        (lambda: rows_of_records(NAMES, [{"Area": 1}]), "the model is missing inputs: Street"),
        (lambda: rows_of_columns(NAMES, {"Area": [1]}), "the model is missing inputs: Street"),
        (lambda: rows_of_frame(NAMES, pd.DataFrame({"Area": [1]})), "the model is missing inputs: Street"),
        (lambda: rows_of_split(NAMES, ["Street", "Area"], [["Pave"]]), "row 0 is not a list of 2 values"),
        (lambda: rows_of_records(NAMES, [{"Area": 1, "Street": None}, 5]), "row 1 is not an object"),  # type: ignore[list-item] # what a client may send
        (lambda: rows_of_columns(NAMES, {"Area": [1], "Street": []}), "the columns are not lists of one length"),
    ],
)
def test_what_is_no_table_of_these_columns_is_refused(read: Any, given: str) -> None:
    with pytest.raises(RowError, match=given):
        read()


def test_of_many_missing_columns_a_few_are_named() -> None:
    with pytest.raises(RowError, match=r"inputs: c0, c1, c2, c3, c4 and 3 more$"):
        rows_of_records([f"c{number}" for number in range(8)], [{}])


def test_every_null_of_a_frame_becomes_none() -> None:
    frame = pd.DataFrame({"Area": [1.0, None], "Street": pd.Series(["Pave", None], dtype="str")})
    with_none = frame.astype({"Street": object}).where(frame.notna(), None)

    assert rows_of_frame(NAMES, frame) == rows_of_frame(NAMES, with_none) == [(1.0, "Pave"), (None, None)]
