"""A model's folder as MLflow knows it, with the manifest beside the model. Written locally, uploaded elsewhere."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from house_record import FEATURES, RECORD_VERSION, example_house

from housing_price_model.data import make_frame, make_rows
from housing_price_model.evaluation.folds import SEED
from housing_price_model.publication.compiled_files import SCRIPT, add_compiled_files
from housing_price_model.registry.layout import SCRIPT_FILE
from housing_price_model.registry.manifest import FitSettings, Manifest, ModelFeature, TrainingData, folder_checksums
from housing_price_model.registry.provenance import MODEL_LIBRARIES, git_commit, installed_version, library_versions
from housing_price_model.registry.signature import model_signature

if TYPE_CHECKING:
    from mlflow.models import Model

    from housing_price_model.training.train import TrainedModel

WORKSPACE_FILES = ("uv.lock", "pyproject.toml", ".python-version")
"""MLflow adds those of the folder in which it runs; the model needs nothing but its requirements."""


def save_artefact(trained: "TrainedModel", folder: Path, description: "Model") -> Manifest:
    """Save a trained model into a new folder: the pipeline with skops where the recipe's is scikit-learn's own, the
    typed form, the manifest last.

    Raises:
        MlflowException: if the estimator holds a type that its recipe does not list as trusted.
    """
    _save(trained, folder, description)
    add_compiled_files(trained, folder, description)
    manifest = describe(trained, files=folder_checksums(folder))
    manifest.write(folder)
    return manifest


def _save(trained: "TrainedModel", folder: Path, description: "Model") -> None:
    common: dict[str, Any] = {
        "mlflow_model": description,
        "signature": model_signature(),
        "input_example": make_frame(make_rows([example_house()])),
        # Explicit, because MLflow would list the whole workspace.
        "pip_requirements": _requirements(),
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
    """Save no more than a function for now: what it is made of is added to it."""
    import mlflow.pyfunc

    with TemporaryDirectory() as temporary:
        script = shutil.copyfile(SCRIPT, Path(temporary) / SCRIPT_FILE)
        mlflow.pyfunc.save_model(folder, python_model=str(script), **common)
    for name in WORKSPACE_FILES:
        (folder / name).unlink(missing_ok=True)


def describe(trained: "TrainedModel", *, files: dict[str, str]) -> Manifest:
    """The manifest of a trained model whose files have these checksums."""
    sales = trained.sales
    return Manifest(
        record_version=RECORD_VERSION,
        features=tuple(ModelFeature(name=feature.column, type=feature.kind) for feature in FEATURES),
        recipe=trained.recipe.name,
        settings=_settings(trained),
        data=TrainingData(source=sales.source, sha256=sales.sha256, rows=len(sales), generated=sales.is_generated),
        metrics=dict(trained.evaluation.figures()),
        libraries=dict(library_versions()),
        trained_at=trained.trained_at,
        git_commit=git_commit(),
        files=files,
    )


def _settings(trained: "TrainedModel") -> FitSettings:
    best = trained.recipe.best_trial
    return FitSettings(
        values=dict(trained.recipe.settings),
        seed=SEED,
        study=best.study if best else None,
        best_trial=best.trial if best else None,
    )


def _requirements() -> list[str]:
    versions = library_versions()
    # The typed form is read with pydantic; which version of it is no matter for prices.
    return [*(f"{name}=={versions[name]}" for name in MODEL_LIBRARIES), f"pydantic=={installed_version('pydantic')}"]
