"""The stages of a request for prices: where its time goes from the end of its body to its answer."""

from dataclasses import dataclass
from typing import Literal, Self, get_args

from housing_price_orchestrator.domain import CallTiming

type Stage = Literal["validate", "queue", "upstream", "model", "respond"]

STAGES: tuple[Stage, ...] = get_args(Stage.__value__)
"""Validating the body; waiting for a call to the model server; the call without the model's own time; the model's own
time for all rows of the call, where its server says it; all the rest, answer and plausibility included."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Seconds by stage. They do not overlap, and add up to the whole."""

    validate: float
    queue: float
    upstream: float
    model: float
    respond: float

    @classmethod
    def of(cls, timing: CallTiming, *, validate: float, total: float) -> Self:
        """The stages of a request that took ``total`` seconds after its body was there."""
        model = min(timing.model_seconds or 0.0, timing.upstream_seconds)
        rest = total - validate - timing.queue_seconds - timing.upstream_seconds
        return cls(validate, timing.queue_seconds, timing.upstream_seconds - model, model, max(0.0, rest))

    def server_timing(self) -> str:
        """The value of a header ``Server-Timing`` (W3C), in milliseconds."""
        return ", ".join(f"{stage};dur={getattr(self, stage) * 1000:.3f}" for stage in STAGES)
