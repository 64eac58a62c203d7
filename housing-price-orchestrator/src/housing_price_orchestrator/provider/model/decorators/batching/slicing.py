"""Cuts a large request into slices, and makes one answer of theirs."""

import math
from collections.abc import Sequence
from itertools import batched, chain

from house_record import Value

from housing_price_orchestrator.domain import CallTiming, Predictions


def slice_rows(rows: Sequence[Sequence[Value]], max_rows: int) -> list[Sequence[Sequence[Value]]]:
    """Cut rows into as few slices as possible, about equally long, in order."""
    count = math.ceil(len(rows) / max_rows)
    return list(batched(rows, math.ceil(len(rows) / count), strict=False))


def join_slices(answers: Sequence[Predictions], seconds: float) -> Predictions:
    """Make one answer of those to each slice, in order; all by one model.

    Args:
        answers: the first one is of the slice that was sent first.
        seconds: from the arrival of the request until now.
    """
    queue_seconds = answers[0].timing.queue_seconds
    model_seconds = [answer.timing.model_seconds for answer in answers]
    known_seconds = [seconds for seconds in model_seconds if seconds is not None]
    timing = CallTiming(
        queue_seconds=queue_seconds,
        upstream_seconds=seconds - queue_seconds,
        model_seconds=sum(known_seconds) if len(known_seconds) == len(answers) else None,
    )
    return Predictions(list(chain.from_iterable(a.outputs for a in answers)), answers[0].model, timing)
