"""Says which version a model is, also in a file for copies of the model that have no registry."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from housing_price_model.errors import ServingError

REFERENCE_FILE = "registration.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReference:
    """A URI and what the registry says about it; fields are None if it is not a registered version."""

    uri: str
    source: str
    name: str | None = None
    version: str | None = None
    alias: str | None = None
    run_id: str | None = None
    manifest_sha256: str | None = None


_DOCUMENT = TypeAdapter(ModelReference)


def keep_reference(reference: ModelReference, folder: Path) -> None:
    """Write which version a copy of a model is, without the alias, which may move later."""
    write_reference(replace(reference, uri=reference.source, alias=None), folder)


def write_reference(reference: ModelReference, folder: Path) -> None:
    """Write which version a copy of a model is, and the URI that was asked for."""
    (folder / REFERENCE_FILE).write_bytes(_DOCUMENT.dump_json(reference, indent=2) + b"\n")


def read_reference(folder: Path) -> ModelReference | None:
    """Return which version a folder holds, or None if it does not say.

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
