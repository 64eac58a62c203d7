"""Parses what our model server says of its model at ``GET /model``."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from housing_price_orchestrator.domain import ModelDetails, ModelFeature, ModelIdentity


class _Feature(BaseModel):
    name: str
    type: str


class _Golden(BaseModel):
    price: float


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    name: str
    version: str
    alias: str | None = None
    run_id: str | None = None
    recipe: str | None = None
    record_version: str | None = None
    trained_at: str | None = None
    data: dict[str, Any] | None = None
    metrics: dict[str, float] | None = None
    features: list[_Feature] = []
    golden: _Golden | None = None


def parse_details(document: str | bytes) -> ModelDetails:
    """Parse the details in a JSON document; what is missing there is unknown.

    Raises:
        ValidationError: if it is no such document.
    """
    said = _Document.model_validate_json(document)
    return ModelDetails(
        identity=ModelIdentity(said.name, said.version),
        alias=said.alias,
        run_id=said.run_id,
        recipe=said.recipe,
        record_version=said.record_version,
        trained_at=said.trained_at,
        data=said.data,
        metrics=said.metrics,
        features=tuple(ModelFeature(feature.name, feature.type) for feature in said.features),
        golden_price=said.golden.price if said.golden else None,
    )
