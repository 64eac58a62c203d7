"""Keeps the last verified versions on this machine, so that a server can start while the registry is down.

An entry holds the version's files and what the registry says about it, like the folder that an image contains. Whoever
can write here decides what is served while the registry is down, so the folder belongs to the user.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from house_record import Record

from housing_price_model.delivery.loading import LoadedModel, copy_files, load_with_files
from housing_price_model.delivery.reference import REFERENCE_FILE, write_reference
from housing_price_model.delivery.verification import verify_version
from housing_price_model.errors import RegistryUnreachable, ServingError
from housing_price_model.registry.connection import tracking_uri

VERSIONS_OF_A_URI = 2
ENTRIES = 8
"""Counts the entries of all registries and model URIs."""

UNFINISHED = "new"


def default_folder() -> Path | None:
    """Return the folder below the user's cache folder, or None for a user without a home."""
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return caches / "housing-price-model"


class VersionCache:
    """Keeps the versions served last, by registry and model URI, and removes older ones.

    Args:
        folder: where they are kept; created when needed.
        warn: receives a line that an operator should see.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def load(self, uri: str, below: Path, record: Record, *, timeout_seconds: float) -> tuple[LoadedModel, Path]:
        """Load like ``load_with_files``, or fall back to the version that this URI meant last, if the registry is
        unreachable.

        Raises:
            RegistryUnreachable: if there is no undamaged one.
            RegistryError: if the registry refuses.
            ServingError: if the version can't be served. A version that the registry returns is never skipped.
        """
        try:
            loaded = load_with_files(uri, below, record, timeout_seconds=timeout_seconds)
        except RegistryUnreachable as error:
            return self._last(uri, below, record, error)
        if loaded[0].reference.manifest_sha256 is not None:
            self._keep(uri, *loaded)
        return loaded

    def _last(self, uri: str, below: Path, record: Record, error: RegistryUnreachable) -> tuple[LoadedModel, Path]:
        for entry in self._entries(_make_key(uri)):
            try:
                # Uses its own folder, because an interrupted download may have left files in the other.
                loaded = load_with_files(str(entry), below / entry.name, record, timeout_seconds=0)
            except ServingError as damage:
                self._warn(f"the version kept in {entry} is skipped: {damage}")
                continue
            found = loaded[0].reference
            self._warn(
                f"{error}; {found.source}, the last one that was verified, is served from {entry}"
                " until a restart finds the registry"
            )
            return loaded
        raise error

    def _keep(self, uri: str, model: LoadedModel, files: Path) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            entry = self._folder / f"{_make_key(uri)}-{model.reference.manifest_sha256}"
            if not _is_complete(entry, model):
                self._write(entry, model, files)
            os.utime(entry)
            self._remove_oldest()
        except (OSError, ServingError) as error:
            self._warn(f"the model is served, but can't be cached for a start without the registry: {error}")

    def _write(self, entry: Path, model: LoadedModel, files: Path) -> None:
        """Write to a temporary folder and rename it, so that an entry is complete or absent."""
        unfinished = copy_files(files, model.manifest, Path(mkdtemp(dir=self._folder, prefix=f"{UNFINISHED}-")))
        write_reference(model.reference, unfinished)
        shutil.rmtree(entry, ignore_errors=True)
        unfinished.rename(entry)

    def _entries(self, key: str) -> list[Path]:
        """The newest first."""
        return sorted(self._folder.glob(f"{key}-*"), key=lambda entry: entry.stat().st_mtime, reverse=True)

    def _remove_oldest(self) -> None:
        # What a killed process left unfinished has a key too, and is removed like the rest.
        keys = {entry.name.partition("-")[0] for entry in self._folder.iterdir()}
        surplus = [entry for key in keys for entry in self._entries(key)[VERSIONS_OF_A_URI:]]
        surplus += self._entries("*")[ENTRIES:]
        for entry in surplus:
            shutil.rmtree(entry, ignore_errors=True)


def _make_key(uri: str) -> str:
    """Hash the address, which may contain a password: an alias means something else in another registry."""
    return hashlib.sha256(f"{tracking_uri()}\n{uri}".encode()).hexdigest()[:16]


def _is_complete(entry: Path, model: LoadedModel) -> bool:
    try:
        verify_version(entry, model.record, expected_sha256=model.reference.manifest_sha256, allowed=(REFERENCE_FILE,))
    except ServingError:
        return False
    return True
