"""Decides from the manifest whether a model may be served, before anything is loaded."""

from collections.abc import Collection, Set
from pathlib import Path, PurePosixPath
from typing import Any

from house_record import Record
from pydantic import ValidationError

from housing_price_model.delivery.integrity import TRAIN_AGAIN, check_files, read_manifest
from housing_price_model.delivery.record_versions import find_row_types
from housing_price_model.errors import ServingError
from housing_price_model.inference import DOCUMENT_FILE, CompiledDocument
from housing_price_model.recipes import TRUSTED_TYPES
from housing_price_model.registry.layout import DESCRIPTION_FILE, LOADER, SCRIPT_FILE
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest
from housing_price_model.registry.provenance import MODEL_LIBRARIES, installed_version

LONGEST_LIST = 5


def verify_version(
    folder: Path, record: Record, *, expected_sha256: str | None, allowed: Collection[str] = ()
) -> Manifest:
    """Verify the files of a model that this process is to serve for the record, and return their manifest.

    ``expected_sha256`` is the manifest's checksum in the registry, or None without a registry. ``allowed`` names
    additional files that may be there.

    Raises:
        ServingError: with one line that says what is wrong and how to fix it.
    """
    manifest = read_manifest(folder, expected_sha256)
    _check_record(manifest, record)
    _check_compiled_form(manifest)
    _check_libraries(manifest)
    check_files(manifest, folder, allowed=allowed)
    _check_parts(manifest, folder)
    _check_description(manifest, folder)
    return manifest


def _check_record(manifest: Manifest, record: Record) -> None:
    if find_row_types(record, manifest.record_version) is None:
        raise ServingError(
            f"the model uses house record {manifest.record_version}, this program {record.version}: {TRAIN_AGAIN}"
        )
    kinds = {feature.column: feature.kind for feature in record.features}
    strange = [
        f"{wanted.name} ({wanted.type})" for wanted in manifest.features if kinds.get(wanted.name) != wanted.type
    ]
    if strange:
        raise ServingError(
            f"the model needs features that the house record does not have: {_format_names(strange)}: {TRAIN_AGAIN}"
        )


def _check_compiled_form(manifest: Manifest) -> None:
    if DOCUMENT_FILE not in manifest.files:
        raise ServingError(f"the model was registered by an older program and has no compiled form: {TRAIN_AGAIN}")
    if DESCRIPTION_FILE not in manifest.files:
        raise ServingError(f"the model's {MANIFEST_FILE} has no checksum of {DESCRIPTION_FILE}: {TRAIN_AGAIN}")


def _check_libraries(manifest: Manifest) -> None:
    for library in MODEL_LIBRARIES:
        trained_with, here = manifest.libraries.get(library, "none"), installed_version(library)
        if _minor(trained_with) != _minor(here):
            raise ServingError(
                f"the model was trained with {library} {trained_with}, here is {here}:"
                f" install that version, or {TRAIN_AGAIN}"
            )


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _check_parts(manifest: Manifest, folder: Path) -> None:
    try:
        names = CompiledDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes()).files()
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ServingError(f"the model's {DOCUMENT_FILE} is not well-formed ({reason}): {TRAIN_AGAIN}") from error
    for name in sorted(names):
        if name != PurePosixPath(name).name or name not in manifest.files:
            raise ServingError(
                f"a part of the model is in {name!r}, which {MANIFEST_FILE} does not list: {TRAIN_AGAIN}"
            )


def _check_description(manifest: Manifest, folder: Path) -> None:
    """Reject an artefact that could run its own code. It lists itself which types of its pipeline are trusted, so both
    this list and the pipeline are compared with ours.

    This process runs no code of an artefact, the script for MLflow included: it reads the compiled form's data.
    """
    try:
        is_compiled, wanted, pyfunc = _read_description(folder, manifest.files.keys())
    # A file that someone else wrote may fail in any way; either way it describes no model to serve.
    except Exception as error:
        raise ServingError(
            f"the model's {DESCRIPTION_FILE} is not well-formed, or names a pipeline that can't be read"
            f" ({type(error).__name__}): {TRAIN_AGAIN}"
        ) from error
    if not is_compiled:
        raise ServingError(
            "the model has no compiled form, or has a scikit-learn pipeline in another format than skops:"
            f" {TRAIN_AGAIN}"
        )
    untrusted = sorted(wanted - TRUSTED_TYPES)
    if untrusted or pyfunc.get("code"):
        raise ServingError(
            f"the model needs code that no recipe uses: {_format_names(untrusted) or 'its own'}: {TRAIN_AGAIN}"
        )


def _read_description(folder: Path, files: Set[str]) -> tuple[bool, set[str], dict[str, Any]]:
    """Return whether there is a compiled form, which types the artefact trusts or contains, and how MLflow loads it."""
    from mlflow.models import Model

    flavors = Model.load(folder).flavors
    sklearn, pyfunc = flavors.get("sklearn", {}), flavors.get("python_function", {})
    is_script = pyfunc.get("loader_module") == LOADER and pyfunc.get("model_code_path") == SCRIPT_FILE
    has_skops = sklearn.get("serialization_format") == "skops" and sklearn.get("pickled_model") in files
    wanted = set(map(str, sklearn.get("skops_trusted_types") or ()))
    if has_skops:
        wanted |= _find_untrusted_types(folder / sklearn["pickled_model"])
    return is_script and (has_skops or not sklearn), wanted, pyfunc


def _find_untrusted_types(pipeline: Path) -> set[str]:
    """Return the types in a file that skops does not trust by itself. No object is built."""
    from skops.io import get_untrusted_types

    return set(get_untrusted_types(file=pipeline))


def _format_names(names: list[str]) -> str:
    more = f" and {len(names) - LONGEST_LIST} more" if len(names) > LONGEST_LIST else ""
    return ", ".join(names[:LONGEST_LIST]) + more
