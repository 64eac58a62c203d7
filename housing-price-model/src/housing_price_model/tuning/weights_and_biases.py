"""Records searches and versions in Weights & Biases, linked to their runs in MLflow.

W&B reads ``WANDB_MODE`` and its other variables. It gets figures, names and plots; of a model, the URI alone.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from housing_price_model.errors import TuningError, without_password
from housing_price_model.registry.connection import is_server, translate_errors
from housing_price_model.registry.versions import MODEL_NAME

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROJECT = "housing-price"
WANDB_TAG = "wandb_run"
"""The address of a run of W&B, as a tag in MLflow."""


class WandbRun:
    """A run of W&B beside others of this process. ``address`` is its URL, or its path if it is offline."""

    def __init__(self, name: str, *, group: str | None, job_type: str, config: Mapping[str, Any]) -> None:
        try:
            import wandb
        except ImportError as error:
            raise TuningError(
                "logging to Weights & Biases needs the extra `wandb` of housing-price-model, which `uv sync` installs"
            ) from error
        settings = wandb.Settings(silent=True, reinit="create_new")
        try:
            self._run: Any = wandb.init(
                project=PROJECT, name=name, group=group, job_type=job_type, config=dict(config), settings=settings
            )
        except wandb.errors.Error as error:
            reason = str(error).strip().partition("\n")[0]
            raise TuningError(f"Weights & Biases can't be used: {reason}; offline: WANDB_MODE=offline") from error
        self.address = f"{PROJECT}/{self._run.id}" if self._run.offline else str(self._run.url)

    def log(self, figures: Mapping[str, float], *, step: int) -> None:
        """Log figures of a step."""
        self._run.log(dict(figures), step=step)

    def summarize(self, figures: Mapping[str, Any]) -> None:
        """Set figures of the whole run."""
        self._run.summary.update(dict(figures))

    def save(self, folder: Path) -> None:
        """Keep copies of the files in a folder: W&B only links to files and reads them later, when it may be gone."""
        for path in sorted(folder.iterdir()):
            copied = shutil.copy(path, self._run.dir)
            self._run.save(copied, base_path=self._run.dir, policy="now")

    def refer_to_model(self, name: str, uri: str, facts: Mapping[str, Any]) -> None:
        """Log a model as an artefact that holds its URI and no file."""
        import wandb

        artefact = wandb.Artifact(name, type="model", metadata=dict(facts))
        artefact.add_reference(uri, name="model", checksum=False)
        self._run.log_artifact(artefact)

    def close(self, *, has_failed: bool = False) -> None:
        """End the run."""
        self._run.finish(exit_code=int(has_failed))

    def add(self, facts: Mapping[str, Any]) -> None:
        """Add to the configuration what was not known at the start."""
        self._run.config.update(dict(facts))


def describe_mlflow_run(uri: str, experiment_id: str, run_id: str) -> dict[str, str]:
    """Return the id of a run in MLflow, and the address of its page if MLflow is a server."""
    address = without_password(uri).rstrip("/")
    page = {"mlflow_run_url": f"{address}/#/experiments/{experiment_id}/runs/{run_id}"} if is_server(uri) else {}
    return {"mlflow_run_id": run_id, **page}


def link_version(run: WandbRun, version: str, mlflow_run: Mapping[str, str], client: "MlflowClient") -> None:
    """Log a registered version as a reference, and tag the version and its run in MLflow with the run of W&B."""
    uri = f"models:/{MODEL_NAME}/{version}"
    run.add({**mlflow_run, "mlflow_version": version})
    run.refer_to_model(MODEL_NAME, uri, {**mlflow_run, "mlflow_version": version})
    with translate_errors("link the version"):
        client.set_model_version_tag(MODEL_NAME, version, WANDB_TAG, run.address)
        client.set_tag(mlflow_run["mlflow_run_id"], WANDB_TAG, run.address)
