"""What `up` prints once the platform is ready: addresses, the champion, and a request to paste."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from house_record import everyday_document

from housing_price.plan import Options


def format_ready_lines(
    options: Options, model: Mapping[str, Any] | None, experiment_id: str | None = None
) -> list[str]:
    """Format a table: a line for each address and each fact about the champion.

    Args:
        options: where everything listens.
        model: the model server's `GET /model`, or None if it did not respond.
        experiment_id: the experiment of the training runs, or None if MLflow did not name it.
    """
    runs = "" if experiment_id is None else f"/#/experiments/{experiment_id}/runs"
    rows = {
        "API": f"{options.api_url}/api/v1/price/predict",
        "API docs": f"{options.api_url}/docs",
        "MLflow": f"{options.mlflow_url}{runs}",
        "Model server": options.model_url,
        **_describe_champion(model),
    }
    width = max(map(len, rows))
    return [f"  {label:<{width}}  {value}" for label, value in rows.items()]


def format_example_request(options: Options) -> str:
    """Format a command that prices one house, for any POSIX shell."""
    body = json.dumps(everyday_document(), separators=(",", ":"))
    url = f"{options.api_url}/api/v1/price/predict"
    return f"curl -s {shlex.quote(url)} -H 'Content-Type: application/json' -d {shlex.quote(body)}"


def _describe_champion(model: Mapping[str, Any] | None) -> dict[str, str]:
    if model is None:
        return {"Champion": "unknown: the model server did not describe it"}
    alias = f" (@{model['alias']})" if model.get("alias") else ""
    return {
        "Champion": f"{model.get('name', 'unnamed')} version {model.get('version', 'unknown')}{alias}",
        "Recipe": str(model.get("recipe") or "unknown"),
        "Data": _describe_data(model.get("data")),
    }


def _describe_data(data: Any) -> str:
    if not isinstance(data, Mapping):
        return "unknown"
    rows = data.get("rows")
    sales = f"{rows:,} sales" if isinstance(rows, int) else "an unknown number of sales"
    invented = ": GENERATED for trying things out, not real sales" if data.get("generated") else ""
    checksum = f" (sha256 {str(data['sha256'])[:12]})" if data.get("sha256") else ""
    return f"{data.get('source', 'unknown')}, {sales}{checksum}{invented}"
