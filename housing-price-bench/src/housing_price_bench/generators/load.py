"""What a load generator sends, and what it measured."""

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
    """Requests one after the other on each connection: a POST of each line of `bodies` in turn, or a GET without it.

    `pause_seconds` is the time between a response and the next request on its connection.
    """

    url: str
    bodies: Path | None
    connections: int
    seconds: float
    counts_statuses: bool = False
    pause_seconds: float = 0.0


@checked_dataclass(frozen=True, kw_only=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Outcome:
    """The result of a load. Percentiles are None without a response.

    `good` counts responses with a status below 400, `failures` all others and broken connections. Requests that
    are still open at the end count as neither. `statuses` is empty unless the load counts them. `cpu_seconds` is the
    CPU time of the generator, if it knows it.
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
        """Requests that came to an end."""
        return self.good + self.failures


OUTCOME = TypeAdapter(Outcome)
_LINE = re.compile(r"^outcome (\{.*\})$", re.MULTILINE)


def parse_outcome_line(text: str) -> Outcome:
    """Parse the one line `outcome {…}` among the lines that a generator prints.

    Raises:
        GeneratorError: if there is not exactly one such line, or it is invalid.
    """
    lines: list[str] = _LINE.findall(text)
    if len(lines) != 1:
        raise GeneratorError(f"the load generator printed {len(lines)} outcomes instead of one: {_quote_end(text)}")
    try:
        return OUTCOME.validate_json(lines[0])
    except ValidationError as error:
        first = error.errors()[0]
        raise GeneratorError(f"the load generator's {first['loc']}: {first['msg']} in {lines[0]}") from None


def _quote_end(text: str) -> str:
    return " / ".join(text.splitlines()[-3:]) or "it wrote nothing"
