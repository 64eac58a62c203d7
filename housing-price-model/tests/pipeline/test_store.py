"""What the name of a result depends on beside the step's own inputs: the program, and the libraries."""

import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import house_record
import pytest
from housing_price_model.pipeline.store import compute_code_version
from housing_price_model.registry import provenance


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """Within a program the code does not change: it is asked for once."""
    compute_code_version.cache_clear()
    yield
    compute_code_version.cache_clear()


def version_now() -> str:
    compute_code_version.cache_clear()
    return compute_code_version()


@pytest.fixture
def record_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The code of the house record, to be changed."""
    copied = shutil.copytree(Path(house_record.__file__).parent, tmp_path / "house_record")
    monkeypatch.setattr(house_record, "__file__", str(copied / "__init__.py"))
    return copied


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | None], None]:
    """Has another version of a library be installed, or none of it."""

    def install(library: str, other: str | None) -> None:
        def answer(name: str) -> str:
            if name != library:
                return version(name)
            if other is None:
                raise PackageNotFoundError(name)
            return other

        monkeypatch.setattr(provenance, "version", answer)

    return install


def test_a_house_record_at_another_place_is_the_same_program(
    record_code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = version_now()

    monkeypatch.undo()

    assert version_now() == elsewhere


def test_a_changed_house_record_changes_the_program(record_code: Path) -> None:
    before = version_now()

    with (record_code / "ames" / "codes.py").open("a", encoding="utf-8") as codes:
        codes.write("# another code\n")

    assert version_now() != before


@pytest.mark.parametrize("library", ["scikit-learn", "scipy", "optuna"])
def test_another_version_of_a_relevant_library_changes_the_program(
    library: str, pretend: Callable[[str, str | None], None]
) -> None:
    before = version_now()

    pretend(library, "0.0.1")

    assert version_now() != before


def test_the_program_has_a_version_without_optuna(
    pretend: Callable[[str, str | None], None],
) -> None:
    before = version_now()

    pretend("optuna", None)

    assert version_now() != before
