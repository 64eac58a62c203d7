"""The gate as a whole: every check is made, and one that can't be made has failed and says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, RECORD_VERSION, Record
from housing_price_model.data import Sales
from housing_price_model.errors import DataError, ServingError
from housing_price_model.evaluation.cross_validation import FEWEST_SALES
from housing_price_model.gate.checks.check import Check
from housing_price_model.gate.run import run_checks
from housing_price_model.recipes import Recipe, find_recipe
from housing_price_model.registry.out_of_fold import OutOfFold, make_out_of_fold
from housing_price_model.registry.signature import make_signature


@dataclass
class FakeCandidate:
    """A version that prices by living area; what is None can't be had."""

    sales_kept: Sales | None
    out_of_fold: OutOfFold | None = None
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
        return find_recipe(self.tags["recipe"])

    def price_served(self, rows: Sequence[Any]) -> list[float]:
        return [self.model.golden_price] * len(rows)

    price_stored = price_served

    def price_frame(self, frame: pd.DataFrame) -> Any:
        return self.model.golden_price + frame["GrLivArea"]


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
    def run(candidate: FakeCandidate, champion: FakeCandidate | None = None) -> dict[str, Check]:
        ticks = count()
        checks = run_checks(candidate, champion, steps, lambda: next(ticks) * 1e-6)  # type: ignore[arg-type] # the fakes
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
        "accuracy", "coverage", "parity", "signature", "monotonicity", "latency", "latency", "latency",
    ]  # fmt: skip
    assert steps.told == []


def test_without_its_sales_a_candidate_fails_where_they_are_needed(
    examined: Callable[..., dict[str, Check]], kept: OutOfFold, few_sales: Sales
) -> None:
    checks = examined(FakeCandidate(None, kept), FakeCandidate(few_sales, kept))

    assert failed(checks) == {"monotonicity": "the sales of version 4 can't be read again: gone.csv"}


def test_a_broken_candidate_fails_each_check_of_its_prices(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    checks = examined(FakeCandidate(few_sales, kept, loads=False), FakeCandidate(few_sales, kept))

    reason = "the model's file trees.treelite is missing"
    assert failed(checks) == dict.fromkeys(["parity", "signature", "monotonicity", "latency"], reason)


def test_a_champion_that_can_not_be_loaded_stops_nobody(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    assert not failed(examined(FakeCandidate(few_sales, kept), FakeCandidate(few_sales, kept, loads=False)))


def test_a_candidate_without_stored_prices_must_be_trained_again(
    examined: Callable[..., dict[str, Check]], few_sales: Sales
) -> None:
    assert failed(examined(FakeCandidate(few_sales))) == {
        "accuracy": "version 4 has no out-of-fold prices: train it again"
    }


def test_evaluates_a_champion_of_other_sales_on_the_candidates_sales(
    examined: Callable[..., dict[str, Check]],
    few_sales: Sales,
    subset_of: Callable[[Sales, int], Sales],
    kept: OutOfFold,
    steps: Steps,
) -> None:
    fewer = subset_of(few_sales, FEWEST_SALES)
    priced = make_out_of_fold(fewer, np.asarray(fewer.prices) * 1.01)

    checks = examined(FakeCandidate(fewer, priced), FakeCandidate(None, kept))

    assert steps.told[0].startswith("the champion learnt from other sales: its recipe random-forest is evaluated")
    assert checks["accuracy"].passed
    assert float(checks["accuracy"].figure.rpartition(" ")[2]) > 0.05


def test_a_champion_with_an_unknown_recipe_cannot_be_compared(
    examined: Callable[..., dict[str, Check]], few_sales: Sales, kept: OutOfFold
) -> None:
    champion = replace(FakeCandidate(few_sales), tags={"recipe": "forgotten"})

    assert failed(examined(FakeCandidate(few_sales, kept), champion))["accuracy"].startswith(
        "there is no recipe 'forgotten'"
    )
