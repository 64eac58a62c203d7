"""The documents of the API beside a house and its price, which are in the house record."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from house_record import AnyHouse, Record
from house_record.price import Document
from pydantic import FailFast, Field, create_model

from housing_price_orchestrator.domain import ModelDetails
from housing_price_orchestrator.service.readiness import PASSED, Readiness

if TYPE_CHECKING:
    from declared_flows.service.state import FlowState


class HouseBatch(Document):
    """Houses to price together, by one version of the model."""

    data: Annotated[list[AnyHouse], Field(min_length=1), FailFast()]
    """The houses; their order is kept. Ids may repeat."""


def house_batch(record: Record, max_rows: int) -> type[HouseBatch]:
    """The document of a batch with at most this many houses of the record."""
    houses = list[record.house]  # type: ignore[name-defined]  # a checker does not know it
    several = Annotated[houses, Field(min_length=1, max_length=max_rows), FailFast()]
    return create_model("HouseBatch", __base__=HouseBatch, __doc__=HouseBatch.__doc__, data=(several, ...))


class FeatureDocument(Document):
    """A column that the model takes."""

    name: str
    type: str


class ModelDocument(Document):
    """The model in use. What its server does not state is null."""

    name: str | None
    """Name in the registry."""
    version: Annotated[str, Field(examples=["3"])]
    """Version in the registry; `unknown` if the model server does not state it."""
    alias: Annotated[str | None, Field(examples=["champion"])]
    """The alias that pointed to it."""
    run_id: str | None
    """MLflow run that trained it."""
    recipe: Annotated[str | None, Field(examples=["default"])]
    """The recipe that it was trained with."""
    record_version: Annotated[str | None, Field(examples=["2"])]
    """The version of the house record that it takes."""
    trained_at: str | None
    """When it was trained (ISO 8601, UTC)."""
    data: dict[str, Any] | None
    """The training sales: source, checksum, rows, whether they are generated."""
    metrics: dict[str, float] | None
    """The metrics of its evaluation."""
    features: list[FeatureDocument]
    """The columns that it takes."""

    @classmethod
    def of(cls, details: ModelDetails) -> "ModelDocument":
        return cls(
            name=details.identity.name,
            version=details.identity.version,
            alias=details.alias,
            run_id=details.run_id,
            recipe=details.recipe,
            record_version=details.record_version,
            trained_at=details.trained_at,
            data=dict(details.data) if details.data is not None else None,
            metrics=dict(details.metrics) if details.metrics is not None else None,
            features=_list_features(details),
        )


def _list_features(details: ModelDetails) -> list[FeatureDocument]:
    return [FeatureDocument(name=feature.name, type=feature.type) for feature in details.features]


class Health(Document):
    """The process responds."""

    status: Literal["ok"] = "ok"


class ReadinessDocument(Document):
    """Whether houses can be priced, and the result of the last probe."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]
    """Each check, with `passed` or a sentence that says what is wrong."""
    model_name: str | None
    model_version: str | None

    @classmethod
    def of(
        cls,
        readiness: Readiness,
        flows: "FlowState | None" = None,
        problems: Mapping[str, str] = MappingProxyType({}),
    ) -> "ReadinessDocument":
        checks, model = readiness.checks, readiness.model
        return cls(
            status="ready" if readiness.takes_requests and not (flows and flows.serves_nothing) else "not ready",
            checks={
                **({"shutdown": "The service is ending."} if readiness.is_ending else {}),
                "modelServer": checks.model_server,
                "features": checks.features,
                "goldenRequest": checks.golden_request,
                **({"flows": _describe_flows(flows)} if flows else {}),
                **problems,
            },
            model_name=model.name if model else None,
            model_version=model.version if model else None,
        )


def _describe_flows(flows: "FlowState") -> str:
    """Report flows that can't be loaded. The service is ready nevertheless, since it can price houses."""
    if flows.is_sound:
        return PASSED
    count = "1 mistake" if len(flows.diagnostics) == 1 else f"{len(flows.diagnostics)} mistakes"
    problem = flows.problem or f"{count} in their files, the first: {flows.diagnostics[0]}."
    return f"{problem} The previous flows are still served: {', '.join(flows.flows) or 'none'}."
