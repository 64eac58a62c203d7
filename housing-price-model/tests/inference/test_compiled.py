"""The compiled form of each recipe gives the prices of its pipeline, and a house one price in any company."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from house_record import COLUMNS, FEATURES, Feature, Value, example_house, model_row
from housing_price_model.data import Sales
from housing_price_model.errors import ParityError
from housing_price_model.inference import CompiledModel, read_price
from housing_price_model.inference.formulas import Matrix
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.publication.parity import check_parity
from housing_price_model.recipes import RECIPE_NAMES
from housing_price_model.training.train import TrainedModel
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from mlflow.models import Model

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

type Row = tuple[Value, ...]
type Models = tuple[TrainedModel, CompiledModel]


@pytest.fixture(scope="module", params=RECIPE_NAMES)
def models(
    request: pytest.FixtureRequest,
    few_sales: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Models:
    trained, folder = quickly_trained(request.param, few_sales), tmp_path_factory.mktemp(request.param) / "model"
    save_artefact(trained, folder, Model())
    return trained, CompiledModel.load(folder)


def cells(feature: Feature) -> st.SearchStrategy[Value]:
    if feature.kind == "number":
        return st.none() | st.integers(0, 3000).map(float) | st.floats(-1e30, 1e30)
    codes = st.sampled_from(sorted(map(str, feature.codes))) if feature.codes else st.nothing()
    return st.none() | codes | st.sampled_from(["None", "NA", "12", "absent"]) | st.text(max_size=5)


rows = st.tuples(*map(cells, FEATURES))

NOT_SHRUNK = (Phase.explicit, Phase.generate)
"""For examples of thousands of cells: to make a failing one small takes minutes, and says no more."""


def prices_of(compiled: CompiledModel, batch: Sequence[Row]) -> list[float]:
    return [read_price(output) for output in compiled.predict(COLUMNS, batch)]


@settings(max_examples=20, derandomize=True, database=None)
@given(batch=st.lists(rows, min_size=1, max_size=8))
def test_any_rows_have_the_pipelines_prices(models: Models, batch: list[Row]) -> None:
    trained, compiled = models

    expected = trained.estimator.predict(batch)

    assert prices_of(compiled, batch) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=20, derandomize=True, database=None, phases=NOT_SHRUNK)
@given(batch=st.lists(rows, min_size=1, max_size=70))
def test_any_house_has_one_price_in_any_batch(models: Models, batch: list[Row]) -> None:
    _, compiled = models

    together = compiled.predict(COLUMNS, batch)

    assert together == [compiled.predict(COLUMNS, [row])[0] for row in batch]
    assert together[::-1] == compiled.predict(COLUMNS, batch[::-1])


def test_the_gate_lets_a_faithful_model_pass(models: Models) -> None:
    check_parity(*models)


def test_the_gate_lets_models_of_the_real_sales_pass(
    models: Models,
    real_sales: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path: Path,
) -> None:
    trained = quickly_trained(models[0].recipe.name, real_sales)
    save_artefact(trained, tmp_path / "model", Model())
    compiled = CompiledModel.load(tmp_path / "model")

    check_parity(trained, compiled)

    real_rows: Sequence[Row] = real_sales.rows
    assert compiled.predict(COLUMNS, real_rows) == [
        price for row in real_rows for price in compiled.predict(COLUMNS, [row])
    ]


class Skewed(CompiledModel):
    """Gives wrong prices for rows of one kind."""

    def __init__(self, compiled: CompiledModel, is_wrong: Callable[[Row], bool], factor: float) -> None:
        self.columns, self.types = compiled.columns, compiled.types
        self._compiled, self._is_wrong, self._factor = compiled, is_wrong, factor

    def encode(self, rows: Sequence[Row]) -> Matrix:
        return self._compiled.encode(rows)

    def price(self, rows: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return self._compiled.price(rows) * [self._factor if self._is_wrong(row) else 1.0 for row in rows]


def has(column: str, value: Value) -> Callable[[Row], bool]:
    place = COLUMNS.index(column)
    return lambda row: row[place] == value


@pytest.mark.parametrize(
    ("is_wrong", "factor", "named"),
    [
        (has("LotFrontage", None), 1.01, "LotFrontage = None|sale"),
        (has("Street", "no such code"), 1.000002, "Street = 'no such code'"),
        (has("Neighborhood", "12"), 0.5, "Neighborhood = '12'"),
        (has("GrLivArea", 1e12), float("nan"), r"GrLivArea = 1000000000000\.0"),
        (lambda row: not any(row), 2.0, "without anything"),
    ],
)
def test_the_gate_names_the_row_whose_price_is_skewed(
    models: Models, is_wrong: Callable[[Row], bool], factor: float, named: str
) -> None:
    trained, compiled = models

    with pytest.raises(
        ParityError, match=rf"^the version is not registered: for .*({named}).* its compiled form gives"
    ):
        check_parity(trained, Skewed(compiled, is_wrong, factor))


class Confused(CompiledModel):
    """Takes one value of a column for another, in the matrix alone: as if no split asked for either."""

    def __init__(self, compiled: CompiledModel, column: str, value: Value, other: Value) -> None:
        self.columns, self.types, self._compiled = compiled.columns, compiled.types, compiled
        self._place, self._value, self._other = COLUMNS.index(column), value, other

    def price(self, rows: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return self._compiled.price(rows)

    def encode(self, rows: Sequence[Row]) -> Matrix:
        place = self._place
        return self._compiled.encode(
            [(*row[:place], self._other, *row[place + 1 :]) if row[place] == self._value else row for row in rows]
        )


@pytest.mark.parametrize(
    ("column", "value", "other"),
    [
        ("Neighborhood", "NAmes", "OldTown"),
        ("GarageType", "Detchd", "Attchd"),
        ("Exterior1st", "VinylSd", "MetalSd"),
        ("Exterior1st", None, "MetalSd"),
    ],
)
def test_the_gate_sees_a_confused_code_that_changes_no_price(
    models: Models, column: str, value: Value, other: Value
) -> None:
    trained, compiled = models

    with pytest.raises(ParityError, match=r"^the version is not registered: for .* its compiled form encodes"):
        check_parity(trained, Confused(compiled, column, value, other))


def test_the_gate_sees_rare_codes_that_are_confused(models: Models) -> None:
    trained, compiled = models
    if trained.recipe.name != "default":
        pytest.skip("codes that no sale has are all the same to the forest")

    for column, value, other in [
        ("Condition2", "None", "RRAn"),
        ("Condition2", None, "RRAn"),
        ("Neighborhood", "Landmrk", "Greens"),
        ("GarageType", "2Types", "Basment"),
        ("Exterior1st", "Other", "Stucco"),
    ]:
        with pytest.raises(ParityError, match="encodes"):
            check_parity(trained, Confused(compiled, column, value, other))


def test_a_difference_within_a_millionth_passes(models: Models) -> None:
    trained, compiled = models

    check_parity(trained, Skewed(compiled, lambda row: True, 1 + 5e-7))


def test_the_example_house_needs_no_order_of_columns(models: Models) -> None:
    _, compiled = models
    row = model_row(example_house())

    assert compiled.predict(COLUMNS[::-1], [row[::-1]]) == compiled.predict(COLUMNS, [row])
