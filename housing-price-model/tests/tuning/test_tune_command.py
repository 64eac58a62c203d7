"""The command `tune` against a real MLflow registry, with a scoring that fits nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path

import mlflow
import pytest
from housing_price_model.commands.tune import TuningRequest, tune_recipe
from housing_price_model.data import Sales
from housing_price_model.errors import SettingsError, TuningError
from housing_price_model.evaluation.folds import Fold
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.tuning.logs import MlflowLog
from housing_price_model.tuning.parameters_file import ParametersFile
from housing_price_model.tuning.scoring import Scoring
from mlflow.entities import Run
from rich.console import Console

PATIENCE_SECONDS = 240.0


@pytest.fixture
def request_here(few_sales_path: Path, tmp_path: Path) -> TuningRequest:
    return TuningRequest(
        data=str(few_sales_path),
        trials=5,
        storage=tmp_path / "state" / "studies.db",
        output=tmp_path / "best.json",
        experiment=f"tuning in {tmp_path.name}",
        registry_timeout_seconds=PATIENCE_SECONDS,
    )


@pytest.fixture
def tuned(
    mlflow_server: str, request_here: TuningRequest, by_trees_share: Scoring, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Tunes, and gives what was said."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)

    def run(scoring: Scoring = by_trees_share, **changes: object) -> str:
        def scoring_on(_sales: Sales, _parts: Sequence[Fold]) -> Scoring:
            return scoring

        said = StringIO()
        request = replace(request_here, **changes)  # type: ignore[arg-type] # fields of the request by name
        tune_recipe(request, Console(file=said, soft_wrap=True), scoring=scoring_on)
        return said.getvalue()

    return run


def runs(uri: str, request: TuningRequest) -> tuple[list[Run], list[Run]]:
    """The runs of studies and those of trials."""
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name(request.experiment)
    assert experiment
    found = client.search_runs([experiment.experiment_id])
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    return [run for run in found if run not in children], children


@pytest.mark.integration
def test_a_resumed_study_continues_its_run_with_trials_as_children(
    mlflow_server: str, request_here: TuningRequest, tuned: Callable[..., str]
) -> None:
    tuned(trials=2)
    said = tuned(trials=5)

    (study,), trials = runs(mlflow_server, request_here)
    assert "2 of 5 trials are finished" in said
    assert "trial 2 (3 of 5): " in said
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {study.info.run_id}
    assert sorted(run.data.tags["trial"] for run in trials) == list("01234")
    assert (study.info.status, study.data.tags["study"]) == ("FINISHED", "default")
    assert all("trees_share" in run.data.params and "cv_overall_rmsle" in run.data.metrics for run in trials)
    kept = {file.path for file in mlflow.MlflowClient(mlflow_server).list_artifacts(study.info.run_id)}
    assert kept == {"best-params.json", "importance.png", "parallel_coordinates.png"}


@pytest.mark.integration
def test_a_search_may_start_with_derived_groups(request_here: TuningRequest, tuned: Callable[..., str]) -> None:
    said = tuned(trials=1, groups=True)

    found = ParametersFile.model_validate_json(request_here.output.read_bytes())
    assert "derive the settings of the groups" in said
    assert BlendSettings.model_validate(found.settings).process.groups != default_settings().process.groups
    with pytest.raises(TuningError, match="has another start"):
        tuned(trials=1, groups=False)


@pytest.mark.integration
def test_the_best_parameters_name_the_runs_of_their_trial(
    mlflow_server: str,
    request_here: TuningRequest,
    tuned: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    wandb = pytest.importorskip("wandb", reason="the extra wandb is not installed")

    tuned(trials=2, logger="wandb", objective="wmape", pruner="hyperband")
    wandb.teardown()

    found = ParametersFile.model_validate_json(request_here.output.read_bytes())
    _, trials = runs(mlflow_server, request_here)
    (own,) = (run for run in trials if run.data.tags["trial"] == str(found.trial))
    assert (found.run_id, found.run_name) == (own.info.run_id, own.info.run_name)
    assert found.wandb_run == own.data.tags["wandb_run"]
    assert own.data.metrics == pytest.approx(found.figures)
    assert len(list(tmp_path.glob("wandb/offline-run-*"))) == 3


@pytest.mark.integration
def test_ctrl_c_keeps_what_was_done(
    mlflow_server: str, request_here: TuningRequest, by_trees_share: Scoring, tuned: Callable[..., str]
) -> None:
    scored: list[BlendSettings] = []

    def interrupted(settings: BlendSettings) -> Iterator[Metrics]:
        scored.append(settings)
        if len(scored) == 3:
            raise KeyboardInterrupt
        yield from by_trees_share(settings)

    with pytest.raises(KeyboardInterrupt):
        tuned(interrupted)

    found = ParametersFile.model_validate_json(request_here.output.read_bytes())
    (study,), trials = runs(mlflow_server, request_here)
    assert found.settings in [settings.model_dump(mode="json") for settings in scored[:2]]
    assert (study.info.status, len(trials)) == ("KILLED", 2)
    assert "2 of 5 trials are finished" in tuned()


@pytest.mark.integration
def test_resuming_records_an_unrecorded_trial(
    mlflow_server: str, request_here: TuningRequest, tuned: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(MlflowLog, "trial", interrupted)
        tuned(trials=1)
    said = tuned(trials=1)

    _, trials = runs(mlflow_server, request_here)
    assert "1 of 1 trials are finished" in said
    assert [run.data.tags["trial"] for run in trials] == ["0"]


def test_reports_an_unwritable_file_before_the_search(request_here: TuningRequest, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be written: name a file in an existing folder with --output"):
        tune_recipe(replace(request_here, output=tmp_path / "nowhere" / "best.json"), Console(file=StringIO()))


def test_without_the_extra_one_line_says_how_to_install_it(
    request_here: TuningRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("housing_price_model.tuning.optuna_extra.find_spec", lambda _name: None)

    with pytest.raises(
        TuningError, match=r"^tuning needs Optuna, the extra `tune` of housing-price-model, which `uv sync` installs$"
    ):
        tune_recipe(request_here, Console(file=StringIO()))
