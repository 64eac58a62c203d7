"""One house, one price: alone, in twos and in a thousand, through MLflow's own scoring server.

A JSON null arrives as None where a whole column is null, and as NaN among other values.
"""

import json
from collections.abc import Callable, Iterator

import mlflow.pyfunc
import numpy as np
import pytest
from fastapi.testclient import TestClient
from housing_price_model.data import Sales
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model
from mlflow.pyfunc.scoring_server import init

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

PATTERNS = 30

type Rows = list[list[float | str | None]]
type Price = Callable[[Rows], list[float]]


@pytest.fixture(scope="module", params=["default", pytest.param("random-forest", marks=pytest.mark.slow)])
def price(
    request: pytest.FixtureRequest,
    sample: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Price]:
    folder = tmp_path_factory.mktemp(request.param) / "model"
    save_artefact(quickly_trained(request.param, sample), folder, Model())
    columns = list(sample.frame.columns)
    with TestClient(init(mlflow.pyfunc.load_model(str(folder)))) as client:

        def ask(rows: Rows) -> list[float]:
            body = json.dumps({"dataframe_split": {"columns": columns, "data": rows}})
            answer = client.post("/invocations", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 200, answer.text
            return [round(prediction["price"], 2) for prediction in answer.json()["predictions"]]

        yield ask


def json_rows(sales: Sales) -> Rows:
    frame = sales.frame.astype(object)
    rows: Rows = frame.where(frame.notna(), None).to_numpy().tolist()
    return rows


def in_batches(price: Price, rows: Rows, size: int) -> list[float]:
    return [amount for start in range(0, len(rows), size) for amount in price(rows[start : start + size])]


def test_each_pattern_of_nulls_has_one_price_in_any_batch(price: Price, sample: Sales) -> None:
    first_of_pattern = ~sample.frame.isna().duplicated()
    all_rows = json_rows(sample)
    rows = [all_rows[index] for index in np.flatnonzero(first_of_pattern)[:PATTERNS]]
    everywhere = price(all_rows[:1000])

    alone = in_batches(price, rows, 1)

    assert alone == in_batches(price, rows, 2)
    assert alone == price(rows)
    assert alone == [
        everywhere[all_rows.index(row)] if all_rows.index(row) < 1000 else amount
        for row, amount in zip(rows, alone, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("price", "source"), [("random-forest", "sample"), ("default", "real_sales")], indirect=["price"]
)
def test_every_fifth_house_has_one_price_in_any_batch(
    price: Price, source: str, request: pytest.FixtureRequest
) -> None:
    all_rows = json_rows(request.getfixturevalue(source))  # all of them, alone, would take minutes
    rows = all_rows[::5]

    alone = in_batches(price, rows, 1)

    assert alone == in_batches(price, rows, 2)
    assert alone == in_batches(price, all_rows, 1000)[::5]
