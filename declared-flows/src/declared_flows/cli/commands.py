"""The commands ``flows …``: check, draw, run, begin and convert flows without a service.

Each command imports what it needs when it runs, so that `--help` is quick.
"""

import asyncio
import errno
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from command_line.failures import describe_os_error, stop
from command_line.invocation import as_typed
from command_line.output import format_json
from command_line.program import add_command, make_group
from host_environment.files import describe_unreadable

if TYPE_CHECKING:
    from declared_flows.cli.program import Configuration, Program
    from declared_flows.planning.loading import LoadedFlows
    from declared_flows.planning.plan import FlowPlan

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", help="Folder of the files, or one file; by default the folder that is served."),
]
OneFlow = Annotated[
    str | None, typer.Option("--flow", metavar="NAME", help="Name of the flow; needed where there are several.")
]


class FlowCommands:
    """The commands of a program.

    Args:
        program: the program that mounts them.
    """

    def __init__(self, program: "Program") -> None:
        self._program = program

    def app(self) -> typer.Typer:
        """Return the commands, to be mounted."""
        app = make_group(help="Endpoints by declaration: check, draw, run and begin them.")
        for command in (self.check, self.graph, self.run, self.new, self.convert, self.schema):
            add_command(app, command, command.__name__)
        return app

    def load(self, configuration: "Configuration", place: Path) -> "LoadedFlows":
        """Load flows and try their examples; end the command with all diagnostics if there are any."""
        from declared_flows.execution.dry_run import try_examples
        from declared_flows.notation.diagnostics import InvalidFlows
        from declared_flows.planning.loading import load_flows
        from declared_flows.service.files import FlowFiles

        try:
            flows = load_flows(FlowFiles(place).texts(), configuration.surroundings)
            diagnostics = asyncio.run(try_examples(flows.plans))
        except OSError as error:
            self._fail(describe_unreadable(error.filename or place, error))
        except InvalidFlows as error:
            diagnostics = list(error.diagnostics)
        if diagnostics:
            for diagnostic in diagnostics:
                print(diagnostic, file=sys.stderr)
            self._fail(f"{len(diagnostics)} mistake{'s' if len(diagnostics) > 1 else ''} in the flows of {place}")
        return flows

    def check(self, folder: Folder = None) -> None:
        """Report everything that is wrong with the files, each mistake with its line, and try their examples."""
        flows = self._load(folder)
        if not flows.plans:
            print("There are no flows here: they are declared in files that end in .yaml or .yml.", file=sys.stderr)
        for plan in flows.plans:
            print(f"{plan.route.method:6} {plan.route.path}  ({plan.name}, {len(plan.steps)} steps, {plan.file})")
        examples = sum(len(plan.examples) for plan in flows.plans)
        print(f"No mistakes in {len(flows.plans)} flows with {len(flows.sources)} sources; {examples} examples hold.")

    def graph(self, folder: Folder = None, flow: OneFlow = None) -> None:
        """Print a flow as a Mermaid diagram."""
        from declared_flows.planning.diagram import draw_mermaid

        print(draw_mermaid(self._choose(self._load(folder).plans, flow)))

    def run(
        self,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="File or folder of the flow.")],
        request: Annotated[
            str,
            typer.Option(
                help="The request as JSON, or @FILE: an object with `path`, `query`, `headers` and `body`.",
                metavar="JSON",
            ),
        ] = "{}",
        flow: OneFlow = None,
        explain: Annotated[  # noqa: FBT002  a flag of the command line
            bool, typer.Option("--explain", help="Show the plan with its times, and call no source.")
        ] = False,
    ) -> None:
        """Run a flow once, with its real sources, and print the answer."""
        from declared_flows.planning.diagram import explain as explain_plan

        configuration = self._program.configure()
        plan = self._choose(self.load(configuration, file).plans, flow)
        print(explain_plan(plan) if explain else self._run(configuration, file, plan, self._request(request)))

    def new(
        self,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to begin, such as flows/valuation.yaml.")],
    ) -> None:
        """Begin a flow: a commented file that works as it is."""
        from importlib.resources import files

        starter = files("declared_flows.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as begun:
                begun.write(starter)
        except FileExistsError:
            self._fail(f"{file} is there already: choose another name")
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):  # so that the name is free for another try
                file.unlink(missing_ok=True)
            self._fail(f"{file} can't be written: {error.strerror}")
        print(f"{file} is a flow that works. Next: {as_typed(f'{self._program.name} flows check {file}')}")

    def convert(
        self,
        old: Annotated[
            Path,
            typer.Argument(metavar="OLD", help="Folder with config.yaml, database.yaml, domains/ and integrations/."),
        ],
        ours: Annotated[Path, typer.Argument(metavar="NEW", help="Folder to write; must be new or empty.")],
    ) -> None:
        """Write flows for endpoints that are declared in another notation, and list what is left to do by hand."""
        from declared_flows.conversion import convert
        from declared_flows.service.files import FlowFiles

        if ours.exists() and (not ours.is_dir() or any(ours.iterdir())):
            self._fail(f"{ours} is there already and not empty: name a new folder")
        try:
            conversion = convert(FlowFiles(old).texts())
            ours.mkdir(parents=True, exist_ok=True)
            for name, text in conversion.files.items():
                (ours / name).write_text(text, encoding="utf-8")
        except OSError as error:
            self._fail(describe_os_error(error, ours))
        for note in [*conversion.notes, *conversion.diagnostics]:
            print(note, file=sys.stderr)
        print(f"{len(conversion.files)} files in {ours}; {len(conversion.notes)} things are left to do by hand.")
        if conversion.diagnostics:
            self._fail(f"{len(conversion.diagnostics)} files or sections could not be read")

    def schema(self) -> None:
        """Print the JSON Schema of the notation, for editors."""
        from declared_flows.notation.json_schema import file_schema

        known = self._program.describe()
        kinds = {
            name: kind.options.model_json_schema(ref_template="#/$defs/{model}") for name, kind in known.kinds.items()
        }
        print(format_json(file_schema(kinds, known.records)))

    def _load(self, given: Path | None) -> "LoadedFlows":
        configuration = self._program.configure()
        place = given or configuration.folder
        if place is None:
            self._fail(f"say which folder, or set {self._program.folder_setting}")
        return self.load(configuration, place)

    def _choose(self, plans: "Sequence[FlowPlan]", name: str | None) -> "FlowPlan":
        by_name = {plan.name: plan for plan in plans}
        if name is None and len(by_name) == 1:
            return next(iter(by_name.values()))
        names = ", ".join(by_name) or "none"
        if name is None:
            self._fail(f"say which flow by --flow: {names}")
        if name not in by_name:
            self._fail(f"there is no flow {name!r}; there are: {names}")
        return by_name[name]

    def _run(self, configuration: "Configuration", place: Path, plan: "FlowPlan", request: Mapping[str, Any]) -> str:
        from pydantic_core import ValidationError

        from declared_flows.errors import STEP_ERRORS, StepFailed
        from declared_flows.notation.diagnostics import InvalidFlows

        try:
            document = asyncio.run(configuration.run(place, plan.name, request))
        except InvalidFlows as error:
            self._fail(*map(str, error.diagnostics))
        except ValidationError as error:
            self._fail(*(f"--request: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
        except StepFailed as error:
            where = configuration.places.get(error.source)
            self._fail(f"{error} {error.source} is {where}." if where else str(error))
        except (*STEP_ERRORS, ValueError) as error:
            self._fail(str(error))
        return format_json(document)

    def _request(self, text: str) -> dict[str, Any]:
        try:
            given = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
        except OSError as error:
            self._fail(describe_unreadable(text[1:], error))
        except ValueError as error:
            self._fail(f"--request is not JSON: {error}")
        if not isinstance(given, dict) or given.keys() - {"path", "query", "headers", "body"}:
            self._fail("--request is an object with `path`, `query`, `headers` and `body`")
        return given

    def _fail(self, *lines: str) -> NoReturn:
        stop(*lines, program=self._program.name)
