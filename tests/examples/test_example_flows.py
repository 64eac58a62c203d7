"""The flows of the examples are sound, and what is recorded of them holds, without anything that they ask."""

from housing_price_orchestrator.cli.main import app
from running_examples import FOLDER, readme_lines
from typer.testing import CliRunner


def test_they_have_no_mistakes() -> None:
    done = CliRunner().invoke(app, ["flows", "check", str(FOLDER / "flows")])

    assert done.exit_code == 0, done.output
    assert "No mistakes in 8 flows" in done.output


def test_those_of_models_in_containers_have_no_mistakes() -> None:
    done = CliRunner().invoke(app, ["flows", "check", str(FOLDER / "containers" / "flows")])

    assert done.exit_code == 0, done.output
    assert "No mistakes in 2 flows with 2 sources; 2 examples hold." in done.output


def test_each_has_a_recorded_example_and_a_line_in_the_readme() -> None:
    flows = {file.stem: file.read_text() for file in (FOLDER / "flows").glob("*.yaml") if file.stem != "sources"}

    assert [name for name, text in flows.items() if "\nexamples:" not in text] == []
    assert {line.title.lower().replace(" ", "-") for line in readme_lines()} == flows.keys()
