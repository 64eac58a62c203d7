"""The gate as a whole: every check is made, and one that can't be made has failed and says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, COLUMNS, RECORD_VERSION, Record
from housing_price_model.data import Row, Sales
from housing_price_model.errors import DataError, ServingError
from housing_price_model.evaluation.cross_validation import evaluate
from housing_price_model.gate.checks.check import Check
from housing_price_model.gate.run import run_checks
from housing_price_model.inference import rows_of_frame
from housing_price_model.recipes import Recipe, find_recipe
from housing_price_model.registry.out_of_fold import OutOfFold, make_out_of_fold
from housing_price_model.registry.signature import make_signature
from sklearn.base import BaseEstimator

COLUMNS_USED = [COLUMNS.index(name) for name in ("OverallQual", "GrLivArea", "LotArea")]


class Regression(BaseEstimator):  # type: ignore[misc] # scikit-learn gives it no types
    """A least-squares fit of the logarithms of three columns and the price; without sales it knows one."""

    coefficients_ = np.array([8.0, 0.8, 0.4, 0.1])

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        self.coefficients_, *_ = np.linalg.lstsq(self._encode(rows), np.log(np.asarray(prices)))
        return self

    def predict(self, rows: Sequence[Row]) -> np.ndarray:
        return np.asarray(np.exp(self._encode(rows) @ self.coefficients_))

    def _encode(self, rows: Sequence[Row]) -> np.ndarray:
        used = [[float(row[place] or 0) for place in COLUMNS_USED] for row in rows]
        return np.column_stack([np.ones(len(used)), np.log(used)])


@dataclass
class FakeCandidate:
    """A version that prices by three columns; what is None can't be had."""

    sales_kept: Sales | None
    out_of_fold: OutOfFold | None = None
    estimator: Regression = field(default_factory=Regression)
    loads: bool = True
    number: str = "4"
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=lambda: {"recipe": "random-forest"})
    signature: Any = field(default_factory=lambda: make_signature(AMES))
    record: Record = AMES

    @property
    def sales(self) -> Sales:
        if self.sales_kept is None:
            raise DataError("the sales of version 4 can't be read again: gone.csv")
        return self.sales_kept

    @property
    def model(self) -> Any:
        if not self.loads:
            raise ServingError("the model's file trees.treelite is missing")
        return SimpleNamespace(manifest=SimpleNamespace(record_version=RECORD_VERSION), golden_price=1e5)

    @property
    def recipe(self) -> Recipe:
        if self.tags["recipe"] == "regression":
            return SimpleNamespace(name="regression", build=lambda _rows: Regression())  # type: ignore[return-value]
        return find_recipe(self.tags["recipe"])

    def price_served(self, rows: Sequence[Any]) -> Any:
        assert self.model
        return self.estimator.predict(rows)

    price_stored = price_served

    def price_frame(self, frame: pd.DataFrame) -> Any:
        return self.price_served([tuple(row) for row in rows_of_frame(COLUMNS, frame)])


