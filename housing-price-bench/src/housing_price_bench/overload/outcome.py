"""The outcome of the requests at one rate, as the generator's process prints it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import ConfigDict, NonNegativeInt, PositiveFloat, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import Milliseconds
from housing_price_bench.generators.percentiles import compute_percentile
from housing_price_bench.overload.open_loop import NO_RESPONSE, Sample

REFUSAL = "OVERLOADED"
"""The code of a refusal: any other 503 is an error."""

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Responses:
    """Responses of one kind, and the time that they took from the request; None without any."""

    count: NonNegativeInt
    p50_ms: Milliseconds | None
    p99_ms: Milliseconds | None


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class RateOutcome:
    """The requests of ``seconds``. ``in_time`` counts prices within the deadline.

    ``errors`` counts responses that are neither a price nor a refusal, by status and code. ``late_p99_ms`` is how late
    the generator itself was, and ``connections`` how many it had open at the end.
    """

    seconds: PositiveFloat
    sent: NonNegativeInt
    in_time: NonNegativeInt
    accepted: Responses
    refused: Responses
    errors: Mapping[str, NonNegativeInt]
    late_p99_ms: Milliseconds | None
    connections: NonNegativeInt

    @property
    def offered_per_second(self) -> float:
        """Requests a second."""
        return self.sent / self.seconds

    @property
    def goodput_per_second(self) -> float:
        """Prices a second that came in time."""
        return self.in_time / self.seconds

    @property
    def refused_per_second(self) -> float:
        """Refusals a second."""
        return self.refused.count / self.seconds


def summarize_samples(
    samples: Sequence[Sample], *, seconds: float, deadline_seconds: float, connections: int
) -> RateOutcome:
    """Count the samples of ``seconds``."""
    accepted = [sample.seconds for sample in samples if sample.status == 200]
    refused = [sample.seconds for sample in samples if _is_refusal(sample)]
    errors = Counter(_name_error(sample) for sample in samples if sample.status != 200 and not _is_refusal(sample))
    return RateOutcome(
        seconds=seconds,
        sent=len(samples),
        in_time=sum(each <= deadline_seconds for each in accepted),
        accepted=_summarize(accepted),
        refused=_summarize(refused),
        errors=dict(errors),
        late_p99_ms=_compute_ms((max(0.0, sample.late) for sample in samples), 99),
        connections=connections,
    )


_OUTCOME = TypeAdapter(RateOutcome)
_LINE = re.compile(r"^outcome (\{.*\})$", re.MULTILINE)


def format_outcome_line(outcome: RateOutcome) -> str:
    """Format the outcome as one line for the standard output."""
    return f"outcome {_OUTCOME.dump_json(outcome).decode()}\n"


def parse_outcome_line(text: str) -> RateOutcome:
    """Parse the outcome in the output of the generator.

    Raises:
        GeneratorError: if there is none, or it is invalid.
    """
    found = _LINE.search(text)
    if not found:
        raise GeneratorError("the load generator printed no outcome")
    try:
        return _OUTCOME.validate_json(found[1])
    except ValidationError as error:
        first = error.errors()[0]
        raise GeneratorError(f"the load generator's {first['loc']}: {first['msg']}") from None


def _is_refusal(sample: Sample) -> bool:
    return sample.status == 503 and sample.code == REFUSAL


def _name_error(sample: Sample) -> str:
    return f"{sample.status} {sample.code}" if sample.status != NO_RESPONSE else "no answer"


def _summarize(seconds: Sequence[float]) -> Responses:
    return Responses(count=len(seconds), p50_ms=_compute_ms(seconds, 50), p99_ms=_compute_ms(seconds, 99))


def _compute_ms(seconds: Iterable[float], percent: float) -> float | None:
    return compute_percentile([each * 1000 for each in sorted(seconds)], percent)
