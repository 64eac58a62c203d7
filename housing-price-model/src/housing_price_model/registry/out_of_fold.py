"""Out-of-fold prices, stored with a version's run to compare the version with others."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from housing_price_model.evaluation.association import measure_associations
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.evaluation.folds import FOLDS, SEED, folds
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.registry.connection import translate_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from housing_price_model.data import Sales

OUT_OF_FOLD_FILE = "evaluation/out_of_fold.json"

_NO_INTERVALS: Mapping[float, Interval] = {}


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)


class KeptInterval(_Document):
    """The lower and upper bound of each sale's interval at one coverage, in US dollars."""

    coverage: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]


class OutOfFold(_Document):
    """Sales in the order of their data: id, number of the fold (from 1), actual and predicted price in US dollars.

    ``intervals`` are around the predicted prices, ``marked`` says which sales are unlike the others, and
    ``associations`` say how much each column says about the price; old versions have none.
    """

    data_sha256: str
    folds: int
    seed: int
    ids: tuple[int, ...]
    fold: tuple[int, ...]
    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    intervals: tuple[KeptInterval, ...] = ()
    marked: tuple[bool, ...] | None = None
    associations: Mapping[str, float] = {}

    @model_validator(mode="after")
    def _has_one_of_each_a_sale(self) -> Self:
        ends = [end for interval in self.intervals for end in (interval.lower, interval.upper)]
        marks = [] if self.marked is None else [self.marked]
        if {len(column) for column in (self.fold, self.actual, self.predicted, *ends, *marks)} != {len(self.ids)}:
            raise ValueError("each sale has an id, a fold, an actual and a predicted price, every interval, and a mark")
        return self

    @property
    def squared_log_errors(self) -> Prices:
        """The squared difference of log1p prices, sale by sale: their mean is the square of the RMSLE."""
        errors: Prices = (np.log1p(np.array(self.predicted)) - np.log1p(np.array(self.actual))) ** 2
        return errors

    def find_common(self, other: "OutOfFold") -> tuple[Prices, Prices]:
        """Return the squared log errors of the sales that both have, by id and price: this one's, the other's."""
        theirs = dict(zip(zip(other.ids, other.actual, strict=True), other.squared_log_errors, strict=True))
        sales = zip(self.ids, self.actual, strict=True)
        pairs = [
            (ours, theirs[sale]) for sale, ours in zip(sales, self.squared_log_errors, strict=True) if sale in theirs
        ]
        return np.array([ours for ours, _ in pairs]), np.array([their for _, their in pairs])


def make_out_of_fold(
    sales: "Sales",
    predicted: Prices,
    intervals: Mapping[float, Interval] = _NO_INTERVALS,
    marked: NDArray[np.bool_] | None = None,
) -> OutOfFold:
    """Return the out-of-fold prices, intervals and marks of an evaluation of these sales, in their order."""
    return OutOfFold(
        data_sha256=sales.sha256,
        folds=FOLDS,
        seed=SEED,
        ids=tuple(sales.ids.tolist()),
        fold=_number_folds(sales),
        actual=tuple(sales.prices.tolist()),
        predicted=tuple(predicted.tolist()),
        intervals=tuple(
            KeptInterval(coverage=coverage, lower=tuple(interval.lower.tolist()), upper=tuple(interval.upper.tolist()))
            for coverage, interval in intervals.items()
        ),
        marked=None if marked is None else tuple(marked.tolist()),
        associations=measure_associations(sales),
    )


def _number_folds(sales: "Sales") -> tuple[int, ...]:
    numbers = np.empty(len(sales), dtype=np.int64)
    for number, (_, unseen) in enumerate(folds(sales), start=1):
        numbers[unseen] = number
    return tuple(numbers.tolist())


def read_out_of_fold(client: "MlflowClient", run_id: str) -> OutOfFold | None:
    """Return the out-of-fold prices stored with a run, or None if there are none that can be read.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
    """
    folder, _, _ = OUT_OF_FOLD_FILE.rpartition("/")
    with translate_errors("read out-of-fold prices"), TemporaryDirectory() as below:
        if OUT_OF_FOLD_FILE not in {file.path for file in client.list_artifacts(run_id, folder)}:
            return None
        text = Path(client.download_artifacts(run_id, OUT_OF_FOLD_FILE, below)).read_bytes()
    try:
        return OutOfFold.model_validate_json(text)
    except ValidationError:
        return None
