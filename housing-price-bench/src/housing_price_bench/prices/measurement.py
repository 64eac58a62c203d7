"""The whole measurement, subject by subject, each with only the servers that it needs and the idle MLflow server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supervised_processes.errors import ChildEndedError, NotReadyInTimeError
from supervised_processes.process import Process

from housing_price_bench.options import CONNECTIONS, ROUNDS, BenchOptions
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.meanwhile import measure_meanwhile
from housing_price_bench.prices.memory import measure_memory
from housing_price_bench.prices.meter import Meter
from housing_price_bench.prices.model_cost import measure_model_cost
from housing_price_bench.prices.results import Results
from housing_price_bench.prices.trials import Trials
from housing_price_bench.servers.commands import CHAMPION, Servers
from housing_price_bench.servers.lifetime import run_to_end, start_servers

_EMBEDDED_START_SECONDS = 60.0
"""Less than for the others: a run skips it where it does not start."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run; calls `show_step` with each step."""

    options: BenchOptions
    servers: Servers
    trials: Trials
    meter: Meter
    show_step: Callable[[str], None]

    async def run(self) -> Results:
        """Train a version and measure everything that serves it."""
        results = Results()
        self.show_step("starting the MLflow server")
        async with start_servers(self.servers.mlflow):
            self.show_step("training")
            await run_to_end(self.servers.training)
            await self._measure_platform_and_echo(results)
            await self._measure_stock(results)
            if self.options.is_forest:
                await self._measure_plain(results)
            await self._measure_embedded(results)
        return results

    async def _measure_platform_and_echo(self, results: Results) -> None:
        model, orchestrator, echo = self.servers.model, self.servers.orchestrator, self.servers.echo
        platform = (model, orchestrator)
        self.show_step("starting the model server, the orchestrator and the echo")
        async with start_servers(model, orchestrator, echo):
            self.show_step("memory after many single prices")
            many = self.trials.make_single("a", CONNECTIONS[-1], self.options.seconds, platform)
            results.memory = await measure_memory(self.meter, many, most_seconds=self.options.memory_seconds)
            results.cases += await self._measure_singles(platform, echo)
            self.show_step("many different houses, some to be refused")
            results.cases.append(await self.meter.measure(self.trials.make_mix(self.options.seconds, platform)))
            results.cases += await self._measure_batches(platform)
            self.show_step("what the model alone costs")
            rows = self.trials.bodies.rows.read_bytes()
            results.model = await measure_model_cost(
                self.servers.url("model"), rows=rows, artefacts=self.servers.folder
            )

    async def _measure_singles(self, platform: Sequence[Process], echo: Process) -> list[Case]:
        self.show_step("single prices of the orchestrator and the echo, in turns")
        cases: list[Case] = []
        for connections in CONNECTIONS:
            of_a = self.trials.make_single("a", connections, self.options.round_seconds, platform)
            of_c = self.trials.make_single("c", connections, self.options.round_seconds, [echo])
            cases += await self.meter.measure_in_turns([of_a, of_c], rounds=ROUNDS)
        return cases

    async def _measure_batches(self, platform: Sequence[Process]) -> list[Case]:
        self.show_step("batches of the orchestrator and the lean model server, in turns")
        batches = self.trials.make_batch("a", self.options.batch_round_seconds, platform)
        direct = self.trials.make_batch("d", self.options.batch_round_seconds, [self.servers.model])
        cases = await self.meter.measure_in_turns([batches, direct], rounds=ROUNDS)
        self.show_step("answers while batches run")
        probes = self.trials.make_probes(self.options.seconds, platform)
        in_the_background = self.trials.make_batch("a", self.options.seconds, platform)
        return [*cases, *await measure_meanwhile(self.meter, in_the_background, probes)]

    async def _measure_stock(self, results: Results) -> None:
        stock = self.servers.stock(CHAMPION)
        self.show_step("a stock server of the same version")
        async with start_servers(stock):
            for connections in CONNECTIONS:
                single = self.trials.make_single("b", connections, self.options.seconds, [stock])
                results.cases.append(await self.meter.measure(single))
            results.cases.append(await self.meter.measure(self.trials.make_batch("b", self.options.seconds, [stock])))

    async def _measure_plain(self, results: Results) -> None:
        folder = self.servers.folder / "plain-model"
        self.show_step("a stock server of the plain scikit-learn flavour")
        await run_to_end(self.servers.plain_model(folder))
        stock = self.servers.stock(str(folder))
        async with start_servers(stock):
            single = self.trials.make_single("plain", CONNECTIONS[-1], self.options.seconds, [stock])
            results.cases.append(await self.meter.measure(single))

    async def _measure_embedded(self, results: Results) -> None:
        embedded = self.servers.embedded
        self.show_step("the orchestrator with the model in its own process")
        try:
            async with start_servers(embedded, start_seconds=_EMBEDDED_START_SECONDS):
                for connections in (CONNECTIONS[0], CONNECTIONS[-1]):
                    single = self.trials.make_single("e", connections, self.options.seconds, [embedded])
                    results.cases.append(await self.meter.measure(single))
        except (ChildEndedError, NotReadyInTimeError) as error:
            if any(case.subject == "e" for case in results.cases):
                raise
            results.skipped.append(
                f"(e) the orchestrator does not start with an embedded model: {_take_last_line(error)}"
            )


def _take_last_line(error: Exception) -> str:
    return str(error).splitlines()[-1].strip()
