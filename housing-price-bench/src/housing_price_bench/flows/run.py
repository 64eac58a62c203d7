"""The job of `housing-price bench --flows`: prices by the route and by a flow, in turns; four slow sources."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from housing_price_bench.bodies import written_bodies
from housing_price_bench.bounds import Bound
from housing_price_bench.checks import require_made_up_model, require_usable
from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.flows.flow_files import FOUR_SOURCES, ONE_STEP, write_flows
from housing_price_bench.generators.bundled import bundled
from housing_price_bench.generators.choice import chosen_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.load import Load, Outcome
from housing_price_bench.machine import machine
from housing_price_bench.options import CONNECTIONS, ROUNDS, BenchOptions
from housing_price_bench.progress import Progress, console_for_tables
from housing_price_bench.running_servers import serving
from housing_price_bench.servers import SLOW_SOURCE_SECONDS, servers_on_free_ports
from housing_price_bench.stopping import stopped_when_told
from housing_price_bench.table import bound_table

_PREDICT = "/api/v1/price/predict"
_LEAST_SHARE = 0.85
_MOST_FOUR_MS = 65.0


def run_flows(options: BenchOptions) -> None:
    """Measure, print what was seen, and write it to the file of `--json`.

    Raises:
        FailedRequests: after everything was told, if requests failed.
        BenchStopped: if a signal asked for the end.
        CommandError: if it cannot measure.
    """
    require_made_up_model(options)
    require_usable(options)
    generator = chosen_generator(options.generator)
    try:
        errors = asyncio.run(_run(options, generator))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was measured: rounds of prices asked for directly and through a flow, by connections; four sources."""

    direct: Mapping[int, list[Outcome]]
    through_flow: Mapping[int, list[Outcome]]
    four: Outcome

    @property
    def errors(self) -> int:
        """Requests that failed."""
        rounds = [*self.direct.values(), *self.through_flow.values()]
        return sum(outcome.failures for each in rounds for outcome in each) + self.four.failures

    def share(self, connections: int) -> float | None:
        """The throughput of the flow over that of the route: the median of the rounds, each with its neighbour."""
        pairs = zip(self.through_flow[connections], self.direct[connections], strict=True)
        shares = [flow.good / flow.seconds / (route.good / route.seconds) for flow, route in pairs if route.good]
        return median(shares) if shares else None

    def bounds(self) -> list[Bound]:
        """What is demanded."""
        most = CONNECTIONS[-1]
        return [
            Bound(what="failed requests", value=self.errors, limit=0, is_most=True),
            Bound(
                what=f"{most} connections, requests a second, flow / route",
                value=self.share(most),
                limit=_LEAST_SHARE,
                is_most=False,
            ),
            Bound(
                what=f"four sources of {SLOW_SOURCE_SECONDS * 1000:g} ms, p50",
                value=self.four.p50_ms,
                limit=_MOST_FOUR_MS,
                is_most=True,
                unit=" ms",
            ),
        ]


async def _run(options: BenchOptions, generator: Generator) -> int:
    progress = Progress(console_for_tables())
    async with stopped_when_told(progress.doing):
        of_machine = machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            seen = await _measured(options, generator, Path(folder), progress)
    progress.table(_table(seen))
    progress.table(bound_table(seen.bounds()))
    if options.json_file:
        document = _document(seen, machine=of_machine, seconds=options.seconds)
        options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n")
    return seen.errors


async def _measured(options: BenchOptions, generator: Generator, folder: Path, progress: Progress) -> Seen:
    servers, bodies = servers_on_free_ports(options, folder), written_bodies(folder)
    flows = folder / "flows"
    write_flows(flows, servers.url("source"))
    seconds = max(options.round_seconds, generator.shortest_seconds)

    async def ask(path: str, connections: int) -> Outcome:
        url = f"{servers.url('orchestrator')}{path}"
        return await generator.run(Load(url=url, bodies=bodies.house, connections=connections, seconds=seconds))

    direct: dict[int, list[Outcome]] = {connections: [] for connections in CONNECTIONS}
    through_flow: dict[int, list[Outcome]] = {connections: [] for connections in CONNECTIONS}
    async with serving(servers.quick_model, servers.slow_source), serving(servers.before_quick_model(flows)):
        for connections in CONNECTIONS:
            progress.doing(f"prices, directly and through a flow, {connections} at once")
            for _ in range(ROUNDS):
                direct[connections].append(await ask(_PREDICT, connections))
                through_flow[connections].append(await ask(ONE_STEP, connections))
        progress.doing("four slow sources in one flow")
        url = f"{servers.url('orchestrator')}{FOUR_SOURCES}"
        four = await bundled().run(Load(url=url, bodies=None, connections=1, seconds=seconds))
    return Seen(direct=direct, through_flow=through_flow, four=four)


def _table(seen: Seen) -> Table:
    table = Table(title="Flows beside the route for prices", title_justify="left", box=None, padding=(0, 1))
    for column in ("conn.", "route/s", "flow/s", "flow / route", "route p50 ms", "flow p50 ms"):
        table.add_column(column, justify="right")
    for connections in CONNECTIONS:
        route, flow = seen.direct[connections], seen.through_flow[connections]
        share = seen.share(connections)
        table.add_row(
            str(connections),
            f"{_per_second(route):,.0f}",
            f"{_per_second(flow):,.0f}",
            f"{share:.2f}" if share is not None else "-",
            f"{_p50(route):.2f}",
            f"{_p50(flow):.2f}",
        )
    return table


def _per_second(rounds: list[Outcome]) -> float:
    return median(outcome.good / outcome.seconds for outcome in rounds)


def _p50(rounds: list[Outcome]) -> float:
    return median(outcome.p50_ms or 0.0 for outcome in rounds)


def _document(seen: Seen, *, machine: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return {
        "machine": machine,
        "options": {"seconds": seconds},
        "ratios": {f"flow_over_route_{connections}": seen.share(connections) for connections in CONNECTIONS},
        "four_sources_p50_ms": seen.four.p50_ms,
        "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in seen.bounds()],
        "errors": seen.errors,
    }
