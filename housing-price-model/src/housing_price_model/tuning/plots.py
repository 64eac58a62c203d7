"""Plots of a study as matplotlib figures, without a window and without global state."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import optuna
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from housing_price_model.tuning.parameters_file import Objective
from housing_price_model.tuning.scoring import TITLES
from housing_price_model.tuning.search_space import SPACE, Real, Whole

FEWEST_TRIALS = 4
"""With fewer trials, importances are meaningless."""


def save_plots(study: optuna.Study, folder: Path, *, seed: int, objective: Objective = "rmsle") -> None:
    """Write those plots for which there are enough complete trials into an existing folder."""
    complete = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    if len(complete) < FEWEST_TRIALS or len({trial.value for trial in complete}) == 1:
        return
    figures = {
        "importance": _importance(importances(study, seed=seed), TITLES[objective]),
        "parallel_coordinates": _parallel_coordinates(complete, TITLES[objective]),
    }
    for name, figure in figures.items():
        FigureCanvasAgg(figure)
        figure.savefig(folder / f"{name}.png")


def importances(study: optuna.Study, *, seed: int) -> Mapping[str, float]:
    """Return each parameter's share of the variance of scores (functional ANOVA), the largest first."""
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)


def _importance(shares: Mapping[str, float], title: str) -> Figure:
    figure = Figure(figsize=(8, 5), dpi=120, layout="constrained")
    axes = figure.add_subplot(title="Importance of parameters (fANOVA)")
    names = list(shares)[::-1]
    axes.barh(np.arange(len(names)), [shares[name] for name in names], tick_label=names)
    axes.set(xlabel=f"share in the differences of the {title}")
    axes.grid(visible=True, axis="x", alpha=0.3)
    return figure


def _parallel_coordinates(trials: Sequence[FrozenTrial], title: str) -> Figure:
    """Draw one line per trial, and one axis per parameter, over its range."""
    figure = Figure(figsize=(12, 6), dpi=120, layout="constrained")
    axes = figure.add_subplot(title="Trials by parameters")
    scores = np.array([trial.value for trial in trials], dtype=np.float64)
    # Bad trials are far off, so the colours cover the better half only.
    colours = ScalarMappable(Normalize(scores.min(), float(np.median(scores))), "viridis")
    for place in np.argsort(-scores):
        heights = [_height(SPACE[name], float(trials[place].params[name])) for name in SPACE]
        axes.plot(heights, color=colours.to_rgba(scores[place]), linewidth=1, alpha=0.7)
    labels = [f"{name}\n{range_.low:g} to {range_.high:g}" for name, range_ in SPACE.items()]
    axes.set_xticks(range(len(SPACE)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks([0, 1], ["low", "high"])
    axes.grid(visible=True, axis="x", alpha=0.3)
    figure.colorbar(colours, ax=axes, label=title)
    return figure


def _height(range_: Whole | Real, value: float) -> float:
    ends = np.array([range_.low, value, range_.high], dtype=np.float64)
    low, middle, high = np.log(ends) if range_.log else ends
    return float((middle - low) / (high - low))
