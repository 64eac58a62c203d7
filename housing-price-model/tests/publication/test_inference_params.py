"""What may be asked for beside a price, asked of a saved model through MLflow's own function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import pytest
from house_record import AMES, example_house
from housing_price_model.data import Sales, make_frame, make_rows
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")


@pytest.fixture(scope="module")
def saved(
    few_sales: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_artefact(quickly_trained("default", few_sales), folder, Model())
    return folder


def asked(folder: Path, **params: Any) -> dict[str, Any]:
    house = make_frame(AMES.features, make_rows(AMES, [example_house()]))
    (record,) = mlflow.pyfunc.load_model(str(folder)).predict(house, params=params)
    assert isinstance(record, dict)
    return record


def test_mlflow_passes_on_what_was_asked_for(saved: Path) -> None:
    record = asked(saved, explain=True, comparables=3, coverage=0.8)

    assert record["coverage"] == 0.8
    assert sum(record["explanation"]["contributions"].values()) == pytest.approx(
        record["price"] - record["explanation"]["baseline"]
    )
    assert len(record["comparables"]) == 3


def test_nothing_is_added_that_was_not_asked_for(saved: Path) -> None:
    assert not asked(saved).keys() & {"explanation", "comparables"}


def test_a_model_is_small_and_holds_no_pickle(saved: Path) -> None:
    files = [path for path in saved.rglob("*") if path.is_file()]

    assert sum(path.stat().st_size for path in files) < 25e6
    assert not [path.name for path in files if path.suffix in {".pkl", ".pickle", ".joblib"}]
