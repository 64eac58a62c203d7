"""What is said of the matrix's columns is said of the rows' columns."""

import numpy as np
import pytest
from housing_price_model.inference import Column, Encoding, Formula, NumberFeature, OneHotFeature
from housing_price_model.inference.folding import Folding

ENCODING = Encoding(
    columns=tuple(
        Column(name=name, type=kind)
        for name, kind in [("unused", "number"), ("sold", "number"), ("zone", "text"), ("built", "number")]
    ),
    features=(
        OneHotFeature(column="zone", width=3, places={"a": 0, "b": 1, "c": 2}, absent=0),
        NumberFeature(column="sold", absent=0.0),
        NumberFeature(column="built", absent=0.0),
    ),
    formulas=(
        Formula(name="age", terms=((3, 1.0), (4, -1.0))),
        Formula(name="root", terms=((4, 1.0),), function="sqrt"),
    ),
)


def fold(amounts: list[float], sold: float = 0.0, built: float = 0.0) -> list[float]:
    moves = np.array([0.0, 0.0, 0.0, sold, built, sold - built, built])
    return list(map(float, Folding(ENCODING).fold(np.array(amounts), moves)))


def test_codes_and_numbers_are_their_columns_own() -> None:
    assert fold([1.0, 2.0, 4.0, 8.0, 16.0, 0.0, 0.0]) == [0.0, 8.0, 7.0, 16.0]


def test_a_formula_belongs_to_what_moved_it() -> None:
    assert fold([0, 0, 0, 0, 0, 6.0, 1.0], sold=1.0, built=-2.0) == pytest.approx([0.0, 2.0, 0.0, 5.0])


def test_a_term_that_moved_the_other_way_has_no_share() -> None:
    assert fold([0, 0, 0, 0, 0, 6.0, 0.0], sold=2.0, built=30.0) == [0.0, 0.0, 0.0, 6.0]


def test_terms_share_alike_where_nothing_moved() -> None:
    assert fold([0, 0, 0, 0, 0, 6.0, 0.0]) == [0.0, 3.0, 0.0, 3.0]


def test_an_encoding_without_formulas_folds_too() -> None:
    plain = ENCODING.model_copy(update={"formulas": ()})

    assert Folding(plain).fold(np.ones(5), np.zeros(5)).tolist() == [0.0, 1.0, 3.0, 1.0]
