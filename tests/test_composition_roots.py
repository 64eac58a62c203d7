"""Only composition roots choose the town: everything below them takes its record."""

import ast
from collections.abc import Iterator
from pathlib import Path

import house_record.ames

ROOT = Path(__file__).parents[1]
COMPOSITION_ROOTS = (
    "house-record/src/house_record/__init__.py",
    "house-record/src/house_record/ames/",
    "house-record/src/house_record/field_table.py",
    "housing-price/src/housing_price/announcement.py",
    "housing-price-bench/src/",
    "housing-price-model/src/housing_price_model/commands/",
    "housing-price-orchestrator/src/housing_price_orchestrator/bootstrap/",
)
GENERIC = {"AnyHouse", "Feature", "Implausibility", "NOT_APPLICABLE", "Record", "Value", "find_nearest_code"}
"""What the package offers that is of no town."""


def names_of_ames(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "house_record":
            yield from (alias.name for alias in node.names if alias.name in house_record.__all__)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(house_record.ames.__name__):
            yield str(node.module)


def test_only_composition_roots_import_ames() -> None:
    sources = {path.relative_to(ROOT).as_posix(): path for path in ROOT.glob("*/src/**/*.py")}

    knowing = {
        name: found
        for name, path in sources.items()
        if not name.startswith(COMPOSITION_ROOTS) and (found := set(names_of_ames(path)) - GENERIC)
    }

    assert len(sources) > 500
    assert knowing == {}
