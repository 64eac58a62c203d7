"""Counts how often a price falls after a step up in living area, quality or lot area."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

LARGEST_FALL = 0.001
"""Smaller relative falls are noise from rounding and splits."""

AREA_STEP = 0.1
BEST_QUALITY = 10

type Price = Callable[[pd.DataFrame], ArrayLike]


@dataclass(frozen=True, slots=True)
class StepFalls:
    """In how many cases the price fell after one kind of step."""

    name: str
    falls: int
    cases: int


def count_falls(price: Price, frame: pd.DataFrame) -> list[StepFalls]:
    """Price every row before and after each step, with one call per step. ``frame`` has the record's columns."""
    before = np.asarray(price(frame), dtype=np.float64)
    improvable = (frame["OverallQual"] < BEST_QUALITY).to_numpy()
    return [
        _count_step("living area", before, price(_add_living_area(frame))),
        _count_step("quality", before[improvable], price(_raise_quality(frame[improvable]))),
        _count_step("lot area", before, price(frame.assign(LotArea=frame["LotArea"] * (1 + AREA_STEP)))),
    ]


def share_of_falls(steps: list[StepFalls]) -> float:
    """Return the share of falls in all cases of these steps."""
    return sum(step.falls for step in steps) / max(sum(step.cases for step in steps), 1)


def _count_step(name: str, before: ArrayLike, after: ArrayLike) -> StepFalls:
    least = np.asarray(before, dtype=np.float64) * (1 - LARGEST_FALL)
    # Written like this, NaN counts as a fall.
    keeps = np.asarray(after, dtype=np.float64) >= least
    return StepFalls(name, falls=int((~keeps).sum()), cases=int(keeps.size))


def _add_living_area(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the area to the ground floor too, because the living area is the sum of the floors."""
    added = frame["GrLivArea"] * AREA_STEP
    return frame.assign(**{"GrLivArea": frame["GrLivArea"] + added, "1stFlrSF": frame["1stFlrSF"] + added})


def _raise_quality(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(OverallQual=frame["OverallQual"] + 1)
