"""Sales of the sample with made-up out-of-fold prices, and the evidence of a version that gave them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from housing_price_model.evaluation.monotonicity import Answers
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.unknowns import FoldPrices
from housing_price_model.gate.checks.check import Check
from housing_price_model.registry.manifest import Manifest, TrainingData
from housing_price_model.report.evidence import Evidence, Opponent

type Errors = Callable[..., PricedSales]

WHEN = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def evidence(priced: Callable[..., PricedSales]) -> Callable[..., Evidence]:
    """What is known of version 3, with some of it changed."""

    def describe(**changes: Any) -> Evidence:
        sales = changes.get("sales", priced())
        known = Evidence(
            number="3",
            is_champion=False,
            manifest=Manifest(
                record_version="1",
                features=(),
                recipe="default",
                data=TrainingData(source="few.csv", sha256="c0ffee", rows=len(sales), generated=False),
                metrics={},
                libraries={"numpy": "2.5"},
                trained_at=WHEN,
                git_commit="0123456789abcdef",
                files={},
            ),
            source="few.csv",
            is_generated=False,
            is_evaluated_again=False,
            folds=5,
            sales=sales,
            fold_prices=FoldPrices(sales.predicted, sales.predicted * 1.02),
            few_fields={},
            opponent=None,
            answers=[Answers("living area", wrong=3, cases=150)],
            monotonicity=Check(name="monotonicity", passed=False, figure="3 %", limit="2 %"),
            latency=[Check(name="latency of 1 row", passed=True, figure="0.42 ms", limit="at most 1 ms")],
            size_bytes=3_210_000,
            written_at=WHEN,
        )
        return replace(known, **changes)

    return describe


@pytest.fixture(scope="session")
def champion(priced: Callable[..., PricedSales]) -> Opponent:
    """The champion, version 2, which is worse."""
    return Opponent(
        number="2",
        is_champion=True,
        recipe="random-forest",
        predicted=priced(error=0.3, seed=1).predicted,
        accuracy=Check(name="accuracy", passed=True, figure="better", limit="not worse"),
    )
