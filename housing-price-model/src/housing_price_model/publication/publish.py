"""Registers a trained model: run, plots, artefact, version, and the alias as the last step.

An interruption leaves the champion unchanged and no incomplete version.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from housing_price_model.inference import CompiledModel
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.publication.description import MODEL_DESCRIPTION, describe_version
from housing_price_model.publication.parity import check_parity
from housing_price_model.publication.run_log import log_run, make_version_tags
from housing_price_model.registry.connection import translate_errors
from housing_price_model.registry.manifest import MANIFEST_FILE, file_checksum
from housing_price_model.registry.promotion import Grounds, promote_version
from housing_price_model.registry.versions import MANIFEST_CHECKSUM_TAG, MODEL_NAME, Champion, find_champion

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.models import Model

    from housing_price_model.training.train import TrainedModel


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A registered version, and whether it became the champion."""

    version: str
    run_id: str
    experiment_id: str
    is_champion: bool


def publish(
    trained: "TrainedModel", client: "MlflowClient", *, experiment: str, promote: bool, data_changed: str | None = None
) -> PublishedVersion:
    """Register a trained model. It becomes the champion if ``promote`` is set or there is no champion.

    ``data_changed`` is why it learnt from other sales than the champion; None if the user did not say.

    Raises:
        ParityError: if the compiled form and the estimator price differently; no version is created.
        RegistryError: if MLflow refuses a part; the champion is unchanged.
    """
    with translate_errors("register the model"):
        run = _start_run(client, experiment, trained)
        with end_with_outcome(client, run.info.run_id):
            _ensure_registered_model(client)
            version = _register(trained, client, run)
    champion = find_champion(client)
    becomes_champion = promote or champion is None
    if becomes_champion:
        promote_version(client, version, _find_grounds(trained, champion, data_changed, promote=promote))
    return PublishedVersion(version, run.info.run_id, run.info.experiment_id, becomes_champion)


def _find_grounds(
    trained: "TrainedModel", champion: Champion | None, data_changed: str | None, *, promote: bool
) -> Grounds:
    reason = "asked for when it was trained" if promote else "the first"
    if champion is None or champion.data_sha256 == trained.sales.sha256:
        return Grounds("not run", reason)
    return Grounds("not run", reason, data_changed=data_changed or f"trained on {trained.sales.source}")


def _start_run(client: "MlflowClient", experiment: str, trained: "TrainedModel") -> "Run":
    found = client.get_experiment_by_name(experiment)
    experiment_id = found.experiment_id if found else client.create_experiment(experiment)
    run_name = f"{trained.recipe.name} {trained.trained_at:%Y-%m-%d %H:%M:%S}"
    return client.create_run(experiment_id, run_name=run_name)


def _ensure_registered_model(client: "MlflowClient") -> None:
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME, description=MODEL_DESCRIPTION)


@contextmanager
def end_with_outcome(client: "MlflowClient", run_id: str) -> Iterator[None]:
    """End a run with the block's outcome: finished, failed, or killed by an interruption."""
    outcome = "KILLED"
    try:
        yield
        outcome = "FINISHED"
    except Exception:
        outcome = "FAILED"
        raise
    finally:
        client.set_terminated(run_id, outcome)


@contextmanager
def _finalize(client: "MlflowClient", logged: "LoggedModel") -> Iterator[None]:
    outcome: Literal["READY", "FAILED"] = "FAILED"
    try:
        yield
        outcome = "READY"
    finally:
        client.finalize_logged_model(logged.model_id, outcome)


def _register(trained: "TrainedModel", client: "MlflowClient", run: "Run") -> str:
    run_id = run.info.run_id
    logged = client.create_logged_model(
        run.info.experiment_id, name=MODEL_NAME, source_run_id=run_id, model_type=trained.recipe.name
    )
    with _finalize(client, logged):
        tags, description = _upload(trained, client, logged, run_id)
    created = client.create_model_version(
        MODEL_NAME,
        f"models:/{logged.model_id}",
        run_id,
        tags=tags,
        description=description,
        model_id=logged.model_id,
    )
    return str(created.version)


def _upload(
    trained: "TrainedModel", client: "MlflowClient", logged: "LoggedModel", run_id: str
) -> tuple[dict[str, str], str]:
    """Store the model's files and the run's records; returns the version's tags and its description."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        manifest = save_artefact(trained, folder, _make_description(logged, run_id))
        check_parity(trained, CompiledModel.load(folder))
        tags = make_version_tags(manifest) | {MANIFEST_CHECKSUM_TAG: file_checksum(folder / MANIFEST_FILE)}
        client.log_model_artifacts(logged.model_id, str(folder))
    log_run(trained, manifest, client, run_id=run_id, model_id=logged.model_id)
    client.set_logged_model_tags(logged.model_id, tags)
    return tags, describe_version(trained, manifest)


def _make_description(logged: "LoggedModel", run_id: str) -> "Model":
    """Return what ties the artefact's ``MLmodel`` file to its run and its page in MLflow."""
    from mlflow.models import Model

    return Model(
        artifact_path=logged.artifact_location,
        run_id=run_id,
        model_uuid=logged.model_id,
        model_id=logged.model_id,
    )
