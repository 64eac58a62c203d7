"""Files become plans, or all that is wrong with them is said at once: each mistake with its line and what is right."""

import pytest
from declared_flows.notation.schema import Schema
from declared_flows.planning.plan import SourceSignature
from declared_flows.sources.port import Signature
from scripted_source import SOURCE, diagnostics_of, flow, flows_of

FIND = "found: {source: things, operation: find, params: {id: $request.path.id}}"

TEN_MISTAKES = """\
name: many-mistakes
rout: {path: /elsewhere}
route: {method: POST, path: "/api/v1/price/{id}"}
request:
  path: {id: {type: integer}}
  body: {type: object, properties: {size: {type: number}, id: {type: integer}}}
steps:
  typed:
    source: things
    operation: find
    params: {id: $request.body.siez}
  wrong_type:
    source: things
    operation: find
    params: {id: "${'text'}", colour: red}
    cache: soon
  nowhere: {source: thing, operation: find}
  nothing: {source: things, operation: fnid}
  first: {value: $second.a}
  second: {value: $first.a}
  unused: {value: 1}
  number: {source: things, operation: find, params: {id: $typed.name}}
  lonely: {source: things, operation: find, params: {}}
response:
  a: $typed.nmae
  b: $tpyed.name
  c: $wrong_type
  d: [$nowhere, $nothing, $first, $number, $lonely]
"""


def test_each_of_many_mistakes_is_reported_with_its_line() -> None:
    assert diagnostics_of(TEN_MISTAKES + SOURCE) == [
        "2: there is no key `rout`; did you mean `route`?",
        "3: `/api/v1/price` is an address of the service's own: choose another",
        "11: `request.body` has no field `siez`; did you mean `size`? (it has `id`, `size`)",
        "16: `steps.wrong_type.cache`: a time is a number with its unit, such as 300ms, 2s, 10m or 1h",
        "17: there is no source `thing`; did you mean `things`? (there are `things`)",
        "18: `things` has no operation `fnid`; did you mean `find`? (it has `ask`, `find`, `write`)",
        "19: the steps refer to each other in a circle: first → second → first",
        "22: `id`: an integer is wanted, and this is a string",
        "23: `things` needs the parameter `id`",
        "25: `typed` has no field `nmae`; did you mean `name`? (it has `name`, `size`, `tags`)",
        "26: there is no step `tpyed`; did you mean `typed`?",
    ]


def test_mistakes_of_several_files_are_told_together() -> None:
    found = diagnostics_of(
        "name: [\n",
        flow("found: {value: 1}", extra="colour: red"),
        flow("found: {value: $nobody}", name="others"),
        "sources:\n  a: {kind: scritped}\n",
    )

    assert found == [
        "file-1.yaml:2: this is no YAML: expected the node content, but found '<stream end>'",
        "file-2.yaml:7: there is no key `colour`",
        "file-3.yaml:5: there is no step `nobody`",
        "file-4.yaml:2: there is no kind `scritped`; did you mean `scripted`? (there are `scripted`)",
    ]


def test_a_source_of_an_unreadable_file_is_no_further_mistake() -> None:
    found = diagnostics_of("sources:\n  things: {\n", flow(FIND))

    assert [line.split(":")[0] for line in found] == ["file-1.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "1: a file has `sources`, `flows`, or a flow's `name`, `route` …"),
        ("", "1: a file has `sources`, `flows`, or a flow's `name`, `route` …"),
        ("surces: {}", "1: there is no key `surces`; did you mean `sources`?"),
        ("sources: [a]", "1: `sources` is a mapping from names to sources"),
        ("flows: {a: 1}", "1: `flows` is a list of flows"),
        ("flows: [5]", "1: a mapping (lines of `key: value`) is expected"),
        ("sources: {a: 5}", "1: say which `kind` of source this is: `scripted`"),
        ("sources: {a: {kind: scripted}}", "1: `operations` is missing"),
        (
            "sources: {a: {kind: scripted, operations: {}, timout: 1s}}",
            "1: there is no key `timout`; did you mean `timeout`?",
        ),
        (
            "sources: {a: {kind: scripted, operations: [x]}}",
            "1: `operations`: a mapping (lines of `key: value`) is expected",
        ),
        (
            "sources: {a: {kind: scripted, operations: {}, attempts: 0}}",
            "1: `attempts`: it should be greater than 0",
        ),
        (
            "sources: {a: {kind: scripted, operations: {}, attempts: many}}",
            "1: `attempts`: a whole number is expected",
        ),
        ("sources: {a: {kind: scripted, operations: {forbidden: {}}}}", "1: there is no such operation"),
        (
            "sources: {a: {kind: scripted, operations: {}, token: {secret: market_token}}}",
            "1: there is no secret `market_token`: set ORCHESTRATOR_FLOWS__SECRETS__MARKET_TOKEN",
        ),
        (
            "sources: {a: {kind: scripted, operations: {}, token: {secret: HOME}}}",
            "1: `token.secret`: the name of a secret has small letters, digits and `_` alone, and begins with a letter",
        ),
    ],
)
def test_a_mistake_around_flows_is_told(text: str, message: str) -> None:
    assert message in diagnostics_of(text)


