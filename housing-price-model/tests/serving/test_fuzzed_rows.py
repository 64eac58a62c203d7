"""Whatever JSON values rows hold: they are refused as such, or have finite prices above 0. Nothing crashes.

The cases of the default suite are the same each time. With ``HOUSING_PRICE_FUZZ_SECONDS=600`` and ``-m slow`` new ones
are tried for ten minutes.
"""

import math
import os
import time
import warnings
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from house_record import AMES, COLUMNS, FEATURES, example_house, model_row
from housing_price_model.data import Sales
from housing_price_model.delivery.loading import LoadedModel, load_model
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.serving.invocations import pricing
from housing_price_model.serving.refusals import Refusal
from housing_price_model.training.train import TrainedModel
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from mlflow.models import Model
from pydantic_core import to_json

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

EXAMPLES = 300
FUZZ_SECONDS = float(os.environ.get("HOUSING_PRICE_FUZZ_SECONDS", "30"))
NEW_CASES = settings(
    max_examples=500,
    database=None,
    # The model is the same for all cases of a test.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SAME_CASES = settings(NEW_CASES, max_examples=EXAMPLES, derandomize=True)

ROW = model_row(example_house())
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.integers(-1, 3000)
TEXTS = st.none() | st.text(max_size=8) | st.sampled_from([cell for cell in ROW if isinstance(cell, str)])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)

well_typed_rows = st.tuples(*(NUMBERS if feature.kind == "number" else TEXTS for feature in FEATURES)).map(list)
slightly_wrong_rows = st.dictionaries(st.integers(0, len(ROW) - 1), VALUES | NUMBERS, max_size=5).map(
    lambda changes: [changes.get(position, cell) for position, cell in enumerate(ROW)]
)
rows = well_typed_rows | slightly_wrong_rows | VALUES
params = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "coverage": st.sampled_from([0.5, 0.9, 0.99]) | VALUES,
        "explain": st.booleans() | VALUES,
        "comparables": st.integers(0, 5) | VALUES,
    },
)
bodies = st.binary(max_size=64) | VALUES.map(
    lambda value: to_json({"dataframe_split": {"columns": list(COLUMNS), "data": value}}, inf_nan_mode="constants")
)


@pytest.fixture(scope="module", params=["default", "random-forest"])
def model(
    request: pytest.FixtureRequest,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    few_sales: Sales,
    tmp_path_factory: pytest.TempPathFactory,
) -> LoadedModel:
    folder = tmp_path_factory.mktemp("fuzzed") / "model"
    with warnings.catch_warnings():
        # MLflow compares column names in a way that pandas 4 will not take.
        warnings.simplefilter("ignore")
        save_artefact(quickly_trained(request.param, few_sales), folder, Model(model_id="m-0123"))
    return load_model(str(folder), AMES, timeout_seconds=0)


def has_usable_price(output: Any) -> bool:
    numbers = (
        [output] if isinstance(output, float) else [output["price"], *filter(None, map(output.get, ("lower", "upper")))]
    )
    return all(math.isfinite(number) and number > 0 for number in numbers)


def check_rows(model: LoadedModel, table: list[Any], asked: Any) -> None:
    try:
        outputs = model.predict(COLUMNS, table, asked)
    except ValueError:
        return
    assert len(outputs) == len(table)
    assert all(map(has_usable_price, outputs))


def check_body(model: LoadedModel, body: bytes) -> None:
    status = HTTPStatus.OK
    try:
        for _ in pricing(model.compiled, AMES, body, "application/json"):
            pass
    except Refusal as refusal:
        status = refusal.status
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR


@SAME_CASES
@given(table=st.lists(rows, max_size=3), asked=params)
def test_rows_are_refused_or_have_finite_prices(model: LoadedModel, table: list[Any], asked: Any) -> None:
    check_rows(model, table, asked)


@SAME_CASES
@given(body=bodies)
def test_bodies_are_refused_or_priced(model: LoadedModel, body: bytes) -> None:
    check_body(model, body)


def test_the_fuzz_sees_a_price_that_is_not_finite() -> None:
    assert not has_usable_price(math.inf)
    assert not has_usable_price({"price": 1.0, "upper": math.nan})
    assert not has_usable_price(-1.0)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_rows_and_bodies_are_priced_or_refused_for_hours(model: LoadedModel) -> None:
    end, round_number, cases = time.monotonic() + FUZZ_SECONDS / 2, time.time_ns(), 0

    def counted(table: list[Any], asked: Any, body: bytes) -> None:
        nonlocal cases
        cases += 1
        check_rows(model, table, asked)
        check_body(model, body)

    while time.monotonic() < end:
        round_number += 1
        tried = given(table=st.lists(rows, max_size=3), asked=params, body=bodies)(counted)
        seed(round_number)(NEW_CASES(tried))()
    print(f"{cases:,} cases")  # noqa: T201 - shown with -s
