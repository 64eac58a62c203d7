"""What a manifest holds, and that those of older programs are read."""

import json
from pathlib import Path
from typing import Any

import pytest
from housing_price_model.registry.manifest import MANIFEST_VERSION, Manifest
from pydantic import ValidationError

STORED = Path(__file__).with_name("manifest-version-1.json")
"""A manifest that was registered before manifests had a version, with fewer features and files."""


def read(**changes: Any) -> Manifest:
    return Manifest.model_validate_json(json.dumps(json.loads(STORED.read_bytes()) | changes))


def test_a_manifest_of_version_1_is_read() -> None:
    manifest = read()

    assert (manifest.manifest_version, manifest.record_version, manifest.recipe) == (1, "1", "random-forest")
    assert (manifest.record, manifest.golden, manifest.baseline) == (None, None, None)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = read(manifestVersion=MANIFEST_VERSION, baseline="MLmodel")

    written.write(tmp_path)

    document = (tmp_path / "manifest.json").read_bytes()
    assert json.loads(document)["manifestVersion"] == 2
    assert Manifest.model_validate_json(document) == written


@pytest.mark.parametrize("slot", ["record", "golden", "baseline"])
def test_a_file_that_a_manifest_names_has_a_checksum(slot: str) -> None:
    with pytest.raises(ValidationError, match=r"'elsewhere\.json' is not among the files"):
        read(**{"manifestVersion": MANIFEST_VERSION, slot: "elsewhere.json"})


def test_a_manifest_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="manifestVersion"):
        read(manifestVersion=3)
