"""The commands that pages show on the real sales, one after the other, and what they print."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from house_record import example_document
from markdown_pages import Page
from reader_of_pages import Reader
from real_sales import TRAIN, needs_real_sales
from running_mlflow import running_mlflow
from shown_commands import ShownCommand, shown_commands

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1200), needs_real_sales]

PAGES = [Page(Path(f"docs/{name}.md")) for name in ("evaluation", "promotion", "pipeline", "tuning")]
"""In this order: version 1 is the champion, the tutorial's is version 2, the pipeline makes version 3."""

CONFIGURATION = """\
version = 1

[data]
source = "train.csv"
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(TRAIN, folder / "train.csv")
    (folder / "house.json").write_text(json.dumps(example_document()))
    (folder / "pipeline.toml").write_text(CONFIGURATION)
    with running_mlflow(tmp_path_factory.mktemp("mlflow") / "state") as (address, _):
        reader = Reader(folder, mlflow=address)
        reader.run("uv run housing-price-model train --data train.csv --promote")
        reader.run("uv run housing-price-model train --data train.csv --recipe random-forest")
        yield reader


def test_the_commands_print_what_the_pages_show(reader: Reader) -> None:
    shown = [_in_short(shown) for shown in shown_commands(*PAGES) if shown.output and shown.situation == "real-sales"]

    differences = [difference for one in shown if (difference := one.difference(reader.run(one.command)))]

    if differences:
        pytest.fail("\n".join(differences), pytrace=False)


def _in_short(shown: ShownCommand) -> ShownCommand:
    """The same, but a search of 60 trials has two."""
    command, output = shown.command.replace("--trials 60", "--trials 2"), shown.output.replace("of 60", "of 2")
    return replace(shown, command=command, output=output)
