"""The commands ``flows …``: check, look at, try and begin flows without a service."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from declared_flows.planning.loading import LoadedFlows
    from declared_flows.planning.plan import FlowPlan

    from housing_price_orchestrator.settings import Settings

flows = typer.Typer(no_args_is_help=True, help="Endpoints by declaration: check, look at, try and begin them.")

Folder = Annotated[
    Path | None, typer.Argument(help="Folder of the files, or one file; default: ORCHESTRATOR_FLOWS__FOLDER.")
]
OneFlow = Annotated[str | None, typer.Option("--flow", help="Name of the flow; needed where there are several.")]


@flows.command("check")
def check(folder: Folder = None) -> None:
    """Say everything that is wrong with the files, each mistake with its line, and try their examples."""
    settings = _settings()
    loaded = _loaded(settings, _place(settings, folder))
    for plan in loaded.plans:
        print(f"{plan.route.method:6} {plan.route.path}  ({plan.name}, {len(plan.steps)} steps, {plan.file})")
    examples = sum(len(plan.examples) for plan in loaded.plans)
    print(f"No mistakes in {len(loaded.plans)} flows with {len(loaded.sources)} sources; {examples} examples hold.")


@flows.command("graph")
def graph(folder: Folder = None, flow: OneFlow = None) -> None:
    """Print a flow as a Mermaid diagram."""
    from declared_flows.planning.diagram import mermaid

    settings = _settings()
    loaded = _loaded(settings, _place(settings, folder))
    print(mermaid(_chosen(loaded.plans, flow)))


@flows.command("run")
def run(
    file: Annotated[Path, typer.Argument(help="File or folder of the flow.")],
    request: Annotated[
        str, typer.Option(help='The request as JSON, or @FILE: {"path": …, "query": …, "headers": …, "body": …}.')
    ] = "{}",
    flow: OneFlow = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the plan with its times, and ask nothing.")] = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Do a flow once, with its real sources, and print the answer."""
    from declared_flows.notation.diagnostics import FlowMistakes
    from declared_flows.planning.diagram import explained

    from housing_price_orchestrator.errors import KNOWN_ERRORS

    settings = _settings()
    loaded = _loaded(settings, file)
    plan = _chosen(loaded.plans, flow)
    if explain:
        print(explained(plan))
        return
    from pydantic_core import ValidationError

    from housing_price_orchestrator.bootstrap.flows import done_once
    from housing_price_orchestrator.observability.logs import configure_logging
    from housing_price_orchestrator.settings import LogSettings

    configure_logging(LogSettings(level="error"), settings.environment)
    try:
        document = asyncio.run(done_once(settings, file, plan.name, _request(request)))
    except FlowMistakes as error:
        _fail(*map(str, error.mistakes))
    except ValidationError as error:
        _fail(*(f"--request: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
    except (*KNOWN_ERRORS, ValueError) as error:
        _fail(str(error))
    print(json.dumps(document, indent=2, ensure_ascii=False))


@flows.command("new")
def new(file: Annotated[Path, typer.Argument(help="The file to begin, such as flows/valuation.yaml.")]) -> None:
    """Begin a flow: a commented file that works as it is."""
    from importlib.resources import files

    if file.exists():
        _fail(f"{file} is there already: choose another name")
    starter = files("declared_flows").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(starter, encoding="utf-8")
    except OSError as error:
        _fail(f"{file} can't be written: {error.strerror}")
    print(f"{file} is a flow that works. Next: housing-price-orchestrator flows check {file}")


@flows.command("convert")
def convert(
    old: Annotated[Path, typer.Argument(help="Folder with config.yaml, database.yaml, domains/ and integrations/.")],
    ours: Annotated[Path, typer.Argument(help="Folder to write; must be new or empty.")],
) -> None:
    """Write flows for endpoints that are declared in another notation, and list what is left to do by hand."""
    from declared_flows.conversion import converted
    from declared_flows.service.files import FlowFiles

    if ours.exists() and (not ours.is_dir() or any(ours.iterdir())):
        _fail(f"{ours} is there already and not empty: name a new folder")
    try:
        conversion = converted(FlowFiles(old).texts())
        ours.mkdir(parents=True, exist_ok=True)
        for name, text in conversion.files.items():
            (ours / name).write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}")
    for note in [*conversion.notes, *conversion.mistakes]:
        print(note, file=sys.stderr)
    print(f"{len(conversion.files)} files in {ours}; {len(conversion.notes)} things are left to do by hand.")
    if conversion.mistakes:
        _fail(f"{len(conversion.mistakes)} mistakes kept something from being read")


@flows.command("schema")
def schema() -> None:
    """Print the JSON Schema of the notation, for editors."""
    from declared_flows.notation.json_schema import file_schema
    from declared_flows.sources.kinds import KINDS

    kinds = {
        name: kind.options.model_json_schema(ref_template="#/$defs/{model}") for name, kind in sorted(KINDS.items())
    }
    print(json.dumps(file_schema(kinds), indent=2, ensure_ascii=False))


def check_before_serving(settings: "Settings") -> None:
    """End the command with all mistakes, if flows are to be served and there are any."""
    if settings.flows.folder:
        _loaded(settings, settings.flows.folder)


def _settings() -> "Settings":
    from housing_price_orchestrator.settings.environment import InvalidSettings, read_settings

    try:
        return read_settings()
    except InvalidSettings as error:
        _fail(*error.lines)


def _place(settings: "Settings", given: Path | None) -> Path:
    place = given or settings.flows.folder
    if place is None:
        _fail("say which folder, or set ORCHESTRATOR_FLOWS__FOLDER")
    return place


def _loaded(settings: "Settings", place: Path) -> "LoadedFlows":
    from declared_flows.execution.dry_run import rehearsed
    from declared_flows.notation.diagnostics import FlowMistakes
    from declared_flows.planning.loading import loaded
    from declared_flows.service.files import FlowFiles

    from housing_price_orchestrator.bootstrap.flows import surroundings

    try:
        flows = loaded(FlowFiles(place).texts(), surroundings(settings))
        mistakes = asyncio.run(rehearsed(flows.plans))
    except OSError as error:
        _fail(f"{error.filename or place}: {error.strerror}")
    except FlowMistakes as error:
        mistakes = list(error.mistakes)
    if mistakes:
        for mistake in mistakes:
            print(mistake, file=sys.stderr)
        _fail(f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''} in the flows of {place}")
    return flows


def _chosen(plans: "Any", name: str | None) -> "FlowPlan":
    by_name: Mapping[str, FlowPlan] = {plan.name: plan for plan in plans}
    if name is None and len(by_name) == 1:
        return next(iter(by_name.values()))
    names = ", ".join(by_name) or "none"
    if name is None:
        _fail(f"say which flow by --flow: {names}")
    if name not in by_name:
        _fail(f"there is no flow {name!r}; there are: {names}")
    return by_name[name]


def _request(text: str) -> dict[str, Any]:
    try:
        given = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except OSError as error:
        _fail(f"{text[1:]}: {error.strerror}")
    except ValueError as error:
        _fail(f"--request is no JSON: {error}")
    if not isinstance(given, dict) or given.keys() - {"path", "query", "headers", "body"}:
        _fail("--request is an object with `path`, `query`, `headers` and `body`")
    return given


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        print(f"housing-price-orchestrator: {line}", file=sys.stderr)
    raise typer.Exit(1)
