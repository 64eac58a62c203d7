"""The values that the layers hand to each other. No framework, no I/O.

``RequestContext`` travels with a request from the moment that its headers are there until its log line is written. It
takes the place of context variables: whoever needs it is given it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from house_record import Value
from house_record.price import PriceDocument
from upstream_resilience.deadline import Deadline
from upstream_resilience.load_balancing import Affinity

UNKNOWN = "unknown"
"""The version of a model whose server does not say which one it is."""

type Params = Mapping[str, Any]
"""What a model is given beside the rows, such as the coverage of its intervals: MLflow's `params`."""

NO_PARAMS: Params = MappingProxyType({})
"""No parameters: a model answers as it does by default."""

type Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True, eq=False)
class RequestContext:
    """What is known of a request while it is served."""

    request_id: str = ""
    traceparent: str | None = None
    """Trace that the request belongs to, as W3C's header says."""
    key: str | None = None
    """Name of the caller's API key, never the key."""
    given: Mapping[bytes, bytes] = field(default_factory=dict)
    """Headers of the request; the last one where a name comes twice."""
    headers: Headers = ()
    """Headers that go with the response, whatever it will be."""
    deadline: Deadline | None = None
    is_probe: bool = False
    """Whether a probe asks, not a caller. A probe gets past what callers are kept from, and past a silent server: that
    one of several hangs is no reason to call the service unwell."""
    task: asyncio.Task[Any] | None = None
    """The task that is at work on the request, where it can be ended."""
    has_left: bool = False
    """Whether that task was cancelled because the caller left."""
    code: str | None = None
    cause: str | None = None
    rows: int | None = None
    model_version: str | None = None

    def start_deadline(self, seconds: float) -> Deadline:
        """Return the deadline of the request, which starts now unless it has started already."""
        if self.deadline is None:
            self.deadline = Deadline.after(seconds)
        return self.deadline

    @property
    def trace_id(self) -> str | None:
        """Id of the trace that the request belongs to."""
        return self.traceparent.split("-")[1] if self.traceparent else None

    @property
    def outgoing_headers(self) -> dict[str, str]:
        """Headers that carry the ids of the request on to an upstream."""
        if not self.request_id:
            return {}
        headers = {"x-request-id": self.request_id}
        if self.traceparent:
            headers["traceparent"] = self.traceparent
        return headers


NO_REQUEST = RequestContext()
"""The context of what nobody requested; never changed."""


@dataclass(slots=True, eq=False)
class ModelRequest:
    """Rows for a model to predict."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    params: Params = NO_PARAMS
    context: RequestContext = NO_REQUEST
    """The request that they are of; where calls are merged, the first of several."""
    deadline: Deadline | None = None
    """When the prediction must be there; later than the context's where others wait longer."""
    affinity: Affinity | None = None
    """What the request has seen of the replicas; None until it goes to one."""


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
