"""Runs all checks of a candidate. A check that can't run fails and says why."""

from collections.abc import Callable, Iterable
from functools import partial

from housing_price_model.data import Row
from housing_price_model.errors import DataError, ServingError, TrainingError
from housing_price_model.evaluation.cross_validation import evaluate
from housing_price_model.evaluation.monotonicity import ask_what_ifs
from housing_price_model.gate.candidate import Candidate
from housing_price_model.gate.checks import accuracy, latency, monotonicity, parity, signature
from housing_price_model.gate.checks.check import Check
from housing_price_model.gate.checks.coverage import check_coverage
from housing_price_model.progress import Progress
from housing_price_model.registry.out_of_fold import OutOfFold, make_out_of_fold


def run_checks(
    candidate: Candidate, champion: Candidate | None, progress: Progress, clock: latency.Clock
) -> Iterable[Check]:
    """Yield every check of the gate, the most important first. There may be no champion.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
    """
    yield from _run(accuracy.ACCURACY, accuracy.LIMIT, partial(_accuracy, candidate, champion, progress))
    yield from check_coverage(candidate.metrics, champion.metrics if champion else None)
    rows = _collect_rows(candidate)
    yield from _run(parity.PARITY, parity.LIMIT, partial(_parity, candidate, rows))
    yield from _run(signature.SIGNATURE, signature.describe_limit(candidate.record), partial(_signature, candidate))
    yield from _run(monotonicity.MONOTONICITY, monotonicity.LIMIT, partial(_monotonicity, candidate))
    yield from _run("latency", "as quick as serving asks", partial(_latency, candidate, rows, clock))


def _run(name: str, limit: str, make: Callable[[], list[Check]]) -> list[Check]:
    try:
        return make()
    except (DataError, ServingError, TrainingError) as error:
        return [Check(name=name, passed=False, figure=str(error), limit=limit)]


def _accuracy(candidate: Candidate, champion: Candidate | None, progress: Progress) -> list[Check]:
    ours = candidate.out_of_fold
    if ours is None:
        raise DataError(f"version {candidate.number} has no out-of-fold prices: train it again")
    theirs = _price_in_same_folds(ours, candidate, champion, progress) if champion else None
    return [accuracy.check_accuracy(ours, theirs)]


def _price_in_same_folds(ours: OutOfFold, candidate: Candidate, champion: Candidate, progress: Progress) -> OutOfFold:
    """Return the champion's out-of-fold prices of the candidate's sales: stored ones, or else new ones by its
    recipe."""
    kept = champion.out_of_fold
    if kept is not None and kept.is_comparable_with(ours):
        return kept
    sales, recipe = candidate.sales, champion.recipe
    progress.step(f"the champion learnt from other sales: its recipe {recipe.name} is evaluated on the candidate's")
    evaluation = evaluate(recipe.build(sales), sales, progress)
    return make_out_of_fold(sales, evaluation.cross_validation.predicted)


def _collect_rows(candidate: Candidate) -> list[Row]:
    """Return the example house, and the candidate's sales if they can be read again."""
    example = candidate.record.row(candidate.record.example_house())
    try:
        return [example, *candidate.sales.rows]
    except DataError:
        return [example]


def _parity(candidate: Candidate, rows: list[Row]) -> list[Check]:
    return [parity.check_parity(candidate.price_served(rows), candidate.price_stored(rows))]


def _signature(candidate: Candidate) -> list[Check]:
    found, model = candidate.signature, candidate.model
    record_version = model.manifest.record_version
    return [
        signature.check_signature(
            candidate.record, found, record_version=record_version, example_price=model.golden_price
        )
    ]


def _monotonicity(candidate: Candidate) -> list[Check]:
    return [monotonicity.check_monotonicity(ask_what_ifs(candidate.price_frame, candidate.sales.frame))]


def _latency(candidate: Candidate, rows: list[Row], clock: latency.Clock) -> list[Check]:
    return latency.check_latency(candidate.price_served, rows, clock)
