"""Stands in for the tracking server."""

from stand_in import serve

EXPERIMENT = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=housing-price"

serve("mlflow", {"/health": "OK", EXPERIMENT: {"experiment": {"experiment_id": "7"}}})
