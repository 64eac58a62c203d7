"""The last verified versions on this machine, for a start while the registry can't be reached.

An entry is a folder as it is baked into an image: the version's files, and what the registry said of it. Who may write
here decides what is served while the registry is down; so the folder is the user's own.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from housing_price_model.delivery.loading import LoadedModel, copied, load_below
from housing_price_model.delivery.reference import REFERENCE_FILE, write_reference
from housing_price_model.delivery.verification import verified_manifest
from housing_price_model.errors import RegistryUnreachable, ServingError
from housing_price_model.registry.connection import tracking_uri

VERSIONS_OF_A_URI = 2
ENTRIES = 8
"""Of all registries and model URIs together."""

UNFINISHED = "new"


def default_folder() -> Path | None:
    """Below the user's folder of caches; None for a user without a home."""
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return caches / "housing-price-model"


class VersionCache:
    """The versions that were served last, by registry and model URI; older ones go.

    Args:
        folder: where they are kept; made when it is needed.
        warn: is told in one line of what an operator should know.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def load(self, uri: str, below: Path, *, timeout_seconds: float) -> tuple[LoadedModel, Path]:
        """As ``load_below``; where the registry can't be reached, the version that this URI meant the last time.

        Raises:
            RegistryUnreachable: if there is none that is undamaged.
            RegistryError: if the registry refuses.
            ServingError: if the version can't be served: one that the registry gives is never passed over.
        """
        try:
            loaded = load_below(uri, below, timeout_seconds=timeout_seconds)
        except RegistryUnreachable as error:
            return self._last(uri, below, error)
        if loaded[0].reference.manifest_sha256 is not None:
            self._keep(uri, *loaded)
        return loaded

    def _last(self, uri: str, below: Path, error: RegistryUnreachable) -> tuple[LoadedModel, Path]:
        for entry in self._entries(_key(uri)):
            try:
                # In a folder of its own: a download may have been interrupted in the other.
                loaded = load_below(str(entry), below / entry.name, timeout_seconds=0)
            except ServingError as damage:
                self._warn(f"the version kept in {entry} is passed over: {damage}")
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
            entry = self._folder / f"{_key(uri)}-{model.reference.manifest_sha256}"
            if not _is_whole(entry, model):
                self._write(entry, model, files)
            os.utime(entry)
            self._remove_oldest()
        except (OSError, ServingError) as error:
            self._warn(f"the model is served, but can't be kept for a start without the registry: {error}")

    def _write(self, entry: Path, model: LoadedModel, files: Path) -> None:
        """Beside its place first, so that it is whole or absent."""
        unfinished = copied(files, model.manifest, Path(mkdtemp(dir=self._folder, prefix=f"{UNFINISHED}-")))
        write_reference(model.reference, unfinished)
        shutil.rmtree(entry, ignore_errors=True)
        unfinished.rename(entry)

    def _entries(self, key: str) -> list[Path]:
        """The newest first."""
        return sorted(self._folder.glob(f"{key}-*"), key=lambda entry: entry.stat().st_mtime, reverse=True)

    def _remove_oldest(self) -> None:
        # What a killed process left unfinished has a key as well, and goes like the rest.
        keys = {entry.name.partition("-")[0] for entry in self._folder.iterdir()}
        surplus = [entry for key in keys for entry in self._entries(key)[VERSIONS_OF_A_URI:]]
        surplus += self._entries("*")[ENTRIES:]
        for entry in surplus:
            shutil.rmtree(entry, ignore_errors=True)


def _key(uri: str) -> str:
    """The same alias means something else in another registry, whose address may hold a password."""
    return hashlib.sha256(f"{tracking_uri()}\n{uri}".encode()).hexdigest()[:16]


def _is_whole(entry: Path, model: LoadedModel) -> bool:
    try:
        verified_manifest(entry, expected_sha256=model.reference.manifest_sha256, allowed=(REFERENCE_FILE,))
    except ServingError:
        return False
    return True
