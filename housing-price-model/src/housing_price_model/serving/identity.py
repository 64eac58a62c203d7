"""Describes the server's model for ``GET /model``."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from housing_price_model.delivery.loading import LoadedModel
from housing_price_model.registry.manifest import ModelFeature, TrainingData
from housing_price_model.registry.versions import MODEL_NAME

UNKNOWN = "unknown"


class Golden(BaseModel):
    """The example house and its price in US dollars when the model was loaded."""

    id: int
    price: float


class ModelIdentity(BaseModel):
    """The identity of a model: names from the registry, facts from the manifest.

    ``record_version`` is the house record of the rows that the server takes. It translates them for an older model.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)

    name: str
    version: str
    alias: str | None
    model_uri: str
    run_id: str | None
    recipe: str
    record_version: str
    features: tuple[ModelFeature, ...]
    data: TrainingData
    metrics: dict[str, float]
    libraries: dict[str, str]
    trained_at: datetime
    git_commit: str | None
    golden: Golden


def identify(model: LoadedModel) -> ModelIdentity:
    """Return the identity of a loaded model. An unregistered model is identified by its MLflow id."""
    reference, manifest = model.reference, model.manifest
    return ModelIdentity(
        name=reference.name or MODEL_NAME,
        version=reference.version or model.model_id or UNKNOWN,
        alias=reference.alias,
        model_uri=reference.uri,
        run_id=reference.run_id or model.run_id,
        golden=Golden(id=model.record.example["id"], price=round(model.golden_price, 2)),
        recipe=manifest.recipe,
        record_version=model.record.version,
        features=manifest.features,
        data=manifest.data,
        metrics=manifest.metrics,
        libraries=manifest.libraries,
        trained_at=manifest.trained_at,
        git_commit=manifest.git_commit,
    )
