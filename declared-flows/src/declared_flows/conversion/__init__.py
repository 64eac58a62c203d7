"""Reads endpoints in a widespread notation and writes ours. Texts in, texts out; what can't be said becomes a note.

The other notation is a folder: `config.yaml`, `database.yaml` with connections and statements, `domains/*.yaml` with
endpoints, `integrations/*.yaml` with APIs, feature stores and models; a domain may have a folder of its own with the
last two in it.
"""

from declared_flows.conversion.converter import Conversion, convert
from declared_flows.conversion.part import Note

__all__ = ["Conversion", "Note", "convert"]
