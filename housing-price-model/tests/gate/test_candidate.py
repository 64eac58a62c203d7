"""What a version in the registry can and can't give to the gate."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from house_record import AMES
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import DataError, ServingError
from housing_price_model.gate.candidate import Candidate


def make_candidate(below: Path, **tags: str) -> Candidate:
    """A version with these tags, in a registry that answers nothing."""
    version: Any = SimpleNamespace(version=4, run_id="r1", tags=tags)
    client: Any = SimpleNamespace()
    return Candidate(version, client, AMES, below, timeout_seconds=0.0)


def test_its_sales_are_read_again_from_where_they_came(few_sales_path: Path, tmp_path: Path) -> None:
    sales = load_sales(str(few_sales_path), AMES)

    found = make_candidate(tmp_path, data_source=str(few_sales_path), data_sha256=sales.sha256).sales

    assert found.sha256 == sales.sha256


def test_sales_that_have_changed_since_are_not_its_own(few_sales_path: Path, tmp_path: Path) -> None:
    changed = make_candidate(tmp_path, data_source=str(few_sales_path), data_sha256="c0ffee")

    with pytest.raises(DataError, match=r"^the sales of version 4 have changed since: .*few\.csv$"):
        _ = changed.sales


def test_sales_that_are_gone_are_named(tmp_path: Path) -> None:
    gone = make_candidate(tmp_path, data_source="gone.csv", data_sha256="c0ffee")

    with pytest.raises(DataError, match=r"^the sales of version 4 can't be read again: gone\.csv: "):
        _ = gone.sales


def test_a_model_that_fails_on_a_sale_is_at_fault(
    few_sales: Sales, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_frame: Any) -> None:
        raise ValueError("row 3, LotArea: too large")

    # What is loaded is a version's code: no seam to hand in another.
    model = SimpleNamespace(compiled=SimpleNamespace(predict_frame=refuse))
    monkeypatch.setattr(Candidate, "model", model)

    with pytest.raises(ServingError, match="version 4 can't price: ValueError: row 3, LotArea: too large"):
        make_candidate(tmp_path).price_frame(few_sales.frame)
