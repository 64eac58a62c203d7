"""What the model itself costs: its computing time, as `Server-Timing` says, and the size of its files."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from supervised_processes.readiness import make_loopback_client

_REQUESTS = {1: 50, 64: 20, 1000: 5}
"""How many requests are sent with each number of rows."""

_EXPLAINED_REQUESTS = 20
_DURATION = re.compile(r"\bmodel;(?:.*;)?dur=([0-9.]+)")
_DOCUMENT_FILE = "typed-model.json"


@dataclass(frozen=True, kw_only=True)
class ModelCost:
    """Median milliseconds by number of rows, intervals included, and of one row with its explanation; None or missing
    where the server does not say. The size of the version's files is in megabytes (10⁶ bytes)."""

    rows_ms: dict[int, float]
    explained_ms: float | None
    artefact_mb: float | None


async def measure_model_cost(url: str, *, rows: bytes, artefacts: Path) -> ModelCost:
    """Measure the model that a server has loaded; ``rows`` is a body with enough rows for all requests."""
    body = json.loads(rows)
    async with make_loopback_client() as client:
        rows_ms = {
            count: await _measure_ms(client, url, _take_rows(body, count), requests)
            for count, requests in _REQUESTS.items()
        }
        explained = _take_rows(body, 1) | {"params": {"explain": True}}
        explained_ms = await _measure_ms(client, url, explained, _EXPLAINED_REQUESTS)
    return ModelCost(
        rows_ms={count: ms for count, ms in rows_ms.items() if ms is not None},
        explained_ms=explained_ms,
        artefact_mb=_measure_size_mb(artefacts),
    )


def read_model_ms(response: httpx.Response) -> float | None:
    """Read the computing time of the model from `Server-Timing`."""
    found = _DURATION.search(response.headers.get("server-timing", ""))
    return float(found[1]) if found and response.is_success else None


def _take_rows(body: dict[str, Any], count: int) -> dict[str, Any]:
    table = body["dataframe_split"]
    return {"dataframe_split": table | {"data": table["data"][:count]}}


async def _measure_ms(client: httpx.AsyncClient, url: str, body: dict[str, Any], requests: int) -> float | None:
    """Return the median computing time, or None if the server does not say or refuses the body."""
    try:
        responses = [await client.post(f"{url}/invocations", json=body) for _ in range(requests)]
    except httpx.HTTPError:
        return None
    durations = [duration for response in responses if (duration := read_model_ms(response)) is not None]
    return median(durations) if durations else None


def _measure_size_mb(artefacts: Path) -> float | None:
    """Measure the files of the only version below a folder."""
    found = next(artefacts.rglob(_DOCUMENT_FILE), None)
    if found is None:
        return None
    return sum(file.stat().st_size for file in found.parent.rglob("*") if file.is_file()) / 1e6
