"""The values that the layers hand to each other. No framework, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from house_record.price import PriceDocument

UNKNOWN = "unknown"
"""The version of a model whose server does not say which one it is."""

type Params = Mapping[str, Any]
"""What a model is told beside the rows, such as the coverage of its intervals: MLflow's `params`."""

NO_PARAMS: Params = MappingProxyType({})
"""A model is told nothing: it answers as it does by default."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answered."""

    name: str | None = None
    version: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class CallTiming:
    """Where the time of a call to a model went, in seconds."""

    queue_seconds: float = 0.0
    """Until the call began, because others were being answered."""
    upstream_seconds: float = 0.0
    """From the beginning of the call to its answer, the model's own time included."""
    model_seconds: float | None = None
    """What the model itself needed for all rows of the call, as its server says; None where it does not."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model answered: one output a row, in order; a number or a record of named outputs."""

    outputs: Sequence[Any]
    model: ModelIdentity
    timing: CallTiming = CallTiming()


@dataclass(frozen=True, slots=True)
class ModelFeature:
    """A column that a model wants, and whether it is a ``number`` or a ``text``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """What a model server says about its model; None or empty where it says nothing."""

    identity: ModelIdentity
    alias: str | None = None
    run_id: str | None = None
    recipe: str | None = None
    record_version: str | None = None
    trained_at: str | None = None
    data: Mapping[str, Any] | None = None
    metrics: Mapping[str, float] | None = None
    features: Sequence[ModelFeature] = ()
    golden_price: float | None = None
    """What the example house costs (US dollars), as the server found when it loaded the model."""


@dataclass(frozen=True, slots=True)
class PricedHouses:
    """The prices of one request as they are answered, in its order, all by one version of the model."""

    documents: Sequence[PriceDocument]
    model: ModelIdentity
    timing: CallTiming = CallTiming()
