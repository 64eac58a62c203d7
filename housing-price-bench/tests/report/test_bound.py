"""Bounds and their table."""

import io
from typing import Any

import pytest
from housing_price_bench.report.bound import Bound, make_bound_table
from housing_price_bench.report.progress import Progress
from rich.console import Console


@pytest.mark.parametrize(
    ("value", "is_most", "verdict"),
    [(3.0, True, "holds"), (3.1, True, "does not hold"), (3.0, False, "holds"), (2.9, False, "does not hold")],
)
def test_a_bound_holds_up_to_its_limit(value: float, is_most: bool, verdict: str) -> None:
    assert Bound(what="", value=value, limit=3, is_most=is_most).verdict == verdict


def test_a_bound_without_a_figure_is_not_measured() -> None:
    assert Bound(what="", value=None, limit=3, is_most=True).verdict == "not measured"


def printed(*tables: Any) -> str:
    out = io.StringIO()
    with Progress(Console(file=out, width=200)) as progress:
        for table in tables:
            progress.print_table(table)
    return out.getvalue()


def test_each_bound_says_whether_it_holds() -> None:
    out = printed(make_bound_table([Bound(what="memory", value=111.0, limit=110, is_most=True, unit=" MB")]))

    assert out.splitlines()[-1].split() == ["memory", "111.00", "MB", "at", "most", "110", "MB", "does", "not", "hold"]
