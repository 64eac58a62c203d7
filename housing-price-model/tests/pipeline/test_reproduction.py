"""Settings from a file to a version and back: `train --params`, then `reproduce`, against a real registry."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from housing_price_model.commands.reproduce import ReproductionRequest, reproduce_version
from housing_price_model.commands.train import TrainingRequest, train_and_register
from housing_price_model.errors import NotReproduced, SettingsError
from housing_price_model.pipeline import reproduction
from housing_price_model.pipeline.reproduction import compare, find_likely_cause, recover_recipe
from housing_price_model.recipes import find_recipe
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.registry.manifest import FitSettings, Manifest, TrainingData
from housing_price_model.registry.provenance import MODEL_LIBRARIES, library_versions
from housing_price_model.tuning.parameters_file import ParametersFile
from mlflow.entities.model_registry import ModelVersion
from present import present
from rich.console import Console

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

NAME = "housing-price"
PATIENCE_SECONDS = 240.0


@pytest.fixture(scope="module")
def client(mlflow_server: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(mlflow_server)


@pytest.fixture(scope="module")
def parameters(quick_settings: BlendSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parameters") / "best.json"
    ParametersFile(
        recipe="default", settings=quick_settings.model_dump(mode="json"), study="tries", trial=7, seed=42
    ).write(path)
    return path


@pytest.fixture(scope="module")
def tuned(registered: str, client: mlflow.MlflowClient, few_sales_path: Path, parameters: Path) -> ModelVersion:
    """A version with the settings of a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", registered)
        request = TrainingRequest(
            data=str(few_sales_path), params=parameters, registry_timeout_seconds=PATIENCE_SECONDS
        )
        train_and_register(request, Console(file=StringIO()))
    return latest(client)


def latest(client: mlflow.MlflowClient) -> ModelVersion:
    return max(client.search_model_versions(f"name = '{NAME}'"), key=lambda version: int(version.version))


@pytest.fixture
def reproduced(registered: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Reproduces a version, and gives the last line that was said."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)

    def run(version: ModelVersion, **asked: Any) -> str:
        said = StringIO()
        request = ReproductionRequest(version=str(version.version), registry_timeout_seconds=PATIENCE_SECONDS, **asked)
        reproduce_version(request, Console(file=said, soft_wrap=True))
        return said.getvalue().splitlines()[-1]

    return run


@pytest.mark.integration
def test_a_tuned_version_names_its_study_and_trial(client: mlflow.MlflowClient, tuned: ModelVersion) -> None:
    run = client.get_run(present(tuned.run_id))

    assert (tuned.tags["study"], tuned.tags["best_trial"]) == ("tries", "7")
    assert (run.data.params["study"], run.data.params["best_trial"]) == ("tries", "7")
    assert run.data.params["estimator.boosting.max_iter"] == "50"
    assert run.data.tags["study"] == "tries"
    assert "- Settings: tuned, trial 7 of study `tries`" in present(tuned.description)


@pytest.mark.integration
def test_a_version_is_fitted_again_to_the_cent(reproduced: Callable[..., str], tuned: ModelVersion) -> None:
    assert reproduced(tuned) == f"version {tuned.version} is reproduced: 150 prices, the same to the cent"


@pytest.mark.integration
def test_sales_that_are_not_those_of_the_version_are_refused(
    reproduced: Callable[..., str], tuned: ModelVersion
) -> None:
    with pytest.raises(
        NotReproduced, match=rf"^sample is not what version {tuned.version} learnt from: checksum \w+, "
    ):
        reproduced(tuned, data="sample")


@pytest.mark.integration
def test_prices_that_differ_are_counted_with_the_likely_cause(
    reproduced: Callable[..., str],
    tuned: ModelVersion,
    quick_settings: BlendSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = find_recipe("default", quick_settings.model_copy(update={"trees_share": 0.5}).model_dump(mode="json"))
    monkeypatch.setattr(reproduction, "recover_recipe", lambda _manifest: other)

    with pytest.raises(NotReproduced, match=r"is not reproduced: 1[45]\d of 150 prices differ, by up to \$[\d,.]+; "):
        reproduced(tuned)


def test_refuses_settings_of_another_recipe(parameters: Path) -> None:
    with pytest.raises(SettingsError, match="has settings of recipe default, not of random-forest"):
        train_and_register(TrainingRequest(recipe="random-forest", params=parameters), Console(file=StringIO()))


def test_prices_are_compared_in_cents() -> None:
    kept, again = np.array([100.004, 200.0, 300.0]), np.array([100.001, 200.01, 300.05])

    assert compare(kept, again, tolerance_cents=0).different == 2
    assert compare(kept, again, tolerance_cents=1).different == 1
    assert compare(kept, again, tolerance_cents=1).largest_cents == 5


@pytest.fixture
def manifest(quick_settings: BlendSettings) -> Manifest:
    return Manifest(
        record_version="1",
        features=(),
        recipe="default",
        data=TrainingData(source="few.csv", sha256="c0ffee", rows=150, generated=False),
        settings=FitSettings(values=quick_settings.model_dump(mode="json"), seed=42, study="tries", best_trial=0),
        metrics={},
        libraries={"numpy": "2.1.0", "pandas": "3.1.1"},
        trained_at=datetime(2026, 12, 1, tzinfo=UTC),
        git_commit="abc",
        files={},
    )


def test_other_libraries_are_named_as_the_likely_cause(manifest: Manifest) -> None:
    here = {"numpy": "2.5.5", "pandas": "3.1.1"}

    assert find_likely_cause(manifest, here) == "it was fitted with numpy 2.1.0 (here 2.5.5)"
    assert find_likely_cause(manifest, {**here, "numpy": "2.1.0"}).startswith("it was fitted by commit abc, this is ")


def test_another_scipy_is_a_likely_cause(manifest: Manifest) -> None:
    recorded = manifest.model_copy(update={"libraries": {**library_versions(), "scipy": "0.1.2"}})

    assert find_likely_cause(recorded).startswith("it was fitted with scipy 0.1.2 (here 1.")


def test_versions_record_scipy_but_do_not_need_it() -> None:
    assert "scipy" in library_versions()
    assert "scipy" not in MODEL_LIBRARIES


def test_a_manifest_gives_the_recipe_with_its_settings_and_trial(manifest: Manifest) -> None:
    recipe = recover_recipe(manifest)

    assert recipe.parameters["boosting.max_iter"] == 50
    assert recipe.best_trial is not None
    assert recipe.best_trial.trial == 0


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (None, "does not record its settings"),
        (FitSettings(values={}, seed=1), "was fitted with seed 1, this program fits with 42"),
        (FitSettings(values={"old": 1}, seed=42), "does not accept what the version records: settings.limits: Field"),
    ],
)
def test_a_version_that_cant_be_fitted_again_is_refused(
    manifest: Manifest, settings: FitSettings | None, line: str
) -> None:
    with pytest.raises(NotReproduced, match=line):
        recover_recipe(manifest.model_copy(update={"settings": settings}))
