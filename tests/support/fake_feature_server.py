"""A Feast feature server for tests, over the customers of ``examples/feast``.

A callable for ``fake_model_server.serving``. The contract tests of the source `feast` hold for it and for the real
server.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

type Row = Mapping[str, Any]

NEVER = "1970-01-01T00:00:00Z"
JOIN_KEY = "customer_id"
NEIGHBORHOODS = ("NAmes", "CollgCr", "OldTown", "Edwards", "Somerst")
SERVICES = {
    "recommendation": ("home_search:seen", "home_search:budget", "home_search:viewings", "home_search:favourite")
}
VIEWS = {
    "customer_stats": ("avg_payment", "late_payments", "debt_ratio"),
    "home_search": ("budget", "viewings", "favourite", "seen"),
}


def _stats(customer: int) -> Row | None:
    if not 1 <= customer <= 10:
        return None
    return {
        "avg_payment": 900.0 + 50 * customer,
        "late_payments": customer % 4,
        "debt_ratio": round(0.08 * customer, 2),
    }


def _search(customer: int) -> Row | None:
    if not 1 <= customer <= 9:
        return None
    return {
        "budget": 100_000.0 + 20_000 * customer,
        "viewings": customer % 5,
        "favourite": NEIGHBORHOODS[customer % 5],
        "seen": [NEIGHBORHOODS[(customer + 1) % 5]],
    }


class _Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class FakeFeatureServer:
    """Answers as Feast 0.67 does; customer 9 looked for a home ten days ago, and customer 10 never did."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == "/health":
            return httpx.Response(200)
        if request.url.path != "/get-online-features":
            return httpx.Response(404, json={"detail": "Not Found"})
        try:
            return httpx.Response(200, json=_answer(json.loads(request.content)))
        except _Refused as refusal:
            return httpx.Response(refusal.status, json=str(refusal))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    features = _features(asked)
    customers = _customers(asked["entities"])
    full = asked.get("full_feature_names", False)
    names = [feature.replace(":", "__") if full else feature.partition(":")[2] for feature in features]
    columns = [_column(feature, customers) for feature in features]
    never = {
        "values": customers,
        "statuses": ["PRESENT"] * len(customers),
        "event_timestamps": [NEVER] * len(customers),
    }
    return {"results": [never, *columns], "metadata": {"feature_names": [JOIN_KEY, *names]}}


def _features(asked: Mapping[str, Any]) -> Sequence[str]:
    if service := asked.get("feature_service"):
        if service not in SERVICES:
            raise _Refused(404, _not_found("FeatureServiceNotFoundException", f"Feature service {service}"))
        return SERVICES[service]
    for feature in asked["features"]:
        view, _, name = feature.partition(":")
        if view not in VIEWS:
            raise _Refused(404, _not_found("FeatureViewNotFoundException", f"Feature view {view}"))
        if name not in VIEWS[view]:
            raise _Refused(500, f"'Feature {name} not found in projection {view}'")
    features: Sequence[str] = asked["features"]
    return features


def _not_found(kind: str, what: str) -> str:
    return json.dumps(
        {"module": "feast.errors", "class": kind, "message": f"{what} does not exist in project examples"}
    )


def _customers(entities: Mapping[str, list[Any]]) -> list[int]:
    if JOIN_KEY not in entities:
        raise _Refused(500, f'"Missing join key values for keys: [{JOIN_KEY!r}]. Provided join_key_values: []"')
    try:
        return [int(value) for value in entities[JOIN_KEY]]
    except ValueError as error:
        raise _Refused(500, str(error)) from error


def _column(feature: str, customers: Sequence[int]) -> dict[str, Any]:
    view, _, name = feature.partition(":")
    rows = [_stats(customer) if view == "customer_stats" else _search(customer) for customer in customers]
    return {
        "values": [row[name] if row else None for row in rows],
        "statuses": ["PRESENT" if row else "NOT_FOUND" for row in rows],
        "event_timestamps": [
            _time(view, customer) if row else NEVER for row, customer in zip(rows, customers, strict=True)
        ],
    }


def _time(view: str, customer: int) -> str:
    is_old = view == "home_search" and customer == 9
    return (datetime.now(UTC) - timedelta(days=10 if is_old else 0, hours=1)).isoformat().replace("+00:00", "Z")
