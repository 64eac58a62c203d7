"""What a load generator is asked to send, and what it saw."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, NonNegativeInt, PositiveFloat, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from housing_price_bench.errors import GeneratorError

type Milliseconds = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class Load:
    """Requests one after the other on each connection: a POST of each line of the file in turn, or else a GET.

    `pause_seconds` is the time between an answer and the next request of its connection.
    """

    url: str
    bodies: Path | None
    connections: int
    seconds: float
    counts_statuses: bool = False
    pause_seconds: float = 0.0


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Outcome:
    """What became of a load. The percentiles are None when nothing was answered.

    `good` answers have a status below 400; `failures` are all others, and connections that broke. Requests that
    were still open at the end count as neither. `statuses` is empty where nobody asked for it. `cpu_seconds` is what
    sending took, where the generator knows it.
    """

    seconds: PositiveFloat
    good: NonNegativeInt
    failures: NonNegativeInt
    p50_ms: Milliseconds | None
    p95_ms: Milliseconds | None
    p99_ms: Milliseconds | None
    statuses: Mapping[str, NonNegativeInt] = field(default_factory=dict)
    cpu_seconds: float | None = None

    @property
    def requests(self) -> int:
        """Everything that came to an end."""
        return self.good + self.failures


OUTCOME = TypeAdapter(Outcome)
_LINE = re.compile(r"^outcome (\{.*\})$", re.MULTILINE)


def outcome_line(text: str) -> Outcome:
    """The outcome in the one line that says so, among others that a generator writes for people.

    Raises:
        GeneratorError: if there is not exactly one such line, or it is not as it should be.
    """
    lines: list[str] = _LINE.findall(text)
    if len(lines) != 1:
        raise GeneratorError(f"the load generator told {len(lines)} outcomes instead of one: {_end(text)}")
    try:
        return OUTCOME.validate_json(lines[0])
    except ValidationError as error:
        first = error.errors()[0]
        raise GeneratorError(f"the load generator's {first['loc']}: {first['msg']} in {lines[0]}") from None


def _end(text: str) -> str:
    return " / ".join(text.splitlines()[-3:]) or "it wrote nothing"
