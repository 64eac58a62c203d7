"""Checks that prediction intervals cover the nominal share of sales."""

from collections.abc import Mapping

from housing_price_model.evaluation.intervals import COVERAGE_LEVELS
from housing_price_model.gate.checks.check import Check

LARGEST_DEVIATION = 0.02

type Metrics = Mapping[str, float]


def check_coverage(candidate: Metrics, champion: Metrics | None) -> list[Check]:
    """Return a check for each level. A candidate without intervals passes only if the champion has none either."""
    if not _has_intervals(candidate):
        return [_without_intervals(champion)]
    return [_check_level(level, candidate.get(_metric(level))) for level in COVERAGE_LEVELS]


def _check_level(level: int, found: float | None) -> Check:
    name, limit = f"coverage at {level} %", f"{level} % ± {LARGEST_DEVIATION * 100:.0f} points"
    if found is None:
        return Check(name=name, passed=False, figure="not measured", limit=limit)
    # Rounded, because 0.92 - 0.9 is not exactly 0.02. NaN fails the comparison.
    passed = round(abs(found - level / 100), 9) <= LARGEST_DEVIATION
    return Check(name=name, passed=passed, figure=f"{found:.1%}", limit=limit)


def _without_intervals(champion: Metrics | None) -> Check:
    refused = champion is not None and _has_intervals(champion)
    figure = "no intervals, but the champion has them" if refused else "no intervals, nor has a champion"
    return Check(name="coverage", passed=not refused, figure=figure, limit="intervals, where the champion has them")


def _has_intervals(metrics: Metrics) -> bool:
    return any(_metric(level) in metrics for level in COVERAGE_LEVELS)


def _metric(level: int) -> str:
    return f"cv_coverage_{level}"
