"""Runs `housing-price bench --flows`: prices by the route and by a flow, in turns; a flow over four slow sources."""

import asyncio
import json
import tempfile
from pathlib import Path

from command_line.failures import naming

from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.flows.flow_files import FOUR_SOURCES, ONE_STEP, write_flows
from housing_price_bench.flows.report import make_flow_document, make_flow_table
from housing_price_bench.flows.results import FlowResults
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load, Outcome
from housing_price_bench.generators.selection import choose_generator
from housing_price_bench.option_checks import require_flow_options, require_usable_files
from housing_price_bench.options import CONNECTIONS, ROUNDS, BenchOptions
from housing_price_bench.report.bound import make_bound_table
from housing_price_bench.report.machine import describe_machine
from housing_price_bench.report.progress import Progress, make_console
from housing_price_bench.requests.bodies import write_bodies
from housing_price_bench.servers.commands import plan_servers
from housing_price_bench.servers.lifetime import start_servers
from housing_price_bench.stopping import cancel_on_stop_signals

_PREDICT = "/api/v1/price/predict"


def run_flows(options: BenchOptions) -> None:
    """Measure, print the results, and write them to the file of `--json`.

    Raises:
        FailedRequests: if requests failed; the results are printed before.
        BenchStopped: if a signal stopped the run.
        CommandError: if it can't measure.
    """
    require_flow_options(options)
    require_usable_files(options)
    generator = choose_generator(options.generator)
    try:
        errors = asyncio.run(_run(options, generator))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


async def _run(options: BenchOptions, generator: Generator) -> int:
    progress = Progress(make_console())
    async with cancel_on_stop_signals(progress.show_step):
        of_machine = describe_machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            results = await _measure(options, generator, Path(folder), progress)
    progress.print_table(make_flow_table(results))
    progress.print_table(make_bound_table(results.list_bounds()))
    if options.json_file:
        document = make_flow_document(results, machine=of_machine, seconds=options.seconds)
        with naming(options.json_file):
            options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n", encoding="utf-8")
    return results.errors


async def _measure(options: BenchOptions, generator: Generator, folder: Path, progress: Progress) -> FlowResults:
    servers, bodies = plan_servers(options, folder), write_bodies(folder)
    flows = folder / "flows"
    write_flows(flows, servers.url("source"))
    seconds = max(options.round_seconds, generator.shortest_seconds)

    async def send(path: str, connections: int) -> Outcome:
        url = f"{servers.url('orchestrator')}{path}"
        return await generator.run(Load(url=url, bodies=bodies.house, connections=connections, seconds=seconds))

    direct: dict[int, list[Outcome]] = {connections: [] for connections in CONNECTIONS}
    through_flow: dict[int, list[Outcome]] = {connections: [] for connections in CONNECTIONS}
    async with (
        start_servers(servers.quick_model, servers.slow_source),
        start_servers(servers.before_quick_model(flows)),
    ):
        for connections in CONNECTIONS:
            progress.show_step(f"prices, directly and through a flow, {connections} at once")
            for _ in range(ROUNDS):
                direct[connections].append(await send(_PREDICT, connections))
                through_flow[connections].append(await send(ONE_STEP, connections))
        progress.show_step("four slow sources in one flow")
        url = f"{servers.url('orchestrator')}{FOUR_SOURCES}"
        four = await make_bundled_generator().run(Load(url=url, bodies=None, connections=1, seconds=seconds))
    return FlowResults(direct=direct, through_flow=through_flow, four=four)
