"""What a run keeps of each sale, and when two runs can be compared by it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from housing_price_model.data import Sales
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.evaluation.metrics import measure
from housing_price_model.registry.out_of_fold import OUT_OF_FOLD_FILE, OutOfFold, make_out_of_fold, read_out_of_fold


@pytest.fixture
def kept(few_sales: Sales) -> OutOfFold:
    predicted = np.asarray(few_sales.prices) * 1.1
    intervals = {0.9: Interval(predicted * 0.8, predicted * 1.2)}
    return make_out_of_fold(few_sales, predicted, intervals, predicted > 300_000)


class FakeRuns:
    """A run whose only artefact is a text."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def list_artifacts(self, _run_id: str, _folder: str) -> list[Any]:
        return [] if self._text is None else [SimpleNamespace(path=OUT_OF_FOLD_FILE)]

    def download_artifacts(self, _run_id: str, _path: str, below: str) -> str:
        path = Path(below) / "file"
        path.write_text(str(self._text))
        return str(path)


def stored(text: str | None) -> OutOfFold | None:
    return read_out_of_fold(FakeRuns(text), "r1")  # type: ignore[arg-type] # the fake


def test_every_sale_is_in_exactly_one_fold_in_order(kept: OutOfFold, few_sales: Sales) -> None:
    assert kept.ids == tuple(few_sales.ids)
    assert kept.data_sha256 == few_sales.sha256
    assert {fold: kept.fold.count(fold) for fold in set(kept.fold)} == dict.fromkeys(range(1, FOLDS + 1), 30)


def test_intervals_are_kept_by_coverage(kept: OutOfFold) -> None:
    [interval] = kept.intervals

    assert interval.coverage == 0.9
    assert np.array(interval.upper) == pytest.approx(1.2 * np.array(kept.predicted))


def test_what_was_kept_before_there_were_intervals_is_read(kept: OutOfFold) -> None:
    old = stored(kept.model_dump_json(by_alias=True, exclude={"intervals"}))

    assert old == kept.model_copy(update={"intervals": ()})


def test_marks_are_kept(kept: OutOfFold) -> None:
    assert kept.marked == tuple(price > 300_000 for price in kept.predicted)


def test_what_was_kept_before_there_were_marks_is_read(kept: OutOfFold) -> None:
    old = stored(kept.model_dump_json(by_alias=True, exclude={"marked"}))

    assert old == kept.model_copy(update={"marked": None})


def test_a_mark_without_its_sale_is_damage(kept: OutOfFold) -> None:
    assert kept.marked is not None
    shorter = kept.model_copy(update={"marked": kept.marked[1:]})

    assert stored(shorter.model_dump_json(by_alias=True)) is None


def test_an_interval_without_its_sale_is_damage(kept: OutOfFold) -> None:
    [interval] = kept.intervals
    shorter = interval.model_copy(update={"lower": interval.lower[1:]})

    assert stored(kept.model_copy(update={"intervals": (shorter,)}).model_dump_json(by_alias=True)) is None


def test_their_errors_are_those_of_the_rmsle(kept: OutOfFold) -> None:
    assert np.sqrt(kept.squared_log_errors.mean()) == pytest.approx(measure(kept.actual, kept.predicted).rmsle)


def test_what_is_kept_is_read_again(kept: OutOfFold) -> None:
    assert stored(kept.model_dump_json(by_alias=True)) == kept


@pytest.mark.parametrize("text", [None, "{", '{"ids": [1]}'])
def test_what_is_missing_or_damaged_is_none(text: str | None) -> None:
    assert stored(text) is None


def test_a_price_without_its_sale_is_damage(kept: OutOfFold) -> None:
    assert stored(kept.model_copy(update={"ids": kept.ids[:-1]}).model_dump_json(by_alias=True)) is None


def test_common_sales_have_the_same_id_and_price(kept: OutOfFold) -> None:
    other = kept.model_copy(
        update={
            "ids": (0, *kept.ids[1:]),
            "actual": (*kept.actual[:-1], 1.0),
            "predicted": kept.actual,
        }
    )

    ours, theirs = kept.find_common(other)

    assert ours == pytest.approx(kept.squared_log_errors[1:-1])
    assert theirs == pytest.approx(np.zeros(len(kept.ids) - 2))
