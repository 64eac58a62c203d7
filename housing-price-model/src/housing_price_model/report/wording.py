"""Formats the numbers and the verdict of the report for people."""

from collections.abc import Callable, Mapping, Sequence

from house_record import Record

from housing_price_model.evaluation.accuracy import Metrics
from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.deciles import Coverage
from housing_price_model.evaluation.intervals import COVERAGE_LEVELS
from housing_price_model.evaluation.segments import USUAL_COVERAGE
from housing_price_model.report.evidence import Evidence, Opponent

MINUS, SPACE = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"

type Words = Callable[[float], str]


def dollars(amount: float) -> str:
    """Whole dollars with separators."""
    return _minus(amount, 0) + f"${abs(amount):,.0f}"


def percent(share: float) -> str:
    """A share with one decimal."""
    return _minus(share, 3) + f"{abs(share) * 100:.1f}{SPACE}%"


def round_percent(share: float) -> str:
    """A chosen share, with only the digits that it has."""
    return f"{share * 100:g}{SPACE}%"


def points(share: float) -> str:
    """The difference of two shares."""
    return _minus(share, 3) + f"{abs(share) * 100:.1f}{SPACE}points"


def ratio(value: float) -> str:
    """A number of the size of an RMSLE."""
    return _minus(value, 4) + f"{abs(value):.4f}"


def signed(words: Words) -> Words:
    """The same format with a plus for positive numbers."""
    return lambda value: words(value) if words(value) == words(-abs(value)) else f"+{words(value)}"


def interval(estimate: Estimate, words: Words) -> str:
    """From the lower to the upper end."""
    return f"{words(estimate.low)} to {words(estimate.high)}"


def count(number: float) -> str:
    """A whole number with separators."""
    return f"{number:,.0f}"


METRICS: Mapping[str, tuple[str, Words, Words]] = {
    "rmsle": ("RMSLE", ratio, signed(ratio)),
    "mae": ("mean absolute error", dollars, signed(dollars)),
    "mape": ("mean absolute percentage error", percent, signed(points)),
    "wmape": ("absolute error as a share of what was paid (wMAPE)", percent, signed(points)),
    "within_10_percent": ("within 10\N{NO-BREAK SPACE}% of the price paid", percent, signed(points)),
    "r2": ("R²", ratio, signed(ratio)),
}
"""The title of each metric, and the formats of its value and of a change."""

FEW_FIELDS: Mapping[str, tuple[str, Words]] = {
    "cv_required_rmsle": ("RMSLE", ratio),
    "cv_required_bias": ("bias", signed(percent)),
    **{
        f"cv_required_{figure}_{level}": (f"{title} of the {level}{SPACE}% intervals", percent)
        for level in COVERAGE_LEVELS
        for figure, title in (("coverage", "coverage"), ("interval_width", "mean width"))
    },
}
"""The title and the format of each figure of houses of which only the required fields are known."""

FILTERS: Mapping[str, Callable[..., str]] = {
    "count": count,
    "dollars": dollars,
    "percent": percent,
    "points": points,
    "ratio": ratio,
    "round_percent": round_percent,
    "signed_percent": signed(percent),
    "signed_ratio": signed(ratio),
    "interval": interval,
}


def wire_names(record: Record, columns: Sequence[str]) -> list[str]:
    """Return the wire names of these columns."""
    return [record.feature_by_column[column].wire_name for column in columns]


def verdict(evidence: Evidence, metrics: Metrics, changes: Metrics, coverage: Sequence[Coverage]) -> str:
    """Summarize the version's accuracy in a sentence."""
    near, rmsle = metrics["within_10_percent"].value, metrics["rmsle"]
    accurate = (
        f"On sales that it had not seen, {percent(near)} of its prices are within 10{SPACE}% of what was paid,"
        f" and its RMSLE is {ratio(rmsle.value)} (95{SPACE}% interval {interval(rmsle, ratio)})"
    )
    # The first entries are of all sales.
    held = next((one.found.value for one in coverage if one.nominal == USUAL_COVERAGE), None)
    covered = (
        "" if held is None else f"its {round_percent(USUAL_COVERAGE)} intervals hold {percent(held)} of the prices"
    )
    compared = _describe_comparison(changes["rmsle"], evidence.opponent) if evidence.opponent else ""
    return "; ".join(filter(None, [accurate, covered, compared])) + "."


def _describe_comparison(change: Estimate, opponent: Opponent) -> str:
    name = f"the champion (version {opponent.number})" if opponent.is_champion else f"version {opponent.number}"
    if not change.is_beyond_noise:
        return f"no difference from {name} beyond noise"
    return f"{'better' if change.value < 0 else 'worse'} than {name} by {ratio(abs(change.value))}, beyond noise"


def _minus(value: float, digits: int) -> str:
    """Return a minus sign, unless the number rounds to zero."""
    return MINUS if round(value, digits) < 0 else ""
