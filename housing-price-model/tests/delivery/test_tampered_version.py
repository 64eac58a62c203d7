"""Who may write where artifacts are kept, but not in the registry, can't have another model served."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import pytest
from house_record import AMES
from housing_price_model.delivery.loading import load_model
from housing_price_model.errors import ServingError
from housing_price_model.registry.manifest import Manifest, folder_checksums
from housing_price_model.registry.versions import MANIFEST_CHECKSUM_TAG
from present import present

pytestmark = pytest.mark.integration

VERSION = "models:/housing-price/1"

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def client(registered: str, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    return mlflow.MlflowClient(registered)


@pytest.fixture
def stored(client: mlflow.MlflowClient, mlflow_state: Path, tmp_path: Path) -> Iterator[Path]:
    """The version's files where MLflow keeps them, put back as they were after the test."""
    model_id = present(client.get_model_version("housing-price", "1").source).removeprefix("models:/")
    [description] = (mlflow_state / "mlflow" / "artifacts").glob(f"**/{model_id}/artifacts/MLmodel")
    kept = shutil.copytree(description.parent, tmp_path / "kept")
    yield description.parent
    shutil.rmtree(description.parent)
    shutil.copytree(kept, description.parent)


@pytest.fixture
def tag(client: mlflow.MlflowClient) -> Iterator[str]:
    """The manifest's checksum in the registry, put back after the test."""
    checksum = client.get_model_version("housing-price", "1").tags[MANIFEST_CHECKSUM_TAG]
    yield checksum
    client.set_model_version_tag("housing-price", "1", MANIFEST_CHECKSUM_TAG, checksum)


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def refusal(uri: str = VERSION) -> str:
    with pytest.raises(ServingError) as raised:
        load_model(uri, AMES, timeout_seconds=5)
    line = str(raised.value)
    assert "\n" not in line
    assert "housing-price-model train --promote" in line
    return line


@pytest.mark.parametrize(
    "name",
    [
        "MLmodel",
        "member-1.npz",
        "member-2.treelite",
        "requirements.txt",
        "sales.json",
        "typed-model.json",
        "typed/encoder.py",
        "typed_model.py",
    ],
)
def test_reports_a_changed_byte_in_any_file_with_both_checksums(stored: Path, name: str) -> None:
    registered = Manifest.model_validate_json((stored / "manifest.json").read_bytes()).files[name]
    change_a_byte(stored / name)

    line = refusal()

    assert f"the model's file {name} is corrupt (its SHA-256 is " in line
    assert f"registered was {registered[:12]}…" in line


def test_refuses_a_consistent_version_that_was_not_registered(stored: Path, tag: str) -> None:
    change_a_byte(stored / "member-1.npz")
    manifest = Manifest.model_validate_json((stored / "manifest.json").read_bytes())
    manifest.model_copy(update={"files": folder_checksums(stored)}).write(stored)

    line = refusal()

    assert "manifest.json was changed after its registration" in line
    assert f"registered was {tag[:12]}…" in line


def test_a_file_that_is_gone_is_named(stored: Path) -> None:
    (stored / "typed" / "trees.py").unlink()

    assert "the model's file typed/trees.py is missing" in refusal()


@pytest.mark.parametrize("name", ["sitecustomize.py", "registration.json", "typed/numpy.py"])
def test_a_file_that_was_added_is_named(stored: Path, name: str) -> None:
    (stored / name).write_text("{}")

    assert f"holds {name!r}, which was not registered with it" in refusal()


@pytest.mark.parametrize("uri", [VERSION, "models:/housing-price@champion"])
def test_a_tag_that_was_changed_fits_no_manifest(client: mlflow.MlflowClient, tag: str, uri: str) -> None:
    client.set_model_version_tag("housing-price", "1", MANIFEST_CHECKSUM_TAG, "0" * 64)

    assert "manifest.json was changed after its registration" in refusal(uri)


def test_a_version_without_the_tag_is_refused(client: mlflow.MlflowClient, tag: str) -> None:
    client.delete_model_version_tag("housing-price", "1", MANIFEST_CHECKSUM_TAG)

    assert f"{VERSION} has no tag manifest_sha256 in the registry, so its files can't be verified" in refusal()


def test_verifies_versions_named_by_id_or_run(client: mlflow.MlflowClient, stored: Path) -> None:
    version = client.get_model_version("housing-price", "1")
    (stored / "manifest.json").write_text("{}")

    for uri in (present(version.source), f"runs:/{version.run_id}/housing-price"):
        assert "manifest.json was changed after its registration" in refusal(uri)


def test_reports_a_runs_missing_model_in_one_line(client: mlflow.MlflowClient) -> None:
    run_id = client.get_model_version("housing-price", "1").run_id

    assert refusal(f"runs:/{run_id}/other").startswith(f"there is no model at runs:/{run_id}/other")


@pytest.mark.parametrize("uri", ["models:/housing-price/latest", "models:/housing-price", "runs:/0"])
def test_a_uri_that_names_no_version_says_which_do(client: mlflow.MlflowClient, uri: str) -> None:
    with pytest.raises(ServingError, match=r"names no version: give models:/NAME@ALIAS"):
        load_model(uri, AMES, timeout_seconds=5)


def test_the_command_refuses_in_one_line(registered: str, stored: Path, run: Run) -> None:
    change_a_byte(stored / "member-1.npz")

    done = run(registered, "serve", "--port", "0")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("the model's file member-1.npz is corrupt")