def test_a_secret_that_the_settings_hold_can_be_named() -> None:
    text = "sources: {a: {kind: scripted, operations: {}, token: {secret: market_token}}}"

    assert diagnostics_of(text, secrets=frozenset({"market_token"})) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name: Things", "`name`: small letters, digits and `-` are expected, at most 64"),
        ("route: /api/v1/things", "`route`: a mapping (lines of `key: value`) is expected"),
        ("route: {path: api/v1/things}", "`route.path`: an address begins with `/`"),
        ("route: {path: /api/v1/things/}", "`route.path`: an address begins with `/`, does not end with it"),
        ("route: {path: '/api/v1/t-{id}'}", "or `{name}` as a whole part"),
        ("route: {path: '/api/v1/{id'}", "`route.path`: an address begins with `/`"),
        (
            "route: {path: '/api/v1/things/{id}', method: FETCH}",
            "`route.method`: 'GET', 'POST', 'PUT', 'PATCH' or 'DELETE' is expected",
        ),
        ("steps: []", "`steps`: a mapping (lines of `key: value`) is expected"),
        ("steps: {}", "`steps`: at least 1 is needed"),
        ("steps: {my-step: {value: 1}}", "`steps.my-step`: a name has letters, digits and `_` alone"),
        ("response: $found", "`response`: a mapping (lines of `key: value`) is expected"),
        ("response: {}", "`response`: at least 1 is needed"),
        ("timeout: 0s", "`timeout`: it should be greater than 0"),
        ("timeout: long", "`timeout`: a time is a number with its unit, such as 300ms, 2s, 10m or 1h"),
        ("keep_request: maybe", "`keep_request`: `true` or `false` is expected"),
        ("redact: name", "`redact`: a list (`[a, b]`, or lines that begin with `-`) is expected"),
        ("description: [x]", "`description`: a text (in quotes, where it could be taken for something else)"),
        ("examples: [{request: {bodi: 1}}]", "`examples.0.request.bodi`: 'path', 'query', 'headers' or 'body'"),
        ("request: {path: {id: integer}}", "`request.path.id`: a mapping (lines of `key: value`) is expected"),
        ("request: {path: {id: {type: int}}}", "`request.path.id.type`: 'string', 'integer', 'number'"),
        (
            "request: {path: {id: {type: integer, maximun: 5}}}",
            "there is no key `maximun` in `request.path.id`; did you mean `maximum`?",
        ),
        ("request: {path: {id: {type: string, pattern: '('}}}", "the pattern is not a regular expression"),
    ],
)
def test_mistakes_are_reported_in_the_words_of_the_notation(line: str, message: str) -> None:
    key = line.partition(":")[0]
    sound = ["name: things", "route: {path: '/api/v1/things/{id}'}", "request: {path: {id: {type: integer}}}"]
    sound += ["steps: {found: {value: 1}}", "response: {found: $found}"]
    lines = [line if other.startswith(f"{key}:") else other for other in sound]
    lines += [] if line in lines else [line]

    (found,) = diagnostics_of("\n".join(lines))

    assert message in found
    assert found.startswith(f"{lines.index(line) + 1}: ")


