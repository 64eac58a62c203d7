"""What happens in the service, as events. Whoever wants to hear of them subscribes in the composition root.

An event is built only if somebody listens, so adding a subscriber needs no change to pricing code, and without
subscribers an event costs nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from house_record.price import PreparedHouse, PriceDocument
from upstream_resilience.errors import Cause

from housing_price_orchestrator.domain import ModelIdentity, RequestContext
from housing_price_orchestrator.service.stages import Stages


@dataclass(slots=True)
class PricesAnswered:
    """Houses were priced and the response made."""

    context: RequestContext
    rows: Sequence[PreparedHouse]
    """The houses, each with the row that the model was given."""
    prices: Sequence[PriceDocument]
    version: str
    """The version of the model."""
    stages: Stages | None = None
    """Where the time went; None where a flow priced them on its way."""


@dataclass(slots=True)
class ModelCalled:
    """A call to a model server ended."""

    replica: str
    operation: str
    """``predict`` or ``details``."""
    outcome: str
    """``answered``, ``cancelled`` or the name of the error's class."""
    seconds: float
    cause: Cause | None = None
    """Why it failed, if it is the server's failure."""
    identity: ModelIdentity | None = None
    """Which model answered, if it is another one than before."""


type OnPricesAnswered = Callable[[PricesAnswered], object]
