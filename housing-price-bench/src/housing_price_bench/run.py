"""The job of `housing-price bench`: choose, start, measure, tell, and leave nothing behind."""

import asyncio
import json
import tempfile
from pathlib import Path

from housing_price_bench.bodies import Bodies, written_bodies
from housing_price_bench.bounds import bounds
from housing_price_bench.checks import require_no_plot, require_usable
from housing_price_bench.document import run_document
from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.generators.bundled import bundled
from housing_price_bench.generators.choice import chosen_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.load import Load
from housing_price_bench.machine import machine
from housing_price_bench.measurement import Measurement
from housing_price_bench.meter import Meter
from housing_price_bench.options import CONNECTIONS, BenchOptions
from housing_price_bench.progress import Progress, console_for_tables
from housing_price_bench.ratios import ratios
from housing_price_bench.results import Results
from housing_price_bench.running_servers import serving
from housing_price_bench.servers import Servers, servers_on_free_ports
from housing_price_bench.stopping import stopped_when_told
from housing_price_bench.table import (
    bound_table,
    case_table,
    machine_lines,
    memory_lines,
    saturation_lines,
    worker_lines,
)
from housing_price_bench.trials import Trials


def run_bench(options: BenchOptions) -> None:
    """Measure, print what was seen, and write it to the file of `--json`.

    Raises:
        FailedRequests: after everything was told, if the orchestrator failed requests.
        BenchStopped: if a signal asked for the end.
        CommandError: if it cannot measure.
    """
    require_no_plot(options)
    require_usable(options)
    generator = chosen_generator(options.generator)
    try:
        errors = asyncio.run(_run(options, generator))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


async def _run(options: BenchOptions, generator: Generator) -> int:
    """The number of requests that the orchestrator failed."""
    progress = Progress(console_for_tables())
    async with stopped_when_told(progress.doing):
        of_machine = machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            progress.lines(
                [f"measuring, which takes up to {options.planned_seconds / 60:.0f} minutes; Ctrl-C stops it"]
            )
            run = _Run(options, generator, progress, Path(folder))
            ceiling = await run.ceiling()
            results = await run.measured()
    document = run_document(options, results, machine=of_machine, generator=generator, ceiling=ceiling)
    _tell(progress, options, results, of_machine["cores"])
    progress.lines(["", *machine_lines(of_machine, generator, ceiling)])
    if options.json_file:
        options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n")
    return results.errors


class _Run:
    """The parts of a run, put together."""

    def __init__(self, options: BenchOptions, generator: Generator, progress: Progress, folder: Path) -> None:
        self._options = options
        self._generator = generator
        self._progress = progress
        self._bodies: Bodies = written_bodies(folder)
        self._servers: Servers = servers_on_free_ports(options, folder)

    async def ceiling(self) -> float:
        """Requests a second that the load generator reaches when nothing holds it back."""
        self._progress.doing("the load generator's own ceiling")
        load = Load(
            url=self._servers.url("ceiling"),
            bodies=self._bodies.house,
            connections=CONNECTIONS[-1],
            seconds=self._options.round_seconds,
        )
        async with serving(self._servers.ceiling):
            outcome = await self._generator.run(load)
        return outcome.good / outcome.seconds

    async def measured(self) -> Results:
        """Everything else."""
        meter = Meter(
            generator=self._generator,
            bundled=bundled(),
            warm_up_seconds=self._options.warm_up_seconds,
            done=self._progress.done,
        )
        measurement = Measurement(
            options=self._options,
            servers=self._servers,
            trials=Trials(servers=self._servers, bodies=self._bodies),
            meter=meter,
            doing=self._progress.doing,
        )
        return await measurement.run()


def _tell(progress: Progress, options: BenchOptions, results: Results, cores: int) -> None:
    progress.table(case_table(results.cases))
    progress.lines(["", *memory_lines(results.memory), *saturation_lines(results.cases, cores)])
    progress.lines([*worker_lines(options.workers, results), *(f"Skipped: {reason}" for reason in results.skipped)])
    progress.table(bound_table(bounds(options, results, ratios(results))))
