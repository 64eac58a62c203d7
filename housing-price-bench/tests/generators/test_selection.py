"""Which load generator is chosen."""

import sys

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.selection import choose_generator


def finds(*names: str) -> object:
    """A search that finds these programs; Python also tells a version."""
    return lambda name: sys.executable if name in names else None


@pytest.mark.parametrize(
    ("choice", "installed", "chosen"),
    [
        ("auto", ["wrk", "oha"], "wrk"),
        ("auto", ["oha"], "oha"),
        ("auto", [], "bundled"),
        ("oha", ["wrk", "oha"], "oha"),
        ("bundled", ["wrk", "oha"], "bundled"),
    ],
)
def test_auto_takes_the_lightest_installed_generator(choice: str, installed: list[str], chosen: str) -> None:
    assert choose_generator(choice, finds(*installed)).name == chosen  # type: ignore[arg-type]  # parameters


def test_the_version_comes_from_the_program() -> None:
    assert choose_generator("wrk", finds("wrk")).version.startswith("3.")  # type: ignore[arg-type]  # a lambda


def test_a_missing_generator_is_one_line_with_advice() -> None:
    with pytest.raises(GeneratorError, match="oha is not installed: install it, or choose --generator bundled"):
        choose_generator("oha", finds("wrk"))  # type: ignore[arg-type]  # a lambda
