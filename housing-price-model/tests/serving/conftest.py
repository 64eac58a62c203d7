"""An artefact of a quickly trained model, to be copied and damaged."""

import json
import shutil
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from housing_price_model.data import Sales
from housing_price_model.registry.artefact import save_artefact
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model


@pytest.fixture(scope="session")
def good_artefact(
    few_sales: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("served") / "model"
    with warnings.catch_warnings():
        # MLflow compares column names in a way that pandas 4 will not take.
        warnings.simplefilter("ignore")
        save_artefact(quickly_trained("default", few_sales), folder, Model(model_id="m-0123"))
    return folder


@pytest.fixture
def artefact(good_artefact: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(good_artefact, tmp_path / "model"))


@pytest.fixture
def change_manifest(artefact: Path) -> Callable[[Mapping[str, Any]], None]:
    """Changes top-level keys of the copy's manifest."""

    def change(changes: Mapping[str, Any]) -> None:
        path = artefact / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change
