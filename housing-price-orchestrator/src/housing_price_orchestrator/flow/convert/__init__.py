"""Reads endpoints in a widespread notation and writes ours. Texts in, texts out; what can't be said becomes a note.

The other notation is a folder: `config.yaml`, `database.yaml` with connections and statements, `domains/*.yaml` with
endpoints, `integrations/*.yaml` with APIs, feature stores and models; a domain may have a folder of its own with the
last two in it.
"""

from housing_price_orchestrator.flow.convert.conversion import Conversion, converted
from housing_price_orchestrator.flow.convert.part import Note

__all__ = ["Conversion", "Note", "converted"]
