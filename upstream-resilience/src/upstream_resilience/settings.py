"""The settings of the policies: frozen pydantic models that a service can nest in its own.

Defaults come from gRPC's A6 (retry budget), resilience4j (circuit breaker) and Envoy (outlier ejection).
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class PolicySettings(BaseModel):
    """Base of the settings of one policy: frozen, and strict with names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class RetrySettings(PolicySettings):
    """Calls that are made again: after a failed connection, a reset before an answer, 502 to 504."""

    attempts: PositiveInt = 2
    """How often a call is made at most."""
    base_seconds: PositiveFloat = 0.025
    """The longest pause before the first retry; twice as long before each next one, and any shorter time by chance."""
    cap_seconds: PositiveFloat = 0.25
    """The longest pause before any retry."""
    budget: Annotated[float, Field(ge=1)] = 10.0
    """Retries that there may be at once; each takes one."""
    budget_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """What each call adds to the budget, up to its size."""


class BreakerSettings(PolicySettings):
    """The circuit breaker before an upstream: after many failures it gets no calls for a while."""

    window_seconds: PositiveInt = 20
    """How far back calls count."""
    minimum_calls: PositiveInt = 20
    """Calls in that time before it may open."""
    failure_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of them that must have failed, or been slow, for it to open."""
    slow_seconds: PositiveFloat = 1.0
    """A call that takes longer is slow."""
    open_seconds: PositiveFloat = 5.0
    """How long it stays open the first time, twice as long each time that the probes fail."""
    longest_open_seconds: PositiveFloat = 60.0
    """How long it stays open at most."""
    probes: PositiveInt = 3
    """Calls that try whether the upstream is well again; all must succeed."""
    ping_seconds: PositiveFloat = 1.0
    """Time between two pings while it is open; two passes let the probes begin at once."""


class EjectionSettings(PolicySettings):
    """Servers that get no calls for a while because they fail, where there are several."""

    failures: PositiveInt = 5
    """Failed calls in a row after which a server is ejected, unless it is the last one."""
    seconds: PositiveFloat = 30.0
    """How long it is ejected the first time, and so much longer each next time."""
    longest_seconds: PositiveFloat = 300.0
    """How long it is ejected at most."""


class AdmissionSettings(PolicySettings):
    """Which requests are refused because there is too much to do; batches before single requests."""

    max_in_flight: PositiveInt = 1000
    """Requests in the service; batches are refused from half of it on."""
    max_batches: PositiveInt = 32
    """Requests for batches in the service."""
