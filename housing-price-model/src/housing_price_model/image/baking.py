"""Prepares a version's files for an image: verified, and with what the registry says about them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from house_record import Record

from housing_price_model.delivery.reference import REFERENCE_FILE, ModelReference, keep_reference
from housing_price_model.delivery.resolution import fetch, is_local
from housing_price_model.delivery.verification import verify_version


def bake(uri: str, folder: Path, record: Record, *, timeout_seconds: float) -> ModelReference:
    """Copy the version at a URI into a new folder, and return which version it is.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if a model server would reject it.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        reference, source = fetch(uri, Path(temporary), timeout_seconds=timeout_seconds)
        allowed = (REFERENCE_FILE,) if is_local(uri) else ()
        verify_version(source, record, expected_sha256=reference.manifest_sha256, allowed=allowed)
        shutil.copytree(source, folder)
    keep_reference(reference, folder)
    return reference
