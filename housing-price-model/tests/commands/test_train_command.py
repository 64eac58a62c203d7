"""The command `train` against a real MLflow server: what is registered, which version is the champion."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import pytest
from housing_price_model.registry.manifest import Manifest
from mlflow.entities.model_registry import ModelVersion
from present import present

pytestmark = [
    pytest.mark.integration,
    # MLflow compares column names in a way that pandas 4 will not take.
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),
]

NAME = "housing-price"

type Run = Callable[..., subprocess.CompletedProcess[str]]
type Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def client(registered: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(registered)


@pytest.fixture
def first(client: mlflow.MlflowClient) -> ModelVersion:
    return client.get_model_version(NAME, "1")


@pytest.fixture
def champion_put_back(client: mlflow.MlflowClient) -> Iterator[None]:
    yield
    client.set_registered_model_alias(NAME, "champion", "1")


def champion(client: mlflow.MlflowClient) -> str:
    return str(client.get_model_version_by_alias(NAME, "champion").version)


def versions(client: mlflow.MlflowClient) -> int:
    return len(client.search_model_versions(f"name = '{NAME}'"))


def test_people_see_why_what_how_good_and_where_to_look(registered: str, training_output: str) -> None:
    lines = training_output.splitlines()

    assert lines[0] == "training a version, because there is no champion yet"
    assert lines[1].startswith("recipe default: ")
    assert "cross-validation, fold 5 of 5" in lines
    assert "housing-price version 1 is the champion" in lines
    assert any(line.startswith("caution: 150 sales are fewer than 300: ") for line in lines)
    assert any(line.startswith("RMSLE ") for line in lines)
    assert lines[-1].startswith(f"plots and details: {registered}/#/experiments/")


def test_a_version_shows_its_recipe_and_data_in_tags(first: ModelVersion, few_sales_path: Path) -> None:
    assert first.tags["recipe"] == "default"
    assert first.tags["data_source"] == str(few_sales_path)
    assert first.tags["data_generated"] == "false"
    assert first.tags["data_rows"] == "150"
    assert 0 < float(first.tags["cv_rmsle"]) < 1


def test_a_versions_run_has_metrics_parameters_data_and_plots(client: mlflow.MlflowClient, first: ModelVersion) -> None:
    run = client.get_run(present(first.run_id))

    assert run.info.status == "FINISHED"
    assert {"cv_rmsle", "cv_rmsle_std", "holdout_mae", "holdout_within_10_percent"} <= run.data.metrics.keys()
    assert run.data.params["recipe"] == "default"
    assert run.data.params["estimator.trees_share"] == "0.25"
    (data,) = present(run.inputs).dataset_inputs
    assert first.tags["data_sha256"].startswith(data.dataset.digest)
    assert [file.path for file in client.list_artifacts(present(first.run_id), "plots")] == [
        "plots/importances.png",
        "plots/predicted_against_actual.png",
        "plots/residuals.png",
    ]


def test_the_run_links_the_model_and_the_version(client: mlflow.MlflowClient, first: ModelVersion) -> None:
    (output,) = present(client.get_run(present(first.run_id)).outputs).model_outputs
    logged = client.get_logged_model(output.model_id)

    assert logged.status == "READY"
    assert logged.source_run_id == first.run_id
    assert first.source == f"models:/{output.model_id}"
    assert {metric.key for metric in present(logged.metrics)} >= {"cv_rmsle", "holdout_r2"}


def test_the_manifest_is_stored_beside_the_model(registered: str, first: ModelVersion, tmp_path: Path) -> None:
    mlflow.set_tracking_uri(registered)
    folder = mlflow.artifacts.download_artifacts(f"models:/{NAME}/{first.version}", dst_path=str(tmp_path))

    manifest = Manifest.model_validate_json((Path(folder) / "manifest.json").read_bytes())

    assert manifest.data.sha256 == first.tags["data_sha256"]
    assert f"{manifest.metrics['cv_rmsle']:.4f}" == first.tags["cv_rmsle"]


def test_if_needed_keeps_the_champion_in_one_line(registered: str, client: mlflow.MlflowClient, run: Run) -> None:
    before = versions(client)

    done = run(registered, "train", "--if-needed")

    assert done.returncode == 0
    assert done.stdout.startswith(f"housing-price version {champion(client)} stays the champion (recipe ")
    assert done.stdout.count("\n") == 1
    assert versions(client) == before


@pytest.mark.slow
@pytest.mark.usefixtures("champion_put_back")
def test_if_needed_trains_another_recipe_on_the_champions_sales(
    registered: str, client: mlflow.MlflowClient, few_sales_path: Path, run: Run
) -> None:
    before = versions(client)

    done = run(registered, "train", "--if-needed", "--recipe", "random-forest")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("training a version, because the champion (version 1) has another recipe: default\n")
    assert versions(client) == before + 1
    tags = client.get_model_version_by_alias(NAME, "champion").tags
    assert (tags["recipe"], tags["data_source"]) == ("random-forest", str(few_sales_path))


@pytest.mark.slow
def test_a_version_does_not_replace_the_champion_unless_asked_to_on_a_terminal_of_any_encoding(
    registered: str, client: mlflow.MlflowClient, few_sales_path: Path, run: Run
) -> None:
    ascii_terminal = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}

    done = run(registered, "train", "--data", str(few_sales_path), "--experiment", "tries", **ascii_terminal)

    assert (done.returncode, done.stderr) == (0, "")
    assert "\nR\\xb2 " in done.stdout
    assert "is registered; the champion stays as it was" in done.stdout
    assert champion(client) == "1"
    assert client.get_experiment_by_name("tries")


@pytest.mark.parametrize("told", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_nothing_is_registered_when_training_is_interrupted(
    registered: str, client: mlflow.MlflowClient, told: signal.Signals, start: Start
) -> None:
    before = versions(client)

    process = start(registered, "train", "--promote", "--data", "sample")
    for line in present(process.stdout):
        if line.startswith("cross-validation, fold 1"):
            break
    process.send_signal(told)
    _, errors = process.communicate(timeout=120)

    assert process.returncode == 130
    assert errors == "interrupted\n"
    assert versions(client) == before
    assert champion(client) == "1"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--recipe", "forest"], "there is no recipe 'forest': choose one of default, random-forest"),
        (["--data", "nothing.csv"], "nothing.csv"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(registered: str, arguments: list[str], line: str, run: Run) -> None:
    done = run(registered, "train", *arguments)

    assert done.returncode == 1
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_registry_nothing_is_computed(nowhere: str, run: Run) -> None:
    done = run(nowhere, "train", "--registry-timeout-seconds", "0")

    assert done.returncode == 1
    assert done.stderr.startswith(f"no MLflow server answers at {nowhere}: start one with")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_training_may_be_logged_to_weights_and_biases(
    registered: str, client: mlflow.MlflowClient, few_sales_path: Path, run: Run, tmp_path: Path
) -> None:
    offline = {"WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path)}

    done = run(registered, "train", "--data", str(few_sales_path), "--logger", "wandb", **offline)

    assert done.returncode == 0, done.stderr
    newest = max(client.search_model_versions(f"name = '{NAME}'"), key=lambda version: int(version.version))
    (written,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    assert newest.tags["wandb_run"] == f"{NAME}/{written.stem.removeprefix('run-')}"
