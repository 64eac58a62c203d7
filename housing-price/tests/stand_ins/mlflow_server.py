"""Stands in for the tracking server."""

from stand_in import serve

serve("mlflow", {"/health": "OK"})
