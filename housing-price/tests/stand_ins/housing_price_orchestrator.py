"""Stands in for the API."""

from stand_in import serve

serve("orchestrator", {"/ready": {"status": "ready"}})