class Steps:
    """Notes what it is told of."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def step(self, doing: str) -> None:
        self.told.append(doing)


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def kept(few_sales: Sales) -> OutOfFold:
    return make_out_of_fold(few_sales, np.asarray(few_sales.prices) * 1.01)


@pytest.fixture
def examined(steps: Steps) -> Callable[..., dict[str, Check]]:
    def run(
        candidate: FakeCandidate, champion: FakeCandidate | None = None, data_changed: str | None = None
    ) -> dict[str, Check]:
        ticks = count()
        ours: Any = candidate
        theirs: Any = champion
        checks = run_checks(ours, theirs, steps, lambda: next(ticks) * 1e-6, data_changed=data_changed)
        return {check.name: check for check in checks}

    return run


def failed(checks: dict[str, Check]) -> dict[str, str]:
    return {check.name: check.figure for check in checks.values() if not check.passed}


def test_a_good_candidate_passes_every_check(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold, steps: Steps
) -> None:
    checks = examined(FakeCandidate(few_sales, kept), FakeCandidate(few_sales, kept))

    assert not failed(checks)
    assert [name.split()[0] for name in checks] == [
        "accuracy", "coverage", "data", "price", "leaked", "near",
        "parity", "signature", "monotonicity", "latency", "latency", "latency",
    ]  # fmt: skip
    assert steps.told == []


def test_without_its_sales_a_candidate_fails_where_they_are_needed(
    examined: Callable[..., dict[str, Check]], kept: OutOfFold, few_sales: Sales
) -> None:
    checks = examined(FakeCandidate(None, kept), FakeCandidate(few_sales, kept))

    needing = ["price level", "near duplicates", "monotonicity"]
    assert failed(checks) == dict.fromkeys(needing, "the sales of version 4 can't be read again: gone.csv")


def test_a_broken_candidate_fails_each_check_of_its_prices(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    checks = examined(FakeCandidate(few_sales, kept, loads=False), FakeCandidate(few_sales, kept))

    reason = "the model's file trees.treelite is missing"
    assert failed(checks) == dict.fromkeys(["price level", "parity", "signature", "monotonicity", "latency"], reason)


def test_a_champion_that_can_not_be_loaded_stops_nobody(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    checks = examined(FakeCandidate(few_sales, kept), FakeCandidate(few_sales, kept, loads=False))

    assert not failed(checks)
    reason = "the champion can't price: the model's file trees.treelite is missing"
    assert (checks["price level"].outcome, checks["price level"].figure) == ("skipped", reason)
    assert checks["latency of 1 row"].skipped


def test_without_a_champion_what_needs_one_is_skipped(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    checks = examined(FakeCandidate(few_sales, kept))

    assert not failed(checks)
    assert [name for name, check in checks.items() if check.skipped] == [
        "data", "price level", "latency of 1 row", "latency of 64 rows", "latency of 1,000 rows",
    ]  # fmt: skip


def test_a_candidate_without_stored_prices_must_be_trained_again(
    examined: Callable[..., dict[str, Check]], few_sales: Sales
) -> None:
    reason = "version 4 has no out-of-fold prices: train it again"
    assert failed(examined(FakeCandidate(few_sales))) == {"accuracy": reason, "near duplicates": reason}


def test_evaluates_a_champion_of_other_sales_on_the_candidates_sales(
    examined: Callable[..., dict[str, Check]],
    few_sales: Sales,
    kept: OutOfFold,
    steps: Steps,
) -> None:
    dearer = replace(few_sales, prices=few_sales.prices * 1.05)
    priced = make_out_of_fold(dearer, np.asarray(dearer.prices) * 1.15)

    checks = examined(FakeCandidate(dearer, priced), FakeCandidate(None, kept, tags={"recipe": "regression"}))

    assert steps.told[0].startswith("the champion learnt from other sales: its recipe regression is evaluated")
    assert checks["accuracy"].passed
    assert float(checks["accuracy"].figure.rpartition(" ")[2]) > 0.1


def test_a_champion_with_an_unknown_recipe_cannot_be_compared(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    champion = FakeCandidate(few_sales, tags={"recipe": "forgotten"})

    assert failed(examined(FakeCandidate(few_sales, kept), champion))["accuracy"].startswith(
        "there is no recipe 'forgotten'"
    )


@pytest.fixture
def trained(steps: Steps) -> Callable[[Sales], FakeCandidate]:
    """A version that has learnt from these sales, with honest out-of-fold prices."""

    def train(sales: Sales) -> FakeCandidate:
        predicted = evaluate(Regression(), sales, steps).cross_validation.predicted
        return FakeCandidate(
            sales,
            make_out_of_fold(sales, predicted),
            Regression().fit(sales.rows, sales.prices),
            tags={"recipe": "regression", "data_sha256": sales.sha256},
        )

    return train


def change_column(sales: Sales, name: str, values: Sequence[float]) -> Sales:
    place = COLUMNS.index(name)
    rows = [(*row[:place], value, *row[place + 1 :]) for row, value in zip(sales.rows, values, strict=True)]
    return replace(sales, rows=rows)


def triple_prices(sales: Sales) -> Sales:
    return replace(sales, prices=3 * sales.prices)


def shuffle_quality(sales: Sales) -> Sales:
    shuffled = np.random.default_rng(1).permutation(sales.frame["OverallQual"])
    return change_column(sales, "OverallQual", shuffled.tolist())


def repeat_with_little_changed(sales: Sales) -> Sales:
    again = change_column(sales, "LotArea", (sales.frame["LotArea"] + 3).tolist())
    return replace(
        sales,
        rows=[*sales.rows, *again.rows],
        prices=pd.concat([sales.prices, 1.002 * sales.prices], ignore_index=True),
        ids=pd.concat([sales.ids, sales.ids + 100_000], ignore_index=True),
    )


def write_prices_into_a_field(sales: Sales) -> Sales:
    return change_column(sales, "MiscVal", sales.prices.tolist())


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (triple_prices, "price level"),
        (shuffle_quality, "fields"),
        (repeat_with_little_changed, "near duplicates"),
        (write_prices_into_a_field, "leaked price"),
    ],
    ids=["tripled prices", "a shuffled column", "a leaked duplicate", "a leaked price"],
)
def test_refuses_what_learnt_from_spoilt_sales_whatever_the_reason(
    examined: Callable[..., dict[str, Check]],
    trained: Callable[[Sales], FakeCandidate],
    few_sales: Sales,
    spoil: Callable[[Sales], Sales],
    check: str,
) -> None:
    checks = examined(trained(spoil(few_sales)), trained(few_sales), "a test")

    assert check in failed(checks)
    assert checks["data"].passed


def test_sound_sales_that_are_others_need_only_a_reason(
    examined: Callable[..., dict[str, Check]],
    trained: Callable[[Sales], FakeCandidate],
    few_sales: Sales,
) -> None:
    candidate, champion = trained(few_sales), trained(few_sales.take(range(len(few_sales) - 10)))

    assert failed(examined(candidate, champion)) == {"data": "other sales"}
    checks = examined(candidate, champion, "ten sales more")
    assert not failed(checks)
    assert checks["price level, champion's sales"].figure.endswith("on 140 houses")


def test_a_champion_whose_sales_are_gone_prices_only_the_candidates(
    examined: Callable[..., dict[str, Check]],
    trained: Callable[[Sales], FakeCandidate],
    few_sales: Sales,
) -> None:
    champion = replace(trained(few_sales), sales_kept=None)

    checks = examined(trained(shuffle_quality(few_sales)), champion, "a test")

    assert checks["price level"].outcome == "passed"
    assert checks["price level, champion's sales"].outcome == "skipped"
    assert checks["fields"].outcome == "FAILED"


def test_an_old_champion_whose_sales_are_gone_has_no_associations_to_compare(
    examined: Callable[..., dict[str, Check]],
    trained: Callable[[Sales], FakeCandidate],
    few_sales: Sales,
    kept: OutOfFold,
) -> None:
    old = kept.model_copy(update={"associations": {}})
    champion = FakeCandidate(None, old, tags={"recipe": "regression", "data_sha256": "c0ffee"})

    assert examined(trained(few_sales), champion, "a test")["fields"].outcome == "skipped"