@pytest.mark.parametrize(
    "part", ["name: things", "route: {path: /things}", "steps: {a: {value: 1}}", "response: {a: $a}"]
)
def test_what_is_needed_and_missing_is_told(part: str) -> None:
    parts = ["name: things", "route: {path: /things}", "steps: {a: {value: 1}}", "response: {a: $a}"]

    found = diagnostics_of("\n".join(other for other in parts if other != part))

    assert found == [f"1: `{part.partition(':')[0]}` is missing"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("found: {}", "a step has either a `source` or a `value`"),
        ("found: {source: things, operation: ask, value: 1}", "a step has either a `source` or a `value`"),
        ("found: {value: 1, timeout: 1s}", "`timeout` is for steps with a `source`"),
        ("found: {value: 1, concurrency: 2}", "`concurrency` is for steps with `for_each`"),
        ("found: {value: 1, as: x}", "`as` is for steps with `for_each`"),
        (
            "found: {source: things, operation: ask, not_found: 404, optional: true}",
            "`not_found` is for steps that are done once and are not optional",
        ),
        ("found: {source: things, operation: ask, not_found: 500}", "`steps.found.not_found`: 404 is expected"),
        ("found: {source: things}", "say which `operation`: `ask`, `find`, `write`"),
        (
            "found: {source: nothing, operation: ask}",
            "there is no source `nothing`; did you mean `things`? (there are `things`)",
        ),
        ("found: {source: things, operation: fnd}", "`things` has no operation `fnd`; did you mean `find`?"),
        (
            "found: {source: things, operation: find, params: {id: 1, idd: 2}}",
            "`things` takes no parameter `idd`; did you mean `id`? (it takes `id`)",
        ),
        ("found: {source: things, operation: find}", "`things` needs the parameter `id`"),
        ("found: {source: things, operation: find, params: {id: one}}", "`id`: a whole number is expected"),
        ("found: {source: things, operation: find, params: {id: 1.5}}", "`id`: a whole number is expected"),
        (
            "found: {source: things, operation: find, params: {id: 'x $request.path.id'}}",
            "write `$step.field`, `${expression}`, or `$$` for a dollar sign",
        ),
        (
            "found: {source: things, operation: find, params: {id: $request}}",
            "`id`: an integer is wanted, and this is an object",
        ),
        ("found: {source: things, operation: write, cache: 1m}", "a call that writes can't be cached"),
        ("found: {source: things, operation: write, attempts: 2}", "a call that writes is made once"),
        (
            "found: {source: things, operation: ask, timeout: 5s}",
            "that is longer than the whole flow may take (2s)",
        ),
        ("found: {value: $nothing.x}", "there is no step `nothing`"),
        ("found: {value: '${nothing + 1}'}", "there is no step `nothing`"),
        ("found: {value: '${1 +}'}", "it is not an expression"),
        ("found: {value: '${rnd(1.5)}'}", "there is no function `rnd`; did you mean `round`?"),
        ("found: {value: $request.query.x}", "`request` has no field `query` (it has `path`)"),
        ("found: {value: '${request.path.idd}'}", "`request.path` has no field `idd`; did you mean `id`?"),
        ("found: {value: $request.path.id.x}", "`request.path.id` is an integer and has no fields"),
        ("found: {value: '$request.path.id[0]'}", "`request.path.id` is not a list"),
        ("found: {value: $found}", "the step refers to itself: found → found"),
        ("found: {value: $item, for_each: $request.path.id}", "`for_each` takes a list, and this is an integer"),
        ("found: {value: $item, for_each: [1], when: $item}", "there is no step `item`"),
        ("found: {value: 1, for_each: $item}", "there is no step `item`"),
        ("found: {value: 1, for_each: [1], as: found}", "`found` is the name of something else"),
        (
            "found: {source: things, operation: find, params: {id: 1}, optional: true, default: none}",
            "`default`: an object is wanted, and this is a string",
        ),
        ("request: {value: 1}\nfound: {value: $request}", "`request` is the caller's request: name the step otherwise"),
        ("found: {value: 1}\nunused: {value: 1}", "nothing uses the step `unused`: refer to it, or delete it"),
    ],
)
def test_a_step_that_is_wrong_is_told(step: str, message: str) -> None:
    found = diagnostics_of(flow(step) + SOURCE)

    assert any(message in line for line in found), found
    assert len(found) == 1, found


