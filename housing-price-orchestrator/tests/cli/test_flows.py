"""The commands ``flows …``: what they print, to whom, and how they end."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from fake_model_server import FakeModelServer, serving
from house_record import minimal_document
from housing_price_orchestrator.bootstrap import flow_surroundings
from housing_price_orchestrator.cli.main import app
from scripted_source import SOURCE, ScriptedKind, flow
from typer.testing import CliRunner, Result

ASK = "found: {source: things, operation: ask, params: {id: $request.path.id}}"


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kind = ScriptedKind()
    monkeypatch.setattr(flow_surroundings, "installed_kinds", lambda: {"scripted": kind})
    # It is for a process that ends, and would stay for the tests that come after.
    monkeypatch.setattr("housing_price_orchestrator.observability.logs.configure_logging", lambda *_: None)


def flows(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["flows", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def written(name: str, *texts: str) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(texts))
    return name


def test_sound_files_are_listed() -> None:
    written("flows/things.yaml", flow(ASK), SOURCE)

    result = flows("check", "flows")

    assert result.exit_code == 0
    assert result.stdout == (
        "GET    /api/v1/things/{id}  (things, 1 steps, things.yaml)\n"
        "No mistakes in 1 flows with 1 sources; 0 examples hold.\n"
    )


def test_each_mistake_is_a_line_and_the_command_fails() -> None:
    written("flows/a.yaml", flow("found: {value: $nobody}"), "colour: red\n")
    written("flows/deeper/b.yml", "x: [")
    written("flows/.hidden.yaml", "x: [")

    result = flows("check", "flows")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "a.yaml:5: there is no step `nobody`",
        "a.yaml:7: there is no key `colour`",
        "deeper/b.yml:1: this is no YAML: expected the node content, but found '<stream end>'",
        "housing-price-orchestrator: 3 mistakes in the flows of flows",
    ]


def test_an_example_that_does_not_hold_is_a_mistake() -> None:
    example = "examples:\n  - {request: {path: {id: 1}}, answers: {found: 1}, response: {found: 2}}\n"
    written("flows/a.yaml", flow(ASK, extra=example), SOURCE)

    result = flows("check", "flows")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == "a.yaml:8: example 1 of `things`: `response.found` is 1, not 2"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("check",), "say which folder, or set ORCHESTRATOR_FLOWS__FOLDER"),
        (("check", "nowhere"), "nowhere: there is no such folder"),
        (("graph", "flows"), "say which flow by --flow: one, two"),
        (("graph", "flows", "--flow", "three"), "there is no flow 'three'; there are: one, two"),
        (("run", "flows", "--flow", "one", "--request", "{"), "--request is not JSON: "),
        (("run", "flows", "--flow", "one", "--request", "[]"), "--request is an object with `path`, `query`"),
        (("run", "flows", "--flow", "one", "--request", '{"paths": {}}'), "--request is an object with `path`"),
        (("run", "flows", "--flow", "one", "--request", "@nowhere.json"), "nowhere.json: No such file or directory"),
        (("run", "flows", "--flow", "one"), "--request: id: Field required"),
        (("new", "flows/one.yaml"), "flows/one.yaml is there already: choose another name"),
    ],
)
def test_what_can_not_be_done_is_one_line(arguments: tuple[str, ...], line: str) -> None:
    written("flows/one.yaml", flow(ASK, name="one"), SOURCE)
    written("flows/two.yaml", flow(ASK, name="two"))

    result = flows(*arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"housing-price-orchestrator: {line}")
    assert result.stderr.count("\n") == 1


def test_a_flow_is_done_once_with_its_sources() -> None:
    file = written("things.yaml", flow(ASK), SOURCE)

    result = flows("run", file, "--request", '{"path": {"id": 7}}')

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"found": {"id": 7}}


def test_a_request_may_stand_in_a_file() -> None:
    file = written("things.yaml", flow(ASK), SOURCE)
    written("request.json", '{"path": {"id": 7}}')

    assert json.loads(flows("run", file, "--request", "@request.json").stdout) == {"found": {"id": 7}}


def test_explain_shows_the_plan_with_its_times_and_asks_nothing() -> None:
    steps = f"{ASK[:-1]}, timeout: 300ms}}\nmore: {{source: things, operation: ask, params: {{x: $found}}, cache: 1m}}"
    file = written("things.yaml", flow(steps, "{found: $more}"), SOURCE)

    result = flows("run", file, "--explain")

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["things:", "GET", "/api/v1/things/{id}"],
        ["STEP", "ASKS", "AFTER", "AT", "MOST", "DONE", "AFTER", "AT", "MOST"],
        ["found", "things.ask", "-", "300ms", "300ms"],
        ["more", "things.ask", "found", "1s", "1.3s"],
        ["At", "worst", "1.3s;", "the", "flow", "ends", "after", "2s", "in", "any", "case."],
    ]


def test_a_graph_is_a_mermaid_flowchart() -> None:
    steps = f"{ASK}\nend: {{source: things, operation: ask, params: {{x: $found}}, optional: true}}"
    file = written("things.yaml", flow(steps, "{found: $end}"), SOURCE)

    assert flows("graph", file).stdout == (
        "flowchart LR\n"
        '    request(["GET /api/v1/things/{id}"])\n'
        '    step_found["found<br/>things.ask"]\n'
        '    step_end["end<br/>things.ask<br/>optional"]\n'
        '    response(["response"])\n'
        "    request --> step_found\n"
        "    step_found -.-> step_end\n"
        "    step_end --> response\n"
    )


def test_the_starter_is_sound_and_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = flows("new", "flows/valuation.yaml")
    assert begun.exit_code == 0
    assert "flows check flows/valuation.yaml" in begun.stdout

    checked = flows("check", "flows")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "1 examples hold" in checked.stdout

    with serving(FakeModelServer()) as url:
        monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__URL", url)
        request = json.dumps({"path": {"reference": "R-7"}, "body": minimal_document()})
        result = flows("run", "flows/valuation.yaml", "--request", request)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["reference"] == "R-7"


def test_a_source_that_is_down_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    flows("new", "valuation.yaml")
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__URL", "http://127.0.0.1:9")
    request = json.dumps({"path": {"reference": "R-7"}, "body": minimal_document()})

    result = flows("run", "valuation.yaml", "--request", request)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(
        "housing-price-orchestrator: Step `price`, which asks `pricing-model`, failed: "
    )
    assert "Traceback" not in result.stderr


def test_the_json_schema_takes_the_starter_and_refuses_unknown_keys() -> None:
    schema = json.loads(flows("schema").stdout)
    flows("new", "valuation.yaml")
    document = yaml.safe_load(Path("valuation.yaml").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(document)) == []
    assert not validator.is_valid(document | {"colour": "red"})
    assert not validator.is_valid({})


def test_a_run_that_reaches_no_model_server_names_its_address_and_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__URL", "http://127.0.0.1:1")
    file = tmp_path / "valuation.yaml"
    flows("new", str(file))
    request = json.dumps({"path": {"reference": "R-7"}, "body": minimal_document()})

    result = flows("run", str(file), "--request", request)

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "failed: the connection was refused." in line
    assert line.endswith("pricing-model is http://127.0.0.1:1, as ORCHESTRATOR_PRICING_MODEL__URL says.")
