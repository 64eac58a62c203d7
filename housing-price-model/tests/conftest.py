"""What the tests of this member share: sales, quickly trained models, an artefact, and one MLflow server."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from free_ports import free_port
from house_record import AMES
from housing_price_model.data import Sales, load_sales
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model
from quickly_trained import quickly_trained_model
from registered_version import FEW_ROWS, RegisteredVersion, registered_version
from threadpoolctl import threadpool_limits

with warnings.catch_warnings():
    # MLflow warns of its own type hints when it is imported.
    warnings.simplefilter("ignore")
    import mlflow.pyfunc  # noqa: F401 - so that no test is the first to import it

RUN_SECONDS = 240.0


def first_rows(sales: Sales, count: int) -> Sales:
    return sales.take(range(count))


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """As the command runs: threads that wait for each other on a busy machine are slow beyond measure."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def subset_of() -> Callable[[Sales, int], Sales]:
    """The first so many of some sales."""
    return first_rows


@pytest.fixture(scope="session")
def sample() -> Sales:
    return load_sales("sample", AMES)


@pytest.fixture(scope="session")
def few_sales(sample: Sales) -> Sales:
    return first_rows(sample, FEW_ROWS)


@pytest.fixture(scope="session")
def real_sales_path() -> Path:
    folder = Path(os.environ.get("HOUSING_DATA_DIR", Path(__file__).parents[3] / "shared" / "data"))
    path = folder / "ames-train.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set HOUSING_DATA_DIR to the folder of the real sales")
    return path


@pytest.fixture(scope="session")
def real_sales(real_sales_path: Path) -> Sales:
    return load_sales(str(real_sales_path), AMES)


@pytest.fixture(scope="session")
def quickly_trained() -> Callable[[str, Sales], TrainedModel]:
    """Trains a recipe on all sales given, or loads what an earlier test has trained."""
    known: dict[tuple[str, str, str, int], TrainedModel] = {}

    def trained(recipe_name: str, sales: Sales) -> TrainedModel:
        key = (recipe_name, sales.source, sales.sha256, len(sales))
        if key not in known:
            known[key] = quickly_trained_model(recipe_name, sales)
        return known[key]

    return trained


@pytest.fixture(scope="session")
def quick_settings() -> BlendSettings:
    """Settings of the default recipe that are fitted in a moment; a search may begin with them."""
    settings = default_settings()
    quick = {"max_iter": 50, "max_leaf_nodes": 3, "max_features": 0.1}
    return settings.model_copy(
        update={
            "boosting": settings.boosting.model_copy(update=quick),
            "process": settings.process.model_copy(update={"representatives": 20}),
        }
    )


@pytest.fixture(scope="session")
def version() -> RegisteredVersion:
    """Version 1, trained on the first sales of the sample."""
    return registered_version()


@pytest.fixture(scope="session")
def few_sales_path(version: RegisteredVersion) -> Path:
    """The first sales of the sample as a file in Kaggle's format."""
    return version.sales


@pytest.fixture(scope="session")
def priced(few_sales: Sales) -> Callable[..., PricedSales]:
    """The sales, priced with errors of some relative size; intervals reach as far as they say."""

    def price(*, error: float = 0.1, seed: int = 0, intervals: bool = True) -> PricedSales:
        actual = np.asarray(few_sales.prices, dtype=np.float64)
        predicted = actual * np.exp(np.random.default_rng(seed).normal(0, error, len(actual)))
        reach = {0.8: 1.28 * error, 0.9: 1.64 * error, 0.95: 1.96 * error} if intervals else {}
        return PricedSales(
            record=AMES,
            frame=few_sales.frame,
            ids=np.asarray(few_sales.ids),
            actual=actual,
            predicted=predicted,
            intervals={
                coverage: Interval(predicted * np.exp(-far), predicted * np.exp(far)) for coverage, far in reach.items()
            },
        )

    return price


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.Popen[str]]:
    """Starts this member's command against the MLflow server at an address."""
    cache = {"HOUSING_PRICE_MODEL_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}

    def start_command(tracking_uri: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "housing_price_model", *arguments],
            env=os.environ | cache | {"MLFLOW_TRACKING_URI": tracking_uri} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_command


@pytest.fixture(scope="session")
def run(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs this member's command to its end."""

    def run_command(tracking_uri: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        with start(tracking_uri, *arguments, **variables) as process:
            output, errors = process.communicate(timeout=RUN_SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    return run_command


@pytest.fixture(scope="session")
def nowhere() -> str:
    """An address where no MLflow server runs."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def mlflow_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of the MLflow server of this test process."""
    return tmp_path_factory.mktemp("mlflow") / "state"


@pytest.fixture(scope="session")
def registered(mlflow_state: Path, version: RegisteredVersion) -> Iterator[str]:
    """The address of the real MLflow server of this test process, whose version 1 is the champion."""
    with version.served(mlflow_state) as (address, _):
        yield address


@pytest.fixture(scope="session")
def mlflow_server(registered: str) -> str:
    """Its address, for tests that use none of its versions."""
    return registered


@pytest.fixture(scope="session")
def training_output(version: RegisteredVersion, registered: str) -> str:
    """What the command said when it trained the first version."""
    return version.training_output(registered)


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
