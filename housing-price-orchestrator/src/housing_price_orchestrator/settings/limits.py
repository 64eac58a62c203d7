"""Settings of what the service accepts: how much at once, how large, and until when."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt
from upstream_resilience import settings as policies

from housing_price_orchestrator.settings.section import Section


class AdmissionSettings(policies.AdmissionSettings):
    """Which requests a worker rejects when it is overloaded; batches before single prices."""

    max_in_flight: PositiveInt = 1000
    """Maximum number of requests for prices in the service. Batches are rejected from half of it on."""
    max_wait_seconds: PositiveFloat = 0.1
    """How long a request may wait for a call to the model, or four times the time of a call if that is longer and its
    deadline allows. Batches are rejected from half of it on."""
    max_batch_wait_seconds: PositiveFloat = 1.0
    """The same limit for the slices of a large batch, which wait for each other."""


class ShutdownSettings(Section):
    """How the service shuts down."""

    notice_seconds: Annotated[float, Field(ge=0)] = 2.0
    """How long `/ready` returns 503 at shutdown while requests are still accepted, so that a load balancer turns away
    first. An idle service skips it."""
    drain_seconds: PositiveFloat = 12.0
    """How long requests in flight may take after that. Defaults to the longest deadline plus 2 seconds."""


class LimitSettings(Section):
    """How large one request may be."""

    max_rows: PositiveInt = 1000
    """Maximum number of houses in a batch."""
    max_body_bytes: PositiveInt = 5 * 1024 * 1024
    """Maximum size of a request body."""
    body_timeout_seconds: PositiveFloat = 10.0
    """How long the head of a request may take to arrive, and then its body."""
    max_header_bytes: PositiveInt = 32 * 1024
    """Maximum size of the request line and all headers together."""
