"""How single things of the old notation are said in ours, or noted."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from declared_flows.conversion import Conversion, convert
from declared_flows.notation.yaml import read_yaml

DATABASE = """
database:
  sources:
    main: {connection_string: "sqlite:///main.db"}
  operations:
    row: {query: "SELECT * FROM rows WHERE id = :id"}
"""


def notes(conversion: Conversion) -> str:
    return "\n".join(map(str, conversion.notes))


def sources(conversion: Conversion) -> dict[str, Any]:
    declared: dict[str, Any] = read_yaml(conversion.files["sources.yaml"]).value["sources"]
    return declared


def flow(conversion: Conversion) -> dict[str, Any]:
    [found] = read_yaml(conversion.files["d.yaml"]).value["flows"]
    declared: dict[str, Any] = found
    return declared


def of_database(connection: Mapping[str, Any], **operation: Any) -> Conversion:
    operation = {"query": "SELECT 1 AS one"} | operation
    document = {"database": {"sources": {"main": {**connection, "operations": {"row": operation}}}}}
    return convert({"database.yaml": yaml.safe_dump(document)})


def of_endpoint(files: Mapping[str, str] | None = None, **endpoint: Any) -> Conversion:
    """The conversion of one endpoint that asks one row, unless it says otherwise."""
    row = {"name": "row", "type": "database", "operation": "row", "params": {"id": "$request.path_params.id"}}
    given = {"name": "e", "path": "/e/{id}", "path_params": {"id": "string"}, "data_sources": [row]} | endpoint
    # By way of JSON, so that there are no anchors in it.
    text = json.dumps({"domain": "d", "endpoints": [given]})
    return convert({"database.yaml": DATABASE, "domains/d.yaml": text, **(files or {})})


def of_response(value: Any) -> tuple[Any, str]:
    """What becomes of a value of the answer, and the notes."""
    conversion = of_endpoint(response_mapping={"value": value, "row": "$row.id"})
    return flow(conversion)["response"].get("value"), notes(conversion)


def test_a_source_of_another_domain_is_found() -> None:
    operations = "{row: {query: SELECT 1 AS a}}"
    lent = f"database: {{sources: {{lent: {{connection_string: 'sqlite:///lent.db', operations: {operations}}}}}}}"
    asked = {"name": "row", "type": "database", "source_id": "lent", "operation": "row", "params": {}}

    conversion = of_endpoint(
        {"domains/other/database.yaml": lent}, data_sources=[asked], response_mapping={"a": "$row.a"}
    )

    assert "lent" in sources(conversion)
    assert flow(conversion)["steps"]["row"]["source"] == "lent"


@pytest.mark.parametrize("listed", ['features: ["stats:visits"]', "description: none"])
def test_a_feature_of_a_view_is_read_by_its_name(listed: str) -> None:
    feast = f"feast: {{sources: {{store: {{url: 'http://feast:6566', feature_services: {{person: {{{listed}}}}}}}}}}}"
    asked = {
        "name": "features",
        "type": "feast",
        "operation": "get_person",
        "params": {"id": "$request.path_params.id"},
    }

    conversion = of_endpoint(
        {"integrations/feast.yaml": feast}, data_sources=[asked], response_mapping={"n": "$features.stats.visits"}
    )

    assert flow(conversion)["response"] == {"n": "$features.visits"}
    assert sources(conversion)["store"]["operations"]["get_person"]["features"] == ["stats:visits"]


@pytest.mark.parametrize(
    ("old", "ours"),
    [
        ("$request.path_params.id", "$request.path.id"),
        ("$row.name", "$row.name"),
        ("$row.items[0].name", "$row.items[0].name"),
        ("$row.items[*]", "$row.items"),
        ("$row.items[*].name", "${row.items.map(each, each.name)}"),
        ("$row['first-name']", '${row["first-name"]}'),
        ("Dear $row.name, hello.", "Dear ${row.name}, hello."),
        ("costs 5$ with $row.name", "costs 5$$ with ${row.name}"),
        ("$row.a * 2", "${row.a * 2}"),
        ("$row.a || 'none'", "${row != null && has(row.a) && row.a != null ? row.a : 'none'}"),
        ("$row || $request.path_params.id", None),
        ([1, "$row.a", {"b": "$row.b"}], [1, "$row.a", {"b": "$row.b"}]),
        ("plain", "plain"),
        (5, 5),
    ],
)
def test_a_value_is_said_in_our_notation(old: Any, ours: Any) -> None:
    value, _ = of_response(old)

    if ours is not None:
        assert value == ours
    assert value is not None


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("$system.timestamp", "there is no `$system.timestamp`"),
        ("${REGION}", "can't come from the environment"),
        ("$ENV[REGION]", "can't come from the environment"),
        ("$row.a.length > 3 ? 1 : 2", "write it in CEL"),
        ("$row.a || f($row.b)", "write it in CEL"),
        ("$nobody.a", "there is no `$nobody.a`"),
    ],
)
def test_a_value_without_a_notation_is_left_out_and_noted(old: str, reason: str) -> None:
    value, noted = of_response(old)

    assert value is None
    assert reason in noted


@pytest.mark.parametrize(
    ("condition", "when"),
    [
        ("$row.id != null", "$row.id"),
        ("$row.flag", "$row.flag"),
        ("$row.age >= 18 && $row.country == 'US'", "${row.age >= 18 && row.country == 'US'}"),
        ("$row != null && Object.keys($row).length > 0", None),
    ],
)
def test_a_condition_becomes_when_or_a_note(condition: str, when: str | None) -> None:
    row = {"name": "row", "type": "database", "operation": "row", "params": {"id": "$request.path_params.id"}}
    other = {**row, "name": "other", "condition": condition}

    conversion = of_endpoint(data_sources=[row, other], response_mapping={"a": "$row.id", "b": "$other.id"})

    assert flow(conversion)["steps"]["other"].get("when") == when
    assert ("say it as `when: ${…}`" in notes(conversion)) == (when is None)


@pytest.mark.parametrize(
    ("connection", "ours"),
    [
        ({"connection_string": "sqlite:///data.db"}, {"url": "sqlite:///data.db"}),
        ({"url": "postgresql+asyncpg://u@h:5/n"}, {"url": "postgresql://h:5/n", "user": "u"}),
        (
            {"url": "postgres://u:${DB_PASSWORD}@h/n"},
            {"url": "postgresql://h/n", "user": "u", "password": {"secret": "db_password"}},
        ),
        ({"url": "${DATABASE_URL}"}, {"url": {"secret": "database_url"}}),
        ({"url": "postgresql://${U}:${P}@${H}/n"}, {"url": {"secret": "main_url"}}),
        ({"type": "sqlite", "database": "data.db"}, {"url": "sqlite:///data.db"}),
        ({"type": "postgresql", "host": "h", "database": "n", "user": "u"}, {"url": "postgresql://h/n", "user": "u"}),
        ({"type": "postgresql", "host": "${H}", "database": "n"}, {"url": {"secret": "main_url"}}),
        ({"type": "postgresql", "host": "${H:-h}", "port": 5, "database": "n"}, {"url": "postgresql://h:5/n"}),
    ],
)
def test_a_connection_is_an_address_with_secrets_by_name(connection: dict[str, Any], ours: dict[str, Any]) -> None:
    conversion = of_database(connection)
    declared = sources(conversion)["main"]

    assert {name: declared[name] for name in ("url", "user", "password") if name in declared} == ours
    if "secret" in str(ours):
        assert "set ORCHESTRATOR_FLOWS__SECRETS__" in notes(conversion)


@pytest.mark.parametrize("password", ["hunter2", "a@b:c", "${PART}hunter2"])
def test_a_clear_password_becomes_a_secret(password: str) -> None:
    conversion = of_database({"url": f"postgresql://u:{password}@h/n"})

    assert sources(conversion)["main"]["password"] == {"secret": "main_password"}
    assert password not in str(conversion)


def test_a_database_that_we_do_not_know_is_noted() -> None:
    assert "there is no `mysql` here" in notes(of_database({"url": "mysql://h/n"}))


@pytest.mark.parametrize(
    ("sql", "ours"),
    [
        ("SELECT * FROM t WHERE a = :a AND b = '12:30'", ["a"]),
        ("SELECT * FROM t WHERE a = %(a)s", ["a"]),
        ("SELECT * FROM t WHERE a = '${a}' AND b = {b};", ["a", "b"]),
        ("SELECT a::text FROM t WHERE a = ?", ["first"]),
    ],
)
def test_values_of_a_statement_are_bound_however_they_were_written(sql: str, ours: list[str]) -> None:
    conversion = of_database({"url": "sqlite:///x.db"}, query=sql, params=["first"] if "?" in sql else {})

    operation = sources(conversion)["main"]["operations"]["row"]
    assert list(operation["params"]) == ours
    assert all(f":{name}" in operation["sql"] for name in ours)
    assert not {"%", "{", "?", ";"} & set(operation["sql"])


def test_a_statement_that_writes_says_so() -> None:
    conversion = of_database({"url": "sqlite:///x.db"}, query="update t set a = :a")

    assert sources(conversion)["main"]["operations"]["row"]["write"] is True


@pytest.mark.parametrize(
    ("reads", "returns"), [("$row.name", None), ("$row[0].name", "many"), ("$row[*].name", "many"), ("$row", None)]
)
def test_how_a_row_is_read_says_how_many_there_are(reads: str, returns: str | None) -> None:
    conversion = of_endpoint(response_mapping={"value": reads})

    assert sources(conversion)["main"]["operations"]["row"].get("returns") == returns
    assert ("`row` is taken to give one row" in notes(conversion)) == (reads == "$row")


@pytest.mark.parametrize(
    ("timeout", "ours"), [(2, "2s"), (1500, "1.5s"), ("300ms", "300ms"), ("2 s", "2s"), ("soon", None), (0, None)]
)
def test_a_time_gets_its_unit(timeout: Any, ours: str | None) -> None:
    conversion = of_endpoint(timeout=timeout)

    assert flow(conversion).get("timeout") == ours
    assert ("is not a time" in notes(conversion)) == (ours is None)


def test_an_answer_may_take_as_long_as_its_slowest_step() -> None:
    slow = {"name": "row", "type": "database", "operation": "row", "params": {"id": 1}, "timeout": 5}

    assert flow(of_endpoint(data_sources=[slow]))["timeout"] == "5s"


def test_a_get_with_a_body_becomes_a_post() -> None:
    row = {"name": "row", "type": "database", "operation": "row", "params": {"id": "$request.body.id"}}

    conversion = of_endpoint(method="GET", path="/e", path_params={}, data_sources=[row])

    assert flow(conversion)["route"]["method"] == "POST"
    assert flow(conversion)["request"]["body"] == {"type": "object"}
    assert "a GET has no body" in notes(conversion)


@pytest.mark.parametrize("path", ["/e/{id}", "/e/:id", "/e/<id>", "/e/<int:id>", "e/{id}/"])
def test_an_address_has_its_parameters_in_braces(path: str) -> None:
    assert flow(of_endpoint(path=path))["route"]["path"] == "/e/{id}"


def test_an_api_call_keeps_its_secrets_and_places() -> None:
    api = """
    api:
      sources:
        partner:
          base_url: https://partner.example
          headers: {Authorization: "Bearer $ENV[PARTNER_TOKEN]"}
          operations:
            add: {method: POST, path: /things}
    """
    call = {"name": "added", "type": "api", "operation": "add", "params": {"a": 1, "b": "$request.path_params.id"}}

    conversion = of_endpoint({"integrations/api.yaml": api}, data_sources=[call], response_mapping={"x": "$added.x"})

    assert sources(conversion)["partner"] == {
        "kind": "api",
        "url": "https://partner.example",
        "auth": {"bearer": {"secret": "partner_token"}},
        "operations": {
            "add": {"method": "POST", "path": "/things", "body": {"a": "{a}", "b": "{b}"}, "params": {"a": {}, "b": {}}}
        },
    }
    assert flow(conversion)["steps"]["added"]["params"] == {"a": 1, "b": "$request.path.id"}


@pytest.mark.parametrize(
    ("server", "load"),
    [
        ({"base_url": "http://m:1", "endpoint": "/invocations"}, {"http": {"url": "http://m:1", "protocol": "mlflow"}}),
        (
            {"base_url": "http://m:1", "endpoint": "/v2/models/risk/infer"},
            {"http": {"url": "http://m:1", "protocol": "v2", "model": "risk"}},
        ),
        (
            {"base_url": "http://m:1", "endpoint": "/score"},
            {
                "http": {
                    "url": "http://m:1",
                    "protocol": "json",
                    "path": "/score",
                    "body": {"features": {"a": "{a}"}},
                    "pick": "@",
                }
            },
        ),
        ({"model_path": "models/risk.pkl", "model_type": "sklearn"}, {"artifact": {"path": "models/risk.pkl"}}),
        ({"model_uri": "models:/risk@champion"}, {"registry": {"uri": "models:/risk@champion"}}),
        (
            {
                "endpoint": "/invocations",
                "source": {"type": "ecr", "repository": "r", "tag": "1", "region": "eu-west-1"},
            },
            {"ecr": {"repository": "r", "tag": "1", "region": "eu-west-1", "protocol": "mlflow"}},
        ),
    ],
)
def test_a_model_is_reached_as_before(server: dict[str, Any], load: dict[str, Any]) -> None:
    model = yaml.safe_dump({"ml": {"sources": {"risk": server}}})
    asked = {
        "name": "risk",
        "type": "ml",
        "source_id": "risk",
        "params": {"features": {"a": "$request.path_params.id"}},
    }

    conversion = of_endpoint(
        {"integrations/ml.yaml": model}, data_sources=[asked], response_mapping={"score": "$risk.score"}
    )

    declared = sources(conversion)["risk"]
    assert declared["load"] == load
    assert (declared["inputs"], declared["outputs"]) == ({"a": {}}, {"score": {}})
    assert flow(conversion)["steps"]["risk"] == {
        "source": "risk",
        "operation": "predict",
        "params": {"a": "$request.path.id"},
    }


def test_sources_of_the_same_id_get_names_of_their_own() -> None:
    api = "api: {sources: {main: {base_url: 'http://a', operations: {get: {path: /}}}}}"

    assert sorted(sources(of_endpoint({"integrations/api.yaml": api}))) == ["main-api", "main-database"]


def test_a_domains_source_holds_for_that_domain_only() -> None:
    own = DATABASE.replace("main.db", "own.db")

    conversion = of_endpoint({"domains/d/database.yaml": own})

    asked = sources(conversion)[flow(conversion)["steps"]["row"]["source"]]
    assert asked["url"] == "sqlite:///own.db"


def test_a_key_that_is_unknown_is_noted_with_its_line() -> None:
    domain = "domain: d\nendpoints:\n  - name: e\n    path: /e\n    rate_limit: 5\n    data_sources: []\n"

    conversion = convert({"domains/d.yaml": domain})

    assert "domains/d.yaml:5: `rate_limit` is not converted" in notes(conversion)


def test_a_broken_file_is_reported_and_the_rest_is_converted() -> None:
    conversion = of_endpoint({"integrations/api.yaml": "api: [", "integrations/ml.yaml": "ml: &a {}\nb: *a\n"})

    assert [diagnostic.file for diagnostic in conversion.diagnostics] == [
        "integrations/api.yaml",
        "integrations/ml.yaml",
    ]
    assert "d.yaml" in conversion.files


@pytest.mark.parametrize(("said", "ours"), [("integer", "integer"), ("string", "string"), ("number", "string")])
def test_an_entity_has_the_type_the_caller_gives(said: str, ours: str) -> None:
    feast = """
    feast:
      sources:
        store: {url: "http://feast:6566", feature_services: {person: {features: ["bank/stats:visits"]}}}
    """
    asked = {"name": "row", "type": "feast", "operation": "get_person", "params": {"id": "$request.path_params.id"}}

    conversion = of_endpoint(
        {"integrations/feast.yaml": feast}, data_sources=[asked], path_params={"id": said}, primary_source="row"
    )

    assert sources(conversion)["store"]["operations"] == {
        "get_person": {"entities": {"id": {"type": ours}}, "features": ["stats:visits"]}
    }
    assert ("is taken as a string" in notes(conversion)) == (said == "number")
