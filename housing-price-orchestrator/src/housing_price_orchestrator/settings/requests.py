"""Settings of what is taken from callers: how much at once, how large, and until when."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt
from upstream_resilience import settings as policies

from housing_price_orchestrator.settings.section import Section


class AdmissionSettings(policies.AdmissionSettings):
    """Which requests are refused because there is too much to do; batches before single prices. For each worker."""

    max_in_flight: PositiveInt = 1000
    """Requests for prices in the service; batches are refused from half of it on."""
    max_wait_seconds: PositiveFloat = 0.1
    """Time that a request waits for a call to the model, or twice the time of a call where that is longer; a batch is
    refused from half of it on."""
    max_batch_wait_seconds: PositiveFloat = 1.0
    """The same for the slices of a large batch, which wait for each other."""


class ShutdownSettings(Section):
    """How the service ends when it is asked to."""

    notice_seconds: Annotated[float, Field(ge=0)] = 2.0
    """Time in which `/ready` says no and requests are still taken, so that a load balancer turns away first; none where
    nobody is connected."""
    drain_seconds: PositiveFloat = 12.0
    """Time for requests in flight after that: the longest deadline and 2 seconds."""


class LimitSettings(Section):
    """How much one request may ask for."""

    max_rows: PositiveInt = 1000
    """Houses in one batch."""
    max_body_bytes: PositiveInt = 5 * 1024 * 1024
    """Size of the largest request body."""
    body_timeout_seconds: PositiveFloat = 10.0
    """Time in which the head of a request must have arrived, and then its body."""
    max_header_bytes: PositiveInt = 32 * 1024
    """Size of the request line and all headers together."""
