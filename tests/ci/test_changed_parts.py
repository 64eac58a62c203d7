"""Which integration tests a pull request runs."""

from pathlib import Path

import pytest
from changed_parts import integration_folders, reached_folders

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three members, of which the API needs the record, and its tests a fake that starts the model."""
    for name, needs in {"record": [], "model": ["record"], "house-api": ["record>=1", "httpx"]}.items():
        write(tmp_path / name / "pyproject.toml", f"[project]\nname = '{name}'\ndependencies = {needs}\n")
    marked = "@pytest.mark.integration"
    write(tmp_path / "record/tests/test_record.py", "import record")
    write(tmp_path / "model/tests/test_model.py", f"import model\n{marked}")
    write(tmp_path / "house-api/tests/test_api.py", f"import house_api\nfrom fakes import model_server\n{marked}")
    write(tmp_path / "tests/e2e/test_all.py", f"import model, house_api\n{marked}")
    write(tmp_path / "tests/support/fakes.py", "import running")
    write(tmp_path / "tests/support/running.py", "START = ['python', '-m', 'model']")
    write(tmp_path / "tests/support/clock.py", "")
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


ALL = ["house-api/tests", "model/tests", "tests/e2e"]


def test_a_folder_without_integration_tests_is_none_of_them(root: Path) -> None:
    assert integration_folders(root) == ALL


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ("model/tests/test_model.py", ["model/tests"]),
        ("house-api/src/house_api/app.py", ["house-api/tests", "tests/e2e"]),
        ("model/src/model/fit.py", ALL),
        ("record/src/record/house.py", ALL),
        ("record/tests/test_record.py", []),
        ("tests/support/running.py", ["house-api/tests"]),
        ("tests/support/clock.py", []),
        ("tests/e2e/test_all.py", ["tests/e2e"]),
        ("docs/api.md", ["tests/e2e"]),
        ("uv.lock", ALL),
        (".ci/run", ALL),
    ],
)
def test_a_change_reaches_the_tests_of_what_depends_on_it(root: Path, changed: str, reached: list[str]) -> None:
    assert reached_folders(root, [changed]) == reached


def test_changes_reach_what_any_of_them_reaches(root: Path) -> None:
    assert reached_folders(root, ["model/tests/a.py", "docs/api.md"]) == ["model/tests", "tests/e2e"]
    assert reached_folders(root, []) == []


def test_the_projects_own_members_are_found() -> None:
    assert {"housing-price-model/tests", "mlflow-server/tests", "tests/e2e"} <= set(integration_folders(ROOT))
    assert "mlflow-server/tests" in reached_folders(ROOT, ["mlflow-server/src/mlflow_server/cli.py"])
    assert reached_folders(ROOT, ["mlflow-server/tests/test_mlflow_settings.py"]) == ["mlflow-server/tests"]
