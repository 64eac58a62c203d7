"""Writes a model's artefact: MLflow's files, the compiled form, and the manifest. ``publish`` uploads it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from housing_price_model.data import make_frame, make_rows
from housing_price_model.evaluation.folds import SEED
from housing_price_model.publication.compiled_files import SCRIPT, add_compiled_files
from housing_price_model.registry.layout import SCRIPT_FILE
from housing_price_model.registry.manifest import (
    MANIFEST_VERSION,
    FitSettings,
    Manifest,
    ModelFeature,
    TrainingData,
    folder_checksums,
)
from housing_price_model.registry.provenance import MODEL_LIBRARIES, git_commit, installed_version, library_versions
from housing_price_model.registry.signature import make_signature

if TYPE_CHECKING:
    from mlflow.models import Model

    from housing_price_model.training.train import TrainedModel

WORKSPACE_FILES = ("uv.lock", "pyproject.toml", ".python-version")
"""MLflow adds these from the current folder, but a model needs only its requirements."""


def save_artefact(trained: "TrainedModel", folder: Path, description: "Model") -> Manifest:
    """Save a trained model into a new folder: the pipeline in skops format, if the recipe has one, the compiled form,
    and the manifest last.

    Raises:
        MlflowException: if the pipeline contains a type that its recipe does not trust.
    """
    _save(trained, folder, description)
    add_compiled_files(trained, folder, description)
    manifest = make_manifest(trained, files=folder_checksums(folder))
    manifest.write(folder)
    return manifest


def _save(trained: "TrainedModel", folder: Path, description: "Model") -> None:
    record = trained.sales.record
    common: dict[str, Any] = {
        "mlflow_model": description,
        "signature": make_signature(record),
        "input_example": make_frame(record.features, make_rows(record, [record.example_house()])),
        # Explicit, because MLflow would list the whole workspace.
        "pip_requirements": _list_requirements(),
    }
    if trained.recipe.trusted_types is None:
        _save_function(folder, common)
        return
    import mlflow.sklearn

    mlflow.sklearn.save_model(
        trained.recipe.compile(trained.estimator).pipeline,
        folder,
        serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
        skops_trusted_types=list(trained.recipe.trusted_types),
        **common,
    )


def _save_function(folder: Path, common: dict[str, Any]) -> None:
    """Save MLflow's Python function alone; the compiled form is added later."""
    import mlflow.pyfunc

    with TemporaryDirectory() as temporary:
        script = shutil.copyfile(SCRIPT, Path(temporary) / SCRIPT_FILE)
        mlflow.pyfunc.save_model(folder, python_model=str(script), **common)
    for name in WORKSPACE_FILES:
        (folder / name).unlink(missing_ok=True)


def make_manifest(trained: "TrainedModel", *, files: dict[str, str]) -> Manifest:
    """Return the manifest of a trained model whose files have these checksums."""
    sales = trained.sales
    return Manifest(
        manifest_version=MANIFEST_VERSION,
        record_version=sales.record.version,
        features=tuple(ModelFeature(name=feature.column, type=feature.kind) for feature in sales.record.features),
        recipe=trained.recipe.name,
        settings=_describe_settings(trained),
        data=TrainingData(source=sales.source, sha256=sales.sha256, rows=len(sales), generated=sales.is_generated),
        metrics=dict(trained.evaluation.figures()),
        libraries=dict(library_versions()),
        trained_at=trained.trained_at,
        git_commit=git_commit(),
        files=files,
    )


def _describe_settings(trained: "TrainedModel") -> FitSettings:
    best = trained.recipe.best_trial
    return FitSettings(
        values=dict(trained.recipe.settings),
        seed=SEED,
        study=best.study if best else None,
        best_trial=best.trial if best else None,
    )


def _list_requirements() -> list[str]:
    versions = library_versions()
    # The compiled form is read with pydantic, whose version does not affect prices.
    return [*(f"{name}=={versions[name]}" for name in MODEL_LIBRARIES), f"pydantic=={installed_version('pydantic')}"]
