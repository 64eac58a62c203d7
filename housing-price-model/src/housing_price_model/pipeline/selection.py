"""Compares the recipe with alternatives on the same folds, changing one thing at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from house_record import Feature
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from housing_price_model.data import Row, Sales
from housing_price_model.evaluation.folds import SEED, Fold
from housing_price_model.inference import rows_of_frame
from housing_price_model.pipeline.configuration import SelectionReportSection
from housing_price_model.pipeline.plain_blend import PlainBlend
from housing_price_model.pipeline.preparations import Preparation, keep_as_they_are, learn_imputation, learn_usual_sale
from housing_price_model.progress import Progress
from housing_price_model.recipes.blend.estimator import Blend
from housing_price_model.recipes.blend.parameters import BlendSettings

AS_THE_RECIPE = "as the recipe does"
RESAMPLES = 2000
TABLE_FILE, PLOT_FILE = "selection.csv", "selection.png"

type Errors = NDArray[np.float64]
type Build = Callable[[BlendSettings, Sequence[Feature]], Blend]


@dataclass(frozen=True, slots=True)
class Choice:
    """An alternative: the question it answers, its name, and what it does."""

    question: str
    name: str
    prepare: Preparation = keep_as_they_are
    build: Build = Blend


@dataclass(frozen=True, slots=True)
class Measured:
    """An alternative's RMSLE, and its difference from the recipe's with a 95 % bootstrap interval. Above 0 the recipe
    is better."""

    question: str
    name: str
    rmsle: float
    difference: float
    low: float
    high: float


def list_choices(section: SelectionReportSection) -> list[Choice]:
    """Return what is compared. The first is the recipe itself."""
    features = {
        "without engineered columns": Choice("features", "without engineered columns", build=PlainBlend),
        "without the sale's columns": Choice("features", "without the sale's columns", prepare=learn_usual_sale),
    }
    return [
        Choice("", AS_THE_RECIPE),
        *(Choice("imputation", how, prepare=learn_imputation(how)) for how in section.imputation),
        *(features[name] for name in section.features),
    ]


def compare(
    sales: Sales, parts: Sequence[Fold], settings: BlendSettings, compared: Sequence[Choice], progress: Progress
) -> list[Measured]:
    """Measure each choice on the same folds, over all sales."""
    errors = []
    for choice in compared:
        progress.step(f"selection-report: {' '.join(filter(None, (choice.question, choice.name)))}")
        errors.append(_errors(sales, parts, settings, choice))
    return [_measure(choice, own, errors[0]) for choice, own in zip(compared, errors, strict=True)]


def write(measured: Sequence[Measured], folder: Path) -> None:
    """Write the table and its plot into an existing folder."""
    (folder / TABLE_FILE).write_text("\n".join(_format_lines(measured)) + "\n", encoding="utf-8")
    figure = _draw_figure(measured[1:])
    FigureCanvasAgg(figure)
    figure.savefig(folder / PLOT_FILE)


def find_better_choices(measured: Sequence[Measured]) -> list[Measured]:
    """Return the alternatives that are better beyond noise, which the recipe should adopt."""
    return [choice for choice in measured[1:] if choice.high < 0]


def _errors(sales: Sales, parts: Sequence[Fold], settings: BlendSettings, choice: Choice) -> Errors:
    """Return squared differences of out-of-fold log1p prices."""
    predicted = np.empty(len(sales))
    for seen, unseen in parts:
        houses = sales.frame.iloc[seen]
        prepared = choice.prepare(houses)
        fitted = choice.build(settings, sales.record.features).fit(_rows(prepared(houses)), sales.prices.iloc[seen])
        predicted[unseen] = fitted.predict(_rows(prepared(sales.frame.iloc[unseen])))
    errors: Errors = (np.log1p(predicted) - np.log1p(sales.prices.to_numpy())) ** 2
    return errors


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Convert a prepared frame to rows."""
    return [tuple(row) for row in rows_of_frame(list(frame.columns), frame)]


def _measure(choice: Choice, own: Errors, recipe: Errors) -> Measured:
    drawn = np.random.default_rng(SEED).integers(len(own), size=(RESAMPLES, len(own)))
    differences = np.sqrt(own[drawn].mean(axis=1)) - np.sqrt(recipe[drawn].mean(axis=1))
    low, high = np.quantile(differences, (0.025, 0.975))
    rmsle, reference = float(np.sqrt(own.mean())), float(np.sqrt(recipe.mean()))
    return Measured(choice.question, choice.name, rmsle, rmsle - reference, float(low), float(high))


def _format_lines(measured: Sequence[Measured]) -> Iterator[str]:
    yield "question,choice,rmsle,difference,low,high"
    for one in measured:
        yield f"{one.question},{one.name},{one.rmsle:.5f},{one.difference:.5f},{one.low:.5f},{one.high:.5f}"


def _draw_figure(measured: Sequence[Measured]) -> Figure:
    figure = Figure(figsize=(8, 1.5 + 0.4 * len(measured)), dpi=120, layout="constrained")
    axes = figure.add_subplot(title="Done otherwise than by the recipe")
    places = np.arange(len(measured))[::-1]
    differences = np.array([one.difference for one in measured])
    reach = [
        [max(one.difference - one.low, 0.0) for one in measured],
        [max(one.high - one.difference, 0.0) for one in measured],
    ]
    axes.errorbar(differences, places, xerr=np.array(reach), fmt="o", markersize=4)
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(places, [f"{one.question}: {one.name}" for one in measured])
    axes.set(
        xlabel="change of the RMSLE, 95 % interval (above 0: the recipe is better)", ylim=(-0.7, len(measured) - 0.3)
    )
    axes.grid(visible=True, axis="x", alpha=0.3)
    return figure
