"""The search of the pipeline and what its run in MLflow says of it, against a real server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
from house_record import AMES
from housing_price_model.pipeline import steps
from housing_price_model.pipeline.configuration import read_configuration
from housing_price_model.pipeline.run_log import EXPERIMENT, PipelineLog
from housing_price_model.pipeline.steps import Work
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.tuning import scoring
from mlflow.entities import Run
from scored_prices import scored

pytestmark = pytest.mark.integration

TRIALS = 2


@pytest.fixture
def client(mlflow_server: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(mlflow_server)


@pytest.fixture
def step_run(client: mlflow.MlflowClient) -> Iterator[str]:
    """The run of a step that is being made."""
    with PipelineLog(client, "{}").step("tune", {}, {}) as run_id:
        yield run_id


@pytest.fixture
def tune(
    client: mlflow.MlflowClient,
    step_run: str,
    kept_sales: Path,
    said: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """Searches with scores that need no fit, below the step's run or another."""
    monkeypatch.setattr(
        scoring, "make_scoring", lambda _sales, _folds: lambda _settings: iter([scored(0.13), scored(0.12)])
    )
    work = Work(
        configuration=read_configuration(None, [f"tune.trials={TRIALS}"]),
        record=AMES,
        inputs={"validate": kept_sales, "split": kept_sales},
        output=tmp_path / "output",
        progress=said,
        client=client,
        run_id=step_run,
        study="tries",
        studies=tmp_path / "studies.db",
    )
    work.output.mkdir()

    def run(run_id: str = step_run, *overrides: str) -> None:
        configuration = read_configuration(None, [f"tune.trials={TRIALS}", *overrides])
        steps.tune(replace(work, run_id=run_id, configuration=configuration))

    return run


def trials_below(client: mlflow.MlflowClient, run_id: str) -> list[Run]:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment
    return list(client.search_runs([experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'"))


def test_each_trial_is_a_run_below_the_steps(
    client: mlflow.MlflowClient, step_run: str, tune: Callable[..., None]
) -> None:
    tune()

    trials = trials_below(client, step_run)
    assert sorted(run.data.tags["trial"] for run in trials) == ["0", "1"]
    assert {(run.info.status, run.data.tags["study"]) for run in trials} == {("FINISHED", "tries")}
    assert all(run.data.params for run in trials)


def test_a_search_in_a_new_run_records_earlier_trials(client: mlflow.MlflowClient, tune: Callable[..., None]) -> None:
    tune()

    with PipelineLog(client, "{}").step("tune", {}, {}) as later:
        tune(later)

    assert sorted(run.data.tags["trial"] for run in trials_below(client, later)) == ["0", "1"]


def test_leaves_the_steps_run_open(client: mlflow.MlflowClient, step_run: str, tune: Callable[..., None]) -> None:
    tune()

    run = client.get_run(step_run)
    assert run.info.status == "RUNNING"
    assert run.data.tags["step"] == "tune"


def test_a_search_may_start_with_derived_groups(step_run: str, tune: Callable[..., None], tmp_path: Path) -> None:
    tune(step_run, "tune.groups=true")

    kept = (tmp_path / "output" / steps.SETTINGS_FILE).read_bytes()
    assert BlendSettings.model_validate_json(kept).process.groups != default_settings().process.groups
