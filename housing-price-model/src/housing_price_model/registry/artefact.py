"""A model's folder as MLflow knows it, with the manifest beside the model. Written locally, uploaded elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from house_record import FEATURES, RECORD_VERSION, example_house

from housing_price_model.data import frame_of
from housing_price_model.registry.manifest import Manifest, ModelFeature, TrainingData, folder_checksums
from housing_price_model.registry.provenance import MODEL_LIBRARIES, git_commit, installed_version, library_versions
from housing_price_model.registry.typed_files import add_typed_files

if TYPE_CHECKING:
    from mlflow.models import Model, ModelSignature

    from housing_price_model.training.train import TrainedModel


def save_artefact(trained: "TrainedModel", folder: Path, description: "Model") -> Manifest:
    """Save a trained model into a new folder: the pipeline with skops, its typed form, the manifest last.

    Raises:
        MlflowException: if the estimator holds a type that its recipe does not list as trusted.
    """
    import mlflow.sklearn

    mlflow.sklearn.save_model(
        trained.estimator,
        folder,
        mlflow_model=description,
        serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_SKOPS,
        skops_trusted_types=list(trained.recipe.trusted_types),
        signature=model_signature(),
        input_example=frame_of([example_house()]),
        # Explicit, because MLflow would list the whole workspace.
        pip_requirements=_requirements(),
    )
    add_typed_files(trained.recipe.compile(trained.estimator), folder, description)
    manifest = describe(trained, files=folder_checksums(folder))
    manifest.write(folder)
    return manifest


def describe(trained: "TrainedModel", *, files: dict[str, str]) -> Manifest:
    """The manifest of a trained model whose files have these checksums."""
    sales = trained.sales
    return Manifest(
        record_version=RECORD_VERSION,
        features=tuple(ModelFeature(name=feature.column, type=feature.kind) for feature in FEATURES),
        recipe=trained.recipe.name,
        data=TrainingData(source=sales.source, sha256=sales.sha256, rows=len(sales), generated=sales.is_generated),
        metrics=dict(trained.evaluation.figures()),
        libraries=dict(library_versions()),
        trained_at=trained.trained_at,
        git_commit=git_commit(),
        files=files,
    )


def model_signature() -> "ModelSignature":
    """All features in file order, numbers as double and codes as string; one double out."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, Schema

    types = {"number": DataType.double, "text": DataType.string}
    inputs = Schema([ColSpec(types[feature.kind], feature.column) for feature in FEATURES])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec(DataType.double)]))


def _requirements() -> list[str]:
    versions = library_versions()
    # The typed form is read with pydantic; which version of it is no matter for prices.
    return [*(f"{name}=={versions[name]}" for name in MODEL_LIBRARIES), f"pydantic=={installed_version('pydantic')}"]
