"""Records a training in its MLflow run: parameters, metrics, data and plots; and makes a version's tags."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from housing_price_model.evaluation.folds import FOLDS, HELD_OUT_SHARE, SEED
from housing_price_model.evaluation.plots import save_figures
from housing_price_model.inference import FORMAT
from housing_price_model.publication.description import find_caution
from housing_price_model.registry.manifest import FitSettings, Manifest
from housing_price_model.registry.out_of_fold import OUT_OF_FOLD_FILE, make_out_of_fold
from housing_price_model.registry.versions import CAUTION_TAG, FORMAT_TAG, MANIFEST_VERSION_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric

    from housing_price_model.training.train import TrainedModel

TAGGED_METRICS = ("cv_rmsle", "holdout_rmsle", "cv_coverage_90", "cv_interval_width_90")
"""Metrics to search versions by; the run has all metrics."""


def log_run(trained: "TrainedModel", manifest: Manifest, client: "MlflowClient", *, run_id: str, model_id: str) -> None:
    """Record a training in its run, linked to its model."""
    from mlflow.entities import LoggedModelOutput, Param, RunTag

    tags = [RunTag(name, value) for name, value in _make_run_tags(manifest).items()]
    parameters = _make_parameters(trained) | make_tuning_tags(manifest.settings)
    params = [Param(name, value) for name, value in parameters.items()]
    client.log_inputs(run_id, [_make_dataset(manifest)])
    client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
    client.log_batch(run_id, _make_metrics(manifest, run_id, model_id), params, tags)
    client.log_model_params(model_id, parameters)
    validation = trained.evaluation.cross_validation
    priced = make_out_of_fold(trained.sales, validation.predicted, validation.intervals, validation.marked)
    client.log_text(run_id, priced.model_dump_json(by_alias=True), OUT_OF_FOLD_FILE)
    with TemporaryDirectory() as folder:
        save_figures(trained.evaluation, Path(folder))
        client.log_artifacts(run_id, folder, "plots")


def make_version_tags(manifest: Manifest) -> dict[str, str]:
    """Return what describes a version in lists of versions."""
    return {
        "recipe": manifest.recipe,
        FORMAT_TAG: str(FORMAT),
        MANIFEST_VERSION_TAG: str(manifest.manifest_version),
        "record_version": manifest.record_version,
        "data_source": manifest.data.source,
        "data_sha256": manifest.data.sha256,
        "data_rows": str(manifest.data.rows),
        "data_generated": str(manifest.data.generated).lower(),
        "trained_at": manifest.trained_at.isoformat(timespec="seconds"),
        "git_commit": manifest.git_commit or "unknown",
        **({CAUTION_TAG: caution} if (caution := find_caution(manifest.data.rows)) else {}),
        **make_tuning_tags(manifest.settings),
        **{name: f"{manifest.metrics[name]:.4f}" for name in TAGGED_METRICS if name in manifest.metrics},
    }


def make_tuning_tags(settings: FitSettings | None) -> dict[str, str]:
    """Return the study and trial that found the settings, or nothing if they were not tuned."""
    if settings is None or settings.study is None:
        return {}
    return {"study": settings.study, "best_trial": str(settings.best_trial)}


def _make_run_tags(manifest: Manifest) -> dict[str, str]:
    source = {"mlflow.source.name": "housing-price-model train", "mlflow.source.type": "LOCAL"}
    commit = {"mlflow.source.git.commit": manifest.git_commit} if manifest.git_commit else {}
    return source | commit | make_version_tags(manifest)


def _make_parameters(trained: "TrainedModel") -> dict[str, str]:
    evaluation = {"recipe": trained.recipe.name, "seed": SEED, "folds": FOLDS, "held_out_share": HELD_OUT_SHARE}
    estimator = {f"estimator.{name}": value for name, value in trained.recipe.parameters.items()}
    return {name: str(value) for name, value in (evaluation | estimator).items()}


def _make_metrics(manifest: Manifest, run_id: str, model_id: str) -> "list[Metric]":
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    return [Metric(name, value, now, 0, model_id=model_id, run_id=run_id) for name, value in manifest.metrics.items()]


def _make_dataset(manifest: Manifest) -> "DatasetInput":
    from mlflow.entities import Dataset, DatasetInput, InputTag

    data = manifest.data
    dataset = Dataset(
        name="generated sample" if data.generated else Path(data.source).name,
        # MLflow stores at most 36 characters; the tags have the whole checksum.
        digest=data.sha256[:36],
        source_type="local",
        source=json.dumps({"uri": data.source}),
        profile=json.dumps({"num_rows": data.rows}),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])
