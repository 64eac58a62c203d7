"""A version to bake in, and a docker command that notes what it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from housing_price_model.data import Sales
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.training.train import TrainedModel
from mlflow.models import Model


@pytest.fixture(scope="session")
def version_folder(
    few_sales: Sales,
    quickly_trained: Callable[[str, Sales], TrainedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("baked") / "model"
    save_artefact(quickly_trained("default", few_sales), folder, Model(model_id="m-0123"))
    return folder


class FakeDocker:
    """A `docker` on the path whose engine answers and whose builds succeed, unless a test says otherwise."""

    def __init__(self, folder: Path) -> None:
        self._executable = folder / "docker"
        self._notes = folder / "notes"
        self.behave("exit 0")

    def behave(self, script: str) -> None:
        self._executable.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{self._notes}\n{script}\n')
        self._executable.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """The arguments of the last call."""
        return self._notes.read_text().splitlines()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return FakeDocker(folder)
