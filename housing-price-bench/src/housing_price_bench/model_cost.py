"""What the model itself costs: how long it computes, as its server says, and how large it is."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from supervised_processes.readiness import loopback_client

_QUESTIONS = {1: 50, 64: 20, 1000: 5}
"""How often each number of rows is asked for."""

_EXPLAINED_QUESTIONS = 20
_DURATION = re.compile(r"\bmodel;(?:.*;)?dur=([0-9.]+)")
_DOCUMENT_FILE = "typed-model.json"


@dataclass(frozen=True, kw_only=True)
class ModelCost:
    """Medians in milliseconds by number of rows, intervals included, and of one row with its explanation; None or
    missing where the server tells nothing. The size of the version's files is in megabytes (10⁶ bytes)."""

    rows_ms: dict[int, float]
    explained_ms: float | None
    artefact_mb: float | None


async def model_cost(url: str, *, rows: bytes, artefacts: Path) -> ModelCost:
    """The cost of the model that a server has loaded; ``rows`` is a body with enough rows for all questions."""
    body = json.loads(rows)
    async with loopback_client() as client:
        rows_ms = {count: await _told(client, url, _first(body, count), asked) for count, asked in _QUESTIONS.items()}
        explained = _first(body, 1) | {"params": {"explain": True}}
        explained_ms = await _told(client, url, explained, _EXPLAINED_QUESTIONS)
    return ModelCost(
        rows_ms={count: told for count, told in rows_ms.items() if told is not None},
        explained_ms=explained_ms,
        artefact_mb=_size_mb(artefacts),
    )


def model_ms(answer: httpx.Response) -> float | None:
    """What one answer tells."""
    found = _DURATION.search(answer.headers.get("server-timing", ""))
    return float(found[1]) if found and answer.is_success else None


def _first(body: dict[str, Any], count: int) -> dict[str, Any]:
    table = body["dataframe_split"]
    return {"dataframe_split": table | {"data": table["data"][:count]}}


async def _told(client: httpx.AsyncClient, url: str, body: dict[str, Any], questions: int) -> float | None:
    """The median that the server's `Server-Timing` tells; None where it tells nothing, or does not take the body."""
    try:
        answers = [await client.post(f"{url}/invocations", json=body) for _ in range(questions)]
    except httpx.HTTPError:
        return None
    told = [duration for answer in answers if (duration := model_ms(answer)) is not None]
    return median(told) if told else None


def _size_mb(artefacts: Path) -> float | None:
    """The size of the one version below a folder."""
    found = next(artefacts.rglob(_DOCUMENT_FILE), None)
    if found is None:
        return None
    return sum(file.stat().st_size for file in found.parent.rglob("*") if file.is_file()) / 1e6
