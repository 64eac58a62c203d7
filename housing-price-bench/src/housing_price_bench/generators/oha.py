"""oha, parsed from its JSON output: https://github.com/hatoo/oha/blob/master/schema.json."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, ValidationError

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load, Outcome

ABORTED_AT_THE_END = "aborted due to deadline"
"""oha's name for requests that were open at the end; they are no failures."""


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


def make_oha_generator(program: str, version: str, help_text: str) -> Generator:
    """Make the generator for an installed oha; its help shows which option asks for JSON."""
    as_json = ("--output-format", "json") if "--output-format" in help_text else ("--json",)

    def build_command(load: Load) -> tuple[str, ...]:
        if load.bodies is None or load.pause_seconds or load.counts_statuses:
            raise GeneratorError("oha sends only one body, without pauses")
        size = ("-c", str(load.connections), "-z", f"{max(round(load.seconds * 1000), 1)}ms")
        body = ("-m", "POST", "-T", "application/json", "-D", str(load.bodies))
        return (program, "--no-tui", *as_json, *size, *body, load.url)

    return Generator(name="oha", version=version, command=build_command, read=parse_oha_report, takes_many_bodies=False)


def parse_oha_report(text: str) -> Outcome:
    """Parse oha's JSON report.

    Raises:
        GeneratorError: if the text holds no such report.
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
        **_to_milliseconds(report.latencyPercentiles),
    )


def _to_milliseconds(percentiles: _Percentiles) -> Mapping[str, Any]:
    seconds = percentiles.model_dump()
    return {f"{name}_ms": None if value is None else value * 1000 for name, value in seconds.items()}
