"""What one cell says."""

import math
from decimal import Decimal

import pytest
from house_files.cells import read_code, read_number, read_number_with_comma
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("cell", ["", " ", "NA", " NA ", "?", "'?'", None, math.nan])
def test_blank_na_nan_and_question_marks_are_absent(cell: object) -> None:
    assert read_code(cell) is None
    assert read_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1961", 1961), ("1961.0", 1961), (1961.0, 1961), ("+7", 7), ("-1", -1), ("65.5", 65.5), (".5", 0.5),
     ("1e3", 1000), (" 80 ", 80), (20, 20), ("'20'", 20), (Decimal("208500.00"), 208500), (Decimal("65.5"), 65.5)],
)  # fmt: skip
def test_whole_numbers_are_read_as_integers(cell: object, number: float) -> None:
    read = read_number(cell)

    assert read == number
    assert type(read) is type(number)


@pytest.mark.parametrize("cell", ["1_000", "0x10", "nan", "inf", "Infinity", "1,5", "٣", "None", "TRUE", "1 2"])
def test_text_like_a_number_stays_text(cell: str) -> None:
    assert read_number(cell) == cell


@pytest.mark.parametrize(("cell", "number"), [("65,5", 65.5), ("65.5", 65.5), ("'80,0'", 80), (",5", 0.5), ("80", 80)])
def test_a_comma_may_be_the_decimal_sign(cell: str, number: float) -> None:
    assert read_number_with_comma(cell) == number


@pytest.mark.parametrize("cell", ["1,234,567", "1.234,5", "1,5 m", ","])
def test_commas_of_no_decimal_stay_text(cell: str) -> None:
    assert read_number_with_comma(cell) == cell


def test_true_is_no_number() -> None:
    assert read_number(True) is True
    assert read_code(True) is True


@pytest.mark.parametrize("cell", ["'C (all)'", '"C (all)"', " 'C (all) '"])
def test_quotes_around_a_code_are_taken_off(cell: str) -> None:
    assert read_code(cell) == "C (all)"


def test_none_is_a_code() -> None:
    assert read_code("None") == "None"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_written_float_is_read_back(number: float) -> None:
    assert read_number(repr(number)) == number


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read_number(text)
    read_code(text)
