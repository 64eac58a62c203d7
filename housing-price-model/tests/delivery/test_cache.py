"""The versions that are kept: which are found again, which go, and what is never taken from there."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from house_record import AMES, Record
from housing_price_model.delivery import cache as cache_module
from housing_price_model.delivery.cache import ENTRIES, VersionCache, default_folder
from housing_price_model.delivery.loading import LoadedModel, load_with_files
from housing_price_model.delivery.reference import ModelReference
from housing_price_model.errors import RegistryError, RegistryUnreachable, ServingError
from housing_price_model.registry.manifest import file_checksum

URI = "models:/housing-price@champion"

type Change = Callable[[Mapping[str, Any]], None]


@dataclass
class Registry:
    """Gives a folder for every URI, or fails; folders are loaded as ever."""

    folder: Path
    failure: Exception | None = None
    version: str = "1"

    def load_with_files(
        self, uri: str, below: Path, record: Record, *, timeout_seconds: float
    ) -> tuple[LoadedModel, Path]:
        if not uri.startswith("models:"):
            return load_with_files(uri, below, record, timeout_seconds=timeout_seconds)
        if self.failure is not None:
            raise self.failure
        model, files = load_with_files(str(self.folder), below, record, timeout_seconds=timeout_seconds)
        reference = ModelReference(
            uri=uri,
            source=f"models:/housing-price/{self.version}",
            name="housing-price",
            version=self.version,
            alias="champion",
            manifest_sha256=file_checksum(self.folder / "manifest.json"),
        )
        return replace(model, reference=reference), files


@dataclass
class Cached:
    """A cache with all that surrounds it."""

    registry: Registry
    folder: Path
    below: Path
    warnings: list[str] = field(default_factory=list)
    loads: int = 0

    def load(self, uri: str = URI) -> LoadedModel:
        self.loads += 1
        below = self.below / str(self.loads)
        return VersionCache(self.folder, self.warnings.append).load(uri, below, AMES, timeout_seconds=0)[0]

    def go_down(self) -> None:
        self.registry.failure = RegistryUnreachable("http://127.0.0.1:9999")

    def entries(self) -> list[Path]:
        return sorted(self.folder.iterdir(), key=lambda entry: entry.stat().st_mtime)


@pytest.fixture
def cached(artefact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cached:
    registry = Registry(artefact)
    monkeypatch.setattr(cache_module, "load_with_files", registry.load_with_files)
    return Cached(registry, tmp_path / "cache", tmp_path / "below")


def register_another(cached: Cached, change_manifest: Change, number: int) -> None:
    """Another version, newer than all that are kept; no clock is waited for."""
    change_manifest({"gitCommit": f"commit {number}"})
    cached.registry.version = str(number)
    for age, entry in enumerate(reversed(cached.entries()), start=1):
        os.utime(entry, (1_000_000 - age, 1_000_000 - age))


def test_serves_the_last_version_with_a_warning_without_registry(cached: Cached) -> None:
    before = cached.load()
    cached.go_down()

    after = cached.load()

    assert (after.reference, after.golden_price) == (before.reference, before.golden_price)
    [line] = cached.warnings
    assert line.startswith("no MLflow server answers at http://127.0.0.1:9999: ")
    assert f"models:/housing-price/1, the last one that was verified, is served from {cached.entries()[0]}" in line


def test_reports_an_unreachable_registry_if_nothing_is_cached(cached: Cached) -> None:
    cached.go_down()

    with pytest.raises(RegistryUnreachable):
        cached.load()


@pytest.mark.parametrize("failure", [ServingError("there is no model at …"), RegistryError("MLflow could not find …")])
def test_ignores_the_cache_if_a_reachable_registry_refuses(cached: Cached, failure: Exception) -> None:
    cached.load()
    cached.registry.failure = failure

    with pytest.raises(type(failure), match=str(failure)):
        cached.load()


@pytest.mark.parametrize("uri", ["models:/housing-price/2", "models:/other@champion"])
def test_a_version_is_kept_for_its_own_uri(cached: Cached, uri: str) -> None:
    cached.load()
    cached.go_down()

    with pytest.raises(RegistryUnreachable):
        cached.load(uri)


def test_a_version_is_kept_for_its_own_registry(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    cached.load()
    cached.go_down()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere:9999")

    with pytest.raises(RegistryUnreachable):
        cached.load()


def test_skips_a_damaged_entry_for_the_previous_one(cached: Cached, change_manifest: Change) -> None:
    cached.load()
    register_another(cached, change_manifest, 2)
    cached.load()
    (cached.entries()[-1] / "member-1.npz").write_bytes(b"others")
    cached.go_down()

    assert cached.load().reference.version == "1"
    assert "member-1.npz is corrupt" in cached.warnings[0]


def test_the_next_start_repairs_a_damaged_entry(cached: Cached) -> None:
    cached.load()
    (cached.entries()[0] / "member-1.npz").write_bytes(b"others")
    cached.load()
    cached.go_down()

    assert cached.load().reference.version == "1"


def test_does_not_serve_an_entry_with_a_changed_manifest(cached: Cached) -> None:
    cached.load()
    manifest = cached.entries()[0] / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"gitCommit": "other"}))
    cached.go_down()

    with pytest.raises(RegistryUnreachable):
        cached.load()
    assert "manifest.json was changed after its registration" in cached.warnings[0]


def test_of_a_uri_the_last_two_versions_are_kept(cached: Cached, change_manifest: Change) -> None:
    for number in (1, 2, 3):
        register_another(cached, change_manifest, number) if number > 1 else None
        cached.load()

    kept = [json.loads((entry / "registration.json").read_text())["version"] for entry in cached.entries()]

    assert kept == ["2", "3"]


def test_of_many_uris_the_last_few_are_kept(cached: Cached) -> None:
    for number in range(ENTRIES + 2):
        cached.load(f"models:/housing-price/{number}")

    assert len(cached.entries()) == ENTRIES


def test_what_was_left_unfinished_is_never_served_and_goes(cached: Cached) -> None:
    for name in ("new-1", "new-2", "new-3"):
        (cached.folder / name).mkdir(parents=True)
        os.utime(cached.folder / name, (0, 0))

    cached.load()

    assert len([entry for entry in cached.entries() if entry.name.startswith("new-")]) <= 2


def test_serves_the_model_and_warns_if_the_cache_is_unwritable(cached: Cached) -> None:
    cached.folder.write_text("a file")

    assert cached.load().golden_price > 0
    assert cached.warnings[0].startswith("the model is served, but can't be cached for a start without the registry: ")


def test_a_folder_that_is_given_is_not_kept(cached: Cached, artefact: Path) -> None:
    cached.load(str(artefact))

    assert not cached.folder.exists()


def test_the_folder_is_below_the_users_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert default_folder() == tmp_path / "housing-price-model"
