"""Each check of the gate on its own: what passes, what fails, and on which side of the limit."""

from collections.abc import Callable, Mapping
from itertools import count

import numpy as np
import pytest
from house_record import AMES, RECORD_VERSION
from housing_price_model.evaluation.monotonicity import Answers
from housing_price_model.gate.checks.accuracy import check_accuracy
from housing_price_model.gate.checks.coverage import check_coverage
from housing_price_model.gate.checks.latency import RUNS, check_latency
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


def test_some_what_ifs_are_reported_only() -> None:
    assert check_monotonicity([Answers("lot area", 0, 10), Answers("fence GdPrv", 10, 10)]).passed


def ticking(seconds: float) -> Callable[[], float]:
    """A clock on which so much passes between two looks."""
    ticks = count()
    return lambda: next(ticks) * seconds


@pytest.mark.parametrize(
    ("seconds", "outcomes"),
    [(0.0009, [True, True, True]), (0.002, [False, True, True]), (0.2, [False, False, False])],
)
def test_latency_has_limits_for_1_64_and_1000_rows(seconds: float, outcomes: list[bool]) -> None:
    checks = check_latency(lambda rows: None, [("a",)], ticking(seconds))

    assert [check.passed for check in checks] == outcomes


def test_the_best_run_counts_and_few_rows_are_repeated() -> None:
    sizes: list[int] = []
    # The first run of each size is slow.
    looks = iter([0.0, 9.0] + [0.0] * 2 * (RUNS - 1) + [0.0, 9.0] + [0.0] * 2 * (RUNS - 1) + [0.0, 9.0] + [0.0] * 99)

    checks = check_latency(lambda rows: sizes.append(len(rows)), ["a", "b", "c"], lambda: next(looks))

    assert all(check.passed for check in checks)
    assert sorted(set(sizes)) == [1, 64, 1_000]
