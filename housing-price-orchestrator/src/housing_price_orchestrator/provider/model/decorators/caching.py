"""Remembers what a model answered to a row, so that the same row again costs no call."""

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

from cachetools import TTLCache
from house_record import Value
from pydantic_core import to_json
from upstream_resilience.ports import Model

from housing_price_orchestrator.domain import NO_PARAMS, UNKNOWN, ModelDetails, ModelIdentity, Params, Predictions

_NOT_REMEMBERED = object()
_DIGEST_BYTES = 32


class RememberedModel:
    """A model that is asked only for rows that it was not asked for lately; errors are never remembered.

    What is remembered is of one version, the last one seen, and forgotten when another answers. A model that does not
    say its version is asked each time. Equal rows that arrive before the first of them is answered are all asked.
    A row is known with the parameters that it was asked with.

    Args:
        model: what is asked.
        size: how many rows are remembered at most. Each costs its output and a digest, not the row.
        ttl_seconds: for how long; also how long a new version can go unnoticed while only known rows arrive.
        is_usable: whether an output is worth remembering.
        on_lookup: told of each request how many rows were known and how many were not.
    """

    def __init__(
        self,
        model: Model,
        *,
        size: int,
        ttl_seconds: float,
        is_usable: Callable[[object], bool],
        on_lookup: Callable[[int, int], object] = lambda _known, _unknown: None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._is_usable = is_usable
        self._on_lookup = on_lookup
        self._outputs: TTLCache[bytes, Any] = TTLCache(size, ttl_seconds, timer)
        self._identity = ModelIdentity()

    def __len__(self) -> int:
        """How many rows are remembered."""
        return len(self._outputs)

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order, all by one version of the model.

        Raises:
            UpstreamError: if rows are not known and there is no usable answer.
        """
        identity = self._identity
        keys = _digests(identity, columns, rows, params)
        outputs = [self._outputs.get(key, _NOT_REMEMBERED) for key in keys]
        unknown = [index for index, output in enumerate(outputs) if output is _NOT_REMEMBERED]
        self._on_lookup(len(rows) - len(unknown), len(unknown))
        if not unknown:
            return Predictions(outputs, identity)
        if len(unknown) == len(rows):
            return await self._ask(columns, rows, params)
        answer = await self._ask(columns, [rows[index] for index in unknown], params)
        if answer.model != identity or len(answer.outputs) != len(unknown):
            return await self._ask(columns, rows, params)
        for index, output in zip(unknown, answer.outputs, strict=True):
            outputs[index] = output
        return Predictions(outputs, identity, answer.timing)

    async def details(self) -> ModelDetails:
        """What is known of the model that answers.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        return await self._model.details()

    def answered_by(self, identity: ModelIdentity) -> None:
        """Forget everything if this is another version than the last; for whoever hears of it elsewhere."""
        if identity != self._identity:
            self._identity = identity
            self._outputs.clear()

    async def _ask(self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params) -> Predictions:
        answer = await self._model.predict(columns, rows, params)
        self.answered_by(answer.model)
        if answer.model.version != UNKNOWN and len(answer.outputs) == len(rows):
            for key, output in zip(_digests(answer.model, columns, rows, params), answer.outputs, strict=True):
                if self._is_usable(output):
                    self._outputs[key] = output
        return answer


def _digests(
    identity: ModelIdentity, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params
) -> list[bytes]:
    start = blake2b(to_json([identity.name, identity.version, columns, dict(params)]), digest_size=_DIGEST_BYTES)
    digests = []
    for row in rows:
        digest = start.copy()
        digest.update(to_json(row))
        digests.append(digest.digest())
    return digests
