"""Runs all checks of a candidate. A check that can't run fails and says why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from housing_price_model.data import Row, Sales
from housing_price_model.errors import DataError, ServingError, TrainingError
from housing_price_model.evaluation.association import measure_associations
from housing_price_model.evaluation.cross_validation import FEWEST_SALES, evaluate
from housing_price_model.evaluation.monotonicity import ask_what_ifs
from housing_price_model.evaluation.near_duplicates import share_of_near_duplicates
from housing_price_model.gate.candidate import Candidate
from housing_price_model.gate.checks import (
    accuracy,
    data,
    duplicates,
    fields,
    latency,
    level,
    monotonicity,
    parity,
    signature,
)
from housing_price_model.gate.checks.check import Check, skip
from housing_price_model.gate.checks.coverage import check_coverage
from housing_price_model.progress import Progress
from housing_price_model.registry.out_of_fold import OutOfFold, make_out_of_fold

LEVEL = "price level"
LEVEL_THERE = "price level, champion's sales"


class Incomparable(Exception):
    """There is no champion, or a part of it can't be had, which is not the candidate's fault."""


def run_checks(
    candidate: Candidate,
    champion: Candidate | None,
    progress: Progress,
    clock: latency.Clock,
    *,
    data_changed: str | None = None,
) -> Iterable[Check]:
    """Yield every check of the gate, the most important first. There may be no champion.

    ``data_changed`` is why the candidate learnt from other sales than the champion; None if nobody said so.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
    """
    yield from _run(accuracy.ACCURACY, accuracy.LIMIT, partial(_accuracy, candidate, champion, progress))
    yield from check_coverage(candidate.metrics, champion.metrics if champion else None)
    yield from _run(data.DATA, data.LIMIT, partial(_data, candidate, champion, data_changed))
    yield from _run(LEVEL, level.LIMIT, partial(_level, candidate, champion))
    if champion is not None and _checksum(candidate) != _checksum(champion):
        yield from _run(LEVEL_THERE, level.LIMIT, partial(_level_there, candidate, champion))
        yield from _run(fields.FIELDS, fields.FIELDS_LIMIT, partial(_fields, candidate, champion))
    yield from _run(fields.LEAK, fields.LEAK_LIMIT, partial(_leak, candidate))
    yield from _run(duplicates.DUPLICATES, duplicates.LIMIT, partial(_duplicates, candidate))
    rows = _collect_rows(candidate)
    yield from _run(parity.PARITY, parity.LIMIT, partial(_parity, candidate, rows))
    yield from _run(signature.SIGNATURE, signature.describe_limit(candidate.record), partial(_signature, candidate))
    yield from _run(monotonicity.MONOTONICITY, monotonicity.LIMIT, partial(_monotonicity, candidate))
    yield from _run(latency.LATENCY, latency.LIMIT, partial(_latency, candidate, champion, rows, clock))


def _run(name: str, limit: str, make: Callable[[], list[Check]]) -> list[Check]:
    try:
        return make()
    except Incomparable as reason:
        return [skip(name, limit, str(reason))]
    except (DataError, ServingError, TrainingError) as error:
        return [Check(name=name, passed=False, figure=str(error), limit=limit)]


def _require_champion(champion: Candidate | None) -> Candidate:
    if champion is None:
        raise Incomparable("no champion")
    return champion


def _price_by_champion(champion: Candidate | None, rows: Sequence[Row]) -> Sequence[float]:
    try:
        return _require_champion(champion).price_served(rows)
    except ServingError as error:
        raise Incomparable(f"the champion can't price: {error}") from error


def _checksum(candidate: Candidate) -> str | None:
    return candidate.tags.get("data_sha256")


def _accuracy(candidate: Candidate, champion: Candidate | None, progress: Progress) -> list[Check]:
    ours = _require_out_of_fold(candidate)
    theirs = _find_opposed(ours, candidate, champion, progress) if champion else None
    return [accuracy.check_accuracy(ours, theirs)]


def _require_out_of_fold(candidate: Candidate) -> OutOfFold:
    if candidate.out_of_fold is None:
        raise DataError(f"version {candidate.number} has no out-of-fold prices: train it again")
    return candidate.out_of_fold


def _find_opposed(ours: OutOfFold, candidate: Candidate, champion: Candidate, progress: Progress) -> OutOfFold:
    """Return the champion's out-of-fold prices: stored ones if enough sales are common, or else new ones of the
    candidate's sales by the champion's recipe."""
    kept = champion.out_of_fold
    if kept is not None and len(ours.find_common(kept)[0]) >= FEWEST_SALES:
        return kept
    sales, recipe = candidate.sales, champion.recipe
    progress.step(f"the champion learnt from other sales: its recipe {recipe.name} is evaluated on the candidate's")
    evaluation = evaluate(recipe.build(sales), sales, progress)
    return make_out_of_fold(sales, evaluation.cross_validation.predicted)


def _data(candidate: Candidate, champion: Candidate | None, data_changed: str | None) -> list[Check]:
    theirs = _checksum(_require_champion(champion))
    return [data.check_data(_checksum(candidate), theirs, data_changed)]


def _level(candidate: Candidate, champion: Candidate | None) -> list[Check]:
    opponent = _require_champion(champion)
    return [_compare_levels(LEVEL, candidate, opponent, candidate.sales)]


def _level_there(candidate: Candidate, champion: Candidate) -> list[Check]:
    try:
        sales = champion.sales
    except DataError as error:
        raise Incomparable(str(error)) from error
    return [_compare_levels(LEVEL_THERE, candidate, champion, sales)]


def _compare_levels(name: str, candidate: Candidate, champion: Candidate, sales: Sales) -> Check:
    houses = sales.rows_at(np.linspace(0, len(sales) - 1, min(len(sales), level.MOST_HOUSES), dtype=np.int64))
    return level.check_level(name, candidate.price_served(houses), _price_by_champion(champion, houses))


def _fields(candidate: Candidate, champion: Candidate) -> list[Check]:
    try:
        before = _find_associations(champion)
    except DataError as error:
        raise Incomparable(str(error)) from error
    return [fields.check_fields(_find_associations(candidate), before)]


def _find_associations(version: Candidate) -> Mapping[str, float]:
    """Return the stored associations, because the file of the sales may be another by now; old versions have none."""
    kept = version.out_of_fold
    return kept.associations if kept and kept.associations else measure_associations(version.sales)


def _duplicates(candidate: Candidate) -> list[Check]:
    fold = np.array(_require_out_of_fold(candidate).fold)
    return [duplicates.check_duplicates(share_of_near_duplicates(candidate.sales, fold))]


def _leak(candidate: Candidate) -> list[Check]:
    return [fields.check_leak(_find_associations(candidate))]


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


def _latency(candidate: Candidate, champion: Candidate | None, rows: list[Row], clock: latency.Clock) -> list[Check]:
    try:
        _price_by_champion(champion, rows[:1])
    except Incomparable:
        return latency.check_latency(candidate.price_served, None, rows, clock)
    return latency.check_latency(candidate.price_served, partial(_price_by_champion, champion), rows, clock)
