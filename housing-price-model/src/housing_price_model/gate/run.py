"""All checks of a challenger, one after the other. One that can't be made has failed, and says why."""

from collections.abc import Callable, Iterable
from functools import partial

from house_record import example_house, model_row

from housing_price_model.data import Row
from housing_price_model.errors import DataError, ServingError, TrainingError
from housing_price_model.evaluation.cross_validation import evaluate
from housing_price_model.evaluation.monotonicity import falls_of_price
from housing_price_model.gate.candidate import Candidate
from housing_price_model.gate.checks import accuracy, latency, monotonicity, parity, signature
from housing_price_model.gate.checks.check import Check
from housing_price_model.gate.checks.coverage import check_coverage
from housing_price_model.progress import Progress
from housing_price_model.registry.out_of_fold import OutOfFold, out_of_fold


def examine(
    challenger: Candidate, champion: Candidate | None, progress: Progress, clock: latency.Clock
) -> Iterable[Check]:
    """Every check of the gate, in the order of what matters; there may be no champion to compare with.

    Raises:
        RegistryError: if the registry can't be asked.
    """
    yield from _made(accuracy.ACCURACY, accuracy.LIMIT, partial(_accuracy, challenger, champion, progress))
    yield from check_coverage(challenger.metrics, champion.metrics if champion else None)
    rows = _rows(challenger)
    yield from _made(parity.PARITY, parity.LIMIT, partial(_parity, challenger, rows))
    yield from _made(signature.SIGNATURE, signature.LIMIT, partial(_signature, challenger))
    yield from _made(monotonicity.MONOTONICITY, monotonicity.LIMIT, partial(_monotonicity, challenger, champion))
    yield from _made("latency", "as quick as serving asks", partial(_latency, challenger, rows, clock))


def _made(name: str, limit: str, make: Callable[[], list[Check]]) -> list[Check]:
    try:
        return make()
    except (DataError, ServingError, TrainingError) as error:
        return [Check(name=name, passed=False, figure=str(error), limit=limit)]


def _accuracy(challenger: Candidate, champion: Candidate | None, progress: Progress) -> list[Check]:
    ours = challenger.out_of_fold
    if ours is None:
        raise DataError(f"version {challenger.number} has kept no out-of-fold prices: train it again")
    theirs = _same_folds(ours, challenger, champion, progress) if champion else None
    return [accuracy.check_accuracy(ours, theirs)]


def _same_folds(ours: OutOfFold, challenger: Candidate, champion: Candidate, progress: Progress) -> OutOfFold:
    """The champion's out-of-fold prices of the challenger's sales: kept, or else by its recipe once more."""
    kept = champion.out_of_fold
    if kept is not None and kept.is_comparable_with(ours):
        return kept
    sales, recipe = challenger.sales, champion.recipe
    progress.step(f"the champion learnt from other sales: its recipe {recipe.name} is evaluated on the challenger's")
    evaluation = evaluate(recipe.build(sales.rows), sales, progress)
    return out_of_fold(sales, evaluation.cross_validation.predicted)


def _rows(challenger: Candidate) -> list[Row]:
    """The example house, and the challenger's sales where they can be read again."""
    example = model_row(example_house())
    try:
        return [example, *challenger.sales.rows]
    except DataError:
        return [example]


def _parity(challenger: Candidate, rows: list[Row]) -> list[Check]:
    return [parity.check_parity(challenger.served_prices(rows), challenger.stored_prices(rows))]


def _signature(challenger: Candidate) -> list[Check]:
    found, model = challenger.signature, challenger.model
    record_version = model.manifest.record_version
    return [signature.check_signature(found, record_version=record_version, example_price=model.golden_price)]


def _monotonicity(challenger: Candidate, champion: Candidate | None) -> list[Check]:
    frame = challenger.sales.frame
    ours = falls_of_price(challenger.prices_of_frame, frame)
    try:
        theirs = falls_of_price(champion.prices_of_frame, frame) if champion else None
    except ServingError:
        theirs = None
    return [monotonicity.check_monotonicity(ours, theirs)]


def _latency(challenger: Candidate, rows: list[Row], clock: latency.Clock) -> list[Check]:
    return latency.check_latency(challenger.served_prices, rows, clock)
