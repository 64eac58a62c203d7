"""Describes the model and each version for MLflow's pages, in Markdown."""

from typing import TYPE_CHECKING

from housing_price_model.evaluation.cross_validation import Evaluation
from housing_price_model.evaluation.figures import format_metrics
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.evaluation.intervals import COVERAGE_LEVELS
from housing_price_model.registry.manifest import Manifest
from housing_price_model.registry.out_of_fold import OUT_OF_FOLD_FILE

if TYPE_CHECKING:
    from housing_price_model.training.train import TrainedModel

MODEL_DESCRIPTION = """\
Prices of houses, in US dollars, from the 79 features of a sale.

The version with the alias `@champion` is served. A version gets it through `housing-price-model promote VERSION`, \
which compares it with the champion first; `housing-price-model rollback` gives it back. The tags `promoted_at`, \
`promoted_by`, `promoted_from`, `promotion_gate` and `promotion_forced` of a version say how it came to it.
"""


FEWEST_SALES = 300


def find_caution(sales: int) -> str | None:
    """Return why the figures of a version with so many sales need caution, or None."""
    if sales >= FEWEST_SALES:
        return None
    return f"{sales} sales are fewer than {FEWEST_SALES}: prices, intervals and figures may be far off"


def describe_version(trained: "TrainedModel", manifest: Manifest) -> str:
    """Describe what a version was made of, when, and how accurate it is."""
    caution = find_caution(manifest.data.rows)
    parts = [
        f"Recipe `{manifest.recipe}`: {trained.recipe.description}.",
        f"Caution: {caution}." if caution else "",
        _facts(manifest),
        _metrics(trained.evaluation),
        _coverage(manifest),
        f"Each sale's out-of-fold price is in the run's `{OUT_OF_FOLD_FILE}`.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _facts(manifest: Manifest) -> str:
    data = manifest.data
    generated = " (generated: scores on them say nothing about real prices)" if data.generated else ""
    facts = {
        "Trained": f"{manifest.trained_at:%Y-%m-%d %H:%M} UTC",
        "Data": f"`{data.source}`, {data.rows:,} sales{generated}",
        "Checksum of the data": f"`{data.sha256}`",
        "Git commit": f"`{manifest.git_commit}`" if manifest.git_commit else "unknown",
        "Settings": _settings(manifest),
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def _settings(manifest: Manifest) -> str:
    settings = manifest.settings
    if settings is None or settings.study is None:
        return "those that come with the program"
    return f"tuned, trial {settings.best_trial} of study `{settings.study}`"


def _metrics(evaluation: Evaluation) -> str:
    validated, held_out = evaluation.cross_validation, evaluation.held_out
    columns = zip(
        format_metrics(validated.mean), format_metrics(validated.spread), format_metrics(held_out.metrics), strict=True
    )
    rows = [f"| {mean[0]} | {mean[1]} | {spread[1]} | {held[1]} |" for mean, spread, held in columns]
    return "\n".join([f"| metric | {FOLDS}-fold mean | spread | held out |", "| --- | --- | --- | --- |", *rows])


def _coverage(manifest: Manifest) -> str:
    found = {level: manifest.metrics.get(f"cv_coverage_{level}") for level in COVERAGE_LEVELS}
    covered = [f"{share:.1%} at {level} %" for level, share in found.items() if share is not None]
    return f"Coverage of the prediction intervals: {', '.join(covered)}." if covered else ""
