"""What became of the requests at one rate, as the process that sent them tells it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import ConfigDict, NonNegativeInt, PositiveFloat, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from housing_price_bench.errors import GeneratorError
from housing_price_bench.load import Milliseconds
from housing_price_bench.overload.open_loop import NO_ANSWER, Sample
from housing_price_bench.percentiles import percentile

REFUSAL = "OVERLOADED"
"""The code of a refusal: any other 503 is an error."""

_TOLD = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True, config=_TOLD)
class Answers:
    """Answers of one kind, and how long they took from the sending of the request; None where there were none."""

    count: NonNegativeInt
    p50_ms: Milliseconds | None
    p99_ms: Milliseconds | None


@dataclass(frozen=True, kw_only=True, config=_TOLD)
class RateOutcome:
    """The requests of so many seconds. ``in_time`` are the prices that came within the deadline.

    ``errors`` counts what is neither a price nor a refusal, by status and code. ``late_p99_ms`` is how late the
    generator itself was; ``connections`` is how many it had open at the end.
    """

    seconds: PositiveFloat
    sent: NonNegativeInt
    in_time: NonNegativeInt
    accepted: Answers
    refused: Answers
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


def outcome_of(samples: Sequence[Sample], *, seconds: float, deadline_seconds: float, connections: int) -> RateOutcome:
    """The samples of so many seconds, counted."""
    accepted = [sample.seconds for sample in samples if sample.status == 200]
    refused = [sample.seconds for sample in samples if _is_refusal(sample)]
    errors = Counter(_name(sample) for sample in samples if sample.status != 200 and not _is_refusal(sample))
    return RateOutcome(
        seconds=seconds,
        sent=len(samples),
        in_time=sum(each <= deadline_seconds for each in accepted),
        accepted=_answers(accepted),
        refused=_answers(refused),
        errors=dict(errors),
        late_p99_ms=_percentile_ms((max(0.0, sample.late) for sample in samples), 99),
        connections=connections,
    )


_OUTCOME = TypeAdapter(RateOutcome)
_LINE = re.compile(r"^outcome (\{.*\})$", re.MULTILINE)


def outcome_line(outcome: RateOutcome) -> str:
    """The one line that tells it."""
    return f"outcome {_OUTCOME.dump_json(outcome).decode()}\n"


def told_outcome(text: str) -> RateOutcome:
    """The outcome that was told.

    Raises:
        GeneratorError: if there is none, or not as it should be.
    """
    found = _LINE.search(text)
    if not found:
        raise GeneratorError("the load generator told no outcome")
    try:
        return _OUTCOME.validate_json(found[1])
    except ValidationError as error:
        first = error.errors()[0]
        raise GeneratorError(f"the load generator's {first['loc']}: {first['msg']}") from None


def _is_refusal(sample: Sample) -> bool:
    return sample.status == 503 and sample.code == REFUSAL


def _name(sample: Sample) -> str:
    return f"{sample.status} {sample.code}" if sample.status != NO_ANSWER else "no answer"


def _answers(seconds: Sequence[float]) -> Answers:
    return Answers(count=len(seconds), p50_ms=_percentile_ms(seconds, 50), p99_ms=_percentile_ms(seconds, 99))


def _percentile_ms(seconds: Iterable[float], percent: float) -> float | None:
    return percentile([each * 1000 for each in sorted(seconds)], percent)
