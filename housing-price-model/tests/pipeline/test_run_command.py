"""The command `run` against a real MLflow registry."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import mlflow
import pytest
from housing_price_model.commands.run import PipelineRequest, run_pipeline
from housing_price_model.pipeline import steps
from housing_price_model.pipeline.run_log import EXPERIMENT
from housing_price_model.recipes.blend.parameters import BlendSettings
from mlflow.entities import Run
from rich.console import Console

pytestmark = [
    pytest.mark.integration,
    # A minute and more: trainings and reports by the real command.
    pytest.mark.slow,
    # MLflow compares column names in a way that pandas 4 will not take.
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),
]

NAME = "housing-price"


@pytest.fixture
def ran(
    registered: str,
    few_sales_path: Path,
    quick_settings: BlendSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., list[str]]:
    """Runs the pipeline on a few sales, and gives the lines that were said."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    # The program's own settings take their time, even for a few sales.
    monkeypatch.setattr(steps, "default_settings", lambda: quick_settings)
    overrides = [
        f"data.source={few_sales_path}",
        "tune.trials=1",
        "selection-report.imputation=[]",
        "selection-report.features=[]",
    ]

    def run(chosen: str | None = None) -> list[str]:
        said = StringIO()
        request = PipelineRequest(overrides=overrides, steps=chosen, state_dir=tmp_path, registry_timeout_seconds=60.0)
        run_pipeline(request, Console(file=said, soft_wrap=True))
        return said.getvalue().splitlines()

    return run


def runs_of_last_pipeline(client: mlflow.MlflowClient) -> tuple[Run, dict[str, Run]]:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment
    found = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])
    parent = next(run for run in found if "mlflow.parentRunId" not in run.data.tags)
    children = [run for run in found if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    return parent, {run.data.tags["step"]: run for run in children}


def test_a_second_run_of_the_pipeline_has_nothing_to_do(registered: str, ran: Callable[..., list[str]]) -> None:
    client = mlflow.MlflowClient(registered)

    ran()
    parent, children = runs_of_last_pipeline(client)
    version = max(client.search_model_versions(f"name = '{NAME}'"), key=lambda found: int(found.version))

    assert parent.info.status == "FINISHED"
    assert children.keys() == set(steps.STEP_NAMES)
    assert version.tags["best_trial"] == "0"
    outputs = children["validate"].data.tags
    assert outputs["outcome"] == "done"
    assert children["split"].data.tags["input.validate"] == outputs["result_sha256"]
    trials = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{children['tune'].info.run_id}'"
    )
    assert [run.data.tags["trial"] for run in trials] == ["0"]
    kept = {file.path for file in client.list_artifacts(children["selection-report"].info.run_id)}
    assert kept == {"result.json", "selection.csv", "selection.png"}

    lines = ran()
    parent, children = runs_of_last_pipeline(client)

    assert [line.partition(" (")[0] for line in lines[:-1]] == [
        f"{name}: unchanged, skipped" for name in steps.STEP_NAMES
    ]
    assert {run.data.tags["outcome"] for run in children.values()} == {"skipped"}
