"""Which version is meant; and the same kept in a file, for a copy of the model that has no registry beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from housing_price_model.errors import ServingError

REFERENCE_FILE = "registration.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReference:
    """What is asked for, and what the registry says about it; None where it is no registered version."""

    uri: str
    source: str
    name: str | None = None
    version: str | None = None
    alias: str | None = None
    run_id: str | None = None
    manifest_sha256: str | None = None


_DOCUMENT = TypeAdapter(ModelReference)


def keep_reference(reference: ModelReference, folder: Path) -> None:
    """Write into a copy of a model's folder which version it is; without the alias, which moves while a copy stays."""
    write_reference(replace(reference, uri=reference.source, alias=None), folder)


def write_reference(reference: ModelReference, folder: Path) -> None:
    """Write into a copy of a model's folder what was asked for and which version that is."""
    (folder / REFERENCE_FILE).write_bytes(_DOCUMENT.dump_json(reference, indent=2) + b"\n")


def kept_reference(folder: Path) -> ModelReference | None:
    """Which version a folder holds, where that was kept in it.

    Raises:
        ServingError: if the file is not well-formed.
    """
    path = folder / REFERENCE_FILE
    if not path.is_file():
        return None
    try:
        return _DOCUMENT.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ServingError(f"the model's {REFERENCE_FILE} is not well-formed: build the image again") from error
