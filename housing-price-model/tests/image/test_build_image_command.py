"""The command `build-image` up to what it asks of Docker; a real build is in tests/e2e/compose."""

from pathlib import Path
from typing import Protocol

import pytest
from housing_price_model.cli.app import app
from housing_price_model.errors import ImageError
from housing_price_model.image.workspace import workspace_root
from typer.testing import CliRunner, Result

# MLflow compares columns with a range, when it saves an example.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

ROOT = Path(__file__).parents[3]


class FakeDocker(Protocol):
    asked: list[str]

    def behave(self, script: str) -> None: ...


def build_image(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["build-image", *arguments])


def option(asked: list[str], name: str) -> str:
    return asked[asked.index(name) + 1]


def test_builds_the_shared_dockerfile_with_the_version_as_context(docker: FakeDocker, version_folder: Path) -> None:
    done = build_image("--model-uri", str(version_folder), "--tag", "prices:7")

    assert done.exit_code == 0, done.output
    assert docker.asked[0] == "build"
    assert option(docker.asked, "--file") == str(ROOT / "housing-price-model" / "Dockerfile")
    assert option(docker.asked, "--target") == "baked"
    assert option(docker.asked, "--build-context").startswith("model=")
    assert option(docker.asked, "--tag") == "prices:7"
    assert docker.asked[-1] == str(ROOT)
    assert "built prices:7" in done.output


def test_the_context_holds_the_version_and_what_the_registry_said(
    docker: FakeDocker, version_folder: Path, tmp_path: Path
) -> None:
    docker.behave(f'for given; do case $given in model=*) ls "${{given#model=}}" >{tmp_path}/listed;; esac; done')

    assert build_image("--model-uri", str(version_folder)).exit_code == 0

    listed = (tmp_path / "listed").read_text().split()
    assert {"MLmodel", "manifest.json", "typed-model.json", "registration.json"} <= set(listed)


def test_without_a_tag_an_unregistered_version_is_named_so(docker: FakeDocker, version_folder: Path) -> None:
    build_image("--model-uri", str(version_folder))

    assert option(docker.asked, "--tag") == "housing-price:unregistered"


def test_without_docker_there_is_one_line(
    version_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    done = build_image("--model-uri", str(version_folder))

    assert done.exit_code == 1
    assert done.stderr == "an image needs Docker, and there is no `docker` command here\n"


def test_without_an_engine_there_is_one_line_with_dockers_reason(docker: FakeDocker, version_folder: Path) -> None:
    docker.behave("echo 'Client: 28' ; echo 'Cannot connect to the Docker daemon' >&2; exit 1")

    done = build_image("--model-uri", str(version_folder))

    assert done.exit_code == 1
    assert done.stderr == "no Docker engine answers: Cannot connect to the Docker daemon\n"


def test_a_failed_build_is_told_after_its_own_output(docker: FakeDocker, version_folder: Path) -> None:
    docker.behave('[ "$1" != build ] || exit 17')

    done = build_image("--model-uri", str(version_folder))

    assert done.exit_code == 1
    assert done.stderr == "the image could not be built: docker ended with exit code 17, see above\n"


def test_reports_a_missing_model_before_any_build(docker: FakeDocker) -> None:
    done = build_image("--model-uri", "/no/such/folder")

    assert done.exit_code == 1
    assert "/no/such/folder is not a folder" in done.stderr
    assert docker.asked == ["version"]


def test_the_sources_are_found_from_this_checkout() -> None:
    assert workspace_root() == ROOT


def test_an_installed_wheel_says_that_it_has_no_sources(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="run this in a checkout"):
        workspace_root(tmp_path / "site-packages" / "housing_price_model" / "image" / "workspace.py")
