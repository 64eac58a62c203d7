"""The place of the artifacts."""

import sys
from pathlib import Path
from typing import Any

import pytest
from mlflow_server.artifacts import prepare_destination
from mlflow_server.errors import StartError


def test_a_folder_for_artifacts_is_created(tmp_path: Path) -> None:
    assert prepare_destination(f"{tmp_path}/deep/er") == f"{tmp_path}/deep/er"
    assert (tmp_path / "deep" / "er").is_dir()


def test_artifacts_are_kept_in_a_folder_with_a_per_cent_sign(tmp_path: Path) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    file = tmp_path / "file"
    file.touch()

    store: Any = get_artifact_repository(prepare_destination(f"{tmp_path}/a%20b"))
    store.log_artifact(str(file), "1/run")

    assert (tmp_path / "a%20b" / "1" / "run" / "file").is_file()


@pytest.mark.integration
def test_an_s3_bucket_is_accepted_without_a_request() -> None:
    assert prepare_destination("s3://bucket/mlflow") == "s3://bucket/mlflow"


@pytest.mark.integration
def test_artifacts_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(StartError, match=r"cannot be kept at gopher://: no such kind"):
        prepare_destination("gopher://hole/mlflow")


@pytest.mark.integration
def test_a_missing_library_for_artifacts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(StartError, match=r"s3:// need the library 'boto3': install mlflow-server\[s3\]"):
        prepare_destination("s3://bucket/mlflow")
