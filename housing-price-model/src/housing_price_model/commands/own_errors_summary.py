"""Summarizes a version's own errors on sales for a terminal."""

from collections.abc import Callable, Iterator

from housing_price_model.evaluation.own_errors import OwnErrors
from housing_price_model.evaluation.ratio_study import LIMITS
from housing_price_model.report.version_on_sales import VersionOnSales

NAME_WIDTH, FIGURE_WIDTH = 30, 16

type Figure = tuple[str, Callable[[OwnErrors], str]]

_FIGURES: tuple[Figure, ...] = (
    ("sales", lambda found: f"{found.sales:,}"),
    ("RMSLE", lambda found: f"{found.metrics['rmsle'].value:.4f}"),
    ("MAE", lambda found: f"${found.metrics['mae'].value:,.0f}"),
    ("MAPE", lambda found: f"{found.metrics['mape'].value:.1%}"),
    ("wMAPE", lambda found: f"{found.metrics['wmape'].value:.1%}"),
    ("within 10 %", lambda found: f"{found.metrics['within_10_percent'].value:.1%}"),
    ("R²", lambda found: f"{found.metrics['r2'].value:.3f}"),
    ("bias", lambda found: f"{found.bias:+.1%}"),
)
_RATIOS = {"median_ratio": "median ratio", "cod": "COD", "prd": "PRD", "prb": "PRB"}


def summarize_own_errors(tested: VersionOnSales, everything: OwnErrors, unseen: OwnErrors | None) -> list[str]:
    """The lines to print."""
    judged = unseen or everything
    return [
        f"{tested.name} itself, recipe {tested.manifest.recipe}, on {everything.sales:,} sales of {tested.source}",
        *_warn_of_known_sales(tested),
        *_tabulate(everything, unseen),
        *_tabulate_intervals(judged),
        *_tabulate_ratios(judged),
        *_tabulate_segments(judged),
        *_list_short_groups(judged),
        *_list_worst(judged),
    ]


def _warn_of_known_sales(tested: VersionOnSales) -> Iterator[str]:
    if tested.trained_on is None:
        yield "warning: the version has not stored its sales: whether it was trained on some of these is unknown"
    elif tested.known_count:
        others = "the others are scored separately" if tested.unseen else "there are too few others to score"
        yield f"warning: the version was trained on {tested.known_count:,} of these sales; {others}"


def _tabulate(everything: OwnErrors, unseen: OwnErrors | None) -> Iterator[str]:
    columns = {"all sales": everything} | ({"not trained on": unseen} if unseen else {})
    yield _align("", columns)
    for name, word in _FIGURES:
        yield _align(name, [word(found) for found in columns.values()])


def _tabulate_intervals(found: OwnErrors) -> Iterator[str]:
    if not found.intervals:
        yield "the version gives no prediction intervals"
        return
    yield _align("intervals", ["held", "width", "score/predicted", "sum/sum"])
    for one in found.intervals:
        shares = (one.found.value, one.width, one.score, one.total_score)
        yield _align(f"  at {one.nominal:.0%}", [f"{share:.1%}" for share in shares])


def _tabulate_ratios(found: OwnErrors) -> Iterator[str]:
    yield _align("ratio study (IAAO)", ["value", "limits"])
    for name, title in _RATIOS.items():
        low, high = LIMITS[name]
        beyond = "" if found.ratios.is_acceptable(name) else "  beyond"
        yield _align(f"  {title}", [f"{getattr(found.ratios, name):.3f}", f"{low:g} to {high:g}"]) + beyond


def _tabulate_segments(found: OwnErrors) -> Iterator[str]:
    for kind, segments in found.segments.items():
        if segments:
            yield _align(f"by {kind}", ["sales", "RMSLE", "bias", "held at 90%" if found.intervals else ""])
        for one in segments:
            held = f"{one.coverage.value:.1%}" if one.coverage else ""
            yield _align(f"  {one.name}", [f"{one.count:,}", f"{one.rmsle.value:.4f}", f"{one.bias:+.1%}", held])


def _list_short_groups(found: OwnErrors) -> Iterator[str]:
    if not found.intervals:
        return
    short = found.groups_short
    yield f"groups whose intervals hold too little: {len(short)} of {found.groups_tested} tests"
    for one in short:
        yield f"  {one.kind} {one.name}: {one.found:.1%} of {one.count:,} at {one.nominal:.0%} (p = {one.p_value:.1g})"


def _list_worst(found: OwnErrors) -> Iterator[str]:
    yield _align(f"the {len(found.outliers.worst)} largest errors", ["paid", "predicted", "error"])
    for sale in found.outliers.worst:
        figures = [f"${sale.actual:,.0f}", f"${sale.predicted:,.0f}", f"{sale.relative_error:+.1%}"]
        yield _align(f"  id {sale.id}, {sale.neighborhood}", figures)


def _align(name: str, figures: "list[str] | dict[str, OwnErrors]") -> str:
    return (f"{name:<{NAME_WIDTH}}" + "".join(f"{figure:>{FIGURE_WIDTH}}" for figure in figures)).rstrip()
