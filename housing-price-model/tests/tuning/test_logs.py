"""What a search leaves in Weights & Biases, offline, and in MLflow."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from housing_price_model.tuning.logs import MlflowLog, WandbLog, describe_trial
from housing_price_model.tuning.weights_and_biases import WandbRun, describe_mlflow_run, link_version
from mlflow import MlflowClient
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial
from wandb_records import read_wandb_records


def a_trial(state: TrialState = TrialState.COMPLETE) -> FrozenTrial:
    return create_trial(
        state=state,
        value=0.12 if state == TrialState.COMPLETE else None,
        params={"trees_share": 0.3},
        distributions={"trees_share": FloatDistribution(0, 1)},
        intermediate_values={1: 0.13, 2: 0.12},
    )


def test_describes_a_trial_by_score_or_pruning() -> None:
    assert describe_trial(a_trial(), best_number=a_trial().number) == "RMSLE 0.12000, the best so far"
    assert describe_trial(a_trial(TrialState.PRUNED), best_number=None) == "pruned after fold 2"


@pytest.fixture
def plots(tmp_path: Path) -> Path:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "importance.png").write_bytes(b"a picture")
    return tmp_path / "plots"


@pytest.fixture
def wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Weights & Biases, which writes to the test's folder and calls nobody."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    return pytest.importorskip("wandb", reason="the extra wandb is not installed")


def read_runs(folder: Path) -> dict[str, Any]:
    """The runs that W&B wrote offline, by name, each with all of its records."""
    runs: dict[str, Any] = {}
    for path in folder.glob("wandb/offline-run-*/*.wandb"):
        records = read_wandb_records(path)
        (run,) = (record.run for record in records if record.HasField("run"))
        runs[run.display_name] = (run, records)
    return runs


@pytest.mark.integration
def test_each_trial_is_a_run_of_weights_and_biases_in_the_group_of_its_study(
    client: MlflowClient, experiment: str, tmp_path: Path, wandb: Any
) -> None:
    mlflow_log = MlflowLog(client, experiment, "tries", None)
    log = WandbLog("tries", mlflow_log)
    for trial in numbered(2):
        mlflow_log.trial(trial)
        log.trial(trial)
    log.close("FINISHED")
    # Its own process writes the files, and has written all of them when it ends.
    wandb.teardown()

    runs = read_runs(tmp_path)
    assert {name: (run.run_group, run.job_type) for name, (run, _) in runs.items()} == {
        "study tries": ("tries", "study"),
        "trial 0": ("tries", "sweep"),
        "trial 1": ("tries", "sweep"),
    }
    run, records = runs["trial 1"]
    config = {item.key: json.loads(item.value_json) for item in run.config.update}
    own = mlflow_log.runs[1]
    assert (config["trees_share"], config["mlflow_run_id"]) == (0.3, own.id)
    assert config["mlflow_run_url"].endswith(f"/runs/{own.id}")
    logged = [item for record in records for item in record.history.item]
    assert [json.loads(item.value_json) for item in logged if "cv_overall_rmsle" in [item.key, *item.nested_key]] == [
        0.13,
        0.12,
    ]
    assert own.wandb == f"housing-price/{run.run_id}"
    assert client.get_run(own.id).data.tags["wandb_run"] == own.wandb


@pytest.mark.integration
def test_weights_and_biases_keeps_files_of_a_deleted_folder(
    client: MlflowClient, experiment: str, tmp_path: Path, plots: Path, wandb: Any
) -> None:
    log = WandbLog("tries", MlflowLog(client, experiment, "tries", None))
    log.keep({}, plots)
    shutil.rmtree(plots)
    log.close("FINISHED")
    wandb.teardown()

    (kept,) = (tmp_path / "wandb").glob("offline-run-*/files/importance.png")
    assert not kept.is_symlink()
    assert kept.read_bytes() == b"a picture"
    (run,) = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    assert b"importance.png" in run.read_bytes()


@pytest.mark.integration
def test_a_version_and_its_run_of_weights_and_biases_lead_to_each_other(
    registered: str, tmp_path: Path, wandb: Any
) -> None:
    client = MlflowClient(registered)
    version = client.get_model_version("housing-price", "1")
    run = WandbRun("train default", group="tries", job_type="train", config={})
    link_version(run, version.version, describe_mlflow_run(registered, "1", str(version.run_id)), client)
    run.close()
    wandb.teardown()

    written, records = read_runs(tmp_path)["train default"]
    (artefact,) = (record.artifact for record in records if record.HasField("artifact"))
    (content,) = artefact.manifest.contents
    assert (artefact.name, artefact.type, content.ref) == ("housing-price", "model", "models:/housing-price/1")
    assert not content.local_path
    # What is known from the start is with the run; this was added.
    added = {item.key: json.loads(item.value_json) for record in records for item in record.config.update}
    assert (added["mlflow_version"], added["mlflow_run_id"]) == ("1", version.run_id)
    address = f"housing-price/{written.run_id}"
    assert client.get_model_version("housing-price", "1").tags["wandb_run"] == address
    assert client.get_run(str(version.run_id)).data.tags["wandb_run"] == address


def numbered(count: int) -> list[FrozenTrial]:
    trials = [a_trial() for _ in range(count)]
    for number, trial in enumerate(trials):
        trial.number = number
    return trials


@pytest.fixture
def client(mlflow_server: str) -> MlflowClient:
    return MlflowClient(mlflow_server)


@pytest.fixture
def experiment(tmp_path: Path) -> str:
    return f"logs in {tmp_path.name}"


def children(client: MlflowClient, log: MlflowLog) -> list[tuple[str, str, float]]:
    """The trial, the state and the score of each child run."""
    experiment = client.get_run(log.run_id).info.experiment_id
    found = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{log.run_id}'")
    return sorted((run.data.tags["trial"], run.info.status, run.data.metrics["cv_overall_rmsle"]) for run in found)


@pytest.mark.integration
def test_a_reopened_log_records_missed_trials(client: MlflowClient, experiment: str) -> None:
    first = MlflowLog(client, experiment, "tries", None)
    first.trial(numbered(3)[1])

    again = MlflowLog(client, experiment, "tries", first.run_id)
    for _ in range(2):
        again.catch_up(numbered(3))

    assert again.run_id == first.run_id
    assert children(client, again) == [(number, "FINISHED", 0.12) for number in "012"]


@pytest.mark.integration
def test_resuming_completes_a_half_recorded_trial(
    client: MlflowClient, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    log = MlflowLog(client, experiment, "tries", None)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(client, "log_batch", interrupted)
        log.trial(numbered(1)[0])

    MlflowLog(client, experiment, "tries", log.run_id).catch_up(numbered(1))

    assert children(client, log) == [("0", "FINISHED", 0.12)]


@pytest.mark.integration
def test_trials_are_looked_for_on_every_page_of_children(
    client: MlflowClient, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("housing_price_model.tuning.logs.PAGE", 2)
    log = MlflowLog(client, experiment, "tries", None)

    for _ in range(2):
        log.catch_up(numbered(5))

    assert [number for number, *_ in children(client, log)] == list("01234")


@pytest.mark.integration
def test_a_study_in_a_new_registry_records_earlier_trials(client: MlflowClient, experiment: str) -> None:
    log = MlflowLog(client, experiment, "tries", "0123456789abcdef0123456789abcdef")
    log.catch_up(numbered(2))

    assert [number for number, *_ in children(client, log)] == ["0", "1"]
