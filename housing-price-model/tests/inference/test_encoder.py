"""How rows become the matrix: numbers, codes by place, one-hot codes; absent and unknown ones."""

from typing import Any

import numpy as np
import pytest
from housing_price_model.inference import CodeFeature, Column, Encoder, Encoding, Formula, NumberFeature, OneHotFeature
from housing_price_model.inference.formulas import Formulas
from pydantic import ValidationError

COLUMNS = (Column(name="Area", type="number"), Column(name="Quality", type="text"), Column(name="Roof", type="text"))
AREA = NumberFeature(column="Area")
QUALITY = CodeFeature(column="Quality", places={"Po": 0.0, "Ex": 1.0}, absent=2.0, unknown=None)
ROOF = OneHotFeature(column="Roof", width=2, places={"Flat": 0, "Gable": 1, "None": 1}, absent=1)


def encoded(*features: NumberFeature | CodeFeature | OneHotFeature, row: tuple[object, ...]) -> list[float]:
    encoder = Encoder(Encoding(columns=COLUMNS, features=features))
    matrix = encoder.encode([row])  # type: ignore[list-item] # rows are written loosely here
    assert (matrix.dtype.name, matrix.flags.c_contiguous, matrix.shape) == ("float64", True, (1, encoder.width))
    return list(matrix[0])


def test_features_stand_in_the_order_of_the_encoding() -> None:
    assert encoded(QUALITY, AREA, row=(120, "Ex", None)) == [1.0, 120.0]


def test_an_absent_number_is_nan_or_what_the_encoding_says() -> None:
    assert np.isnan(encoded(AREA, row=(None, None, None))).all()
    assert encoded(NumberFeature(column="Area", absent=95.5), row=(None, None, None)) == [95.5]


@pytest.mark.parametrize("code", ["no such code", "", "1", "po"])
def test_an_unknown_code_has_the_place_of_unknown_ones(code: str) -> None:
    assert np.isnan(encoded(QUALITY, row=(1, code, None))).all()
    assert encoded(QUALITY.model_copy(update={"unknown": -1.0}), row=(1, code, None)) == [-1.0]


def test_an_absent_code_has_a_place_of_its_own() -> None:
    assert encoded(QUALITY, row=(1, None, None)) == [2.0]


@pytest.mark.parametrize(
    ("code", "columns"), [("Flat", [1, 0]), ("Gable", [0, 1]), ("None", [0, 1]), (None, [0, 1]), ("Dome", [0, 0])]
)
def test_a_one_hot_code_is_one_in_its_column(code: str | None, columns: list[float]) -> None:
    assert encoded(ROOF, AREA, row=(7, None, code)) == [*columns, 7.0]


def test_a_missing_code_without_a_place_is_all_zeros() -> None:
    assert encoded(ROOF.model_copy(update={"absent": None}), AREA, row=(7, None, None)) == [0, 0, 7.0]


def test_numbers_are_rounded_as_the_regressor_rounds_them() -> None:
    single = Encoder(Encoding(columns=COLUMNS, features=(AREA,), precision="float32"))

    assert single.encode([(0.1, None, None), (1e300, None, None)]).tolist() == [[float(np.float32(0.1))], [np.inf]]


def test_a_number_is_kept_within_its_limits() -> None:
    area = NumberFeature(column="Area", absent=500.0, low=100.0, high=3000.0)

    amounts = [encoded(area, row=(amount, None, None))[0] for amount in (-1e30, 99.0, 2000.0, 1e30, None)]

    assert amounts == [100.0, 100.0, 2000.0, 3000.0, 500.0]


def test_a_number_that_is_a_code_is_one_hot() -> None:
    kind = OneHotFeature(column="Area", width=2, places={"20.0": 0, "60.0": 1}, absent=None)

    rows = [encoded(kind, row=(code, None, None)) for code in (20, 60.0, 30.0, None)]

    assert rows == [[1, 0], [0, 1], [0, 0], [0, 0]]


def test_formulas_stand_after_the_features() -> None:
    garden = Formula(name="garden", terms=((0, 1.0), (1, -2.0)), low=0.0, function="sqrt")
    encoding = Encoding(columns=COLUMNS, features=(AREA, QUALITY), formulas=(garden,))

    matrix = Encoder(encoding).encode([(11.0, "Ex", None), (1.0, "Ex", None)])

    assert matrix.tolist() == [[11.0, 1.0, 3.0], [1.0, 1.0, 0.0]]


@pytest.mark.parametrize(("function", "found"), [("identity", 3.0), ("log1p", np.log(4.0)), ("sqrt", np.sqrt(3.0))])
def test_a_formula_is_a_function_of_a_weighted_sum(function: Any, found: float) -> None:
    formula = Formula(name="sum", terms=((0, 0.5), (1, 2.0)), function=function)

    assert Formulas([formula]).compute(np.array([[2.0, 1.0]])).tolist() == [[pytest.approx(found)]]


def test_no_rows_make_an_empty_matrix() -> None:
    assert Encoder(Encoding(columns=COLUMNS, features=(ROOF, AREA))).encode([]).shape == (0, 3)


def test_an_encoding_survives_json() -> None:
    encoding = Encoding(columns=COLUMNS, features=(AREA, QUALITY, ROOF), precision="float32")

    assert Encoding.model_validate_json(encoding.model_dump_json()) == encoding


def test_a_feature_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="kind"):
        Encoding.model_validate({"columns": [], "features": [{"kind": "embedding", "column": "Area"}]})
