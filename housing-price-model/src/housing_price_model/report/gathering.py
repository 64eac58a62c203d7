"""Gathers the evidence of a report: what the versions' runs have stored, and what is measured again."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from housing_price_model.evaluation.folds import FOLDS, SEED
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.evaluation.monotonicity import ask_what_ifs
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.unknowns import price_without
from housing_price_model.gate.checks.accuracy import check_accuracy
from housing_price_model.gate.checks.latency import check_latency
from housing_price_model.gate.checks.monotonicity import check_monotonicity
from housing_price_model.registry.out_of_fold import OutOfFold, make_out_of_fold
from housing_price_model.report.evidence import Evidence, Opponent
from housing_price_model.training.train import train

if TYPE_CHECKING:
    from housing_price_model.data import Sales
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.gate.checks.latency import Clock
    from housing_price_model.progress import Progress


def gather_evidence(
    version: "Candidate",
    opponent: "Candidate | None",
    sales: "Sales",
    progress: "Progress",
    *,
    clock: "Clock",
    champion: str | None,
) -> Evidence:
    """Gather everything that a report says about a version on these sales.

    Args:
        version: the subject of the report.
        opponent: a version to compare it with.
        sales: those that it was trained on, or others.
        progress: receives the slow steps.
        clock: returns seconds.
        champion: number of the champion, if there is one.

    Raises:
        ModelError: if a part can't be had.
    """
    progress.step("download and open the model")
    manifest, recipe = version.model.manifest, version.recipe
    priced = _price_in_folds(version, sales, progress)
    against = _compare_with(priced, opponent, sales, progress, champion) if opponent else None
    fold_prices = price_without(recipe.build(sales), sales, progress)
    progress.step("monotonicity and latency")
    answers = ask_what_ifs(version.price_frame, sales.frame)
    is_kept = has_prices_of(version, sales)
    return Evidence(
        number=version.number,
        is_champion=version.number == champion,
        manifest=manifest,
        source=sales.source,
        is_generated=sales.is_generated,
        is_evaluated_again=not is_kept,
        folds=FOLDS,
        sales=_make_priced_sales(sales, priced),
        fold_prices=fold_prices,
        few_fields=manifest.metrics if is_kept else {},
        opponent=against,
        answers=answers,
        monotonicity=check_monotonicity(answers),
        latency=check_latency(version.price_served, None, sales.rows, clock),
        size_bytes=version.size_bytes,
        written_at=datetime.now(UTC),
    )


def has_prices_of(version: "Candidate", sales: "Sales") -> bool:
    """Whether the version's run has stored out-of-fold prices of these sales."""
    kept = version.out_of_fold
    return kept is not None and (kept.data_sha256, kept.folds, kept.seed) == (sales.sha256, FOLDS, SEED)


def _price_in_folds(version: "Candidate", sales: "Sales", progress: "Progress") -> OutOfFold:
    """Return the version's out-of-fold prices of these sales: stored ones, or else new ones by its recipe."""
    if version.out_of_fold is not None and has_prices_of(version, sales):
        return version.out_of_fold
    recipe = version.recipe
    progress.step(f"version {version.number} has no prices of these sales: its recipe {recipe.name} prices them")
    validation = train(sales, recipe, progress).evaluation.cross_validation
    return make_out_of_fold(sales, validation.predicted, validation.intervals, validation.marked)


def _compare_with(
    ours: OutOfFold, opponent: "Candidate", sales: "Sales", progress: "Progress", champion: str | None
) -> Opponent:
    theirs = _price_in_folds(opponent, sales, progress)
    return Opponent(
        number=opponent.number,
        is_champion=opponent.number == champion,
        recipe=opponent.tags.get("recipe", ""),
        predicted=np.array(theirs.predicted),
        accuracy=check_accuracy(ours, theirs),
    )


def _make_priced_sales(sales: "Sales", priced: OutOfFold) -> PricedSales:
    return PricedSales(
        record=sales.record,
        frame=sales.frame,
        ids=np.array(priced.ids),
        actual=np.array(priced.actual),
        predicted=np.array(priced.predicted),
        intervals={
            interval.coverage: Interval(np.array(interval.lower), np.array(interval.upper))
            for interval in priced.intervals
        },
        marked=None if priced.marked is None else np.array(priced.marked),
    )
