"""Figures of houses of which only the required fields are known, and of marked houses, for prices that are known."""

from dataclasses import replace

import numpy as np
import pytest
from housing_price_model.evaluation.cross_validation import CrossValidation
from housing_price_model.evaluation.few_fields import FewFields, measure_marks
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.evaluation.metrics import measure

ACTUAL = np.array([100_000.0, 200_000.0, 300_000.0, 400_000.0])
PREDICTED = ACTUAL * [1.1, 1.1, 1.1, 1.1]
HELD = np.array([True, True, True, False])


@pytest.fixture
def few_fields() -> FewFields:
    """Prices 10 % too high, of which three of four intervals hold the price paid."""
    lower = np.where(HELD, ACTUAL * 0.9, ACTUAL * 1.05)
    return FewFields(PREDICTED, {0.9: Interval(lower, lower + 0.5 * PREDICTED)})


def test_the_error_is_the_rmsle_of_all_prices_together(few_fields: FewFields) -> None:
    assert few_fields.figures(ACTUAL)["cv_required_rmsle"] == measure(ACTUAL, PREDICTED).rmsle


def test_the_bias_is_how_much_prices_are_too_high(few_fields: FewFields) -> None:
    low = replace(few_fields, predicted=ACTUAL * [0.8, 0.8, 1.0, 1.0])

    assert few_fields.figures(ACTUAL)["cv_required_bias"] == pytest.approx(0.1)
    assert low.figures(ACTUAL)["cv_required_bias"] == pytest.approx(np.sqrt(0.8) - 1)


def test_intervals_have_their_coverage_width_and_score(few_fields: FewFields) -> None:
    figures = few_fields.figures(ACTUAL)

    assert figures["cv_required_coverage_90"] == 0.75
    assert figures["cv_required_interval_width_90"] == pytest.approx(0.5)
    assert figures["cv_required_interval_score_90"] == pytest.approx(0.5 + 20 * 0.05 / 1.1 / 4)


def test_every_figure_is_named_as_of_the_required_fields(few_fields: FewFields) -> None:
    assert set(few_fields.figures(ACTUAL)) == {
        "cv_required_rmsle",
        "cv_required_bias",
        "cv_required_coverage_90",
        "cv_required_interval_width_90",
        "cv_required_interval_score_90",
    }


def test_errors_of_marked_sales_are_compared_with_the_others() -> None:
    predicted = ACTUAL * np.exp([0.3, -0.1, 0.1, -0.1])

    assert measure_marks(ACTUAL, predicted, np.array([True, False, False, False])) == pytest.approx(
        {"cv_marked_share": 0.25, "cv_marked_error_ratio": 3.0}
    )


@pytest.mark.parametrize(("marked", "share"), [(False, 0.0), (True, 1.0)], ids=["none", "all"])
def test_without_others_there_is_no_ratio(marked: bool, share: float) -> None:
    assert measure_marks(ACTUAL, PREDICTED, np.full(4, marked)) == {"cv_marked_share": share}


def test_an_evaluation_has_the_figures_that_its_calibration_found(few_fields: FewFields) -> None:
    metrics = measure(ACTUAL, PREDICTED)
    plain = CrossValidation(metrics, metrics, metrics, PREDICTED)

    assert plain.doubts(ACTUAL) == {}
    assert replace(plain, few_fields=few_fields, marked=HELD).doubts(ACTUAL) == {
        **few_fields.figures(ACTUAL),
        **measure_marks(ACTUAL, PREDICTED, HELD),
    }
