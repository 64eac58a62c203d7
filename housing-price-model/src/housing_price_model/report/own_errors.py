"""Renders a version's own errors on sales as one HTML page."""

from housing_price_model.evaluation.own_errors import OwnErrors
from housing_price_model.evaluation.ratio_study import LIMITS
from housing_price_model.report.rendering import describe_prices, render
from housing_price_model.report.version_on_sales import VersionOnSales

TEMPLATE = "own_errors.html.jinja"


def render_own_errors(tested: VersionOnSales, everything: OwnErrors, unseen: OwnErrors | None) -> str:
    """Return the page as HTML.

    Args:
        tested: the version and its prices.
        everything: its errors on all sales.
        unseen: its errors on those that it was not trained on, if it was trained on some.
    """
    judged = unseen or everything
    content = {
        **describe_prices(tested.judged, judged.segments),
        "tested": tested,
        "everything": everything,
        "unseen": unseen,
        "judged": judged,
        "outliers": judged.outliers,
        "is_out_of_fold": False,
        "ratio_limits": LIMITS,
    }
    return render(TEMPLATE, content)
