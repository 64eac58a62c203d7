"""Caches what a model predicted for a row, so that the same row again costs no call."""

import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from cachetools import TTLCache
from pydantic_core import to_json

from housing_price_orchestrator.domain import UNKNOWN, ModelIdentity, ModelRequest, Predictions
from housing_price_orchestrator.service.ports import Model

_UNKNOWN_ROW = object()
_DIGEST_BYTES = 32


class CachingModel:
    """A model that is called only for rows that are not in its cache of predictions; errors are never cached.

    The cache holds predictions of one version, the last one seen, and is cleared when another answers. Predictions of a
    model that does not say its version are not cached. Equal rows that arrive before the first of them is answered all
    go to the model. The key of a row includes the parameters.

    Args:
        model: what is called.
        size: how many rows the cache holds. Each costs its output and a digest, not the row.
        ttl_seconds: for how long; also how long a new version can go unnoticed while only known rows arrive.
        is_usable: whether an output is worth caching.
        on_lookup: hears of each request how many rows were found and how many were not.
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
        """Count the rows in the cache."""
        return len(self._outputs)

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order, all by one version of the model.

        Raises:
            UpstreamError: if rows are not known and there is no usable answer.
        """
        identity, rows = self._identity, request.rows
        keys = _digests(identity, request)
        outputs = [self._outputs.get(key, _UNKNOWN_ROW) for key in keys]
        unknown = [index for index, output in enumerate(outputs) if output is _UNKNOWN_ROW]
        self._on_lookup(len(rows) - len(unknown), len(unknown))
        if not unknown:
            return Predictions(outputs, identity)
        if len(unknown) == len(rows):
            return await self._ask(request)
        answer = await self._ask(replace(request, rows=[rows[index] for index in unknown]))
        if answer.model != identity or len(answer.outputs) != len(unknown):
            return await self._ask(request)
        for index, output in zip(unknown, answer.outputs, strict=True):
            outputs[index] = output
        return Predictions(outputs, identity, answer.timing)

    def note_version(self, identity: ModelIdentity) -> None:
        """Clear the cache if another call reveals that the version changed."""
        if identity != self._identity:
            self._identity = identity
            self._outputs.clear()

    async def _ask(self, request: ModelRequest) -> Predictions:
        answer = await self._model.predict(request)
        self.note_version(answer.model)
        if answer.model.version != UNKNOWN and len(answer.outputs) == len(request.rows):
            for key, output in zip(_digests(answer.model, request), answer.outputs, strict=True):
                if self._is_usable(output):
                    self._outputs[key] = output
        return answer


def _digests(identity: ModelIdentity, request: ModelRequest) -> list[bytes]:
    of_all_rows = to_json([identity.name, identity.version, request.columns, dict(request.params)])
    start = blake2b(of_all_rows, digest_size=_DIGEST_BYTES)
    digests = []
    for row in request.rows:
        digest = start.copy()
        digest.update(to_json(row))
        digests.append(digest.digest())
    return digests
