"""The record is a leaf: it needs Pydantic and nothing else."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import house_record

ALLOWED = {"house_record", "pydantic", "pydantic_core", *sys.stdlib_module_names}


def imported_by(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_package_imports_nothing_but_pydantic_and_the_standard_library() -> None:
    sources = list(Path(house_record.__file__).parent.glob("**/*.py"))

    foreign = {name for source in sources for name in imported_by(source) if name.split(".")[0] not in ALLOWED}

    assert len(sources) > 5
    assert foreign == set()


def test_the_package_is_typed() -> None:
    assert (Path(house_record.__file__).parent / "py.typed").is_file()
