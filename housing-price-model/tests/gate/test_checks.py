"""Each check of the gate on its own: what passes, what fails, and on which side of the limit."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np
import pytest
from house_record import AMES, RECORD_VERSION
from housing_price_model.evaluation.monotonicity import Answers
from housing_price_model.gate.checks.accuracy import check_accuracy
from housing_price_model.gate.checks.coverage import check_coverage
from housing_price_model.gate.checks.data import check_data
from housing_price_model.gate.checks.duplicates import check_duplicates
from housing_price_model.gate.checks.fields import check_fields, check_leak
from housing_price_model.gate.checks.latency import check_latency
from housing_price_model.gate.checks.level import check_level
from housing_price_model.gate.checks.monotonicity import check_monotonicity
from housing_price_model.gate.checks.parity import check_parity
from housing_price_model.gate.checks.signature import check_signature
from housing_price_model.registry.out_of_fold import OutOfFold
from housing_price_model.registry.signature import make_signature
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema
from numpy.typing import ArrayLike

SALES = 200
ACTUAL = np.linspace(100_000, 300_000, SALES)
GOOD = {"cv_coverage_80": 0.81, "cv_coverage_90": 0.9, "cv_coverage_95": 0.94}


def priced(errors: ArrayLike) -> OutOfFold:
    """Out-of-fold prices that are off by these relative errors."""
    predicted = ACTUAL * (1 + np.broadcast_to(np.asarray(errors), SALES))
    return OutOfFold(
        data_sha256="c0ffee",
        folds=5,
        seed=42,
        ids=tuple(range(SALES)),
        fold=(1,) * SALES,
        actual=tuple(ACTUAL.tolist()),
        predicted=tuple(predicted.tolist()),
    )


@pytest.fixture
def noise() -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.random.default_rng(1).normal(0, 0.1, SALES)


def test_a_candidate_that_is_worse_on_nearly_every_sale_fails(noise: np.ndarray) -> None:
    check = check_accuracy(priced(noise * 1.5), priced(noise))

    assert not check.passed
    assert check.figure == "RMSLE 0.1469, champion 0.0954"


def test_a_candidate_that_is_worse_by_noise_passes(noise: np.ndarray) -> None:
    others = np.random.default_rng(2).normal(0, 0.1, SALES)
    worse, better = sorted([priced(noise), priced(others)], key=lambda prices: -prices.squared_log_errors.mean())

    assert worse.squared_log_errors.mean() > better.squared_log_errors.mean()
    assert check_accuracy(worse, better).passed


def test_the_same_prices_are_no_worse(noise: np.ndarray) -> None:
    assert check_accuracy(priced(noise), priced(noise)).passed


def test_prices_that_are_no_numbers_are_worse_than_any(noise: np.ndarray) -> None:
    broken = np.where(np.arange(SALES) == 7, np.nan, noise)

    assert not check_accuracy(priced(broken), priced(noise)).passed
    assert not check_accuracy(priced(broken), None).passed


@pytest.mark.parametrize(("share", "passed"), [(0.51, True), (0.49, False)])
def test_less_than_half_the_champions_error_is_a_leak(noise: np.ndarray, share: float, passed: bool) -> None:
    errors = np.exp(noise) - 1

    assert check_accuracy(priced(np.exp(share * noise) - 1), priced(errors)).passed is passed


@pytest.mark.parametrize(("excess", "passed"), [(1.04, True), (1.06, False)])
def test_other_folds_of_the_same_sales_may_cost_5_percent(noise: np.ndarray, excess: float, passed: bool) -> None:
    champion = priced(np.exp(noise) - 1).model_copy(update={"data_sha256": "decaf"})

    assert check_accuracy(priced(np.exp(excess * noise) - 1), champion).passed is passed


def test_only_sales_that_both_have_are_compared(noise: np.ndarray) -> None:
    ours, theirs = priced(noise), priced(np.where(np.arange(SALES) < 50, 9.0, noise))
    others = theirs.model_copy(update={"actual": (*(9.0,) * 50, *theirs.actual[50:])})

    check = check_accuracy(ours, others)

    assert check.passed
    assert check.figure.endswith(", on 150 common sales")


def test_without_a_champion_there_is_nothing_to_be_worse_than(noise: np.ndarray) -> None:
    check = check_accuracy(priced(noise), None)

    assert check.passed
    assert check.figure.endswith("no champion")


@pytest.mark.parametrize(("share", "passed"), [(0.92, True), (0.88, True), (0.921, False), (0.879, False)])
def test_coverage_may_be_2_points_off(share: float, passed: bool) -> None:
    checks = check_coverage(GOOD | {"cv_coverage_90": share}, GOOD)

    assert {check.name: check.passed for check in checks} == {
        "coverage at 80 %": True,
        "coverage at 90 %": passed,
        "coverage at 95 %": True,
    }


@pytest.mark.parametrize(("champion", "passed"), [(None, True), ({}, True), (GOOD, False)])
def test_intervals_are_asked_for_only_where_the_champion_has_them(
    champion: Mapping[str, float] | None, passed: bool
) -> None:
    (check,) = check_coverage({"cv_rmsle": 0.1}, champion)

    assert check.passed is passed
    assert check.figure.startswith("no intervals")


def test_a_level_that_was_not_measured_fails() -> None:
    assert [check.passed for check in check_coverage({"cv_coverage_90": 0.9}, None)] == [False, True, False]


@pytest.mark.parametrize(
    ("stored", "passed"),
    [([100.0, 200.0], True), ([100.0, 200.001], False), ([100.0, np.nan], False), ([100.0], False)],
)
def test_stored_and_served_prices_are_the_same(stored: list[float], passed: bool) -> None:
    assert check_parity([100.0, 200.0], stored).passed is passed


def test_this_programs_own_signature_passes() -> None:
    assert check_signature(AMES, make_signature(AMES), record_version=RECORD_VERSION, example_price=128_528.33).passed


@pytest.mark.parametrize(
    ("found", "record_version", "price", "figure"),
    [
        (make_signature(AMES), "1", 1e5, "house record 1"),
        (None, RECORD_VERSION, 1e5, "other columns"),
        (ModelSignature(inputs=Schema([ColSpec("double", "LotArea")])), RECORD_VERSION, 1e5, "other columns"),
        (ModelSignature(inputs=make_signature(AMES).inputs), RECORD_VERSION, 1e5, "no outputs"),
        (make_signature(AMES), RECORD_VERSION, float("nan"), "the example house at nan"),
    ],
)
def test_another_signature_fails_and_says_what_differs(
    found: ModelSignature | None, record_version: str, price: float, figure: str
) -> None:
    check = check_signature(AMES, found, record_version=record_version, example_price=price)

    assert not check.passed
    assert check.figure == figure


@pytest.mark.parametrize(("wrong", "passed"), [(20, True), (21, False)])
def test_two_percent_of_the_answers_to_a_what_if_may_be_wrong(wrong: int, passed: bool) -> None:
    assert check_monotonicity([Answers("lot area", wrong, 1_000)]).passed is passed


def test_one_what_if_does_not_compensate_for_another() -> None:
    answers = [Answers("living area", 0, 1_000), Answers("lot area", 30, 1_000), Answers("overall quality", 25, 1_000)]

    check = check_monotonicity(answers)

    assert not check.passed
    assert check.figure == "lot area 3.00%, overall quality 2.50%"
    assert check.limit == "wrong by more than 0.1 % in at most 2 % of cases of each what-if"


def test_the_worst_share_is_named_where_all_pass() -> None:
    answers = [Answers("living area", 5, 1_000), Answers("lot area", 0, 1_000)]

    assert check_monotonicity(answers).figure == "0.50% at most, 2,000 cases of 2 what-ifs"


def test_every_what_if_is_judged() -> None:
    check = check_monotonicity([Answers("lot area", 0, 10), Answers("fence GdPrv", 10, 10)])

    assert (check.passed, check.figure) == (False, "fence GdPrv 100.00%")


@pytest.mark.parametrize(("ratio", "passed"), [(1.09, True), (0.91, True), (1.11, False), (0.89, False), (3.0, False)])
def test_the_median_ratio_of_prices_may_shift_by_10_percent(ratio: float, passed: bool) -> None:
    outliers = np.where(np.arange(SALES) < 9, 5.0, ratio)

    assert check_level("price level", ACTUAL * outliers, ACTUAL).passed is passed


def test_a_level_that_is_no_number_fails() -> None:
    assert not check_level("price level", [np.nan], [1.0]).passed


@pytest.mark.parametrize(
    ("champion", "data_changed", "passed", "figure"),
    [
        ("c0ffee", None, True, "the champion's sales"),
        ("decaf", None, False, "other sales"),
        ("decaf", "sales of 2026", True, "other sales: sales of 2026"),
        (None, None, False, "other sales"),
    ],
)
def test_other_sales_need_a_reason(champion: str | None, data_changed: str | None, passed: bool, figure: str) -> None:
    check = check_data("c0ffee", champion, data_changed)

    assert (check.passed, check.figure) == (passed, figure)


@pytest.mark.parametrize(("share", "passed"), [(0.03, True), (0.031, False), (float("nan"), False)])
def test_few_sales_may_have_near_duplicates(share: float, passed: bool) -> None:
    assert check_duplicates(share).passed is passed


@pytest.mark.parametrize(("association", "passed"), [(0.95, True), (0.96, False)])
def test_no_field_may_say_everything_about_the_price(association: float, passed: bool) -> None:
    check = check_leak({"OverallQual": 0.8, "MiscVal": association})

    assert (check.passed, check.figure) == (passed, f"MiscVal {association}")


@pytest.mark.parametrize(
    ("before", "now", "passed"), [(0.9, 0.31, True), (0.9, 0.29, False), (0.39, 0.0, True), (0.0, 0.9, True)]
)
def test_no_important_field_may_say_much_less_than_before(before: float, now: float, passed: bool) -> None:
    check = check_fields({"OverallQual": now, "GrLivArea": 0.7}, {"OverallQual": before, "GrLivArea": 0.7})

    assert check.passed is passed
    assert check.figure.startswith("OverallQual 0.29, was 0.90") is not passed


class Stopwatch:
    """A clock that only pricing moves, by a version's milliseconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.priced: list[tuple[str, int]] = []

    def version(self, name: str, *milliseconds: float) -> Callable[[Sequence[str]], None]:
        times = cycle(milliseconds)

        def price(rows: Sequence[str]) -> None:
            self.priced.append((name, len(rows)))
            self.seconds += next(times) / 1_000

        return price

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("milliseconds", "passed"), [(2.0, True), (2.1, False)])
def test_a_version_may_take_twice_the_champions_time(milliseconds: float, passed: bool) -> None:
    clock = Stopwatch()
    ours, theirs = clock.version("ours", milliseconds), clock.version("theirs", 1.0)

    checks = check_latency(ours, theirs, ["a", "b", "c"], clock)

    assert [check.passed for check in checks] == [passed] * 3
    assert checks[0].figure == f"{milliseconds:.2f} ms, champion 1.00 ms"


def test_versions_take_turns_and_their_medians_count() -> None:
    clock = Stopwatch()
    # Two of five runs are slow.
    ours, theirs = clock.version("ours", 90.0, 1.0, 90.0, 1.0, 1.0), clock.version("theirs", 1.0)

    checks = check_latency(ours, theirs, ["a", "b", "c"], clock)

    assert all(check.passed for check in checks)
    assert clock.priced[:3] == [("ours", 1), ("theirs", 1), ("ours", 1)]
    assert {size for _, size in clock.priced} == {1, 64, 1_000}


def test_a_latency_without_a_champion_is_shown_only() -> None:
    clock = Stopwatch()

    checks = check_latency(clock.version("ours", 900.0), None, ["a"], clock)

    assert [(check.outcome, check.figure) for check in checks] == [("skipped", "900.00 ms")] * 3
