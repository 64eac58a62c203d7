"""A version's files as they go into an image: verified, and with what the registry says of them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from housing_price_model.delivery.reference import REFERENCE_FILE, ModelReference, keep_reference
from housing_price_model.delivery.resolution import fetch, is_local
from housing_price_model.delivery.verification import verified_manifest


def bake(uri: str, folder: Path, *, timeout_seconds: float) -> ModelReference:
    """Copy the version that a URI means into a new folder; which version that is.

    Raises:
        RegistryError: if it can't be fetched.
        ServingError: if a server would refuse it.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        reference, source = fetch(uri, Path(temporary), timeout_seconds=timeout_seconds)
        allowed = (REFERENCE_FILE,) if is_local(uri) else ()
        verified_manifest(source, expected_sha256=reference.manifest_sha256, allowed=allowed)
        shutil.copytree(source, folder)
    keep_reference(reference, folder)
    return reference
