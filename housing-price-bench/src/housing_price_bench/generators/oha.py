"""oha, read by the JSON that its schema describes: https://github.com/hatoo/oha/blob/master/schema.json."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, ValidationError

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.generator import Generator
from housing_price_bench.load import Load, Outcome

ABORTED_AT_THE_END = "aborted due to deadline"
"""How oha calls the requests that were open when the time was up; they are no failures."""


class _Document(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class _Summary(_Document):
    total: PositiveFloat


class _Percentiles(_Document):
    p50: float | None
    p95: float | None
    p99: float | None


class _Report(_Document):
    summary: _Summary
    latencyPercentiles: _Percentiles  # noqa: N815 - oha's names
    statusCodeDistribution: dict[int, NonNegativeInt]  # noqa: N815 - its name in oha's document
    errorDistribution: dict[str, NonNegativeInt]  # noqa: N815 - its name in oha's document


def oha(program: str, version: str, help_text: str) -> Generator:
    """The generator for an installed oha, whose help tells how this version is asked for JSON."""
    as_json = ("--output-format", "json") if "--output-format" in help_text else ("--json",)

    def command(load: Load) -> tuple[str, ...]:
        if load.bodies is None or load.pause_seconds or load.counts_statuses:
            raise GeneratorError("oha is used for one body and without pauses alone")
        size = ("-c", str(load.connections), "-z", f"{max(round(load.seconds * 1000), 1)}ms")
        body = ("-m", "POST", "-T", "application/json", "-D", str(load.bodies))
        return (program, "--no-tui", *as_json, *size, *body, load.url)

    return Generator(name="oha", version=version, command=command, read=oha_outcome, takes_many_bodies=False)


def oha_outcome(text: str) -> Outcome:
    """The outcome in oha's JSON document.

    Raises:
        GeneratorError: if it is no such document.
    """
    try:
        report = _Report.model_validate_json(text[max(text.find("{"), 0) :])
    except ValidationError as error:
        first = error.errors()[0]
        raise GeneratorError(f"oha's JSON is not as its schema says: {first['loc']}: {first['msg']}") from None
    statuses = report.statusCodeDistribution
    good = sum(count for status, count in statuses.items() if status < 400)
    broken = sum(count for reason, count in report.errorDistribution.items() if reason != ABORTED_AT_THE_END)
    return Outcome(
        seconds=report.summary.total,
        good=good,
        failures=sum(statuses.values()) - good + broken,
        **_milliseconds(report.latencyPercentiles),
    )


def _milliseconds(percentiles: _Percentiles) -> Mapping[str, Any]:
    seconds = percentiles.model_dump()
    return {f"{name}_ms": None if value is None else value * 1000 for name, value in seconds.items()}
