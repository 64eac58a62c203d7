"""What is refused before anything starts."""

from pathlib import Path
from typing import Any

import pytest
from housing_price.option_checks import require_usable_options
from housing_price.plan import Options
from supervised_processes.errors import CommandError


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"recipe": "nope"}, "--recipe nope: unknown; choose one of default, random-forest"),
        ({"recipe": ""}, "--recipe : unknown; choose one of default, random-forest"),
        ({"data": "nope.csv"}, "--data nope.csv: no such file, and neither of sample, openml"),
        ({"port": 9999}, "port 9999 is given twice: choose different ones for --port and --mlflow-port"),
        ({"state_dir": Path(__file__)}, f"the state folder {__file__} cannot be used: {__file__} is a file"),
        ({"state_dir": Path(__file__) / "below"}, f"{__file__} is a file; name a folder"),
    ],
)
def test_an_option_that_no_process_could_work_with_is_refused_at_once(options: dict[str, Any], told: str) -> None:
    with pytest.raises(CommandError) as refused:
        require_usable_options(Options(**options))

    assert told in str(refused.value)


def test_the_recipes_and_data_that_there_are_pass() -> None:
    require_usable_options(Options(recipe="random-forest", data="openml"))
    require_usable_options(Options())