@pytest.mark.parametrize(
    ("response", "extra", "message"),
    [
        (
            "{found: $found.nmae}",
            "",
            "`found` has no field `nmae`; did you mean `name`? (it has `name`, `size`, `tags`)",
        ),
        ("{found: $found.name.first}", "", "`found.name` is a string and has no fields"),
        ("{found: '$found.tags[0].x'}", "", "`found.tags[0]` is a string and has no fields"),
        ("{found: '${found.nmae}'}", "", "`found` has no field `nmae`"),
        ("{found: $found, degraded: 1}", "", "the service adds `degraded` itself: choose another name"),
        (
            "{found: $found}",
            "answer: {fond: {type: string}}",
            "the response has no field `fond`; did you mean `found`?",
        ),
        (
            "{found: $found.name}",
            "answer: {found: {type: number}}",
            "`found`: a number is wanted, and this is a string",
        ),
    ],
)
def test_a_response_that_is_wrong_is_told(response: str, extra: str, message: str) -> None:
    (found,) = diagnostics_of(flow(FIND, response, extra=extra) + SOURCE)

    assert message in found


def at(path: str, declared: str) -> str:
    """A flow at an address."""
    route = f"route: {{path: '{path}'}}\nrequest: {{path: {declared}}}\n"
    return f"name: a\n{route}steps: {{a: {{value: 1}}}}\nresponse: {{a: $a}}\n"


@pytest.mark.parametrize(
    ("path", "declared", "message"),
    [
        ("/api/v1/things/{id}", "{}", "`{id}` is not declared: add it to `request.path`"),
        ("/api/v1/things", "{id: {type: integer}}", "`id` is not in the address: add `{id}` there"),
        ("/api/v2/{id}/x/{id}", "{id: {type: integer}}", "`{id}` is in the address twice"),
        ("/api/v1/things/{id}", "{id: {type: array}}", "`id`: a part of an address has a type: string, integer …"),
        ("/health", "{}", "`/health` is an address of the service's own: choose another"),
        ("/docs/mine", "{}", "`/docs` is an address of the service's own"),
        ("/api/v1/executions", "{}", "`/api/v1/executions` is an address of the service's own"),
        ("/{id}", "{id: {type: string}}", "`/health` is an address of the service's own"),
        ("/{id}/assets", "{id: {type: string}}", "is an address of the service's own"),
        ("/api/v1/{id}/predict", "{id: {type: string}}", "`/api/v1/price` is an address of the service's own"),
        ("/api/{id}/admin/keys", "{id: {type: string}}", "`/api/v1/admin` is an address of the service's own"),
    ],
)
def test_an_address_that_is_wrong_is_told(path: str, declared: str, message: str) -> None:
    text = at(path, declared)

    (found,) = diagnostics_of(text)

    assert message in found


@pytest.mark.parametrize("path", ["/healthy", "/api/v1/prices", "/api/v2/{id}", "/api/v2/price", "/api/{id}/things"])
def test_an_address_beside_those_of_the_service_is_free(path: str) -> None:
    declared = "{id: {type: string}}" if "{" in path else "{}"
    text = at(path, declared)

    assert diagnostics_of(text) == []


def test_a_get_has_no_body() -> None:
    text = "name: a\nroute: {path: /a}\nrequest: {body: {type: object}}\nsteps: {a: {value: 1}}\nresponse: {a: $a}"

    assert diagnostics_of(text) == ["3: a GET has no body: use `query`, or `method: POST`"]


def test_names_and_routes_are_there_once() -> None:
    one = at("/a/{x}", "{x: {type: string}}")
    same_route = one.replace("name: a", "name: b").replace("{x}", "{y}").replace("{x:", "{y:")

    other_method = same_route.replace("name: b", "name: c").replace("route: {", "route: {method: POST, ")
    assert diagnostics_of(one, other_method) == [
        "file-2.yaml:2: `/a/{y}` is the address `/a/{x}` of the flow `a`: name its parts as there"
    ]
    assert diagnostics_of(one, same_route, one.replace("'/a/{x}'", "'/b/{x}'")) == [
        "file-2.yaml:2: `GET /a/{y}` is served by the flow `a` already",
        "file-3.yaml:1: there is a flow `a` already, in file-1.yaml: give this one another name",
    ]


