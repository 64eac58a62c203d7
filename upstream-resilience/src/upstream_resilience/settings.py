"""The settings of the policies: frozen pydantic models that a service can nest in its own.

Defaults come from gRPC's A6 (retry budget), resilience4j (circuit breaker) and Envoy (outlier ejection).
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator

LARGEST_NUMBER = 1_000_000_000


def require_reasonable[Value](value: Value) -> Value:
    """Refuse a number that no clock and no queue can work with; a validator of any field.

    Raises:
        ValueError: if it is larger than ``LARGEST_NUMBER``.
    """
    if isinstance(value, int | float) and value > LARGEST_NUMBER:
        raise ValueError(f"must be at most {LARGEST_NUMBER:,}")
    return value


class PolicySettings(BaseModel):
    """Base of the settings of one policy: frozen, strict with names, and without numbers beyond all reason."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    _numbers = field_validator("*")(require_reasonable)


class RetrySettings(PolicySettings):
    """Calls that are made again: after a failed connection, a reset before an answer, 502 to 504."""

    attempts: PositiveInt = 2
    """Maximum number of attempts at a call."""
    base_seconds: PositiveFloat = 0.025
    """The longest pause before the first retry. It doubles with each retry, and the actual pause is random up to it."""
    cap_seconds: PositiveFloat = 0.25
    """The longest pause before any retry."""
    budget: Annotated[float, Field(ge=1)] = 10.0
    """Maximum size of the retry budget. Each retry takes 1 from it."""
    budget_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """What each call adds to the retry budget."""


class BreakerSettings(PolicySettings):
    """The circuit breaker before an upstream: after many failures it gets no calls for a while."""

    window_seconds: PositiveInt = 20
    """The time over which the circuit breaker counts calls."""
    minimum_calls: PositiveInt = 20
    """Minimum number of calls in that time before the breaker may open."""
    failure_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The share of these calls that must fail or be slow for the breaker to open."""
    slow_seconds: PositiveFloat = 1.0
    """A call that takes longer counts as slow."""
    open_seconds: PositiveFloat = 5.0
    """How long the breaker stays open at first. The time doubles whenever trial calls fail."""
    longest_open_seconds: PositiveFloat = 60.0
    """The longest time that the breaker stays open."""
    probes: PositiveInt = 3
    """Trial calls that must all succeed for the breaker to close."""
    ping_seconds: PositiveFloat = 1.0
    """The time between two pings while the breaker is open. Two passed pings start the trial calls at once."""


class EjectionSettings(PolicySettings):
    """Servers that get no calls for a while because they fail, where there are several."""

    failures: PositiveInt = 5
    """Failed calls in a row after which a server is ejected, unless it is the last one."""
    seconds: PositiveFloat = 30.0
    """How long a server is ejected the first time. Each further ejection lasts that much longer."""
    longest_seconds: PositiveFloat = 300.0
    """The longest time that a server is ejected."""


class AdmissionSettings(PolicySettings):
    """Which requests are refused because there is too much to do; batches before single requests."""

    max_in_flight: PositiveInt = 1000
    """Maximum number of requests in the service. Batches are rejected from half of it on."""
    max_batches: PositiveInt = 32
    """Maximum number of requests for batches in the service."""
