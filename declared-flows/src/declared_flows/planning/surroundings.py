"""What the files of flows may refer to that is in none of them: the program that serves them brings it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from declared_flows.notation.records import NO_RECORDS, Records
from declared_flows.planning.plan import SourceSignature
from declared_flows.sources.port import SourceKind

type Kinds = Mapping[str, SourceKind[Any]]


@dataclass(frozen=True)
class Surroundings:
    """What files may refer to that is in none of them.

    Args:
        kinds: the kinds of sources by name.
        own_sources: the sources that need no declaration.
        secrets: the names of the secrets that the settings hold.
        records: the records that a schema may name.
        reserved_paths: addresses that no flow may have, nor any below them.
        setting_prefix: how the environment variable of each secret begins; the secret's name follows in capitals.
    """

    kinds: Kinds
    own_sources: Mapping[str, SourceSignature] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    records: Records = field(default_factory=lambda: NO_RECORDS)
    reserved_paths: Sequence[str] = ()
    setting_prefix: str = "SECRET_"
