"""Runs `housing-price bench`: chooses a generator, measures, prints the results, and leaves nothing behind."""

import asyncio
import json
import tempfile
from pathlib import Path

from command_line.failures import naming

from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load
from housing_price_bench.generators.selection import choose_generator
from housing_price_bench.option_checks import require_no_plot, require_usable_files
from housing_price_bench.options import CONNECTIONS, BenchOptions
from housing_price_bench.prices.bounds import list_bounds
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.document import make_document
from housing_price_bench.prices.measurement import Measurement
from housing_price_bench.prices.meter import Meter
from housing_price_bench.prices.ratios import compute_ratios
from housing_price_bench.prices.results import Results
from housing_price_bench.prices.tables import (
    format_case,
    format_machine,
    format_memory,
    format_saturation,
    format_workers,
    make_case_table,
)
from housing_price_bench.prices.trials import Trials
from housing_price_bench.report.bound import make_bound_table
from housing_price_bench.report.machine import describe_machine
from housing_price_bench.report.progress import Progress, make_console
from housing_price_bench.requests.bodies import Bodies, write_bodies
from housing_price_bench.servers.commands import Servers, plan_servers
from housing_price_bench.servers.lifetime import start_servers
from housing_price_bench.stopping import cancel_on_stop_signals


def run_bench(options: BenchOptions) -> None:
    """Measure, print the results, and write them to the file of `--json`.

    Raises:
        FailedRequests: if the orchestrator failed requests; the results are printed before.
        BenchStopped: if a signal stopped the run.
        CommandError: if it can't measure.
    """
    require_no_plot(options)
    require_usable_files(options)
    generator = choose_generator(options.generator)
    try:
        errors = asyncio.run(_run(options, generator))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


async def _run(options: BenchOptions, generator: Generator) -> int:
    """Measure, and return how many requests the orchestrator failed."""
    progress = Progress(make_console())
    async with cancel_on_stop_signals(progress.show_step):
        of_machine = describe_machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            progress.print_lines(
                [f"measuring, which takes up to {options.planned_seconds / 60:.0f} minutes; Ctrl-C stops it"]
            )
            run = _Run(options, generator, progress, Path(folder))
            ceiling = await run.measure_ceiling()
            results = await run.measure()
    document = make_document(options, results, machine=of_machine, generator=generator, ceiling=ceiling)
    _print_results(progress, options, results, of_machine["cores"])
    progress.print_lines(["", *format_machine(of_machine, generator, ceiling)])
    if options.json_file:
        with naming(options.json_file):
            options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n", encoding="utf-8")
    return results.errors


class _Run:
    """Puts the parts of a run together."""

    def __init__(self, options: BenchOptions, generator: Generator, progress: Progress, folder: Path) -> None:
        self._options = options
        self._generator = generator
        self._progress = progress
        self._bodies: Bodies = write_bodies(folder)
        self._servers: Servers = plan_servers(options, folder)

    async def measure_ceiling(self) -> float:
        """Measure how many requests a second the load generator reaches against a fixed response."""
        self._progress.show_step("the load generator's own ceiling")
        load = Load(
            url=self._servers.url("ceiling"),
            bodies=self._bodies.house,
            connections=CONNECTIONS[-1],
            seconds=self._options.round_seconds,
        )
        async with start_servers(self._servers.ceiling):
            outcome = await self._generator.run(load)
        return outcome.good / outcome.seconds

    def _print_case(self, case: Case) -> None:
        self._progress.print_lines([format_case(case)])

    async def measure(self) -> Results:
        """Measure everything else."""
        meter = Meter(
            generator=self._generator,
            bundled=make_bundled_generator(),
            warm_up_seconds=self._options.warm_up_seconds,
            on_case=self._print_case,
        )
        measurement = Measurement(
            options=self._options,
            servers=self._servers,
            trials=Trials(servers=self._servers, bodies=self._bodies),
            meter=meter,
            show_step=self._progress.show_step,
        )
        return await measurement.run()


def _print_results(progress: Progress, options: BenchOptions, results: Results, cores: int) -> None:
    progress.print_table(make_case_table(results.cases))
    progress.print_lines(["", *format_memory(results.memory), *format_saturation(results.cases, cores)])
    progress.print_lines(
        [*format_workers(options.workers, results), *(f"Skipped: {reason}" for reason in results.skipped)]
    )
    progress.print_table(make_bound_table(list_bounds(options, results, compute_ratios(results))))