def test_no_source_takes_the_name_of_another() -> None:
    source = "sources:\n  a: {kind: scripted, operations: {}}\n  own: {kind: scripted, operations: {}}\n"

    assert diagnostics_of(source, source, own_sources={"own": SourceSignature({})}) == [
        "file-1.yaml:3: there is a source `own` already, in the service itself",
        "file-2.yaml:2: there is a source `a` already, in file-1.yaml",
        "file-2.yaml:3: there is a source `own` already, in the service itself",
    ]


def test_a_wrong_source_is_reported_once() -> None:
    text = flow("found: {source: things, operation: any, params: {x: 1}}") + "sources: {things: {kind: scripted}}"

    assert diagnostics_of(text) == ["7: `operations` is missing"]


def test_each_circle_is_told_and_the_rest_is_checked() -> None:
    steps = "a: {value: $b}\nb: {value: $a}\nc: {value: $d}\nd: {value: $c}\nfound: {value: [$a, $c, $nobody]}"

    assert diagnostics_of(flow(steps)) == [
        "5: the steps refer to each other in a circle: a → b → a",
        "7: the steps refer to each other in a circle: c → d → c",
        "9: there is no step `nobody`",
    ]


def test_an_unreadable_step_is_known_to_the_others() -> None:
    steps = "broken: {value: 1, timeout: soon}\nfound: {value: $broken.anything}"

    assert diagnostics_of(flow(steps)) == [
        "5: `steps.broken.timeout`: a time is a number with its unit, such as 300ms, 2s, 10m or 1h"
    ]


def test_an_unreadable_request_is_not_said_to_lack_fields() -> None:
    text = flow("found: {value: $request.path.id}").replace("type: integer", "type: int")

    assert len(diagnostics_of(text)) == 1


def test_a_repeated_key_is_reported_with_other_mistakes() -> None:
    found = diagnostics_of(flow("found: {value: $nobody}", extra="name: again"))

    assert found == ["5: there is no step `nobody`", "7: the key `name` is there twice"]


def test_loading_does_not_see_nulls_of_needed_parameters() -> None:
    steps = "other: {source: things, operation: find, params: {id: 1}, optional: true}\n"
    text = flow(steps + "found: {source: things, operation: ask, params: {id: $other.size}}")

    assert diagnostics_of(text + SOURCE) == []


def test_steps_come_after_those_that_they_need() -> None:
    text = flow("found: {value: $b}\nb: {value: '${a + 1}'}\na: {value: 1}")
    (plan,) = flows_of(text).plans

    assert [step.name for step in plan.steps] == ["a", "b", "found"]
    assert [set(step.needs) for step in plan.steps] == [set(), {"a"}, {"b"}]


def test_the_only_operation_of_a_source_needs_no_name() -> None:
    own = SourceSignature({"predict": Signature({"x": Schema(type="integer")}, Schema(type="number"))}, 3.0)
    text = flow("found: {source: model, params: {x: $request.path.id}}")
    (plan,) = flows_of(text, own_sources={"model": own}).plans

    assert (plan.steps[0].operation, plan.steps[0].timeout_seconds) == ("predict", 2.0)


def test_a_step_takes_no_longer_than_source_and_flow() -> None:
    text = flow(f"{FIND}\nquick: {{source: things, operation: ask, timeout: 300ms}}", "{a: $found, b: $quick}")
    (plan,) = flows_of(text + SOURCE).plans

    assert {step.name: step.timeout_seconds for step in plan.steps} == {"found": 1.0, "quick": 0.3}
    assert plan.worst_seconds == 1.0


def test_any_file_uses_the_sources_of_another() -> None:
    one = "  - {name: f%d, route: {path: /f%d}, steps: {a: {source: things, operation: ask}}, response: {a: $a}}\n"
    flows = "flows:\n" + "".join(one % (number, number) for number in range(3))

    found = flows_of(flows, SOURCE)

    assert [plan.name for plan in found.plans] == ["f0", "f1", "f2"]
    assert list(found.sources) == ["things"]
